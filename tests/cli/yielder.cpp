// A protocol whose clients give up what they do not hold, down to SHARED, instead of asking for it: what they then
// have, nobody granted.

#include "protocols/api/machine.hpp"

namespace {

using namespace pagetoken;

struct Yielder {
  struct Local {
    static constexpr auto fields() { return std::tuple{}; }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };
  explicit Yielder(const Setup&) {}
  static const Declaration& declaration() {
    static const Declaration yielder = [] {
      Declaration d;
      d.name = "yielder";
      d.summary = "Yields instead of asking.";
      return d;
    }();
    return yielder;
  }
  void on_need(Local&, const Need& need, Context& context) const {
    if (context.resource().kind == ResourceKind::size) return context.grant(need.mode, Source::storage);
    context.yield(Mode::shared, Disposition::discard);
  }
  void on_message(Local&, NodeId, const Message&, Context&) const {}
  void on_home_message(Home&, NodeId, const Message&, Context&) const {}
  void on_yielded(Local&, Range, Context&) const {}
  void on_release(Local&, Range, Context&) const {}
  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
};

}  // namespace

PAGETOKEN_PROTOCOL(yielder, Yielder)
