// ivy-dynamic: page ownership without managers, Li and Hudak's dynamic distributed manager. Each node keeps a hint, the
// probable owner; requests follow the hints, and each request for writing turns the hints on its way to the requester.
//
//   read   C --TOK_REQ--> P --TOK_FWD--> ... --TOK_FWD--> O --TOK_GRANT_DATA--> C
//   write  C --TOK_REQ--> P --TOK_FWD--> ... --TOK_FWD--> O --TOK_GRANT_DATA(copy set)--> C,
//          C --INV--> R --INV_ACK--> C for each copy
//   At first every hint is node 0, which owns each page and has its content in storage.
//
// Source: K. Li, P. Hudak, "Memory coherence in shared virtual memory systems", PODC 1986, section 4.3.
//   Differences: a reader does not become the owner. The printed read server gives ownership to the reader while the
//   read fault handler takes the replying node for the owner: the two point to each other, against Lemma 4.1. Here the
//   owner keeps page and copy set, the reader's hint is the node that replied, and who forwards a read keeps its hint,
//   as the reader is not where an owner will be found. Who forwards a write, hands over, or is invalidated turns its
//   hint to the writer, as printed. A request is queued where ownership is awaited, or being given up, as the paper's
//   page lock has it; a node that awaits a read copy forwards. An invalidation carries the number of the ownership it
//   belongs to, so that a read grant which it overtakes on another channel is recognised as stale and asked for again
//   (the paper's invalidation is swallowed there). An owner that upgrades asks nobody. Size of a file = one more
//   resource, EXTEND asked for as EXCLUSIVE.
// Needs: reliable messages, FIFO between two nodes.
// Guarantees: one writer or many readers; linearizable per page. At rest the hints are a tree towards the owner.
//
// Messages per event (L = messages that find the owner, 1 if the hint is right; k copies, the owner's included, besides
// the requester's own):
//   RMISS L+1 | WMISS_NONE 0 at node 0, else as EXCL | WMISS_EXCL L+1 | WMISS_SHARED(k) L+1+2(k-1)
//   UPGRADE(k) 2k by the owner, else L+1+2(k-1) | TRUNCATE: UPGRADE of the size, then as a write of each page held
//   evict: 0 | re-write of an own page 0

#include "protocols/ivy/owners.hpp"

namespace pagetoken {
namespace {

/// The probable owner; this node itself if it is the owner.
struct Hint {
  NodeId node = NodeId{0};
  static constexpr auto fields() { return std::tuple{field("node", &Hint::node)}; }
};

class IvyDynamic : public ivy::Owners<IvyDynamic, Hint> {
 public:
  enum Type : std::uint8_t { kReq, kFwd, kGrantData, kInv, kInvAck, kTypes };

  struct Home {  // nobody decides
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit IvyDynamic(const Setup&) {}
  static const Declaration& declaration();

  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_message(Home&, NodeId, const Message&, Context&) const { require(false, "there are no homes"); }

  void on_message(Local& page, NodeId from, const Message& m, Context& context) const {
    switch (static_cast<Type>(m.type)) {
      case kReq:
      case kFwd:
        require(m.requester != context.self(), "a request came back to its requester");
        if (owns(page, context) || page.requested == Mode::exclusive)
          on_request(page, m, context);
        else
          pass_on(page, defer(m), context);
        break;
      case kGrantData: on_grant(page, from, m, context); break;
      case kInv: on_invalidate(page, from, m, context); break;
      case kInvAck: on_acknowledged(page, context); break;
      case kTypes: break;
    }
  }

 private:
  friend class ivy::Owners<IvyDynamic, Hint>;
  static bool owns(const Local& page, const Context& context) { return page.place.node == context.self(); }
  static void gain(Local& page, const Context& context) { page.place.node = context.self(); }
  static void lose(Local& page, NodeId to) { page.place.node = to; }
  static void learn(Local& page, NodeId owner) { page.place.node = owner; }
  static void ask(Local& page, Mode mode, Context& context) {
    context.send(page.place.node, {.type = kReq, .mode = mode, .requester = context.self()});
  }
  /// The requester of a write will be the owner, so the hint is turned to it: path reversal.
  static void pass_on(Local& page, const Deferred& request, Context& context) {
    context.send(page.place.node,
                 {.type = kFwd, .mode = request.mode, .requester = request.requester, .cause = request.cause});
    if (request.mode == Mode::exclusive) page.place.node = request.requester;
  }
};

const Declaration& IvyDynamic::declaration() {
  static constexpr auto kMessages = message_table<kTypes>(
      {{kReq, {"TOK_REQ", Role::local, 64, "a node needs the page, and asks whom it takes for the owner"}},
       {kFwd, {"TOK_FWD", Role::local, 64, "one who is not the owner passes a request on"}},
       {kGrantData, ivy::kGrantDataMessage},
       {kInv, ivy::kInvMessage},
       {kInvAck, ivy::kInvAckMessage}});
  static const Declaration declaration{
      .name = "ivy-dynamic",
      .summary = "Page ownership without managers: requests follow hints of the probable owner and turn them.",
      .source = "Li, Hudak, PODC 1986, section 4.3 (dynamic distributed manager); the reader does not become owner",
      .granularity = Granularity::page,
      .consistency = Consistency::linearizable,
      .caching = Caching::tokens,
      .has_home = false,
      .needs_fifo = true,
      .needs_reliable = true,
      .has_extend_mode = false,
      .messages = {kMessages.begin(), kMessages.end()},
      .timers = {},
      .parameters = {}};
  return declaration;
}

}  // namespace
}  // namespace pagetoken

PAGETOKEN_PROTOCOL(ivy_dynamic, pagetoken::IvyDynamic)
