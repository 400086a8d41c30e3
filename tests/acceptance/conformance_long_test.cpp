// Concurrent runs of the two engines: rounding and sharing reorder races, and no more than that.

#include "conformance.hpp"

namespace pagetoken {
namespace {

class ConcurrentGrid : public testing::TestWithParam<GridPoint> {};

TEST_P(ConcurrentGrid, MessagesAgreeWithinTwoPercent) {
  Json config = grid_config(GetParam(), false, 4'000, "none");
  const Json event = run_config(config);
  config["engine"] = "simgrid";
  const Json simgrid = run_apart(config);
  const double expected = at(event, "/messages/total");
  EXPECT_NEAR(at(simgrid, "/messages/total"), expected, 0.02 * expected);
  EXPECT_EQ(simgrid["verdict"], event["verdict"]);
}

TEST_P(ConcurrentGrid, JitterBreaksNothing) {
  for (const char* contention : {"none", "fluid"}) {
    Json config = jittered(grid_config(GetParam(), false, 2'000, contention));
    config["engine"] = "simgrid";
    EXPECT_EQ(run_apart(config)["verdict"]["oracle"], "ok") << contention;
  }
}

INSTANTIATE_TEST_SUITE_P(, ConcurrentGrid, testing::ValuesIn(grid()), name_of_point);

/// Sharing links changes who wins which race: over many races it evens out.
TEST(ConcurrentRuns, SharedLinksChangeMessagesByLessThanTwoPercentWhereRacesAreMany) {
  for (const std::string protocol : {"ivy-fixed", "ivy-dynamic", "gpfs-range"})
    for (const std::string pattern : {"uniform", "zipf", "false-sharing"}) {
      Json config{{"protocol", protocol},
                  {"cluster", {{"clients", 8}}},
                  {"workload", {{"pattern", pattern}, {"write_fraction", 0.3}}},
                  {"stop", {{"accesses", 40'000}}}};
      const double expected = at(run_config(config), "/messages/total");
      config["engine"] = "simgrid";
      for (const char* contention : {"fifo", "fluid"}) {
        config["cluster"]["network"]["contention"] = contention;
        const Json simgrid = run_apart(config);
        EXPECT_NEAR(at(simgrid, "/messages/total"), expected, 0.02 * expected)
            << protocol << ' ' << pattern << ' ' << contention;
        EXPECT_EQ(simgrid["verdict"]["oracle"], "ok");
      }
    }
}

TEST(Scale, LargeClustersFinishAMillionAccesses) {
  for (const auto& [clients, topology] : {std::pair{1'024, "star"}, {256, "fat-tree"}}) {
    const Json s = run_apart({{"protocol", "ivy-fixed"},
                              {"engine", "simgrid"},
                              {"cluster", {{"clients", clients}, {"network", {{"topology", topology}}}}},
                              {"workload", {{"pattern", "uniform"}, {"pages", 512}, {"write_fraction", 0.1}}},
                              {"warmup", {{"accesses", 10'000}}},
                              {"stop", {{"accesses", 1'000'000}}}});
    EXPECT_EQ(s["verdict"]["oracle"], "ok") << topology;
    EXPECT_EQ(s["counts"]["accesses"], 1'000'000) << topology;
  }
}

}  // namespace
}  // namespace pagetoken
