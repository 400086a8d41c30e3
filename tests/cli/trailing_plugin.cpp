// A protocol that says a last word about each grant when nobody waits for it any more, as a shared library. One client:
// nothing is ever asked back.

#include "protocols/api/machine.hpp"

namespace {

using namespace pagetoken;

struct Trailing {
  enum Type : std::uint8_t { kReq, kGrant, kThanks };
  struct Local {
    bool asked = false;
    Untracked<Cause> cause{};
    static constexpr auto fields() { return std::tuple{field("asked", &Local::asked), field("cause", &Local::cause)}; }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };
  explicit Trailing(const Setup&) {}
  static const Declaration& declaration() {
    static const Declaration trailing = [] {
      Declaration d;
      d.name = "trailing";
      d.summary = "Says thank you, later.";
      d.messages = {{"REQ", Role::home, 64, ""}, {"GRANT", Role::local, 64, ""}, {"THANKS", Role::home, 64, ""}};
      d.timers = {{"when to say it", true, 0}};
      return d;
    }();
    return trailing;
  }
  void on_need(Local& page, const Need&, Context& context) const {
    if (context.resource().kind == ResourceKind::size) return context.grant(Mode::exclusive, Source::storage);
    if (!std::exchange(page.asked, true)) context.send(context.home(), {.type = kReq, .requester = context.self()});
  }
  void on_home_message(Home&, NodeId from, const Message& m, Context& context) const {
    if (m.type == kReq) context.send(from, {.type = kGrant, .requester = from});
  }
  void on_message(Local& page, NodeId, const Message& m, Context& context) const {
    page.cause = m.cause;
    context.grant(Mode::exclusive, Source::storage);
    context.arm(0, 500'000);
  }
  void on_timer(Local& page, std::uint8_t, Context& context) const {
    context.on_behalf_of(page.cause);
    context.send(context.home(), {.type = kThanks, .requester = context.self()});
  }
  void on_yielded(Local&, Range, Context&) const {}
  void on_release(Local&, Range, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
};

}  // namespace

extern "C" const Factory* pagetoken_protocol() {
  static constexpr Factory factory = factory_of<Trailing>();
  return &factory;
}
