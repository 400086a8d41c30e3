// nocache: no node keeps anything; each access travels to the home of its page, is applied there, and its result comes
// back. The baseline that a caching protocol has to beat.
//
//   any access  C --TOK_REQ(access)--> M --TOK_GRANT_DATA(result)--> C
//
// Source: none; the cost per access that docs/protocols.md, "When a token pays", measures break-even by. TOK_REQ
// carries what a write writes, TOK_GRANT_DATA what a read found.
//   Differences: none. Truncate and extend go to the home of the file's size in the same way.
// Needs: reliable messages, in any order.
// Guarantees: linearizable: an access takes effect in the one step in which its home applies it.
//
// Messages per event (requester and home distinct):
//   every read, write, TRUNCATE, EXTEND 2 | hit, evict, re-write of an own page: there is no such thing

#include "protocols/api/machine.hpp"

namespace pagetoken {
namespace {

class NoCache {
 public:
  enum Type : std::uint8_t { kReq, kGrantData, kTypes };

  struct Local {
    static constexpr auto fields() { return std::tuple{}; }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit NoCache(const Setup&) {}
  static const Declaration& declaration();

  void on_need(Local&, const Need& need, Context& context) const {
    context.send(context.home(), {.type = kReq, .mode = need.mode, .requester = context.self(), .access = need.access});
  }

  void on_home_message(Home&, NodeId, const Message& m, Context& context) const {
    context.apply();
    context.send(m.requester, {.type = kGrantData, .mode = m.mode, .requester = m.requester},
                 DataFrom::handled_message);
  }

  void on_message(Local&, NodeId, const Message& m, Context& context) const {
    require(m.type == kGrantData, "a request at a node that is not its home");
    context.complete();
  }

  void on_yielded(Local&, Range, Context&) const { require(false, "nothing is held that could be yielded"); }
  /// Nothing is cached.
  void on_release(Local&, Range, Context&) const {}
  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
};

const Declaration& NoCache::declaration() {
  static constexpr auto kMessages = message_table<kTypes>(
      {{kReq, {"TOK_REQ", Role::home, 64, "an access, and what it writes, for the home to apply"}},
       {kGrantData, {"TOK_GRANT_DATA", Role::local, 64, "the access is applied; what it found"}}});
  static const Declaration declaration{
      .name = "nocache",
      .summary = "No caching: every access travels to the home of its page and back.",
      .source = "baseline of this project; accesses shipped as in Sprite's cache-off mode",
      .granularity = Granularity::page,
      .consistency = Consistency::linearizable,
      .caching = Caching::none,
      .has_home = true,
      .needs_fifo = false,
      .needs_reliable = true,
      .has_extend_mode = false,
      .messages = {kMessages.begin(), kMessages.end()},
      .timers = {},
      .parameters = {}};
  return declaration;
}

}  // namespace
}  // namespace pagetoken

PAGETOKEN_PROTOCOL(nocache, pagetoken::NoCache)
