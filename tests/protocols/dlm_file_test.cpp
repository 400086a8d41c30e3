// dlm-file: what each event costs (docs/protocols.md, "What each costs"), the hold time, and who is served when.

#include <algorithm>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "quick_cluster.hpp"

namespace pagetoken {
namespace {

using namespace testing_support;

QuickCluster cluster(std::uint32_t clients, std::int64_t hold_ns = 0, Placement placement = Placement::dedicated) {
  return QuickCluster(
      {.protocol = "dlm-file", .clients = clients, .pages = 8, .placement = placement, .parameters = {hold_ns}});
}

TEST(DlmFile, UncontendedLockCostsRequestAndReply) {  // 5.2: REQUEST, REPLY
  QuickCluster c = cluster(3);
  EXPECT_EQ(c.run(0, load(0)).pages, 2u);  // RMISS_CLEAN, nobody has it
  EXPECT_EQ(c.run(1, load(0)).pages, 2u);  // PR is compatible with PR
  EXPECT_EQ(c.run(0, load(5)).pages, 0u);  // every page of the file is under the lock
  QuickCluster d = cluster(3);
  EXPECT_EQ(d.run(0, store(0)).pages, 2u);  // WMISS_NONE
  EXPECT_EQ(d.run(0, store(7)).pages, 0u);  // the inode lock is held
}

TEST(DlmFile, WriterAfterAWriterCosts3Plus3Messages) {  // 5.2: E4 = 3 + 3h, h = 1
  QuickCluster c = cluster(3);
  c.run(1, store(0));  // so that it holds the size
  c.run(0, store(0));
  c.forget_counts();
  const Cost cost = c.run(1, store(0));
  EXPECT_EQ(cost.pages, 6u);
  EXPECT_EQ(cost.sizes, 0u);
  EXPECT_EQ(cost.data, 0u);  // by way of the disk
  EXPECT_EQ(cost.hops, 4u);  // REQUEST, BAST, CONVERT, GRANT
  for (const char* type : {"TOK_REQ", "TOK_DENY", "TOK_REVOKE", "TOK_RELEASE", "TOK_RELEASE_ACK", "TOK_GRANT"})
    EXPECT_EQ(c.sent(type), 1u) << type;
  EXPECT_EQ(c.mode(0, 0), Mode::none);
  EXPECT_EQ(c.mode(1, 0), Mode::exclusive);
}

TEST(DlmFile, DisjointPagesOfOneFileStillCost6) {  // a lock on the inode fails SEED-1 of docs/protocols.md
  QuickCluster c = cluster(2);
  c.run(0, store(0));
  c.run(1, store(1));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(c.run(0, store(0)).pages, 6u);
    EXPECT_EQ(c.run(1, store(1)).pages, 6u);
  }
}

TEST(DlmFile, ReaderAfterAWriterLeavesHimShared) {  // RMISS_DIRTY: 3 + 3
  QuickCluster c = cluster(3);
  c.run(0, store(0));
  EXPECT_EQ(c.run(1, load(0)).pages, 6u);
  EXPECT_EQ(c.mode(0, 0), Mode::shared);
  EXPECT_EQ(c.mode(1, 0), Mode::shared);
  EXPECT_EQ(c.run(2, load(0)).pages, 2u);
}

TEST(DlmFile, WriterAndUpgradeAgainstKReadersCost3Plus3k) {
  for (std::uint32_t k = 1; k <= 5; ++k) {
    QuickCluster write = cluster(k + 1), upgrade = cluster(k + 1);
    for (std::uint32_t reader = 1; reader <= k; ++reader) {
      write.run(reader, load(0));
      upgrade.run(reader, load(0));
    }
    upgrade.run(0, load(0));
    EXPECT_EQ(write.run(0, store(0)).pages, 3 + 3 * k);
    EXPECT_EQ(upgrade.run(0, store(0)).pages, 3 + 3 * k);
  }
}

TEST(DlmFile, LoneReaderUpgradesWith2) {
  QuickCluster c = cluster(2);
  c.run(0, load(0));
  EXPECT_EQ(c.run(0, store(0)).pages, 2u);
}

TEST(DlmFile, RequesterThatIsTheMasterPays3h) {          // 5.2: no REQUEST, REPLY, GRANT on the wire
  QuickCluster c = cluster(3, 0, Placement::colocated);  // client 0 is the master
  c.run(1, store(0));
  EXPECT_EQ(c.run(0, store(0)).pages, 3u);
  c.run(1, store(0));
  EXPECT_EQ(c.run(2, store(0)).pages, 6u);  // holder, requester and master all differ
}

TEST(DlmFile, EvictionOfAPageKeepsTheLock) {
  QuickCluster c = cluster(2);
  c.run(0, store(3));
  EXPECT_EQ(c.run(0, evict(3)).pages, 0u);
  EXPECT_EQ(c.mode(0, 3), Mode::exclusive);
  EXPECT_EQ(c.run(0, load(3)).pages, 0u);
}

TEST(DlmFile, TruncateIsAWriteOfTheSizeAndOneOfTheFile) {  // EX on the inode, 3 + 3k
  QuickCluster c = cluster(3);
  c.run(1, store(0));  // holds the file EX and, to check it, the size SHARED
  c.run(2, load(0));
  c.forget_counts();
  const Cost cost = c.run(0, truncate_to(4));
  EXPECT_EQ(cost.pages, 9u);
  EXPECT_EQ(cost.sizes, 9u);
  EXPECT_EQ(c.sent("SIZE_TOK_REVOKE"), 2u);
}

TEST(DlmFile, TwoReadersThatUpgradeTakeTurns) {  // fs/dlm's conversion deadlock, resolved by demotion
  QuickCluster c = cluster(2);
  c.run(0, load(0));
  c.run(1, load(0));
  c.start(0, store(0));
  c.start(1, store(0));
  c.run_all();
  EXPECT_EQ(c.mode(0, 0), Mode::none);
  EXPECT_EQ(c.mode(1, 0), Mode::exclusive);
}

TEST(DlmFile, MasterServesRequestsInTheOrderOfTheirArrival) {
  QuickCluster c = cluster(6);
  c.run(0, store(0));
  c.forget_counts();
  for (std::uint32_t client : {3u, 1u, 5u, 2u}) c.start(client, store(0));
  c.run_all();
  std::vector<NodeId> asked, granted;
  for (const Envelope& e : c.log()) {
    if (c.name_of_type(e) == "TOK_REQ") asked.push_back(e.from);
    if (c.name_of_type(e) == "TOK_GRANT") granted.push_back(e.to);
  }
  EXPECT_EQ(asked.size(), 4u);
  EXPECT_EQ(granted, asked);
}

/// The holder's side alone, at node 0, with the master at node 9: what it does when told something.
class Holder : LocalFacts {
 public:
  Holder(std::int64_t hold_ns, bool adaptive, const Resource& resource = file_resource(FileId{0}))
      : machine_(find_protocol("dlm-file")->make({2, {hold_ns, adaptive ? 1 : 0}})),
        states_(machine_->make_node()),
        resource_(resource) {}

  void need(Mode mode) {
    Need need;
    need.mode = mode;
    run([&](Context& context) { states_->on_need(need, context); });
  }
  void receive(const char* type, Mode mode, Cause cause = {}) {
    Message message;
    const std::vector<MessageType>& types = machine_->declaration().messages;
    while (types[message.type].name != type) ++message.type;
    message.mode = mode;
    message.cause.value = cause;
    run([&](Context& context) { states_->on_message(NodeId{9}, message, context); });
  }
  void fire(std::size_t timer) {
    run([&](Context& context) { states_->on_timer(static_cast<std::uint8_t>(timer), context); });
  }
  void yielded() {
    run([&](Context& context) { states_->on_yielded(whole_file(), context); });
  }
  void release(Range range) {
    run([&](Context& context) { states_->on_release(range, context); });
  }
  /// Asks for the lock and gets it; tells for how long it will be held at least, -1 = not at all.
  std::int64_t acquire(Mode mode) {
    need(mode);
    receive("TOK_GRANT", mode);
    return hold_armed_ns();
  }
  /// Is told to give up the lock after its hold time, and does.
  void lose(Mode keep) {
    receive("TOK_REVOKE", keep);
    fire(kHold);
    yielded();
    receive("TOK_RELEASE_ACK", keep);
  }
  const Action* did(Action::Kind kind) const {
    for (const Action& action : actions_)
      if (action.kind == kind) return &action;
    return nullptr;
  }
  std::int64_t hold_armed_ns() const {
    for (const Action& action : actions_)
      if (action.kind == Action::Kind::arm && action.number == kHold) return action.delay_ns;
    return -1;
  }

  static constexpr std::uint8_t kHold = 0, kLongWait = 1;

 private:
  FileUse use(FileId) const override { return {}; }
  template <class Handler>
  void run(Handler&& handler) {
    actions_.clear();
    Context context(NodeId{0}, resource_, NodeId{9}, *this, actions_);
    handler(context);
  }

  std::unique_ptr<Machine> machine_;
  std::unique_ptr<NodeStates> states_;
  Resource resource_;
  std::vector<Action> actions_;
};

constexpr std::int64_t kMs = 1'000'000;

TEST(DlmFileHold, RevokeWithinTheHoldTimeIsObeyedWhenItIsOver) {  // 5.3: a remote demote is ignored until then
  Holder holder(200 * kMs, false);
  EXPECT_EQ(holder.acquire(Mode::exclusive), 200 * kMs);
  holder.receive("TOK_REVOKE", Mode::shared, {.operation = 17, .hops = 2});
  EXPECT_EQ(holder.did(Action::Kind::yield), nullptr);
  holder.fire(Holder::kHold);
  const Action* yield = holder.did(Action::Kind::yield);
  ASSERT_NE(yield, nullptr);
  EXPECT_EQ(yield->mode, Mode::shared);
  EXPECT_EQ(yield->disposition, Disposition::write_back);
  EXPECT_EQ(yield->cause.operation, 17u);  // charged to whoever waits
  EXPECT_EQ(yield->cause.hops, 2);
  holder.yielded();
  EXPECT_EQ(holder.did(Action::Kind::send)->message.mode, Mode::shared);
}

TEST(DlmFileHold, ReaderThatWaitedForADemotionToSharedNeedsNoMessage) {
  Holder holder(0, false);
  holder.acquire(Mode::exclusive);
  holder.receive("TOK_REVOKE", Mode::shared);
  holder.yielded();
  holder.need(Mode::shared);
  EXPECT_EQ(holder.did(Action::Kind::send), nullptr);
  ASSERT_NE(holder.did(Action::Kind::grant), nullptr);
  EXPECT_EQ(holder.did(Action::Kind::grant)->source, Source::here);
}

TEST(DlmFileHold, RevokeAfterTheHoldTimeIsObeyedAtOnce) {
  Holder holder(200 * kMs, false);
  holder.acquire(Mode::exclusive);
  holder.fire(Holder::kHold);
  holder.receive("TOK_REVOKE", Mode::none);
  EXPECT_NE(holder.did(Action::Kind::yield), nullptr);
}

TEST(DlmFileHold, ZeroHoldsNothingAndTheSizeIsNeverHeld) {
  Holder none(0, false);
  Holder size(200 * kMs, true, size_resource(FileId{0}));
  for (Holder* holder : {&none, &size}) {
    EXPECT_EQ(holder->acquire(Mode::exclusive), -1);
    holder->receive("TOK_REVOKE", Mode::none);
    EXPECT_NE(holder->did(Action::Kind::yield), nullptr);
  }
}

TEST(DlmFileHold, UpgradeThatLosesItsSharedLockShortensTheHoldFrom200To10Ms) {  // in steps of 25 ms
  Holder holder(200 * kMs, true);
  std::int64_t expected_ns = 200 * kMs;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(holder.acquire(Mode::shared), expected_ns);
    holder.need(Mode::exclusive);  // queued behind another's upgrade
    holder.receive("TOK_DENY", Mode::exclusive);
    holder.lose(Mode::none);
    expected_ns = std::max(expected_ns - 25 * kMs, 10 * kMs);
    holder.receive("TOK_GRANT", Mode::exclusive);
    EXPECT_EQ(holder.hold_armed_ns(), expected_ns);
    holder.lose(Mode::none);
  }
  EXPECT_EQ(expected_ns, 10 * kMs);
}

TEST(DlmFileHold, WaitOfMoreThanASecondLengthensItBy50Ms) {
  Holder holder(200 * kMs, true);
  for (int i = 0; i < 8; ++i) {  // down to 10 ms first
    holder.acquire(Mode::shared);
    holder.need(Mode::exclusive);
    holder.lose(Mode::none);
    holder.receive("TOK_GRANT", Mode::exclusive);
    holder.lose(Mode::none);
  }
  for (const std::int64_t expected_ms : {60, 110, 160, 200, 200}) {
    holder.need(Mode::shared);
    EXPECT_EQ(holder.did(Action::Kind::arm)->delay_ns, 1000 * kMs);
    holder.fire(Holder::kLongWait);
    holder.receive("TOK_GRANT", Mode::shared);
    EXPECT_EQ(holder.hold_armed_ns(), expected_ms * kMs);
    EXPECT_EQ(holder.did(Action::Kind::cancel)->number, Holder::kLongWait);
    holder.lose(Mode::none);
  }
}

TEST(DlmFileHold, WithoutAdaptiveItStays) {
  Holder holder(200 * kMs, false);
  holder.acquire(Mode::shared);
  holder.need(Mode::exclusive);
  holder.lose(Mode::none);
  holder.receive("TOK_GRANT", Mode::exclusive);
  EXPECT_EQ(holder.hold_armed_ns(), 200 * kMs);
}

TEST(DlmFileHold, FileThatIsOfNoMoreUseIsReleasedWithinTheHoldTime) {  // CONVERT to NL, 2
  Holder holder(200 * kMs, false);
  holder.acquire(Mode::exclusive);
  holder.release(one_page(3));
  EXPECT_EQ(holder.did(Action::Kind::yield), nullptr);  // a page of it says nothing
  holder.release(whole_file());
  ASSERT_NE(holder.did(Action::Kind::yield), nullptr);
  EXPECT_EQ(holder.did(Action::Kind::yield)->mode, Mode::none);
  EXPECT_EQ(holder.did(Action::Kind::cancel)->number, Holder::kHold);
  holder.receive("TOK_REVOKE", Mode::none);  // crosses it
  EXPECT_EQ(holder.did(Action::Kind::yield), nullptr);
  holder.yielded();
  ASSERT_NE(holder.did(Action::Kind::send), nullptr);
  EXPECT_EQ(holder.did(Action::Kind::send)->message.mode, Mode::none);
  holder.receive("TOK_REVOKE", Mode::none);  // so does this one
  EXPECT_EQ(holder.did(Action::Kind::send), nullptr);
}

TEST(DlmFileHold, GrantThatNobodyAskedForIsAnError) {
  Holder holder(0, false);
  EXPECT_THROW(holder.receive("TOK_GRANT", Mode::shared), ProtocolError);
  EXPECT_THROW(holder.receive("TOK_RELEASE_ACK", Mode::none), ProtocolError);
}

}  // namespace
}  // namespace pagetoken
