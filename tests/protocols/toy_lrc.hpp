#pragma once
// A toy of lazy release consistency, the stress test of the contract's state that spans resources: several writers of
// one page, a vector clock a node, write notices that travel with locks and barriers, diffs of the cells that were
// written.
//
//   miss      C --PAGE_REQ--> H --PAGE_GRANT--> C                    content from storage, where the home merges
//   write     nothing
//   acquire   C --ACQUIRE(clock)--> H --ACQUIRED(clock, notices)--> C,  C drops what the notices name
//   release   C --DIFF(cells)--> H --DIFF_ACK--> C for each page written,  C --RELEASE(clock, notices)--> H
//   barrier   diffs as for a release,  C --ARRIVE(clock, notices)--> H --GO(clock, notices)--> every client
//
// Source: P. Keleher, A. Cox, S. Dwarkadas, W. Zwaenepoel, "TreadMarks", USENIX 1994, section 2, with the homes of
//   Y. Zhou, L. Iftode, K. Li, "Performance evaluation of two home-based lazy release consistency protocols", OSDI
//   1996. Differences: the lock's home keeps the clock of the last release; a release waits until its diffs are merged.
// Needs: reliable messages, FIFO between two nodes; one thread a client; files keep their size.
// Guarantees: release consistency.

#include <algorithm>
#include <utility>
#include <vector>

#include "protocols/api/machine.hpp"

namespace pagetoken::testing_support {

class ToyLrc {
 public:
  enum Type : std::uint8_t { kPageReq, kPageGrant, kDiff, kDiffAck, kAcquire, kAcquired, kRelease, kArrive, kGo };
  enum LocalEvent : std::uint8_t { kFlush, kInvalidate, kProceed };
  /// What a test breaks, to see it caught.
  enum Mutant : std::int64_t { kSound, kIgnoresNotices, kSendsWholePages };

  struct Local {
    Mode held = Mode::none;       ///< what the VM has from us
    Mode requested = Mode::none;  ///< asked of the home and not yet granted
    bool yielding = false;        ///< the VM cleans the page, or gives it up
    bool flushing = false;        ///< ... to send what was written to the home
    static constexpr auto fields() {
      return std::tuple{field("held", &Local::held), field("requested", &Local::requested),
                        field("yielding", &Local::yielding), field("flushing", &Local::flushing)};
    }
  };
  struct Waiting {
    NodeId node = kNoNode;
    Clock knows{};
    static constexpr auto fields() {
      return std::tuple{field("node", &Waiting::node), field("knows", &Waiting::knows)};
    }
  };
  struct Home {  // of a file: its lock and its barrier
    NodeId holder = kNoNode;
    std::vector<Waiting> waiting{};  ///< for the lock, in order of arrival
    Clock released{};                ///< what releases and arrivals have made known
    NodeSet arrived{};               ///< at the barrier
    static constexpr auto fields() {
      return std::tuple{field("holder", &Home::holder), field("waiting", &Home::waiting),
                        field("released", &Home::released), field("arrived", &Home::arrived)};
    }
  };
  struct Node {
    Clock clock{};                    ///< intervals seen, and their notices
    std::vector<Resource> written{};  ///< pages written in the interval that is open
    std::uint32_t pending = 0;        ///< diffs not merged yet, copies not dropped yet
    bool syncing = false;
    SyncKind kind = SyncKind::fsync;  ///< while syncing
    Resource at{};                    ///< ...
    bool answered = false;            ///< ... the lock or the barrier's end has come
    static constexpr auto fields() {
      return std::tuple{field("clock", &Node::clock),      field("written", &Node::written),
                        field("pending", &Node::pending),  field("syncing", &Node::syncing),
                        field("kind", &Node::kind),        field("at", &Node::at),
                        field("answered", &Node::answered)};
    }
  };

  explicit ToyLrc(const Setup& setup) : clients_(setup.clients), mutant_(setup.parameters[0]) {}

  static const Declaration& declaration() {
    static const Declaration declaration{
        .name = "toy-lrc",
        .summary = "Several writers of a page, merged where programs synchronise.",
        .source = "Keleher et al., USENIX 1994, section 2; Zhou, Iftode, Li, OSDI 1996 (homes)",
        .consistency = Consistency::release,
        .hears_sync = true,
        .messages = {{"PAGE_REQ", Role::home, 64, "a node has no copy"},
                     {"PAGE_GRANT", Role::local, 64, "it may take one from storage"},
                     {"DIFF", Role::home, 64, "the cells of a page that were written"},
                     {"DIFF_ACK", Role::local, 64, "they are merged"},
                     {"ACQUIRE", Role::home, 64, "a node wants the file's lock"},
                     {"ACQUIRED", Role::local, 64, "it has it, and drops the pages that the notices name"},
                     {"RELEASE", Role::home, 64, "the lock comes back, with what is known"},
                     {"ARRIVE", Role::home, 64, "a node is at the barrier"},
                     {"GO", Role::local, 64, "all are"}},
        .timers = {},
        .parameters = {{"mutant", kSound, kSound, kSendsWholePages, "what is broken, for tests"}}};
    return declaration;
  }

  void on_need(Local& page, Node& node, const Need& need, Context& context) const {
    if (context.resource().kind == ResourceKind::size) return context.grant(need.mode, Source::storage);
    if (page.requested != Mode::none || page.yielding) return;  // raised again if that does not satisfy it
    if (page.held == Mode::none) {
      page.requested = need.mode;
      context.send(context.home(), {.type = kPageReq, .requester = context.self()});
    } else {
      hold(page, node, need.mode, Source::here, context);
    }
  }

  void on_home_message(Home& home, Node&, NodeId from, const Message& m, Context& context) const {
    switch (static_cast<Type>(m.type)) {
      case kPageReq: context.send(from, {.type = kPageGrant, .requester = from}); break;
      case kDiff:
        context.store(context.resource().extent());
        context.send(from, {.type = kDiffAck, .requester = from});
        break;
      case kAcquire:
        home.waiting.push_back({from, std::get<Clock>(m.attachment)});
        pass_lock_on(home, context);
        break;
      case kRelease:
        require(home.holder == from, "a lock is released by who does not hold it");
        home.holder = kNoNode;
        learn(home.released, std::get<Clock>(m.attachment));
        pass_lock_on(home, context);
        break;
      case kArrive:
        home.arrived.add(from);
        learn(home.released, std::get<Clock>(m.attachment));
        if (home.arrived.size() < clients_) break;
        std::exchange(home.arrived, NodeSet{}).for_each([&](NodeId client) {
          context.send(client, {.type = kGo, .requester = client, .attachment = home.released});
        });
        break;
      case kPageGrant:
      case kDiffAck:
      case kAcquired:
      case kGo: require(false, "not for a home"); break;
    }
  }

  void on_message(Local& page, Node& node, NodeId, const Message& m, Context& context) const {
    switch (static_cast<Type>(m.type)) {
      case kPageGrant: hold(page, node, std::exchange(page.requested, Mode::none), Source::storage, context); break;
      case kDiffAck: one_done(node, context); break;
      case kAcquired:
      case kGo: {
        node.answered = true;
        const std::vector<Resource> stale = learn(node.clock, std::get<Clock>(m.attachment));
        if (mutant_ != kIgnoresNotices) {
          node.pending = static_cast<std::uint32_t>(stale.size());
          for (const Resource& of : stale) context.notify(of, kInvalidate);
        }
        if (node.pending == 0) proceed(node, context);
        break;
      }
      case kPageReq:
      case kDiff:
      case kAcquire:
      case kRelease:
      case kArrive: require(false, "for a home"); break;
    }
  }

  void on_yielded(Local& page, Node& node, Range, Context& context) const {
    page.yielding = false;
    if (std::exchange(page.flushing, false)) {
      page.held = Mode::shared;  // the next write is noticed
      context.send(context.home(), {.type = kDiff, .requester = context.self()},
                   mutant_ == kSendsWholePages ? DataFrom::parked : DataFrom::written);
    } else {
      page.held = Mode::none;
      one_done(node, context);
    }
  }

  /// What was written since the last sync point is nowhere else.
  void on_release(Local& page, Node& node, Range range, Context& context) const {
    const bool written = std::find(node.written.begin(), node.written.end(), context.resource()) != node.written.end();
    if (!written && !page.yielding) context.drop(range);
  }

  void on_timer(Local&, Node&, std::uint8_t, Context&) const {}

  /// The interval ends: what was written goes to the homes first.
  void on_sync(Local&, Node& node, SyncKind kind, Context& context) const {
    require(!node.syncing, "a client of this toy has one thread");
    node.syncing = true;
    node.answered = false;
    node.kind = kind;
    node.at = context.resource();
    node.pending = static_cast<std::uint32_t>(node.written.size());
    for (const Resource& page : node.written) context.notify(page, kFlush);
    if (node.pending == 0) proceed(node, context);
  }

  void on_local(Local& page, Node& node, std::uint8_t event, Context& context) const {
    switch (static_cast<LocalEvent>(event)) {
      case kFlush:
        page.yielding = page.flushing = true;
        context.yield(Mode::shared, Disposition::hand_over);
        break;
      case kInvalidate:
        require(page.requested == Mode::none, "a client of this toy has one thread");
        if (page.held == Mode::none) return one_done(node, context);
        page.yielding = true;
        context.yield(Mode::none, Disposition::discard);
        break;
      case kProceed: proceed(node, context); break;
    }
  }
  void on_peer(Local&, Node&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, Node&, NodeId, PeerChange, Epoch, Context&) const {}

 private:
  static void hold(Local& page, Node& node, Mode mode, Source source, Context& context) {
    if (mode == Mode::exclusive) node.written.push_back(context.resource());
    page.held = mode;
    context.grant(mode, source);
  }

  static void one_done(Node& node, Context& context) {
    require(node.pending > 0, "more is done than was begun");
    if (--node.pending == 0) context.notify(node.at, kProceed);
  }

  /// Nothing is pending: the sync point's next part, or its end.
  static void proceed(Node& node, Context& context) {
    if (!node.answered) {
      close_interval(node, context.self());
      const auto tell = [&](Type type) {
        context.send(context.home(), {.type = type, .requester = context.self(), .attachment = node.clock});
      };
      switch (node.kind) {
        case SyncKind::acquire: return tell(kAcquire);
        case SyncKind::barrier: return tell(kArrive);
        case SyncKind::release: tell(kRelease); break;
        case SyncKind::open:
        case SyncKind::close:
        case SyncKind::fsync: break;
      }
    }
    node.syncing = false;
    context.sync_done(node.kind);
  }

  static void close_interval(Node& node, NodeId self) {
    if (node.written.empty()) return;
    std::vector<std::uint32_t>& times = node.clock.times;
    if (times.size() <= index_of(self)) times.resize(index_of(self) + 1);
    ++times[index_of(self)];
    for (const Resource& page : node.written) node.clock.notices.push_back({self, times[index_of(self)], page});
    node.written.clear();
  }

  /// Merges what is known elsewhere; returns the pages that were written in intervals not known here, each once.
  static std::vector<Resource> learn(Clock& clock, const Clock& other) {
    std::vector<Resource> pages;
    for (const WriteNotice& notice : other.notices) {
      const std::uint32_t writer = index_of(notice.writer);
      if (writer < clock.times.size() && notice.interval <= clock.times[writer]) continue;
      clock.notices.push_back(notice);
      if (std::find(pages.begin(), pages.end(), notice.page) == pages.end()) pages.push_back(notice.page);
    }
    if (clock.times.size() < other.times.size()) clock.times.resize(other.times.size());
    for (std::size_t n = 0; n < other.times.size(); ++n) clock.times[n] = std::max(clock.times[n], other.times[n]);
    return pages;
  }

  static void pass_lock_on(Home& home, Context& context) {
    if (home.holder != kNoNode || home.waiting.empty()) return;
    const Waiting next = home.waiting.front();
    home.waiting.erase(home.waiting.begin());
    home.holder = next.node;
    Clock news{home.released.times, {}};
    for (const WriteNotice& notice : home.released.notices) {
      const std::uint32_t writer = index_of(notice.writer);
      if (writer >= next.knows.times.size() || notice.interval > next.knows.times[writer])
        news.notices.push_back(notice);
    }
    context.send(next.node, {.type = kAcquired, .requester = next.node, .attachment = std::move(news)});
  }

  std::uint32_t clients_;
  std::int64_t mutant_;
};
static_assert(fields_complete<ToyLrc::Waiting>());

}  // namespace pagetoken::testing_support
