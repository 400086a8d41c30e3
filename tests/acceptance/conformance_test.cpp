// The engine simgrid against the event loop: the same machines, so the same results wherever the network is the same.

#include "conformance.hpp"

namespace pagetoken {
namespace {

class Grid : public testing::TestWithParam<GridPoint> {};

TEST_P(Grid, SerialRunsGiveTheSameResultsToTheNanosecond) {
  Json config = grid_config(GetParam(), true, 100, "none");
  const Json event = results(run_config(config));
  config["engine"] = "simgrid";
  EXPECT_EQ(Json::diff(event, results(run_apart(config))), Json::array());
}

TEST_P(Grid, SerialRunsGiveTheSameCountsWhereLinksAreShared) {
  Json config = grid_config(GetParam(), true, 100, "none");
  const Json event = run_config(config);
  config["engine"] = "simgrid";
  config["cluster"]["network"]["contention"] = "fluid";
  const Json shared = run_apart(config);
  for (const char* part : {"counts", "messages", "verdict", "workload_digest"})
    EXPECT_EQ(event[part], shared[part]) << part;
}

INSTANTIATE_TEST_SUITE_P(, Grid, testing::ValuesIn(grid()), name_of_point);

Json contended(const std::string& protocol, const char* contention) {
  return {{"protocol", protocol},
          {"engine", "simgrid"},
          {"cluster", {{"clients", 8}, {"network", {{"contention", contention}}}}},
          {"costs", {{"preset", "modern"}, {"sigma", 0.5}}},
          {"workload", {{"pattern", "uniform"}, {"pages", 16}, {"write_fraction", 0.3}, {"threads", 2}}},
          {"warmup", {{"accesses", 100}}},
          {"stop", {{"accesses", 2'000}}}};
}

TEST(SimGridRuns, SameSeedGivesTheSameBytesWhateverTheContextFactoryAndTransport) {
  for (const char* contention : {"fifo", "fluid"}) {
    const Json config = contended("ivy-fixed", contention);
    Json once = run_apart(config);
    for (const Json& more : {Json::object(), Json{{"options", {{"contexts/factory", "ucontext"}}}},
                             Json{{"options", {{"contexts/factory", "thread"}}}}, Json{{"transport", "cb"}}}) {
      Json other = config;
      other["simgrid"] = more;
      Json again = run_apart(other);
      EXPECT_EQ(again["fingerprint"], once["fingerprint"]) << contention << more;
      EXPECT_EQ(results(again), results(once)) << contention << more;
    }
    Json reseeded = config;
    reseeded["seed"] = 2;
    EXPECT_NE(run_apart(reseeded)["fingerprint"], once["fingerprint"]);
  }
}

TEST(SimGridRuns, RevokeRaceHasTheVerdictsOfTheEventLoop) {
  const auto run = [](std::vector<std::string> set) {
    const auto config = load_run_config(shipped("revoke-race"), {.set = std::move(set)}, protocols().declarations());
    const Forked forked = run_forked([&] { return summary_json(simulate(config, protocols())).dump(); }, 250);
    EXPECT_TRUE(forked.done) << forked.errors;
    return Json::parse(forked.result)["verdict"];
  };
  const Json none = run({"/engine=simgrid"});
  EXPECT_EQ(none["oracle"], "violated");
  EXPECT_EQ(none["violations"][0]["property"], run({"/engine=event"})["violations"][0]["property"]);
  for (const char* guard : {"/guard=hook", "/guard=page-lock"}) {
    EXPECT_EQ(run({"/engine=simgrid", guard})["oracle"], "ok") << guard;
    EXPECT_EQ(run({"/engine=event", guard})["oracle"], "ok") << guard;
  }
}

TEST(SimGridRuns, WritersThatMeetAtOneStorageNodeAreSlowerThanTheEventLoopWithoutSharingSees) {
  // Everybody's page comes through the link of the one node that has them, 16 times as thin as usual.
  Json config{
      {"protocol", "nocache"},
      {"cluster", {{"clients", 16}, {"network", {{"bandwidth_bytes_per_s", 80'000'000}, {"contention", "none"}}}}},
      {"costs", {{"preset", "modern"}, {"handler_ns", 0}}},
      {"workload", {{"pattern", "uniform"}, {"write_fraction", 0}}},
      {"warmup", {{"accesses", 100}}},
      {"stop", {{"accesses", 2'000}}}};
  const double alone = at(run_config(config), "/latency_ns/read/mean");
  config["cluster"]["network"]["contention"] = "fifo";
  const double fifo = at(run_config(config), "/latency_ns/read/mean");
  config["engine"] = "simgrid";
  config["cluster"]["network"]["contention"] = "none";
  EXPECT_DOUBLE_EQ(at(run_apart(config), "/latency_ns/read/mean"), alone);
  config["cluster"]["network"]["contention"] = "fluid";
  const double fluid = at(run_apart(config), "/latency_ns/read/mean");
  // 16 readers, each 4 KiB at 80 MB/s, share one link: each waits for sixteen transfers.
  const double transfer = 4'096 / 0.08;
  EXPECT_LT(alone, 2 * transfer);
  EXPECT_NEAR(fluid, 16 * transfer, 0.1 * 16 * transfer);
  EXPECT_NEAR(fifo, 16 * transfer, 0.1 * 16 * transfer);
}

TEST(SimGridRuns, StorageNodesShareTheWorkAndTheirUtilisationIsInTheSummary) {
  const auto busy = [](std::int64_t nodes) {
    const Json s = run_apart({{"protocol", "ivy-fixed"},
                              {"engine", "simgrid"},
                              {"cluster",
                               {{"clients", 4},
                                {"cache_pages", 4},
                                {"storage", {{"nodes", nodes}, {"write_bandwidth_bytes_per_s", 50'000'000}}}}},
                              {"workload", {{"pattern", "uniform"}, {"pages", 64}, {"write_fraction", 0.5}}},
                              {"warmup", {{"accesses", 200}}},
                              {"stop", {{"accesses", 2'000}}}});
    EXPECT_EQ(s["verdict"]["oracle"], "ok");
    std::vector<double> fractions;
    for (const Json& node : s["nodes"])
      if (node["name"].get<std::string>().starts_with("storage")) fractions.push_back(node["busy_fraction"]);
    return fractions;
  };
  const std::vector<double> one = busy(1);
  const std::vector<double> four = busy(4);
  ASSERT_EQ(one.size(), 1u);
  ASSERT_EQ(four.size(), 4u);
  for (const double fraction : four) {
    EXPECT_GT(fraction, 0);
    EXPECT_LT(fraction, one[0]);
  }
  EXPECT_GT(one[0], 0.5);
  EXPECT_LE(one[0], 1);
}

}  // namespace
}  // namespace pagetoken
