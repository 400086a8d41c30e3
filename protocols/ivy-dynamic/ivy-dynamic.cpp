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

#include <utility>

#include "protocols/api/machine.hpp"

namespace pagetoken {
namespace {

class IvyDynamic {
 public:
  enum Type : std::uint8_t { kReq, kFwd, kGrantData, kInv, kInvAck };

  struct Local {
    NodeId hint = NodeId{0};       ///< the probable owner; this node itself if it is the owner
    Mode held = Mode::none;        ///< what the VM has from us; an owner with `none` has never used the page
    Mode requested = Mode::none;   ///< asked of the hint and not yet granted
    bool upgrading = false;        ///< awaits acknowledgements, and has the content
    std::uint32_t acks_due = 0;    ///< meaningful while upgrading
    bool yielding = false;         ///< the VM gives the page up; ends in on_yielded
    bool serving = false;          ///< ... for the request at the head of `deferred`
    NodeId acknowledge = kNoNode;  ///< ... for the new owner who invalidated us
    Epoch epoch{};                 ///< number of the ownership: own, or of the last grant or invalidation seen
    NodeSet copies{};              ///< readers, valid at the owner
    std::vector<Deferred> deferred{};  ///< requests that wait for us as owner, in order of arrival
    static constexpr auto fields() {
      using L = Local;
      return std::tuple{field("hint", &L::hint),           field("held", &L::held),
                        field("requested", &L::requested), field("upgrading", &L::upgrading),
                        field("acks_due", &L::acks_due),   field("yielding", &L::yielding),
                        field("serving", &L::serving),     field("acknowledge", &L::acknowledge),
                        field("epoch", &L::epoch),         field("copies", &L::copies),
                        field("deferred", &L::deferred)};
    }
  };
  struct Home {  // nobody decides
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit IvyDynamic(const Setup&) {}
  static const Declaration& declaration();

  void on_need(Local& page, const Need& need, Context& context) const {
    // Raised again if the grant does not satisfy it, or when the yield has ended.
    if (page.requested != Mode::none || page.upgrading || page.yielding) return;
    if (owns(page, context))
      acquire_own(page, need.mode, context);
    else
      request(page, need.mode, context);
  }

  void on_home_message(Home&, NodeId, const Message&, Context&) const { require(false, "there are no homes"); }

  void on_message(Local& page, NodeId from, const Message& m, Context& context) const {
    switch (static_cast<Type>(m.type)) {
      case kReq:
      case kFwd:
        require(m.requester != context.self(), "a request came back to its requester");
        if (owns(page, context) || page.requested == Mode::exclusive) {
          page.deferred.push_back(defer(m));
          serve(page, context);
        } else {
          forward(page, defer(m), context);
        }
        break;
      case kGrantData: on_grant(page, from, m, context); break;
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
      const Deferred request = take_first(page);
      context.on_behalf_of(request.cause);
      if (request.mode == Mode::exclusive) {
        hand_over(page, request, DataFrom::parked, context);
      } else {
        page.held = Mode::shared;
        share(page, request, context);
      }
      serve(page, context);
    } else {
      page.held = Mode::none;
      if (page.acknowledge != kNoNode)
        context.send(std::exchange(page.acknowledge, kNoNode), {.type = kInvAck, .requester = context.self()});
    }
  }

  /// A read copy is dropped in silence: the copy set stays conservative. An owner keeps its token.
  void on_release(Local& page, Range range, Context& context) const {
    if (owns(page, context)) context.drop(range);
    if (owns(page, context) || page.held != Mode::shared || page.yielding || page.requested != Mode::none) return;
    page.yielding = true;
    context.yield(Mode::none, Disposition::discard);
  }

  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}

 private:
  static bool owns(const Local& page, const Context& context) { return page.hint == context.self(); }

  static Deferred take_first(Local& page) {
    Deferred first = std::move(page.deferred.front());
    page.deferred.erase(page.deferred.begin());
    return first;
  }

  static void request(Local& page, Mode mode, Context& context) {
    page.requested = mode;
    context.send(page.hint, {.type = kReq, .mode = mode, .requester = context.self()});
  }

  /// Passes a request on. The requester of a write will be the owner, so the hint is turned to it: path reversal.
  static void forward(Local& page, const Deferred& request, Context& context) {
    context.send(page.hint,
                 {.type = kFwd, .mode = request.mode, .requester = request.requester, .cause = request.cause});
    if (request.mode == Mode::exclusive) page.hint = request.requester;
  }

  static void on_grant(Local& page, NodeId from, const Message& m, Context& context) {
    require(page.requested == m.mode, "a grant that was not asked for");
    if (m.mode == Mode::shared && m.epoch < page.epoch) {
      // Granted before a write whose invalidation came first: stale. Ask the writer.
      request(page, page.requested, context);
      return;
    }
    page.requested = Mode::none;
    page.epoch = m.epoch;
    page.held = Mode::shared;
    if (m.mode == Mode::shared) {
      page.hint = from;
      context.grant(Mode::shared, Source::message);
      return;
    }
    page.hint = context.self();
    page.copies = std::get<NodeSet>(m.attachment);
    page.copies.remove(context.self());
    if (page.copies.empty()) page.held = Mode::exclusive;
    context.grant(page.held, Source::message);  // the content is installed before the other copies are gone
    if (!page.copies.empty()) start_invalidation(page, context);
    serve(page, context);
  }

  static void on_invalidate(Local& page, NodeId from, const Message& m, Context& context) {
    require(!owns(page, context), "an owner is invalidated");
    page.epoch = m.epoch;
    page.hint = from;
    if (page.held == Mode::none) {  // dropped in silence before, or its grant is still on its way
      context.send(from, {.type = kInvAck, .requester = context.self()});
      return;
    }
    page.acknowledge = from;
    if (std::exchange(page.yielding, true)) return;  // it is being dropped already
    context.yield(Mode::none, Disposition::discard);
  }

  /// The owner's VM asks for what it lacks. Content that it has never used is in storage.
  static void acquire_own(Local& page, Mode mode, Context& context) {
    const Source source = page.held == Mode::none ? Source::storage : Source::here;
    const bool alone = page.copies.empty();
    if (mode == Mode::exclusive) page.epoch = page.epoch.next();
    page.held = mode == Mode::exclusive && alone ? Mode::exclusive : Mode::shared;
    context.grant(page.held, source);
    if (mode == Mode::exclusive && !alone) start_invalidation(page, context);
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

  /// Serves requests that wait here, while we are the owner and nothing is under way; passes on what is left over once
  /// we are not.
  static void serve(Local& page, Context& context) {
    while (!page.deferred.empty() && !page.upgrading && !page.yielding && page.requested == Mode::none) {
      const Mode mode = page.deferred.front().mode;
      if (!owns(page, context)) {
        forward(page, take_first(page), context);
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

  static void share(Local& page, const Deferred& request, Context& context) {
    page.copies.add(request.requester);
    context.send(request.requester,
                 {.type = kGrantData, .mode = Mode::shared, .requester = request.requester, .epoch = page.epoch,
                  .cause = request.cause},
                 page.held == Mode::none ? DataFrom::nobody : DataFrom::own_copy);
  }

  static void hand_over(Local& page, const Deferred& request, DataFrom content, Context& context) {
    page.held = Mode::none;
    page.hint = request.requester;
    context.send(request.requester,
                 {.type = kGrantData, .mode = Mode::exclusive, .requester = request.requester,
                  .epoch = page.epoch.next(), .cause = request.cause,
                  .attachment = std::exchange(page.copies, NodeSet{})},
                 content);
  }
};
static_assert(fields_complete<IvyDynamic::Local>());
static_assert(fields_complete<IvyDynamic::Home>());

const Declaration& IvyDynamic::declaration() {
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
      .messages = {{"TOK_REQ", Role::local, 64, "a node needs the page, and asks whom it takes for the owner"},
                   {"TOK_FWD", Role::local, 64, "one who is not the owner passes a request on"},
                   {"TOK_GRANT_DATA", Role::local, 64, "the owner shares its copy, or hands over page and copy set"},
                   {"INV", Role::local, 64, "the new owner invalidates a read copy"},
                   {"INV_ACK", Role::local, 64, "a read copy is gone"}},
      .timers = {},
      .parameters = {}};
  return declaration;
}

}  // namespace
}  // namespace pagetoken

PAGETOKEN_PROTOCOL(ivy_dynamic, pagetoken::IvyDynamic)
