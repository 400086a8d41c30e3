// dlm-file: one lock a file, cached by its holders as GFS2 caches its inode glocks, over a lock master as in the VMS
// distributed lock manager and Linux's fs/dlm. Dirty content travels by way of storage; a holder that was just granted
// the lock keeps it for a minimum time, so that writers of a shared mapping make progress.
//
//   free        C --TOK_REQ--> M --TOK_GRANT--> C                                      (REQUEST, its REPLY grants)
//   contended   C --TOK_REQ--> M --TOK_DENY--> C                                       (REQUEST, REPLY: queued)
//                              M --TOK_REVOKE--> H   for each holder in the way        (BAST)
//                              H waits out its hold time, writes back, unmaps
//                              H --TOK_RELEASE--> M --TOK_RELEASE_ACK--> H             (CONVERT down, REPLY)
//                              M --TOK_GRANT--> C    after the last of them            (GRANT)
//
// Source: N. Kronenberg et al., "VAXclusters", TOCS 1986; Linux fs/dlm/lock.c; GFS2, gfs2-glocks.rst,
//   fs/gfs2/glock.c. SH asks the master for PR, EX for EX. Differences:
//   - The master is the default home: no directory, so no LOOKUP. Where a client is the master, messages to itself cost
//     nothing, and 3h remain.
//   - fs/dlm completes a down-conversion at the holder and its master sends no reply (send_convert); published counts
//     have one, and so do ours. Nobody waits for it.
//   - A request of a holder that wants more (an upgrade) is one more REQUEST in the master's one queue, where fs/dlm
//     has CONVERT and a queue of its own. Two readers that both upgrade do not deadlock: the one whose turn is later is
//     told to let go of its SHARED lock (fs/dlm demotes it, CONVDEADLK) and comes to hold EX from nothing.
//   - The hold time runs from a grant; in GFS2 also from a demotion, while a local holder is queued. Every grant here
//     answers a local need, so that GLF_QUEUED is always set. The size is a resource of its own, and given up at once:
//     the rule is for inode glocks that shared mappings bounce.
//   - `adaptive`: a wait of more than a second lengthens the hold time by 50 ms, up to `hold_ns`; a change of state
//     other than the one asked for (an upgrade that lost its SHARED lock) shortens it by 25 ms, down to 10 ms.
//   - EXTEND is asked for as EXCLUSIVE. No DF mode: there is no direct I/O.
// Needs: reliable messages, FIFO between two nodes.
// Guarantees: one writer or many readers of a file; linearizable per page. First come, first served at the master.
//
// Messages per event (requester, master, holders distinct; k other holders):
//   RMISS_CLEAN 2 | RMISS_DIRTY 6 | WMISS_NONE 2 | WMISS_EXCL 6 | WMISS_SHARED(k) 3+3k | UPGRADE(k) 3+3k, alone 2
//   TRUNCATE: as a write of the size, then as a write of the file | evict: 0 | RELEASE: 2 | re-write 0 while unshared

#include <algorithm>
#include <utility>

#include "protocols/api/fifo.hpp"
#include "protocols/api/machine.hpp"

namespace pagetoken {
namespace {

class DlmFile {
 public:
  enum Type : std::uint8_t { kReq, kGrant, kDeny, kRevoke, kRelease, kReleaseAck, kTypes };
  enum Timer : std::uint8_t { kHold, kLongWait };

  struct Local {
    Mode held = Mode::none;         ///< what the VM has from us
    Mode requested = Mode::none;    ///< asked of the master and not yet granted
    bool holding = false;           ///< the minimum hold time of the last grant still runs
    bool blocking = false;          ///< the master wants the lock back; waits for the hold time
    bool yielding = false;          ///< the VM gives the lock up; ends in on_yielded
    Mode keep = Mode::none;         ///< meaningful while blocking or yielding: what remains
    bool waited_long = false;       ///< adaptive: the request has been out for more than a second
    std::uint32_t acks_due = 0;     ///< releases that the master has not answered
    std::int64_t shortened_ns = 0;  ///< adaptive: by how much the hold time is below its maximum
    Untracked<Cause> blocker{};     ///< meaningful while blocking: the operation that wants the lock
    static constexpr auto fields() {
      using L = Local;
      return std::tuple{field("held", &L::held),
                        field("requested", &L::requested),
                        field("holding", &L::holding),
                        field("blocking", &L::blocking),
                        field("yielding", &L::yielding),
                        field("keep", &L::keep),
                        field("waited_long", &L::waited_long),
                        field("acks_due", &L::acks_due),
                        field("shortened_ns", &L::shortened_ns),
                        field("blocker", &L::blocker)};
    }
  };
  struct Home {
    Mode mode = Mode::none;  ///< granted to every holder
    NodeSet holders{};
    Fifo<Deferred> waiting{};  ///< in order of arrival; whoever is in the way of the first has been told
    static constexpr auto fields() {
      return std::tuple{field("mode", &Home::mode), field("holders", &Home::holders), field("waiting", &Home::waiting)};
    }
  };

  explicit DlmFile(const Setup& setup) : hold_ns_(setup.parameters[0]), adaptive_(setup.parameters[1] != 0) {}
  static const Declaration& declaration();

  void on_need(Local& lock, const Need& need, Context& context) const {
    if (lock.yielding) return;              // the revoke task has not marked the token yet: raised again after it
    if (satisfies(lock.held, need.mode)) {  // raised while the VM went down to what it wants: wakes it
      context.grant(lock.held, Source::here);
      return;
    }
    if (lock.requested != Mode::none) return;  // raised again if that does not satisfy it
    lock.requested = need.mode;
    context.send(context.home(), {.type = kReq, .mode = need.mode, .requester = context.self()});
    if (adapts(context)) context.arm(kLongWait, kLongWaitNs);
  }

  void on_home_message(Home& lock, NodeId from, const Message& m, Context& context) const {
    switch (static_cast<Type>(m.type)) {
      case kReq: on_request(lock, m, context); break;
      case kRelease: on_released(lock, from, m, context); break;
      case kGrant:
      case kDeny:
      case kRevoke:
      case kReleaseAck:  // the holder's
      case kTypes: break;
    }
  }

  void on_message(Local& lock, NodeId, const Message& m, Context& context) const {
    switch (static_cast<Type>(m.type)) {
      case kReq:
      case kRelease:  // the master's
      case kTypes: break;
      case kGrant: on_grant(lock, m, context); break;
      case kDeny: require(lock.requested == m.mode, "a request is queued that nobody made"); break;
      case kRevoke: on_revoke(lock, m, context); break;
      case kReleaseAck:
        require(lock.acks_due > 0, "a release is answered that nobody sent");
        --lock.acks_due;
        break;
    }
  }

  void on_yielded(Local& lock, Range, Context& context) const {
    lock.yielding = false;
    lock.held = std::exchange(lock.keep, Mode::none);
    ++lock.acks_due;
    context.send(context.home(), {.type = kRelease, .mode = lock.held, .requester = context.self()});
  }

  /// The lock outlives the pages cached under it: only when the VM has no use for the file is it given back.
  void on_release(Local& lock, Range range, Context& context) const {
    if (!range.covers(context.resource().extent())) return context.drop(range);
    if (lock.held == Mode::none || lock.yielding || lock.requested != Mode::none) return;
    if (std::exchange(lock.holding, false)) context.cancel(kHold);
    lock.keep = Mode::none;
    give_up(lock, context);
  }

  void on_timer(Local& lock, std::uint8_t timer, Context& context) const {
    switch (static_cast<Timer>(timer)) {
      case kHold:
        lock.holding = false;
        if (lock.blocking) obey(lock, context);
        break;
      case kLongWait: lock.waited_long = true; break;
    }
  }

  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}

 private:
  // fs/gfs2/glock.h: GL_GLOCK_MIN_HOLD (HZ/100), GL_GLOCK_HOLD_INCR, GL_GLOCK_HOLD_DECR; glock.c: "more than a second".
  static constexpr std::int64_t kMinHoldNs = 10'000'000;
  static constexpr std::int64_t kLengthenNs = 50'000'000;
  static constexpr std::int64_t kShortenNs = 25'000'000;
  static constexpr std::int64_t kLongWaitNs = 1'000'000'000;

  static bool holds(const Context& context) { return context.resource().kind != ResourceKind::size; }
  bool adapts(const Context& context) const { return adaptive_ && holds(context); }

  // The master.

  static void on_request(Home& lock, const Message& m, Context& context) {
    require(!lock.holders.contains(m.requester) || m.mode > lock.mode, "a holder asks for what it has");
    if (lock.waiting.empty() && grantable(lock, m.requester, m.mode)) {
      grant(lock, defer(m), m.cause, context);
      return;
    }
    context.send(m.requester, {.type = kDeny, .mode = m.mode, .requester = m.requester});
    lock.waiting.push_back(defer(m));
    if (lock.waiting.size() == 1) revoke_for_first(lock, context);
  }

  static void on_released(Home& lock, NodeId from, const Message& m, Context& context) {
    require(lock.holders.contains(from) && m.mode < lock.mode, "a lock is released that is not held");
    if (m.mode == Mode::none) lock.holders.remove(from);
    lock.mode = lock.holders.empty() ? Mode::none : Mode::shared;
    context.send(from, {.type = kReleaseAck, .mode = m.mode, .requester = from});
    bool granted = false;
    while (!lock.waiting.empty()) {
      const Deferred& first = lock.waiting.front();
      if (!grantable(lock, first.requester, first.mode)) break;
      grant(lock, first, cause_of_grant(first, m), context);
      lock.waiting.pop_front();
      granted = true;
    }
    if (granted && !lock.waiting.empty()) revoke_for_first(lock, context);
  }

  static bool grantable(const Home& lock, NodeId requester, Mode mode) {
    return compatible(lock.mode, mode) || (lock.holders.size() == 1 && lock.holders.contains(requester));
  }

  static void grant(Home& lock, const Deferred& request, const Untracked<Cause>& cause, Context& context) {
    lock.holders.add(request.requester);
    lock.mode = request.mode;
    context.send(request.requester,
                 {.type = kGrant, .mode = request.mode, .requester = request.requester, .cause = cause});
  }

  static void revoke_for_first(const Home& lock, Context& context) {
    const Deferred& first = lock.waiting.front();
    const Mode keep = first.mode == Mode::exclusive ? Mode::none : Mode::shared;
    lock.holders.for_each([&](NodeId holder) {
      if (holder == first.requester) return;
      context.send(holder, {.type = kRevoke, .mode = keep, .requester = first.requester, .cause = first.cause});
    });
  }

  /// The release that a request waited for lies on its path: the chain of messages goes on from there.
  static const Untracked<Cause>& cause_of_grant(const Deferred& request, const Message& release) {
    return release.cause.value.operation == request.cause.value.operation ? release.cause : request.cause;
  }

  // The holder.

  void on_grant(Local& lock, const Message& m, Context& context) const {
    require(lock.requested == m.mode, "a lock is granted that nobody asked for");
    require(!lock.yielding && !lock.blocking, "a lock is granted that is wanted back");
    const Source source = lock.held == Mode::none ? Source::storage : Source::here;
    lock.requested = Mode::none;
    lock.held = m.mode;
    context.grant(lock.held, source);
    if (adapts(context)) {
      context.cancel(kLongWait);
      if (std::exchange(lock.waited_long, false))
        lock.shortened_ns = std::max<std::int64_t>(0, lock.shortened_ns - kLengthenNs);
    }
    if (holds(context) && hold_ns_ > 0) {
      lock.holding = true;
      context.arm(kHold, hold_ns_ - lock.shortened_ns);
    }
  }

  void on_revoke(Local& lock, const Message& m, Context& context) const {
    if (lock.yielding || lock.held <= m.mode) return;  // it crossed a release of our own
    require(!lock.blocking, "a lock is wanted back twice");
    lock.blocking = true;
    lock.keep = m.mode;
    lock.blocker = m.cause;
    if (!lock.holding) obey(lock, context);
  }

  void obey(Local& lock, Context& context) const {
    context.on_behalf_of(lock.blocker);
    if (adapts(context) && lock.requested == Mode::exclusive)
      lock.shortened_ns = std::min(lock.shortened_ns + kShortenNs, hold_ns_ - std::min(hold_ns_, kMinHoldNs));
    give_up(lock, context);
  }

  static void give_up(Local& lock, Context& context) {
    lock.blocking = false;
    lock.blocker = {};
    lock.yielding = true;
    context.yield(lock.keep, lock.held == Mode::exclusive ? Disposition::write_back : Disposition::discard);
  }

  std::int64_t hold_ns_;
  bool adaptive_;
};

const Declaration& DlmFile::declaration() {
  static constexpr auto kMessages = message_table<kTypes>(
      {{kReq, {"TOK_REQ", Role::home, 64, "REQUEST: a node needs the lock, or more of it"}},
       {kGrant, {"TOK_GRANT", Role::local, 64, "REPLY to a request that waits for nobody, or GRANT to one that did"}},
       {kDeny, {"TOK_DENY", Role::local, 64, "REPLY: the request is queued behind the holders of the lock"}},
       {kRevoke, {"TOK_REVOKE", Role::local, 64, "BAST: the lock blocks another's request, and what may remain of it"}},
       {kRelease, {"TOK_RELEASE", Role::home, 64, "CONVERT down or UNLOCK: what a holder keeps"}},
       {kReleaseAck, {"TOK_RELEASE_ACK", Role::local, 64, "REPLY to a release; nobody waits for it"}}});
  static const Declaration declaration{
      .name = "dlm-file",
      .summary =
          "One lock a file, cached by its holders for a minimum time; a lock master grants it first come, first "
          "served.",
      .source =
          "GFS2 glocks (gfs2-glocks.rst, fs/gfs2/glock.c) over the VMS lock manager (Kronenberg et al., TOCS 1986; "
          "Linux fs/dlm/lock.c)",
      .granularity = Granularity::file,
      .consistency = Consistency::linearizable,
      .caching = Caching::tokens,
      .has_home = true,
      .needs_fifo = true,
      .needs_reliable = true,
      .has_extend_mode = false,
      .messages = {kMessages.begin(), kMessages.end()},
      .timers = {{"hold", true, 0},        // when to obey a TOK_REVOKE that came before
                 {"long_wait", true, 0}},  // when to call a wait for the lock long (adaptive)
      .parameters = {
          {"hold_ns", 200'000'000, 0, 10'000'000'000,
           "minimum time for which a granted lock is kept (GFS2: HZ/5); with adaptive, its maximum"},
          {"adaptive", 0, 0, 1,
           "1: the hold time follows GFS2, 50 ms more after a wait of a second, 25 ms less after a lost upgrade"}}};
  return declaration;
}

}  // namespace
}  // namespace pagetoken

PAGETOKEN_PROTOCOL(dlm_file, pagetoken::DlmFile)
