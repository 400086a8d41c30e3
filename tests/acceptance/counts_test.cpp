// Counts that outside arithmetic confirms.

#include "tests/support/simulation.hpp"

namespace pagetoken {
namespace {

TEST(PostgresTrace, IvyFixedCountsAreThoseOfAReplayByOtherMeans) {
  const Json s = run_shipped("postgres");
  EXPECT_EQ(s["verdict"]["oracle"], "ok");
  EXPECT_EQ(s["counts"]["accesses"], 65'861);
  EXPECT_EQ(s["counts"]["faults"]["read"], 11'476);
  EXPECT_EQ(s["counts"]["faults"]["write"], 3'811);
  EXPECT_EQ(s["counts"]["faults"]["upgrade"], 7'828);
  EXPECT_EQ(s["counts"]["downgrades"], 6'344);
  EXPECT_EQ(s["counts"]["invalidations"], 11'869);
}

TEST(PostgresTrace, EveryPageTokenProtocolAcquiresTheSame) {
  const Json fixed = run_shipped("postgres");
  const Json dynamic = run_shipped("postgres", {"/protocol=ivy-dynamic"});
  EXPECT_EQ(fixed["counts"], dynamic["counts"]);
}

TEST(PingPong, ThreeMessagesAHandoffWithAFixedManagerAndTwoWithout) {  // docs/protocols.md, "Published results"
  const Json fixed = run_shipped("ping-pong");
  EXPECT_EQ(fixed["counts"]["faults"]["write"], 1000);
  EXPECT_EQ(fixed["messages"]["total"], 3000);
  EXPECT_EQ(fixed["events"]["WMISS_EXCL"]["messages_mean"], 3.0);
  const Json dynamic = run_shipped("ping-pong", {"/protocol=ivy-dynamic"});
  EXPECT_EQ(dynamic["messages"]["total"], 2000);
  EXPECT_EQ(dynamic["events"]["WMISS_EXCL"]["messages_mean"], 2.0);
}

class Locate : public testing::TestWithParam<int> {};

TEST_P(Locate, IvyDynamicMeetsTheLawOfPathReversal) {  // docs/protocols.md, "Published results"
  const int n = GetParam();
  double harmonic = 0;
  for (int i = 1; i <= n; ++i) harmonic += 1.0 / i;
  const double law = (harmonic - 1) * n / (n - 1);
  const Json s =
      run_config({{"protocol", "ivy-dynamic"},
                  {"cluster", {{"clients", n}}},
                  {"workload", {{"pattern", "uniform"}, {"pages", 1}, {"write_fraction", 1}, {"serial", true}}},
                  {"warmup", {{"accesses", 5'000}}},
                  {"stop", {{"accesses", 60'000}}}});
  EXPECT_NEAR(at(s, "/events/WMISS_EXCL/messages_mean") - 1, law, 0.01 * law);
}

INSTANTIATE_TEST_SUITE_P(, Locate, testing::Values(2, 4, 8, 16, 64));

TEST(GpfsRange, SequentialWritersExchangeOneContendedTokenEachButTheFirst) {
  for (const int clients : {2, 5, 8}) {
    const std::vector<std::string> set{"/cluster/clients=" + std::to_string(clients)};
    const Json s = run_shipped("segments", set);
    EXPECT_EQ(s["messages"]["by_type"]["TOK_REVOKE"]["count"], clients - 1);
    EXPECT_EQ(s["counts"]["invalidations"], clients - 1);
    EXPECT_EQ(s["counts"]["faults"]["write"], clients);
  }
}

TEST(GpfsRange, StridedWritersWithinABlockHandItOverForEveryWriteButItsFirst) {
  // Four clients in turns, four records of 1 KiB a block: 100 blocks are written four times each.
  std::string text = "# t_us,client,op,file,offset,length\n";
  for (int i = 0; i < 400; ++i)
    text += std::to_string(i) + "," + std::to_string(i % 4) + ",w,0," + std::to_string(i * 1024) + ",1024\n";
  const ScratchFile trace("strided.csv", text);
  const Json s = run_config(
      {{"protocol", "gpfs-range"}, {"workload", {{"trace", trace.path()}, {"format", "csv"}, {"order", "serial"}}}});
  EXPECT_EQ(s["messages"]["by_type"]["TOK_REVOKE"]["count"], 300);
  EXPECT_EQ(s["counts"]["invalidations"], 300);
  EXPECT_EQ(s["verdict"]["oracle"], "ok");
}

struct Row {
  double write_fraction;
  double faults;
  double killed;
  double messages;
};
class SinglePage : public testing::TestWithParam<Row> {};

TEST_P(SinglePage, IvyFixedMatchesTheMarkovChain) {  // docs/protocols.md, "Published results"
  const Row row = GetParam();
  const Json s = run_single_page(row.write_fraction, 300'000);
  const double accesses = at(s, "/counts/accesses");
  const double faults = at(s, "/counts/faults/read") + at(s, "/counts/faults/write") + at(s, "/counts/faults/upgrade");
  EXPECT_NEAR(faults / accesses, row.faults, 0.01 * row.faults);
  EXPECT_NEAR(at(s, "/counts/invalidations") / accesses, row.killed, 0.01 * row.killed);
  EXPECT_NEAR(at(s, "/messages/total") / accesses, row.messages, 0.01 * row.messages);
}

INSTANTIATE_TEST_SUITE_P(, SinglePage,
                         testing::Values(Row{.10, .304, .231, 1.160}, Row{.50, .729, .600, 2.475},
                                         Row{1.0, .750, .750, 2.250}));

}  // namespace
}  // namespace pagetoken
