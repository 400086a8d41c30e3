// gpfs-range: byte-range tokens in units of pages, GPFS's. The token manager answers with a token, or with the list of
// those who hold conflicting ones, whom the requester asks itself; required and desired ranges are negotiated, so that
// sequential writers of different segments meet once and never again.
//
//   free       C --TOK_REQ--> M --TOK_GRANT--> C
//   contended  C --TOK_REQ--> M --TOK_DENY(holders)--> C,   C --TOK_REVOKE--> H --TOK_REVOKE_ACK--> C for each holder,
//              C --TOK_REQ(what they gave up)--> M --TOK_GRANT--> C
//
// Source: F. Schmuck, R. Haskin, "GPFS: a shared-disk file system for large computing clusters", FAST 2002, section 3;
//   IBM Storage Scale documentation (token management, negotiation of ranges).
//   Differences, deliberate:
//   - One negotiation a holder: a request that conflicts with a holder who is being asked by another, or comes from
//     one, waits at the manager, as does one that overlaps a conflicting request denied or waiting before it. So nobody
//     is denied twice, no two requesters undo each other, and counts are exact.
//   - A revoke that overtakes the grant it refers to is recognised by content, not by token ids (DCE's racing list): it
//     names the holder's runs of tokens as the manager knows them, and waits at the holder until it has them.
//   - The manager learns what a holder gave up from the requester's second request; no notice from the holder.
//   - A holder at the end o1 of its last access gives up [o2, inf) if o2 >= o1 (o1 is the page after that access), and
//     offers, beyond what is required, nothing that its own tasks wait for. It never gives up by itself: tokens stay
//     after eviction and close. Nobody but an unused file's holders gives up all.
//   - A grant beyond the required range spares what others wait for. The metanode is the token manager, the size a
//     resource of its own: SHARED to check, EXTEND (GPFS's shared write, merged by maximum) to append, EXCLUSIVE to
//     truncate; a truncate then needs EXCLUSIVE over [new, inf), one request. A node gives its own SHARED up before it
//     asks for EXTEND, and merges its own EXTEND before it asks for EXCLUSIVE, since neither includes the other.
// Needs: reliable messages, FIFO between two nodes.
// Guarantees: one writer or many readers of each page; linearizable per page. Content moves through storage.
//
// Messages per event (requester, manager, holders distinct; k, h conflicting holders):
//   RMISS_CLEAN 2 | RMISS_DIRTY 6 | WMISS_NONE 2 | WMISS_EXCL 6 | WMISS_SHARED(k) 4+2k | UPGRADE(k) 4+2k, 2 if k = 0
//   TRUNCATE(h) 4+2h for the size, and 4+2h for the range (2 each if h = 0) | EXTEND 2 if only others extend, else 4+2h
//   evict 0 | re-write of an own page 0

#include <utility>

#include "protocols/api/machine.hpp"
#include "protocols/gpfs-range/manager.hpp"

namespace pagetoken::gpfs_range {
namespace {

class GpfsRange {
 public:
  enum Type : std::uint8_t { kReq, kDeny, kRevoke, kRevokeAck, kGrant, kTypes };
  static constexpr std::uint8_t kResolved = 1;  ///< flag of a TOK_REQ: the second one, the holders have given way

  struct Request {  ///< of one of our tasks
    Mode mode = Mode::none;
    Range required{};
    Range desired{};
    std::uint32_t acks_due = 0;  ///< holders that have not given way; 0 also while the manager's answer is awaited
    RangeList given_up{};        ///< by the holders, with the modes that they had
    static constexpr auto fields() {
      using R = Request;
      return std::tuple{field("mode", &R::mode), field("required", &R::required), field("desired", &R::desired),
                        field("acks_due", &R::acks_due), field("given_up", &R::given_up)};
    }
  };
  struct Revoke {        ///< what another node asks of us
    Deferred request{};  ///< requester kNoNode: nobody does
    RangeList listed{};  ///< what the manager knows us to hold; part of it may be on its way
    static constexpr auto fields() {
      return std::tuple{field("request", &Revoke::request), field("listed", &Revoke::listed)};
    }
  };
  struct Local {
    PageRuns held{};                  ///< what the VM has from us, or had before `clearing`
    std::vector<Request> requests{};  ///< asked of the manager and not yet granted
    Revoke revoke{};                  ///< at most one: the manager sends nobody else meanwhile
    RangeList yielding{};  ///< what the VM is giving up, with the modes it had; ends with the last on_yielded
    std::uint32_t yields_due = 0;
    bool clearing = false;         ///< ... the size, before a mode that does not include the present one is asked for;
                                   ///< otherwise what is given up is for `revoke`
    std::vector<Deferred> late{};  ///< grants that overlap what is being given up; `desired` = the required range
    static constexpr auto fields() {
      using L = Local;
      return std::tuple{
          field("held", &L::held),         field("requests", &L::requests),     field("revoke", &L::revoke),
          field("yielding", &L::yielding), field("yields_due", &L::yields_due), field("clearing", &L::clearing),
          field("late", &L::late)};
    }
  };
  using Home = gpfs_range::Home;

  explicit GpfsRange(const Setup&) {}
  static const Declaration& declaration();

  void on_need(Local& file, const Need& need, Context& context) const {
    const bool size = context.resource().kind == ResourceKind::size;
    for (const Request& r : file.requests)  // raised again if that does not satisfy it
      if (size || (satisfies(r.mode, need.mode) && r.desired.covers(need.required))) return;
    if (overlaps(file.yielding, need.required)) return;  // raised again after on_yielded
    file.requests.push_back({.mode = need.mode, .required = need.required, .desired = need.desired});
    const Mode held = file.held.weakest(need.required);
    file.clearing = size && held != Mode::none && (held == Mode::extend || need.mode == Mode::extend);
    if (file.clearing)
      start_yield(file, {need.required, held, context.self()}, Mode::none, context);
    else
      ask(file.requests.back(), context);
  }

  void on_home_message(Home& home, NodeId, const Message& m, Context& context) const {
    if (m.flags != kResolved) {
      serve(home, home.arrived(defer(m)), context);
      return;
    }
    resolve(home, m);
    grant(home, defer(m), context);
    home.begin_round();
    for (RequestNumber next = 0; (next = home.next_due(next)) != 0;) serve(home, next, context);
  }

  void on_message(Local& file, NodeId from, const Message& m, Context& context) const {
    switch (static_cast<Type>(m.type)) {
      case kReq:  // the home's
      case kTypes: break;
      case kDeny: on_deny(file, m, context); break;
      case kRevoke:
        require(file.revoke.request.requester == kNoNode, "two revokes of one holder at a time");
        file.revoke = {defer(m), std::get<RangeList>(m.attachment)};
        give_way(file, context);
        break;
      case kRevokeAck: on_revoke_ack(file, from, m, context); break;
      case kGrant:
        accept(file, defer(m), context);
        give_way(file, context);
        break;
    }
  }

  void on_yielded(Local& file, Range range, Context& context) const {
    require(file.yields_due > 0, "a yield ends that was not begun");
    for (const RangeMode& given : file.yielding)
      if (given.range == range && !file.clearing) file.held.assign(range, kept(file.revoke.request.mode, given.mode));
    if (--file.yields_due > 0) return;
    RangeList given = std::exchange(file.yielding, {});
    if (std::exchange(file.clearing, false)) {
      ask(file.requests.back(), context);
    } else {
      const Deferred request = std::exchange(file.revoke, {}).request;
      context.send(request.requester, {.type = kRevokeAck,
                                       .mode = request.mode,
                                       .requester = request.requester,
                                       .range = request.range,
                                       .cause = request.cause,
                                       .attachment = std::move(given)});
    }
    for (const Deferred& late : std::exchange(file.late, {})) accept(file, late, context);
    give_way(file, context);
  }

  /// Tokens are kept when pages leave the cache, as GPFS does: the next access of the node costs no message.
  void on_release(Local&, Range range, Context& context) const { context.drop(range); }
  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}

 private:
  static bool overlaps(const RangeList& list, Range range) {
    for (const RangeMode& entry : list)
      if (entry.range.overlaps(range)) return true;
    return false;
  }

  // The requester.

  static void ask(const Request& r, Context& context, const Untracked<Cause>& cause = {}) {
    context.send(context.home(), {.type = kReq,
                                  .mode = r.mode,
                                  .requester = context.self(),
                                  .range = r.required,
                                  .desired = r.desired,
                                  .cause = cause});
  }

  /// The one outstanding request with this mode and required range.
  static std::vector<Request>::iterator find(Local& file, Mode mode, Range required) {
    for (auto it = file.requests.begin(); it != file.requests.end(); ++it)
      if (it->mode == mode && it->required == required) return it;
    require(false, "an answer to a request that was not sent");
    return file.requests.end();
  }

  static void on_deny(Local& file, const Message& m, Context& context) {
    Request& request = *find(file, m.mode, m.range);
    const auto& holders = std::get<RangeList>(m.attachment);
    for (std::size_t i = 0; i < holders.size();) {  // grouped by holder
      RangeList of_one;
      const NodeId holder = holders[i].holder;
      for (; i < holders.size() && holders[i].holder == holder; ++i) of_one.push_back(holders[i]);
      ++request.acks_due;
      context.send(holder, {.type = kRevoke,
                            .mode = m.mode,
                            .requester = context.self(),
                            .range = request.required,
                            .desired = request.desired,
                            .attachment = std::move(of_one)});
    }
    require(request.acks_due > 0, "denied, and nobody is in the way");
  }

  static void on_revoke_ack(Local& file, NodeId from, const Message& m, Context& context) {
    Request& request = *find(file, m.mode, m.range);
    require(request.acks_due > 0, "an acknowledgement that nobody awaits");
    for (const RangeMode& given : std::get<RangeList>(m.attachment)) {
      require(given.holder == from, "a holder gives up another's token");
      request.given_up.push_back(given);
    }
    if (--request.acks_due > 0) return;
    context.send(context.home(), {.type = kReq,
                                  .mode = request.mode,
                                  .flags = kResolved,
                                  .requester = context.self(),
                                  .range = request.required,
                                  .desired = request.desired,
                                  .attachment = std::exchange(request.given_up, {})});
  }

  /// A grant has arrived, or what it overlaps has been given up.
  static void accept(Local& file, const Deferred& grant, Context& context) {
    if (overlaps(file.yielding, grant.range.empty() ? grant.desired : grant.range)) {
      file.late.push_back(grant);
      return;
    }
    const auto request = find(file, grant.mode, grant.desired);
    context.on_behalf_of(grant.cause);
    if (!grant.range.empty()) {
      file.held.strengthen(grant.range, grant.mode);
      context.grant(grant.range, grant.mode, Source::storage);
    } else if (const Mode held = file.held.weakest(request->required); satisfies(held, grant.mode)) {
      context.grant(request->required, held, Source::here);  // an earlier answer brought it: only wakes
    } else {
      ask(*request, context, grant.cause);  // it did, and we have given it up since
      return;
    }
    file.requests.erase(request);
  }

  // The holder.

  /// Gives up what the revoke asks for, once we have what it is about and nothing is under way.
  static void give_way(Local& file, Context& context) {
    if (file.revoke.request.requester == kNoNode || file.yields_due > 0) return;
    for (const RangeMode& listed : file.revoke.listed)
      if (file.held.weakest(listed.range) < listed.mode) return;  // its grant is on its way
    const Deferred& request = file.revoke.request;
    const Range offer = offered(file, request, context);
    context.on_behalf_of(request.cause);
    file.held.for_each(offer, [&](const PageRun& run) {
      if (compatible(run.mode, request.mode)) return;
      start_yield(file, {intersection(run.range, offer), run.mode, context.self()}, kept(request.mode, run.mode),
                  context);
    });
    require(file.yields_due > 0, "a revoke finds nothing to give up");
  }

  static void start_yield(Local& file, const RangeMode& given, Mode keep, Context& context) {
    file.yielding.push_back(given);
    ++file.yields_due;
    context.yield(given.range, keep, given.mode == Mode::shared ? Disposition::discard : Disposition::write_back);
  }

  /// Section 3.2: as much as the requester could use and we, by our pattern, could not.
  static Range offered(const Local& file, const Deferred& request, const Context& context) {
    const FileUse use = context.use();
    Range offer = request.desired;
    if (use.open_count == 0)
      offer = whole_file();
    else if (use.sequential && request.range.begin >= use.last_access_end)
      offer = {request.range.begin, kToInfinity};
    else if (use.sequential && request.range.end <= use.last_access_end)
      offer = {0, use.last_access_end};
    for (const Request& own : file.requests) offer = shrink(offer, request.range, own.required);
    return offer;
  }

  // The token manager.

  /// Grants or denies the request, unless it has to wait.
  static void serve(Home& home, RequestNumber number, Context& context) {
    RangeList holders;
    if (!home.may_be_served(number, holders)) return;
    if (holders.empty()) return grant(home, home.take(number), context);
    const Deferred request = home.deny(number, holders);
    context.send(request.requester, {.type = kDeny,
                                     .mode = request.mode,
                                     .requester = request.requester,
                                     .range = request.range,
                                     .cause = request.cause,
                                     .attachment = std::move(holders)});
  }

  /// The holders have given way.
  static void resolve(Home& home, const Message& m) {
    for (const RangeMode& given : std::get<RangeList>(m.attachment)) {
      home.holders.give_up(given, kept(m.mode, given.mode));
      home.asked.remove(given.holder);
      home.gave_way(given.holder, given.range);
    }
    require(home.resolved(m.requester, m.mode, m.range), "a second request without a first");
  }

  /// Grants as much of what is desired as disturbs nobody, those included who wait.
  static void grant(Home& home, const Deferred& request, Context& context) {
    const Range wide = home.grantable(request);
    home.holders.add(request.requester, wide, request.mode);
    context.send(request.requester, {.type = kGrant,
                                     .mode = request.mode,
                                     .requester = request.requester,
                                     .range = wide,
                                     .desired = request.range,
                                     .cause = request.cause});
  }
};

const Declaration& GpfsRange::declaration() {
  static constexpr auto kMessages = message_table<kTypes>(
      {{kReq,
        {"TOK_REQ", Role::home, 64, "a node needs a range; or: the holders gave way, and this is what they gave"}},
       {kDeny, {"TOK_DENY", Role::local, 64, "the manager lists who holds conflicting tokens"}},
       {kRevoke, {"TOK_REVOKE", Role::local, 64, "the requester asks a holder to give way"}},
       {kRevokeAck, {"TOK_REVOKE_ACK", Role::local, 64, "a holder tells the requester what it gave up"}},
       {kGrant, {"TOK_GRANT", Role::local, 64, "the manager grants a range; content is in storage"}}});
  static const Declaration declaration{
      .name = "gpfs-range",
      .summary = "Range tokens with required and desired ranges; the requester itself revokes what is in its way.",
      .source = "Schmuck, Haskin, FAST 2002, section 3; IBM Storage Scale documentation",
      .granularity = Granularity::range,
      .consistency = Consistency::linearizable,
      .caching = Caching::tokens,
      .has_home = true,
      .needs_fifo = true,
      .needs_reliable = true,
      .has_extend_mode = true,
      .messages = {kMessages.begin(), kMessages.end()},
      .timers = {},
      .parameters = {}};
  return declaration;
}

}  // namespace
}  // namespace pagetoken::gpfs_range

PAGETOKEN_PROTOCOL(gpfs_range, pagetoken::gpfs_range::GpfsRange)
