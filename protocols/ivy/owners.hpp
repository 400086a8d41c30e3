#pragma once
// What the ownership protocols of Li and Hudak have in common: each page has one owner, who knows its readers (the copy
// set), serves requests one after another, and hands page and copy set to the next writer, who then invalidates the
// readers itself. They differ in how a node finds the owner.
//
// Source: K. Li, P. Hudak, "Memory coherence in shared virtual memory systems", PODC 1986, sections 3.2 and 4.
//   Differences: an owner that upgrades asks nobody; an invalidation carries the number of the ownership it belongs to,
//   so that a read grant which it overtakes on another channel is recognised as stale and asked for again (the paper's
//   invalidation is swallowed there).

#include <utility>

#include "protocols/api/machine.hpp"

namespace pagetoken::ivy {

/// How protocols of the family describe the messages that they share.
inline constexpr MessageType kGrantDataMessage{"TOK_GRANT_DATA", Role::local, 64,
                                               "the owner shares its copy, or hands over page and copy set"};
inline constexpr MessageType kInvMessage{"INV", Role::local, 64, "the new owner invalidates a read copy"};
inline constexpr MessageType kInvAckMessage{"INV_ACK", Role::local, 64, "a read copy is gone"};

/// Base of a protocol P, which keeps in `Place` how a node knows the owner, has the message types kGrantData, kInv and
/// kInvAck, and defines as static functions
///   bool owns(const Local&, const Context&);
///   void gain(Local&, const Context&);                     this node is the owner now
///   void lose(Local&, NodeId to);                          `to` is, once it gets what this node sends
///   void learn(Local&, NodeId owner);                      a grant or an invalidation says who the owner is
///   void ask(Local&, Mode, Context&);                      sends a request on its way to the owner
///   void pass_on(Local&, const Deferred&, Context&);       a request that came here, and this node owns no more
template <class P, class Place>
class Owners {
 public:
  struct Local {
    Place place{};
    Mode held = Mode::none;            ///< what the VM has from us; an owner with `none` has never used the page
    Mode requested = Mode::none;       ///< asked for and not yet granted
    bool upgrading = false;            ///< awaits acknowledgements, and has the content
    std::uint32_t acks_due = 0;        ///< meaningful while upgrading
    bool yielding = false;             ///< the VM gives the page up; ends in on_yielded
    bool serving = false;              ///< ... for the request at the head of `deferred`
    NodeId acknowledge = kNoNode;      ///< ... for the new owner who invalidated us
    Epoch epoch{};                     ///< number of the ownership: own, or of the last grant or invalidation seen
    NodeSet copies{};                  ///< readers, valid at the owner
    std::vector<Deferred> deferred{};  ///< requests that wait for us as owner, in order of arrival
    static constexpr auto fields() {
      using L = Local;
      return std::tuple{field("place", &L::place),         field("held", &L::held),
                        field("requested", &L::requested), field("upgrading", &L::upgrading),
                        field("acks_due", &L::acks_due),   field("yielding", &L::yielding),
                        field("serving", &L::serving),     field("acknowledge", &L::acknowledge),
                        field("epoch", &L::epoch),         field("copies", &L::copies),
                        field("deferred", &L::deferred)};
    }
  };

  void on_need(Local& page, const Need& need, Context& context) const {
    // Raised again if the grant does not satisfy it, or when the yield has ended.
    if (page.requested != Mode::none || page.upgrading || page.yielding) return;
    if (P::owns(page, context))
      acquire_own(page, need.mode, context);
    else
      request(page, need.mode, context);
  }

  void on_yielded(Local& page, Range, Context& context) const {
    page.yielding = false;
    if (!std::exchange(page.serving, false)) {
      page.held = Mode::none;
      if (page.acknowledge != kNoNode)
        context.send(std::exchange(page.acknowledge, kNoNode), {.type = P::kInvAck, .requester = context.self()});
      return;
    }
    const Deferred request = take_first(page);
    context.on_behalf_of(request.cause);
    if (request.mode == Mode::exclusive) {
      hand_over(page, request, DataFrom::parked, context);
    } else {
      page.held = Mode::shared;
      share(page, request, context);
    }
    serve(page, context);
  }

  /// A read copy is dropped in silence: the copy set stays conservative. An owner keeps its token and pages out.
  void on_release(Local& page, Range range, Context& context) const {
    const bool owner = P::owns(page, context);
    if (owner) context.drop(range);
    if (owner || page.held != Mode::shared || page.yielding || page.requested != Mode::none) return;
    page.yielding = true;
    context.yield(Mode::none, Disposition::discard);
  }

  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}

 protected:
  /// A request has come to this node, which owns the page, or will.
  static void on_request(Local& page, const Message& m, Context& context) {
    page.deferred.push_back(defer(m));
    serve(page, context);
  }

  /// The owner's answer: a copy, or the page with its copy set.
  static void on_grant(Local& page, NodeId from, const Message& m, Context& context) {
    require(page.requested == m.mode, "a grant that was not asked for");
    if (m.mode == Mode::shared && m.epoch < page.epoch) {
      // Granted before a write whose invalidation came first: stale.
      request(page, page.requested, context);
      return;
    }
    page.requested = Mode::none;
    page.epoch = m.epoch;
    page.held = Mode::shared;
    if (m.mode == Mode::shared) {
      P::learn(page, from);
      context.grant(Mode::shared, Source::message);
      return;
    }
    P::gain(page, context);
    page.copies = std::get<NodeSet>(m.attachment);
    page.copies.remove(context.self());
    if (page.copies.empty()) page.held = Mode::exclusive;
    context.grant(page.held, Source::message);  // the content is installed before the other copies are gone
    if (!page.copies.empty()) start_invalidation(page, context);
    serve(page, context);
  }

  static void on_invalidate(Local& page, NodeId from, const Message& m, Context& context) {
    require(!P::owns(page, context), "an owner is invalidated");
    page.epoch = m.epoch;
    P::learn(page, from);
    if (page.held == Mode::none) {  // dropped in silence before, or its grant is still on its way
      context.send(from, {.type = P::kInvAck, .requester = context.self()});
      return;
    }
    page.acknowledge = from;
    if (std::exchange(page.yielding, true)) return;  // it is being dropped already
    context.yield(Mode::none, Disposition::discard);
  }

  static void on_acknowledged(Local& page, Context& context) {
    require(page.upgrading && page.acks_due > 0, "an acknowledgement that nobody awaits");
    if (--page.acks_due > 0) return;
    page.upgrading = false;
    page.held = Mode::exclusive;
    context.grant(Mode::exclusive, Source::here);
    serve(page, context);
  }

  /// Serves requests that wait here, while we are the owner and nothing is under way; passes on what is left over once
  /// we are not.
  static void serve(Local& page, Context& context) {
    while (!page.deferred.empty() && !page.upgrading && !page.yielding && page.requested == Mode::none) {
      const Mode mode = page.deferred.front().mode;
      if (!P::owns(page, context)) {
        P::pass_on(page, take_first(page), context);
      } else if (page.held == Mode::none && mode == Mode::exclusive) {
        hand_over(page, take_first(page), DataFrom::nobody, context);
      } else if (page.held <= Mode::shared && mode != Mode::exclusive) {
        share(page, take_first(page), context);
      } else {
        page.yielding = page.serving = true;
        context.on_behalf_of(page.deferred.front().cause);
        context.yield(mode == Mode::exclusive ? Mode::none : Mode::shared, Disposition::hand_over);
      }
    }
  }

 private:
  static Deferred take_first(Local& page) {
    Deferred first = std::move(page.deferred.front());
    page.deferred.erase(page.deferred.begin());
    return first;
  }

  static void request(Local& page, Mode mode, Context& context) {
    page.requested = mode;
    P::ask(page, mode, context);
  }

  /// The owner's VM asks for what it lacks. Content that it has never used is in storage.
  static void acquire_own(Local& page, Mode mode, Context& context) {
    const Source source = page.held == Mode::none ? Source::storage : Source::here;
    const bool invalidates = mode == Mode::exclusive && !page.copies.empty();
    if (mode == Mode::exclusive) page.epoch = page.epoch.next();
    page.held = mode == Mode::exclusive && !invalidates ? Mode::exclusive : Mode::shared;
    if (!invalidates || source == Source::storage) context.grant(page.held, source);
    if (invalidates) start_invalidation(page, context);
  }

  static void start_invalidation(Local& page, Context& context) {
    page.upgrading = true;
    page.acks_due = page.copies.size();
    page.copies.for_each([&](NodeId reader) {
      context.send(reader, {.type = P::kInv, .requester = context.self(), .epoch = page.epoch});
    });
    page.copies.clear();
  }

  static void share(Local& page, const Deferred& request, Context& context) {
    page.copies.add(request.requester);
    context.send(request.requester,
                 {.type = P::kGrantData,
                  .mode = Mode::shared,
                  .requester = request.requester,
                  .epoch = page.epoch,
                  .cause = request.cause},
                 page.held == Mode::none ? DataFrom::nobody : DataFrom::own_copy);
  }

  static void hand_over(Local& page, const Deferred& request, DataFrom content, Context& context) {
    page.held = Mode::none;
    P::lose(page, request.requester);
    context.send(request.requester,
                 {.type = P::kGrantData,
                  .mode = Mode::exclusive,
                  .requester = request.requester,
                  .epoch = page.epoch.next(),
                  .cause = request.cause,
                  .attachment = std::exchange(page.copies, NodeSet{})},
                 content);
  }
};

}  // namespace pagetoken::ivy
