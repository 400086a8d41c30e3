// ivy-fixed: page ownership with fixed distributed managers, Li and Hudak's improved centralized manager hashed over
// nodes. The manager knows the owner and forwards to it; copy set and synchronisation live at the owner and travel
// with ownership, so that no confirmation is sent.
//
//   read   C --TOK_REQ--> M --TOK_FWD--> O --TOK_GRANT_DATA--> C
//   write  C --TOK_REQ--> M --TOK_FWD--> O --TOK_GRANT_DATA(copy set)--> C,   C --INV--> R --INV_ACK--> C for each copy
//   first  C --TOK_REQ--> M --TOK_GRANT--> C   (content in storage; C is the owner from now on)
//
// Source: K. Li, P. Hudak, "Memory coherence in shared virtual memory systems", PODC 1986, sections 3.2 and 4.1.
//   Differences: the first access of a page makes the requester its owner (the paper starts with a default owner); an
//   owner that upgrades short-cuts the manager; an invalidation carries the number of the ownership it belongs to, so
//   that a read grant which it overtakes on another channel is recognised as stale and asked for again (the paper's
//   invalidation is swallowed there); size of a file = one more resource, EXTEND asked for as EXCLUSIVE.
// Needs: reliable messages, FIFO between two nodes.
// Guarantees: one writer or many readers; linearizable per page.
//
// Messages per event (requester, manager, owner distinct; k copies besides the requester's own):
//   RMISS 3 | WMISS_NONE 2 | WMISS_EXCL 3 | WMISS_SHARED(k) 3+2(k-1) | UPGRADE(k) 2k by the owner, else 3+2(k-1)
//   TRUNCATE: UPGRADE of the size, then as a write of each page held | evict: 0 | re-write of an own page 0

#include "protocols/ivy/owners.hpp"

namespace pagetoken {
namespace {

/// Who owns a page knows it; the others ask the manager.
struct Knows {
  bool is_owner = false;
  static constexpr auto fields() { return std::tuple{field("is_owner", &Knows::is_owner)}; }
};

class IvyFixed : public ivy::Owners<IvyFixed, Knows> {
 public:
  enum Type : std::uint8_t { kReq, kFwd, kGrant, kGrantData, kInv, kInvAck, kTypes };

  struct Home {
    NodeId owner = kNoNode;  ///< who has, or will have, the page last of all requests forwarded
    static constexpr auto fields() { return std::tuple{field("owner", &Home::owner)}; }
  };

  explicit IvyFixed(const Setup&) {}
  static const Declaration& declaration();

  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_message(Home& home, NodeId, const Message& m, Context& context) const {
    const NodeId owner = home.owner;
    require(owner != m.requester, "the owner asked the manager");
    if (owner == kNoNode || m.mode == Mode::exclusive) home.owner = m.requester;
    if (owner == kNoNode)
      context.send(m.requester, {.type = kGrant, .mode = m.mode, .requester = m.requester});
    else
      context.send(owner, {.type = kFwd, .mode = m.mode, .requester = m.requester});
  }

  void on_message(Local& page, NodeId from, const Message& m, Context& context) const {
    switch (static_cast<Type>(m.type)) {
      case kReq:  // the home's
      case kTypes: break;
      case kFwd: on_request(page, m, context); break;
      case kGrant: on_first_grant(page, m, context); break;
      case kGrantData: on_grant(page, from, m, context); break;
      case kInv: on_invalidate(page, from, m, context); break;
      case kInvAck: on_acknowledged(page, context); break;
    }
  }

 private:
  friend class ivy::Owners<IvyFixed, Knows>;
  static bool owns(const Local& page, const Context&) { return page.place.is_owner; }
  static void gain(Local& page, const Context&) { page.place.is_owner = true; }
  static void lose(Local& page, NodeId) { page.place.is_owner = false; }
  static void learn(Local&, NodeId) {}
  static void ask(Local&, Mode mode, Context& context) {
    context.send(context.home(), {.type = kReq, .mode = mode, .requester = context.self()});
  }
  static void pass_on(Local&, const Deferred&, Context&) {
    require(false, "requests are left over at a former owner: messages were reordered");
  }

  /// Nobody had the page: it is ours, and where storage has it.
  static void on_first_grant(Local& page, const Message& m, Context& context) {
    page.requested = Mode::none;
    page.place.is_owner = true;
    page.epoch = page.epoch.next();
    page.held = m.mode;
    context.grant(m.mode, Source::storage);
    serve(page, context);
  }
};

const Declaration& IvyFixed::declaration() {
  static constexpr auto kMessages = message_table<kTypes>(
      {{kReq, {"TOK_REQ", Role::home, 64, "a node needs the page; the manager forwards it to the owner"}},
       {kFwd, {"TOK_FWD", Role::local, 64, "the manager passes a request on to the owner"}},
       {kGrant, {"TOK_GRANT", Role::local, 64, "nobody had the page: the requester owns it, content is in storage"}},
       {kGrantData, ivy::kGrantDataMessage},
       {kInv, ivy::kInvMessage},
       {kInvAck, ivy::kInvAckMessage}});
  static const Declaration declaration{
      .name = "ivy-fixed",
      .summary = "Page ownership with fixed distributed managers; the copy set lives at the owner.",
      .source = "Li, Hudak, PODC 1986, sections 3.2 and 4.1 (improved centralized manager, H(p) = p mod N)",
      .granularity = Granularity::page,
      .consistency = Consistency::linearizable,
      .caching = Caching::tokens,
      .has_home = true,
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

PAGETOKEN_PROTOCOL(ivy_fixed, pagetoken::IvyFixed)
