// run: what its summary says of what protocols do that are not built in.

#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;

/// The summary of a run of a protocol from a shared library.
Json summary_of(const std::string& config, const std::string& plugin) {
  const std::string file = testing::TempDir() + "/run_" + std::to_string(::getpid()) + ".json";
  std::ofstream(file) << config;
  const Outcome run = run_program("run --json '" + file + "' --plugin '" + plugin + "'");
  std::filesystem::remove(file);
  EXPECT_EQ(run.code, 0) << run.err;
  return run.code == 0 ? Json::parse(run.out) : Json();
}

TEST(Run, AccessThatItsProtocolRefusesIsNeitherHitNorFault) {
  const Json summary = summary_of(R"({"protocol": "refuser", "workload": {"pattern": "uniform", "pages": 4},
                                      "cluster": {"clients": 2}, "warmup": {"accesses": 0}, "stop": {"accesses": 10}})",
                                  PLUGIN_REFUSER);
  EXPECT_EQ(summary["counts"]["accesses"], 10);
  EXPECT_EQ(summary["counts"]["refused"], 10);
  EXPECT_EQ(summary["counts"]["errors"], 0);
  EXPECT_EQ(summary["counts"]["hits"], 0);
  EXPECT_EQ(summary["counts"]["faults"], Json({{"read", 0}, {"write", 0}, {"upgrade", 0}}));
  EXPECT_EQ(summary["latency_ns"]["fault"]["count"], 0);
}

// A millisecond between accesses, and half of one between a grant and the word about it.
TEST(Run, MessagesThatFollowAnOperationAreApartFromItsOwn) {
  const Json summary = summary_of(R"({"protocol": "trailing", "cluster": {"clients": 1},
                                      "workload": {"pattern": "uniform", "pages": 4, "write_fraction": 1,
                                                   "think_ns": 1000000},
                                      "warmup": {"accesses": 0}, "stop": {"accesses": 100}})",
                                  PLUGIN_TRAILING);
  const Json& event = summary["events"]["WMISS_NONE"];
  EXPECT_EQ(event["count"], 4);
  EXPECT_EQ(event["messages_min"], 2);
  EXPECT_EQ(event["messages_mean"], 2.0);
  EXPECT_EQ(event["messages_max"], 2);
  EXPECT_EQ(summary["messages"]["by_type"]["THANKS"]["count"], 4);
  EXPECT_EQ(summary["messages"]["after"], 4);
}

}  // namespace
}  // namespace pagetoken
