#pragma once
// A protocol that is right until it is told to make a mistake: its parameter says which.

#include <stdexcept>

#include "protocols/api/machine.hpp"

namespace pagetoken {

/// Every client asks node 0's home for the page, and gets it: right as long as nobody else wants it.
struct Mistaken {
  enum Mistake : std::int64_t {
    none,
    send_to_nobody,
    send_to_storage,
    send_to_no_node,
    send_of_no_type,
    arm_of_no_timer,
    cancel_of_no_timer,
    arm_in_the_past,
    grant_of_nothing,
    grant_of_no_pages,
    grant_outside,
    grant_of_extend,
    grant_at_a_manager,
    grant_from_no_message,
    yield_of_no_pages,
    yield_outside,
    yield_of_what_is_not_held,
    notify_without_end,
    complete_without_an_access,
    store_without_a_message,
    sync_done_unasked,
    fence_of_no_node,
    parked_of_nothing,
    throws_an_exception,
    throws_a_number,
    mistakes
  };
  enum Type : std::uint8_t { kRequest, kGrant, kTypes };

  struct Local {
    bool asked = false;
    static constexpr auto fields() { return std::tuple{field("asked", &Local::asked)}; }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit Mistaken(const Setup& setup) : mistake(static_cast<Mistake>(setup.parameters.at(0))) {}
  static const Declaration& declaration() {
    static constexpr auto kMessages =
        message_table<kTypes>({{kRequest, {"TOK_REQ", Role::home, 64, "a node needs the page"}},
                               {kGrant, {"TOK_GRANT", Role::local, 64, "the page is the node's"}}});
    static const Declaration d = [] {
      Declaration made;
      made.name = "mistaken";
      made.summary = "Makes a mistake of the author's choice.";
      made.messages.assign(kMessages.begin(), kMessages.end());
      made.timers = {{.name = "when to do nothing"}};
      made.parameters = {{"mistake", 0, 0, mistakes - 1, "which mistake is made"}};
      return made;
    }();
    return d;
  }

  void on_need(Local& local, const Need& need, Context& context) const {
    if (context.resource().kind == ResourceKind::size) return context.grant(need.mode, Source::storage);
    if (local.asked) return;
    local.asked = true;
    err(context);
    context.send(context.home(), {.type = kRequest, .mode = Mode::exclusive, .requester = context.self()});
  }
  void on_message(Local&, NodeId, const Message&, Context& context) const {
    context.grant(Mode::exclusive, Source::storage);
  }
  void on_home_message(Home&, NodeId from, const Message&, Context& context) const {
    if (mistake == grant_at_a_manager) context.grant(Mode::shared, Source::storage);
    context.send(from, {.type = kGrant, .mode = Mode::exclusive});
  }
  void on_yielded(Local&, Range, Context&) const {}
  void on_release(Local&, Range, Context&) const {}
  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t kind, Context& context) const { context.notify(context.resource(), kind); }
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}

 private:
  void err(Context& context) const {
    Message request;
    request.type = kRequest;
    const Range outside{context.resource().page + 1, context.resource().page + 2};
    switch (mistake) {
      case send_to_nobody: return context.send(kNoNode, request);
      case send_to_storage: return context.send(NodeId{3}, request);  // two clients, a manager, storage
      case send_to_no_node: return context.send(NodeId{99}, request);
      case send_of_no_type: return context.send(context.home(), {.type = 9});
      case arm_of_no_timer: return context.arm(7, 1);
      case cancel_of_no_timer: return context.cancel(7);
      case arm_in_the_past: return context.arm(0, -1);
      case grant_of_nothing: return context.grant(Mode::none, Source::storage);
      case grant_of_no_pages: return context.grant({5, 5}, Mode::shared, Source::storage);
      case grant_outside: return context.grant(outside, Mode::shared, Source::storage);
      case grant_of_extend: return context.grant(Mode::extend, Source::storage);
      case grant_from_no_message: return context.grant(Mode::exclusive, Source::message);
      case yield_of_no_pages: return context.yield({5, 5}, Mode::none, Disposition::discard);
      case yield_outside: return context.yield(outside, Mode::none, Disposition::discard);
      case yield_of_what_is_not_held: return context.yield(Mode::shared, Disposition::discard);
      case notify_without_end: return context.notify(context.resource(), 0);
      case complete_without_an_access: return context.complete();
      case store_without_a_message: return context.store(context.resource().extent());
      case sync_done_unasked: return context.sync_done(SyncKind::open);
      case fence_of_no_node: return context.fence(NodeId{99}, Epoch{1});
      case parked_of_nothing: return context.send(context.home(), request, DataFrom::handled_message);
      case throws_an_exception: throw std::runtime_error("oops");
      case throws_a_number: throw 5;
      default: return;
    }
  }
  Mistake mistake;
};

}  // namespace pagetoken
