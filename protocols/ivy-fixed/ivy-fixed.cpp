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

#include <utility>

#include "protocols/api/machine.hpp"

namespace pagetoken {
namespace {

class IvyFixed {
 public:
  enum Type : std::uint8_t { kReq, kFwd, kGrant, kGrantData, kInv, kInvAck };

  struct Local {
    Mode held = Mode::none;        ///< what the VM has from us
    bool is_owner = false;
    Mode requested = Mode::none;   ///< asked of the manager and not yet granted
    bool upgrading = false;        ///< awaits acknowledgements, and has the content
    std::uint32_t acks_due = 0;    ///< meaningful while upgrading
    bool yielding = false;         ///< the VM gives the page up; ends in on_yielded
    bool serving = false;          ///< ... for the request at the head of `deferred`
    NodeId acknowledge = kNoNode;  ///< ... for the new owner who invalidated us
    Epoch epoch{};                 ///< number of the ownership: own, or of the last invalidation seen
    NodeSet copies{};              ///< readers, valid at the owner
    std::vector<Deferred> deferred{};  ///< forwarded requests, in order of arrival
    static constexpr auto fields() {
      using L = Local;
      return std::tuple{field("held", &L::held),           field("is_owner", &L::is_owner),
                        field("requested", &L::requested), field("upgrading", &L::upgrading),
                        field("acks_due", &L::acks_due),   field("yielding", &L::yielding),
                        field("serving", &L::serving),     field("acknowledge", &L::acknowledge),
                        field("epoch", &L::epoch),         field("copies", &L::copies),
                        field("deferred", &L::deferred)};
    }
  };
  struct Home {
    NodeId owner = kNoNode;        ///< who has, or will have, the page last of all requests forwarded
    static constexpr auto fields() { return std::tuple{field("owner", &Home::owner)}; }
  };

  explicit IvyFixed(const Setup&) {}
  static const Declaration& declaration();

  void on_need(Local& page, const Need& need, Context& context) const {
    if (page.requested != Mode::none || page.upgrading || page.yielding) return;  // raised again if that does not satisfy it
    if (page.is_owner) {
      start_upgrade(page, context);
      return;
    }
    page.requested = need.mode;
    context.send(context.home(), {.type = kReq, .mode = need.mode, .requester = context.self()});
  }

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
      case kReq: break;  // the home's
      case kFwd:
        page.deferred.push_back(defer(m));
        serve(page, context);
        break;
      case kGrant: on_first_grant(page, m, context); break;
      case kGrantData: on_grant(page, m, context); break;
      case kInv: on_invalidate(page, from, m, context); break;
      case kInvAck:
        require(page.upgrading && page.acks_due > 0, "an acknowledgement that nobody awaits");
        if (--page.acks_due == 0) finish_upgrade(page, context);
        break;
    }
  }

  void on_yielded(Local& page, Range, Context& context) const {
    page.yielding = false;
    if (std::exchange(page.serving, false)) {
      const Deferred request = page.deferred.front();
      page.deferred.erase(page.deferred.begin());
      context.on_behalf_of(request.cause);
      if (request.mode == Mode::exclusive)
        hand_over(page, request, context);
      else
        share(page, request, context);
    } else {
      page.held = Mode::none;
      if (page.acknowledge != kNoNode)
        context.send(std::exchange(page.acknowledge, kNoNode), {.type = kInvAck, .requester = context.self()});
    }
    serve(page, context);
  }

  /// A read copy is dropped in silence: the copy set stays conservative. An owner keeps its token and pages out.
  void on_release(Local& page, Range range, Context& context) const {
    if (page.is_owner) context.drop(range);
    if (page.is_owner || page.held != Mode::shared || page.yielding || page.requested != Mode::none) return;
    page.yielding = true;
    context.yield(Mode::none, Disposition::discard);
  }

  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}

 private:
  /// Nobody had the page: it is ours, and where storage has it.
  static void on_first_grant(Local& page, const Message& m, Context& context) {
    page.requested = Mode::none;
    page.is_owner = true;
    page.epoch = page.epoch.next();
    page.held = m.mode;
    context.grant(m.mode, Source::storage);
    serve(page, context);
  }

  static void on_grant(Local& page, const Message& m, Context& context) {
    if (m.mode == Mode::shared && m.epoch < page.epoch) {
      // Granted before a write whose invalidation came first: stale. Ask again.
      context.send(context.home(), {.type = kReq, .mode = page.requested, .requester = context.self()});
      return;
    }
    page.requested = Mode::none;
    page.epoch = m.epoch;
    if (m.mode == Mode::exclusive) {
      page.is_owner = true;
      page.copies = std::get<NodeSet>(m.attachment);
      page.copies.remove(context.self());
    }
    const bool alone = page.copies.empty();
    page.held = m.mode == Mode::exclusive && alone ? Mode::exclusive : Mode::shared;
    context.grant(page.held, Source::message);  // the content is installed before the other copies are gone
    if (m.mode == Mode::exclusive && !alone) start_invalidation(page, context);
    serve(page, context);
  }

  static void on_invalidate(Local& page, NodeId from, const Message& m, Context& context) {
    page.epoch = m.epoch;
    require(!page.is_owner, "an owner is invalidated");
    if (page.held == Mode::none) {  // dropped in silence before, or its grant is still on its way
      context.send(from, {.type = kInvAck, .requester = context.self()});
      return;
    }
    page.acknowledge = from;
    if (std::exchange(page.yielding, true)) return;  // it is being dropped already
    context.yield(Mode::none, Disposition::discard);
  }

  static void start_upgrade(Local& page, Context& context) {
    if (page.yielding) return;  // the need comes again after on_yielded
    page.epoch = page.epoch.next();
    if (page.copies.empty()) {
      page.held = Mode::exclusive;
      context.grant(Mode::exclusive, Source::here);
    } else {
      start_invalidation(page, context);
    }
  }

  static void start_invalidation(Local& page, Context& context) {
    page.upgrading = true;
    page.acks_due = page.copies.size();
    page.copies.for_each([&](NodeId reader) {
      context.send(reader, {.type = kInv, .requester = context.self(), .epoch = page.epoch});
    });
    page.copies.clear();
  }

  static void finish_upgrade(Local& page, Context& context) {
    page.upgrading = false;
    page.held = Mode::exclusive;
    context.grant(Mode::exclusive, Source::here);
    serve(page, context);
  }

  /// Serves the forwarded request at the head of the queue, once we are the owner and nothing is under way.
  static void serve(Local& page, Context& context) {
    while (!page.deferred.empty() && page.is_owner && !page.upgrading && !page.yielding) {
      const Deferred request = page.deferred.front();
      if (request.mode != Mode::exclusive && page.held == Mode::shared) {
        page.deferred.erase(page.deferred.begin());
        share(page, request, context);
        continue;
      }
      page.yielding = page.serving = true;
      context.on_behalf_of(request.cause);
      context.yield(request.mode == Mode::exclusive ? Mode::none : Mode::shared, Disposition::hand_over);
    }
  }

  static void share(Local& page, const Deferred& request, Context& context) {
    page.held = Mode::shared;
    page.copies.add(request.requester);
    context.send(request.requester,
                 {.type = kGrantData, .mode = Mode::shared, .requester = request.requester, .epoch = page.epoch,
                  .cause = request.cause},
                 DataFrom::own_copy);
  }

  static void hand_over(Local& page, const Deferred& request, Context& context) {
    require(page.deferred.empty(), "requests are left over at a former owner: messages were reordered");
    page.held = Mode::none;
    page.is_owner = false;
    context.send(request.requester,
                 {.type = kGrantData, .mode = Mode::exclusive, .requester = request.requester,
                  .epoch = page.epoch.next(), .cause = request.cause,
                  .attachment = std::exchange(page.copies, NodeSet{})},
                 DataFrom::parked);
  }
};

const Declaration& IvyFixed::declaration() {
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
      .messages = {{"TOK_REQ", Role::home, 64, "a node needs the page; the manager forwards it to the owner"},
                   {"TOK_FWD", Role::local, 64, "the manager passes a request on to the owner"},
                   {"TOK_GRANT", Role::local, 64, "nobody had the page: the requester owns it, content is in storage"},
                   {"TOK_GRANT_DATA", Role::local, 64, "the owner shares its copy, or hands over page and copy set"},
                   {"INV", Role::local, 64, "the new owner invalidates a read copy"},
                   {"INV_ACK", Role::local, 64, "a read copy is gone"}},
      .timers = {},
      .parameters = {}};
  return declaration;
}

}  // namespace
}  // namespace pagetoken

PAGETOKEN_PROTOCOL(ivy_fixed, pagetoken::IvyFixed)
