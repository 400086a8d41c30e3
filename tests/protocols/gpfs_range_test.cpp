// gpfs-range: negotiation, size and truncate, and what each event costs (docs/protocols.md, "What each costs").

#include "quick_cluster.hpp"
#include "sim/explore/explorer.hpp"

namespace pagetoken::testing_support {
namespace {

QuickCluster make(std::uint32_t clients, PageIndex pages = 1) {
  return QuickCluster({.protocol = "gpfs-range", .clients = clients, .pages = pages});
}

std::uint64_t contended(const QuickCluster& cluster) { return cluster.sent("TOK_DENY"); }

/// Every denied request is asked again once, every holder asked answers once, nobody is denied twice (section 3.4).
void expect_exact_counts(const QuickCluster& cluster) {
  for (const std::string prefix : {"", "SIZE_"}) {
    EXPECT_EQ(cluster.sent(prefix + "TOK_REQ"), cluster.sent(prefix + "TOK_GRANT") + cluster.sent(prefix + "TOK_DENY"));
    EXPECT_EQ(cluster.sent(prefix + "TOK_REVOKE"), cluster.sent(prefix + "TOK_REVOKE_ACK"));
  }
}

void expect_exclusion(QuickCluster& cluster, PageIndex pages) {
  for (std::uint32_t a = 0; a < cluster.cluster().shape().clients; ++a)
    for (std::uint32_t b = a + 1; b < cluster.cluster().shape().clients; ++b)
      for (PageIndex page = 0; page < pages; ++page)
        ASSERT_TRUE(compatible(cluster.mode(a, page), cluster.mode(b, page)))
            << "nodes " << a << " and " << b << ", page " << page;
}

TEST(GpfsRange, FirstAccessIsGrantedTheWholeFile) {  // 3.2, 1
  QuickCluster cluster = make(2, 8);
  const Cost cost = cluster.run(0, store(3));
  EXPECT_EQ(cost.pages, 2u);
  EXPECT_EQ(cost.sizes, 2u);
  EXPECT_EQ(cluster.mode(0, 0), Mode::exclusive);
  EXPECT_EQ(cluster.mode(0, kMaxPages), Mode::exclusive);
  for (PageIndex page = 0; page < 8; ++page) EXPECT_EQ(cluster.run(0, store(page)).pages, 0u);
}

TEST(GpfsRange, RewriteOfAnOwnPageCostsNothing) {  // SEED-1 of docs/protocols.md
  QuickCluster cluster = make(2);
  cluster.run(1, store());
  EXPECT_EQ(cluster.run(1, store()), (Cost{.result = Result::done}));
  EXPECT_EQ(cluster.run(1, evict()).pages, 0u);
  EXPECT_EQ(cluster.run(1, store()), (Cost{.result = Result::done}));  // the token outlived the page
}

TEST(GpfsRange, ContendedWriteCostsSixMessagesInSixHops) {  // 3.4, h = 1
  QuickCluster cluster = make(2);
  cluster.run(0, store());
  cluster.run(1, load());  // of the size too
  cluster.run(0, store());
  cluster.forget_counts();
  EXPECT_EQ(cluster.run(1, store()), (Cost{.pages = 6, .hops = 6, .result = Result::done}));
  EXPECT_EQ(cluster.sent_by_type(),
            (std::map<std::string, std::uint64_t>{
                {"TOK_REQ", 2}, {"TOK_DENY", 1}, {"TOK_REVOKE", 1}, {"TOK_REVOKE_ACK", 1}, {"TOK_GRANT", 1}}));
  EXPECT_EQ(cluster.mode(0, 0), Mode::none);
}

TEST(GpfsRange, ReadOfADirtyPageLeavesTheWriterShared) {
  QuickCluster cluster = make(3);
  cluster.run(0, store());
  EXPECT_EQ(cluster.run(1, load()).pages, 6u);  // RMISS_DIRTY
  EXPECT_EQ(cluster.mode(0, 0), Mode::shared);
  EXPECT_EQ(cluster.run(2, load()).pages, 2u);  // RMISS_CLEAN
}

TEST(GpfsRange, WriteOverKReadersCostsFourPlusTwoK) {  // 3.4
  for (std::uint32_t k = 1; k <= 6; ++k) {
    QuickCluster cluster = make(k + 1);
    for (std::uint32_t reader = 0; reader < k; ++reader) EXPECT_EQ(cluster.run(reader, load()).pages, 2u);
    EXPECT_EQ(cluster.run(k, store()).pages, 4 + 2 * k);
  }
}

TEST(GpfsRange, UpgradeCostsFourPlusTwoForEachOtherCopy) {
  QuickCluster cluster = make(4);
  cluster.run(0, load());
  EXPECT_EQ(cluster.run(0, store()).pages, 2u);  // nobody else
  for (std::uint32_t reader = 1; reader < 4; ++reader) cluster.run(reader, load());
  EXPECT_EQ(cluster.run(2, store()).pages, 4u + 2u * 3u);
}

TEST(GpfsRange, SequentialWritersOfSegmentsMeetOnceEach) {
  constexpr PageIndex kSegment = 10;
  for (std::uint32_t n = 2; n <= 6; ++n) {
    QuickCluster cluster = make(n, n * kSegment);
    for (PageIndex page = 0; page < kSegment + n; ++page)  // each starts one page after the one below
      for (std::uint32_t writer = 0; writer < n; ++writer)
        if (page >= writer && page - writer < kSegment) cluster.run(writer, store(writer * kSegment + page - writer));
    EXPECT_EQ(contended(cluster), n - 1);
    EXPECT_EQ(cluster.sent("TOK_REVOKE"), n - 1);
    EXPECT_EQ(cluster.sent("TOK_GRANT"), n);
  }
}

TEST(GpfsRange, HolderBehindGivesUpWhatItHasWritten) {  // 3.2, 2: o2 < o1
  QuickCluster cluster = make(2, 16);
  for (PageIndex page = 8; page < 12; ++page) cluster.run(0, store(page));
  EXPECT_EQ(cluster.run(1, store(2)).pages, 6u);
  EXPECT_EQ(cluster.mode(1, 11), Mode::exclusive);  // desired [2, inf) up to what is left to the other
  EXPECT_EQ(cluster.mode(0, 12), Mode::exclusive);
  EXPECT_EQ(cluster.run(0, store(12)).pages, 0u);
  EXPECT_EQ(cluster.run(1, store(3)).pages, 0u);
}

TEST(GpfsRange, HolderThatDoesNotUseTheFileGivesUpAll) {  // 3.2, 2: closed
  QuickCluster cluster = make(2, 16);
  cluster.run(0, truncate_to(8));  // uses no page: it has never opened the file
  EXPECT_EQ(cluster.mode(0, 20), Mode::exclusive);
  EXPECT_EQ(cluster.run(1, store(4)).pages, 6u);
  EXPECT_EQ(cluster.mode(0, 20), Mode::none);
  EXPECT_EQ(cluster.mode(1, 0), Mode::exclusive);  // [0, inf): nobody has anything
}

TEST(GpfsRange, WritersOfOnePageHandItOverEachTime) {  // a page is the unit
  QuickCluster cluster = make(2, 4);
  cluster.run(0, store(1));
  cluster.run(1, store(1));
  for (std::uint32_t turn = 0; turn < 6; ++turn) EXPECT_EQ(cluster.run(turn % 2, store(1)).pages, 6u);
}

TEST(GpfsRange, StridedWritersOfPagesSettle) {  // 3.2: strided access asks for small ranges
  QuickCluster cluster = make(2, 40);
  for (PageIndex page = 0; page < 40; ++page) cluster.run(static_cast<std::uint32_t>(page % 2), store(page));
  EXPECT_EQ(contended(cluster), 2u);
  for (PageIndex page = 0; page < 40; ++page)
    EXPECT_EQ(cluster.run(static_cast<std::uint32_t>(page % 2), store(page)).pages, 0u);
}

/// Whom pages were granted to, in their order.
std::vector<std::uint32_t> granted(const QuickCluster& cluster) {
  std::vector<std::uint32_t> nodes;
  for (const Envelope& envelope : cluster.log())
    if (cluster.name_of_type(envelope) == "TOK_GRANT") nodes.push_back(index_of(envelope.to));
  return nodes;
}

TEST(GpfsRange, ReaderDoesNotOvertakeAWriterWhoWaitsForAHolder) {
  QuickCluster cluster = make(4, 2);
  cluster.run(0, load(0));
  cluster.run(0, store(1));  // of page 0 a reader, of page 1 the writer
  cluster.forget_counts();
  cluster.start(1, store(1));  // asks node 0
  cluster.start(2, store(0));  // waits, as node 0 is being asked
  cluster.start(3, load(0));   // disturbs no holder, but the one who waits
  cluster.run_all();
  EXPECT_EQ(granted(cluster), (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(GpfsRange, HoldersThatAWaitingRequestWillAskAreNotAskedByALaterOne) {
  QuickCluster cluster = make(5, 3);
  cluster.run(0, load(0));
  cluster.run(0, store(1));
  cluster.run(1, load(0));  // page 0 has two readers
  cluster.run(1, store(2));
  ASSERT_EQ(cluster.mode(0, 0), Mode::shared);
  ASSERT_EQ(cluster.mode(0, 1), Mode::exclusive);
  cluster.forget_counts();
  cluster.start(2, store(1));  // asks node 0
  cluster.start(3, store(0));  // waits for node 0, and will ask node 1 too
  cluster.start(4, store(2));  // would ask node 1, and with more of its kind for ever
  cluster.run_all();
  EXPECT_EQ(granted(cluster), (std::vector<std::uint32_t>{2, 3, 4}));
}

TEST(GpfsRange, TruncateTakesTheSizeAndOneRange) {  // 3.3
  QuickCluster cluster = make(4, 30);
  for (std::uint32_t writer = 0; writer < 3; ++writer) cluster.run(writer, store(writer * 10));
  const Cost cost = cluster.run(3, truncate_to(15));
  EXPECT_EQ(cost.sizes, 4u + 2u * 3u);  // three check the size
  EXPECT_EQ(cost.pages, 4u + 2u * 2u);  // two hold tokens of [15, inf)
  EXPECT_EQ(cluster.mode(0, 5), Mode::exclusive);
  EXPECT_EQ(cluster.run(2, load(20)).result, Result::sigbus);
  EXPECT_EQ(cluster.run(0, store(5)).result, Result::done);
}

TEST(GpfsRange, ExtendersDoNotDisturbEachOther) {  // 3.3: shared write of the inode
  QuickCluster cluster = make(3, 1);
  EXPECT_EQ(cluster.run(0, extend_to(5)).sizes, 2u);
  EXPECT_EQ(cluster.run(1, extend_to(3)).sizes, 2u);
  EXPECT_EQ(cluster.run(0, extend_to(6)).sizes, 0u);
}

// 3.3. Disabled until the driver merges: it looks at the mode that is left after the yield, and assigns.
TEST(GpfsRange, SizesOfExtendersAreMergedByMaximum) {
  for (const bool truncates : {false, true}) {
    QuickCluster cluster = make(3, 1);
    cluster.run(0, extend_to(5));
    cluster.run(1, extend_to(3));
    const Cost cost = cluster.run(2, truncates ? truncate_to(4) : load(4));
    EXPECT_EQ(cost.sizes, 4u + 2u * 2u);
    EXPECT_EQ(cost.result, Result::done);
    EXPECT_EQ(cluster.run(1, load(4)).result, truncates ? Result::sigbus : Result::done);
  }
}

TEST(GpfsRange, ExtenderWhoTruncatesMergesItsOwnSizeFirst) {
  QuickCluster cluster = make(2, 1);
  cluster.run(0, extend_to(3));
  cluster.run(1, extend_to(5));
  EXPECT_EQ(cluster.run(0, truncate_to(4)).sizes, 6u);
  EXPECT_EQ(cluster.run(1, load(3)).result, Result::done);
  EXPECT_EQ(cluster.run(1, load(4)).result, Result::sigbus);
}

// Section 10, "single-page uniform workload": N = 4, GPFS column.
TEST(GpfsRange, UniformAccessOfOnePageCostsWhatTheMarkovChainSays) {
  struct Row {
    double writes, faults, messages;
  };
  for (const Row& row : {Row{.01, .039, .195}, Row{.1, .304, 1.612}, Row{.5, .729, 4.371}, Row{1, .75, 4.5}}) {
    QuickCluster cluster = make(4);
    std::mt19937_64 draw(7);
    constexpr int kOperations = 100'000;
    std::uint64_t messages = 0, faults = 0;
    for (int i = 0; i < kOperations; ++i) {
      const auto client = static_cast<std::uint32_t>(draw() % 4);
      const bool writes = static_cast<double>(draw() % 10'000) < row.writes * 10'000;
      const std::uint64_t cost = cluster.run(client, writes ? store() : load()).pages;
      messages += cost;
      faults += cost > 0 ? 1 : 0;
      cluster.forget_counts();
    }
    EXPECT_NEAR(static_cast<double>(faults) / kOperations, row.faults, 0.03 * row.faults);
    EXPECT_NEAR(static_cast<double>(messages) / kOperations, row.messages, 0.03 * row.messages);
    std::printf("w = %.2f: %.4f faults, %.4f messages\n", row.writes, static_cast<double>(faults) / kOperations,
                static_cast<double>(messages) / kOperations);
  }
}

/// One client extends, since the driver allocates anew what two extend over.
Operation draw_operation(std::mt19937_64& draw, PageIndex pages, bool extends) {
  const PageIndex page = draw() % pages;
  const std::uint64_t kind = draw() % 32;
  if (kind == 0) return truncate_to(0);
  if (kind <= 2 && extends) return extend_to(1 + page);
  if (kind <= 4) return evict(page);
  return kind <= 14 ? load(page) : store(page);
}

// Requests of several tasks of several nodes overlap in every way: all end, none reads a stale version, counts are
// exact.
TEST(GpfsRange, OverlappingRequestsOfManyTasksAllEnd) {
  std::uint64_t denied = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 draw(seed);
    const std::uint32_t clients = 2 + static_cast<std::uint32_t>(seed % 4);
    const PageIndex pages = 1 + seed % 11;
    QuickCluster cluster = make(clients, pages);
    for (int round = 0; round < 6; ++round) {
      const std::uint64_t tasks = 1 + draw() % 6;
      for (std::uint32_t client = 0; client < clients; ++client)
        for (std::uint64_t task = 0; task < tasks; ++task)
          cluster.start(client, draw_operation(draw, pages, client == 0));
      cluster.run_shuffled(draw);
      expect_exact_counts(cluster);
      expect_exclusion(cluster, pages + 1);
      if (HasFailure()) return;
    }
    denied += contended(cluster);
  }
  EXPECT_GT(denied, 10'000u);
}

using Scripts = std::vector<std::vector<Operation>>;

class ModelRun {
 public:
  ModelRun(const Scripts& scripts, PageIndex pages)
      : machine_(find_protocol("gpfs-range")->make({static_cast<std::uint32_t>(scripts.size()), {}})),
        paths_(find_guard_preset(kDefaultGuard)->scheme, {.ranged = true, .extend_mode = true}),
        model_({.shape = {.clients = static_cast<std::uint32_t>(scripts.size())}, .sizes = {pages}, .scripts = scripts},
               *machine_, paths_) {}
  ClusterModel& model() { return model_; }

 private:
  std::unique_ptr<Machine> machine_;
  Paths paths_;
  ClusterModel model_;
};

void expect_ok(const char* name, const Scripts& scripts, PageIndex pages) {
  ModelRun run(scripts, pages);
  const Exploration e = explore(run.model(), {.max_states = 2'000'000});
  std::printf("%-32s states %lu transitions %lu depth %u\n", name, e.states, e.transitions, e.depth);
  EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
}

TEST(GpfsRangeExplored, ThreeWritersOfTwoPages) {
  expect_ok("three writers, two pages", {{store(0)}, {store(1)}, {store(0)}}, 2);
}
TEST(GpfsRangeExplored, ReadersWriteEachOthersPages) {
  expect_ok("readers write", {{load(0), store(1)}, {load(1), store(0)}}, 2);
}
TEST(GpfsRangeExplored, TruncateMeetsAWriterBeyond) {
  expect_ok("truncate and writer", {{truncate_to(1), store(0)}, {store(1), load(0)}}, 2);
}
TEST(GpfsRangeExplored, HolderOfAPageTruncatesFromBelowIt) {
  expect_ok("holder truncates", {{store(1), truncate_to(0)}, {store(1)}}, 2);
}
TEST(GpfsRangeExplored, ExtendersAndATruncate) {
  expect_ok("extenders and truncate", {{extend_to(2), truncate_to(1)}, {extend_to(3)}, {load(0)}}, 1);
}

// Long walks in drawn orders, every invariant asked of every state.
TEST(GpfsRangeExplored, DrawnWalksKeepTheInvariants) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 draw(seed);
    const PageIndex pages = 2 + seed % 2;
    Scripts scripts(3 + seed % 2);
    for (std::size_t client = 0; client < scripts.size(); ++client)
      for (int i = 0; i < 8; ++i) scripts[client].push_back(draw_operation(draw, pages, client == 0));
    ModelRun run(scripts, pages);
    for (std::size_t choices = run.model().choices(); choices > 0; choices = run.model().choices()) {
      ASSERT_NO_THROW(run.model().take(draw() % choices));
      auto broken = run.model().broken();
      run.model().choices();
      if (!broken) broken = run.model().check();
      ASSERT_FALSE(broken) << broken->property.name() << ": " << broken->text;
    }
  }
}

}  // namespace
}  // namespace pagetoken::testing_support
