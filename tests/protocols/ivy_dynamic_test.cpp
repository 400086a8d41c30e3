// ivy-dynamic against Li and Hudak, PODC 1986, section 4.3, and the law of path reversal (docs/protocols.md,
// "Published results"). L is the number of messages that find the owner: TOK_REQ and TOK_FWD of one fault.

#include "quick_cluster.hpp"

namespace pagetoken::testing_support {
namespace {

QuickCluster new_cluster(std::uint32_t clients, PageIndex pages = 1) {
  return QuickCluster({.protocol = "ivy-dynamic", .clients = clients, .pages = pages});
}

std::uint64_t locates(const QuickCluster& cluster) { return cluster.sent("TOK_REQ") + cluster.sent("TOK_FWD"); }
std::uint64_t locate_of(QuickCluster& cluster, std::uint32_t client, const Operation& operation) {
  const std::uint64_t before = locates(cluster);
  cluster.run(client, operation);
  return locates(cluster) - before;
}

/// Whom each node takes for the owner; itself if it is. Asked by letting it write, and taken back.
std::vector<std::uint32_t> hints(QuickCluster& cluster, std::uint32_t clients, PageIndex page = 0) {
  std::vector<std::uint32_t> hints;
  for (std::uint32_t client = 0; client < clients; ++client) {
    const std::vector<std::uint8_t> before = cluster.snapshot();
    cluster.forget_counts();
    cluster.run(client, store(page));
    std::uint32_t hint = client;
    for (const Envelope& e : cluster.log())
      if (e.from == NodeId{client} && cluster.name_of_type(e) == "TOK_REQ") hint = index_of(e.to);
    hints.push_back(hint);
    cluster.restore(before);
  }
  cluster.forget_counts();
  return hints;
}

/// Lemmas 4.1 and 4.2: following the hints from any node ends at the one that points to itself.
void expect_tree(const std::vector<std::uint32_t>& hints) {
  std::uint32_t owners = 0;
  for (std::uint32_t n = 0; n < hints.size(); ++n) {
    owners += hints[n] == n ? 1 : 0;
    std::uint32_t at = n;
    for (std::size_t step = 0; step < hints.size(); ++step) at = hints[at];
    EXPECT_EQ(hints[at], at) << "the hints of node " << n << " lead round in a circle";
  }
  EXPECT_EQ(owners, 1u);
}

TEST(IvyDynamic, FirstOwnerTakesThePageFromStorageWithoutAMessage) {
  QuickCluster cluster = new_cluster(2, 2);
  EXPECT_EQ(cluster.run(0, store()), (Cost{.result = Result::done}));
  EXPECT_EQ(cluster.run(0, load(1)), (Cost{.result = Result::done}));
  EXPECT_EQ(cluster.run(0, store(1)), (Cost{.result = Result::done}));
}

TEST(IvyDynamic, FirstAccessOfAnotherNodeFindsThePageInStorage) {
  QuickCluster cluster = new_cluster(3, 2);
  EXPECT_EQ(cluster.run(1, store()).pages, 2u);
  EXPECT_EQ(cluster.run(2, load(1)).pages, 2u);
  EXPECT_EQ(cluster.mode(0, 1), Mode::none);
  for (const Envelope& e : cluster.log()) EXPECT_FALSE(e.resource.kind == ResourceKind::page && e.message.data.present);
}

TEST(IvyDynamic, PingPongCostsTwoMessagesAHandoff) {
  QuickCluster cluster = new_cluster(2);
  cluster.run(0, store());
  cluster.run(1, store());
  for (int turn = 0; turn < 10; ++turn)
    EXPECT_EQ(cluster.run(static_cast<std::uint32_t>(turn % 2), store()),
              (Cost{.pages = 2, .data = 1, .hops = 2, .result = Result::done}));
}

TEST(IvyDynamic, RewriteOfAnOwnPageCostsNothing) {  // SEED-1 of docs/protocols.md
  QuickCluster cluster = new_cluster(3);
  cluster.run(2, store());
  EXPECT_EQ(cluster.run(2, store()), (Cost{.result = Result::done}));
}

TEST(IvyDynamic, ReadCostsLPlusOneAndLeavesTheOwner) {
  QuickCluster cluster = new_cluster(4);
  cluster.run(1, store());
  cluster.run(2, store());                      // 0 -> 2, 1 -> 2, 3 -> 0
  EXPECT_EQ(cluster.run(3, load()).pages, 3u);  // 3 -> 0 -> 2, and the page
  EXPECT_EQ(hints(cluster, 4), (std::vector<std::uint32_t>{2, 2, 2, 2}));
  EXPECT_EQ(cluster.mode(2, 0), Mode::shared);
  EXPECT_EQ(cluster.run(2, store()).pages, 2u);  // UPGRADE(1) by the owner
  EXPECT_EQ(cluster.mode(3, 0), Mode::none);
}

TEST(IvyDynamic, ForwarderOfAReadKeepsItsHint) {
  QuickCluster cluster = new_cluster(5);
  cluster.run(1, store());  // 0 -> 1
  cluster.run(3, load());   // 3 -> 0 -> 1
  EXPECT_EQ(hints(cluster, 5), (std::vector<std::uint32_t>{1, 1, 0, 1, 0}));
}

TEST(IvyDynamic, UpgradeByTheOwnerCostsTwoMessagesACopy) {
  QuickCluster cluster = new_cluster(5);
  cluster.run(0, store());
  for (std::uint32_t reader = 1; reader < 5; ++reader) EXPECT_EQ(cluster.run(reader, load()).pages, 2u);
  EXPECT_EQ(cluster.run(0, store()).pages, 8u);
  EXPECT_EQ(cluster.sent("INV"), 4u);
  EXPECT_EQ(cluster.sent("INV_ACK"), 4u);
}

TEST(IvyDynamic, WriteOverReadersCostsTwoMessagesForEachButTheOwner) {
  QuickCluster cluster = new_cluster(5);
  cluster.run(0, store());
  for (std::uint32_t reader = 1; reader < 4; ++reader) cluster.run(reader, load());
  EXPECT_EQ(cluster.run(4, store()).pages, 2u + 2u * 3u);                     // WMISS_SHARED(4), L = 1
  EXPECT_EQ(hints(cluster, 5), (std::vector<std::uint32_t>{4, 4, 4, 4, 4}));  // an invalidation tells the new owner
}

TEST(IvyDynamic, UpgradeByAReaderInvalidatesTheOthers) {
  QuickCluster cluster = new_cluster(4);
  cluster.run(0, store());
  for (std::uint32_t reader = 1; reader < 4; ++reader) cluster.run(reader, load());
  EXPECT_EQ(cluster.run(1, store()).pages, 2u + 2u * 2u);  // UPGRADE(3): the owner's copy goes with the hand-over
}

TEST(IvyDynamic, DroppedReadCopyIsInvalidatedInVain) {
  QuickCluster cluster = new_cluster(2);
  cluster.run(0, store());
  cluster.run(1, load());
  EXPECT_EQ(cluster.run(1, evict()).pages, 0u);
  EXPECT_EQ(cluster.run(0, store()).pages, 2u);
}

TEST(IvyDynamic, TruncateTakesTheSizeAndThePagesHeld) {
  QuickCluster cluster = new_cluster(2, 3);
  cluster.run(0, store(1));
  cluster.run(0, store(2));
  const Cost cost = cluster.run(1, truncate_to(1));
  EXPECT_EQ(cost.pages, 4u);  // pages 1 and 2 as WMISS_EXCL
  EXPECT_EQ(cost.sizes, 2u);  // the size as WMISS_SHARED(1)
  EXPECT_EQ(cost.result, Result::done);
  EXPECT_EQ(cluster.run(0, load(1)).result, Result::sigbus);
  EXPECT_EQ(cluster.run(0, extend_to(3)).result, Result::done);
  EXPECT_EQ(cluster.run(1, load(2)).result, Result::done);
}

// Theorem 4.2: a locate costs N-1 messages at worst, when each node points to the one that wrote after it.
TEST(IvyDynamic, ChainOfWritersCostsNMinus1Locates) {
  constexpr std::uint32_t kNodes = 8;
  QuickCluster cluster = new_cluster(kNodes);
  // Each reads while its forerunner owns the page, which makes the hints exact, and then takes the page over: 0 -> 1 ->
  // ... -> N-1. A reader's invalidation would turn older hints, and there is none.
  for (std::uint32_t n = 1; n < kNodes; ++n) {
    const std::vector<std::uint32_t> at = hints(cluster, kNodes);
    EXPECT_EQ(at[n - 1], n - 1);
    cluster.run(n, load());
    EXPECT_EQ(locate_of(cluster, n, store()), 1u);
  }
  std::vector<std::uint32_t> chain;
  for (std::uint32_t n = 0; n < kNodes; ++n) chain.push_back(std::min(n + 1, kNodes - 1));
  EXPECT_EQ(hints(cluster, kNodes), chain);
  EXPECT_EQ(locate_of(cluster, 0, store()), kNodes - 1);
  EXPECT_EQ(hints(cluster, kNodes), std::vector<std::uint32_t>(kNodes, 0));
}

// Theorem 4.5: once everybody knows the owner, K faults of different nodes cost at most 2K-1 locates.
TEST(IvyDynamic, KFaultsAfterEverybodyKnowsTheOwnerCostAtMost2KMinus1Locates) {
  constexpr std::uint32_t kNodes = 8;
  for (std::uint32_t faults = 1; faults < kNodes; ++faults) {
    std::mt19937_64 draw(faults);
    for (int repeat = 0; repeat < 50; ++repeat) {
      QuickCluster cluster = new_cluster(kNodes);
      std::vector<std::uint32_t> order(kNodes - 1);
      for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i + 1;
      for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[draw() % (i + 1)]);
      for (std::uint32_t k = 0; k < faults; ++k) cluster.run(order[k], draw() % 2 == 0 ? store() : load());
      EXPECT_LE(locates(cluster), 2 * faults - 1);
    }
  }
}

// ... which is reached: each fault after the first goes by the node that everybody took for the owner.
TEST(IvyDynamic, KWritersAfterEverybodyKnowsTheOwnerReach2KMinus1) {
  QuickCluster cluster = new_cluster(8);
  for (std::uint32_t k = 1; k < 8; ++k) {
    cluster.run(k, store());
    EXPECT_EQ(locates(cluster), 2 * k - 1);
  }
}

// Uniform writers one at a time are path reversal: E[L] = (H_N - 1) N / (N - 1).
TEST(IvyDynamic, LocateMeanFollowsPathReversal) {
  for (const std::uint32_t nodes : {2u, 4u, 8u, 16u}) {
    QuickCluster cluster = new_cluster(nodes);
    std::mt19937_64 draw(nodes);
    std::uint32_t owner = 0;
    const auto write = [&] {
      const auto other = static_cast<std::uint32_t>(draw() % (nodes - 1));
      owner = other < owner ? other : other + 1;
      cluster.run(owner, store());
    };
    for (std::uint32_t i = 0; i < 20 * nodes; ++i) write();
    cluster.forget_counts();
    constexpr std::uint32_t kWrites = 60'000;
    std::uint64_t total = 0;
    for (std::uint32_t i = 0; i < kWrites; ++i) {
      cluster.forget_counts();
      write();
      total += locates(cluster);
      ASSERT_EQ(cluster.sent("TOK_GRANT_DATA"), 1u);
    }
    double harmonic = 0;
    for (std::uint32_t i = 1; i <= nodes; ++i) harmonic += 1.0 / i;
    const double expected = (harmonic - 1) * nodes / (nodes - 1);
    const double mean = static_cast<double>(total) / kWrites;
    std::printf("N = %2u: L = %.4f, law %.4f\n", nodes, mean, expected);
    EXPECT_NEAR(mean, expected, 0.01 * expected);
  }
}

// Lemmas 4.1 and 4.2 after requests that overlapped in many orders.
TEST(IvyDynamic, HintsAreATreeAfterOverlappingFaults) {
  constexpr std::uint32_t kNodes = 5;
  constexpr PageIndex kPages = 2;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 draw(seed);
    QuickCluster cluster = new_cluster(kNodes, kPages);
    std::vector<std::deque<Operation>> scripts(kNodes);
    for (std::deque<Operation>& script : scripts) {
      for (int i = 0; i < 12; ++i) {
        const PageIndex page = draw() % kPages;
        script.push_back(draw() % 2 == 0 ? load(page) : store(page));
      }
    }
    cluster.run_shuffled(draw, std::move(scripts));
    for (PageIndex page = 0; page < kPages; ++page) expect_tree(hints(cluster, kNodes, page));
  }
}

// An owner whose size token is being demoted for a reader asks for just what it will have left.
TEST(IvyDynamic, OwnerReadsTheSizeWhileItIsDemoted) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 draw(seed);
    QuickCluster cluster = new_cluster(2);
    cluster.run_shuffled(draw, {{extend_to(1), load()}, {load()}});
  }
}

// Two requests wait for one who awaits the page: the first gets it from there, and the second follows it.
TEST(IvyDynamic, RequestsQueueWhereOwnershipIsAwaited) {
  QuickCluster cluster = new_cluster(4);
  for (std::uint32_t client = 1; client < 4; ++client) cluster.start(client, store());
  cluster.run_all();
  EXPECT_EQ(cluster.sent("TOK_GRANT_DATA"), 3u);
  EXPECT_EQ(cluster.mode(3, 0), Mode::exclusive);
  expect_tree(hints(cluster, 4));
}

}  // namespace
}  // namespace pagetoken::testing_support
