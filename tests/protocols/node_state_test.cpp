// State that spans resources, sync points and cells: a toy of lazy release consistency does with them what a page token
// cannot, in scenarios and in every interleaving.

#include <gtest/gtest.h>

#include "quick_cluster.hpp"
#include "sim/explore/explorer.hpp"
#include "toy_lrc.hpp"

namespace pagetoken {
namespace {

using testing_support::QuickCluster;
using testing_support::ToyLrc;

constexpr Factory kToy = factory_of<ToyLrc>();
constexpr CellMask kLeft = 1;
constexpr CellMask kRight = 2;

Operation load(CellMask cells, PageIndex page = 0) {
  return {.kind = TaskKind::access, .is_write = false, .file = FileId{0}, .range = one_page(page), .cells = cells};
}
Operation store(CellMask cells, PageIndex page = 0) {
  return {.kind = TaskKind::access, .is_write = true, .file = FileId{0}, .range = one_page(page), .cells = cells};
}
Operation at(SyncKind kind) { return {.kind = TaskKind::sync, .file = FileId{0}, .range = whole_file(), .sync = kind}; }
const Operation kAcquire = at(SyncKind::acquire);
const Operation kRelease = at(SyncKind::release);
const Operation kBarrier = at(SyncKind::barrier);

QuickCluster::Options toy(std::uint32_t clients, PageIndex pages = 1) {
  return {.protocol = "toy-lrc", .clients = clients, .pages = pages, .cells = 2, .factory = &kToy};
}
/// What the last access found in a cell, or left there.
Version last_seen(QuickCluster& cluster, std::uint32_t cell) {
  return cluster.cluster().contents().cell(cluster.contents_accessed().back(), cell);
}
void meet_at_barrier(QuickCluster& cluster) {
  for (std::uint32_t c = 0; c < cluster.cluster().shape().clients; ++c) cluster.start(c, kBarrier);
  cluster.run_all();
}

TEST(NodeState, WritersOfOnePageCostNothingUntilTheySynchronise) {
  QuickCluster cluster(toy(2));
  EXPECT_EQ(cluster.run(0, store(kLeft)).pages, 2u);
  EXPECT_EQ(cluster.run(1, store(kRight)).pages, 2u);  // its own copy; client 0 keeps what it has
  cluster.forget_counts();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(cluster.run(0, store(kLeft)).pages, 0u);
    EXPECT_EQ(cluster.run(1, store(kRight)).pages, 0u);
  }
  EXPECT_TRUE(cluster.log().empty());
}

TEST(NodeState, BarrierMergesCellsOfConcurrentWriters) {
  QuickCluster cluster(toy(2));
  cluster.run(0, store(kLeft));
  const Version left = last_seen(cluster, 0);
  cluster.run(1, store(kRight));
  const Version right = last_seen(cluster, 1);
  meet_at_barrier(cluster);
  for (std::uint32_t client : {0u, 1u}) {
    EXPECT_EQ(cluster.run(client, load(kLeft | kRight)).pages, 2u);  // invalidated by the other's notice
    EXPECT_EQ(last_seen(cluster, 0), left);
    EXPECT_EQ(last_seen(cluster, 1), right);
  }
}

TEST(NodeState, BarrierCostsTwoMessagesAClientAndTwoADiff) {
  QuickCluster cluster(toy(3));
  cluster.run(0, store(kLeft));
  cluster.run(1, store(kRight));
  cluster.forget_counts();
  meet_at_barrier(cluster);
  EXPECT_EQ(cluster.sent("ARRIVE"), 3u);
  EXPECT_EQ(cluster.sent("GO"), 3u);
  EXPECT_EQ(cluster.sent("DIFF"), 2u);
  EXPECT_EQ(cluster.sent("DIFF_ACK"), 2u);
  cluster.forget_counts();
  meet_at_barrier(cluster);  // nothing was written since
  EXPECT_EQ(cluster.sent("DIFF"), 0u);
  EXPECT_EQ(cluster.sent("ARRIVE") + cluster.sent("GO"), 6u);
}

TEST(NodeState, NoticesTravelWithTheLockAndNameOnlyWhatWasWritten) {
  QuickCluster cluster(toy(2, 2));
  cluster.run(1, load(kLeft, 0));
  cluster.run(1, load(kLeft, 1));
  cluster.run(0, kAcquire);
  cluster.run(0, store(kLeft, 0));
  const Version written = last_seen(cluster, 0);
  cluster.run(0, kRelease);
  EXPECT_EQ(cluster.run(1, load(kLeft, 0)).pages, 0u);  // not synchronised: what it has will do
  EXPECT_NE(last_seen(cluster, 0), written);
  cluster.run(1, kAcquire);
  EXPECT_EQ(cluster.run(1, load(kLeft, 1)).pages, 0u);  // nobody wrote this page
  EXPECT_EQ(cluster.run(1, load(kLeft, 0)).pages, 2u);
  EXPECT_EQ(last_seen(cluster, 0), written);
}

TEST(NodeState, LockWaitsForItsHolder) {
  QuickCluster cluster(toy(2));
  cluster.run(0, kAcquire);
  const TaskIndex waiting = cluster.start(1, kAcquire);
  cluster.start(0, store(kLeft));
  cluster.run_while_waiting();
  EXPECT_EQ(cluster.cluster().vm(NodeId{1}).task(waiting).wait, Wait::sync);
  cluster.run(0, kRelease);
  EXPECT_FALSE(cluster.cluster().vm(NodeId{1}).task(waiting).alive);
}

TEST(NodeState, FsyncIsTheProtocolsToPerform) {
  QuickCluster cluster(toy(1));
  cluster.run(0, store(kLeft));
  const Version written = cluster.contents_accessed().back();
  cluster.forget_counts();
  cluster.run(0, {.kind = TaskKind::fsync, .file = FileId{0}, .range = whole_file(), .sync = SyncKind::fsync});
  EXPECT_EQ(cluster.sent("DIFF"), 1u);
  EXPECT_EQ(cluster.cluster().storage().content(FileId{0}, 0), written);
}

// ---- Every interleaving

Exploration explore_toy(std::vector<std::vector<Operation>> scripts, ToyLrc::Mutant mutant) {
  const auto machine = kToy.make({static_cast<std::uint32_t>(scripts.size()), {mutant}});
  const Paths paths(find_guard_preset(kDefaultGuard)->scheme, path_options(machine->declaration()));
  ClusterModel::Options options;
  options.shape.clients = static_cast<std::uint32_t>(scripts.size());
  options.shape.cells = 2;
  options.scripts = std::move(scripts);
  options.race_free = true;
  ClusterModel model(options, *machine, paths);
  return explore(model, {.max_states = 1'000'000});
}

const std::vector<std::vector<Operation>> kCounter{{kAcquire, load(kLeft), store(kLeft), kRelease},
                                                   {kAcquire, load(kLeft), store(kLeft), kRelease}};
const std::vector<std::vector<Operation>> kExchange{{store(kLeft), kBarrier, load(kRight)},
                                                    {store(kRight), kBarrier, load(kLeft)}};

TEST(NodeStateExplored, CounterUnderALockIsNeverStale) {
  const Exploration e = explore_toy(kCounter, ToyLrc::kSound);
  EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
}

TEST(NodeStateExplored, ExchangeOverABarrierIsNeverStale) {
  const Exploration e = explore_toy(kExchange, ToyLrc::kSound);
  EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
}

TEST(NodeStateExplored, WhoIgnoresNoticesReadsAStaleCell) {
  EXPECT_EQ(explore_toy(kExchange, ToyLrc::kIgnoresNotices).broken.property.name(), "I4");
}

TEST(NodeStateExplored, WhoSendsWholePagesOverwritesTheOthersCell) {
  EXPECT_EQ(explore_toy(kExchange, ToyLrc::kSendsWholePages).broken.property.name(), "I4");
}

}  // namespace
}  // namespace pagetoken
