// The same configuration gives the same bytes, watched or not.

#include "tests/support/simulation.hpp"

namespace pagetoken {
namespace {

std::string bytes(Json summary) {
  summary.erase("perf");
  return summary.dump();
}

Json contended(const std::string& protocol, std::int64_t seed) {
  return {{"protocol", protocol},
          {"cluster", {{"clients", 8}}},
          {"costs", {{"preset", "modern"}, {"sigma", 0.5}}},
          {"workload", {{"pattern", "uniform"}, {"pages", 16}, {"write_fraction", 0.3}, {"threads", 2}}},
          {"warmup", {{"accesses", 100}}},
          {"stop", {{"accesses", 5'000}}},
          {"seed", seed}};
}

TEST(Determinism, SameConfigurationGivesTheSameBytesAndAnotherSeedOthers) {
  for (const std::string protocol : {"nocache", "dlm-file", "gpfs-range", "ivy-fixed", "ivy-dynamic"}) {
    const std::string once = bytes(run_config(contended(protocol, 1)));
    EXPECT_EQ(bytes(run_config(contended(protocol, 1))), once) << protocol;
    const Json other = run_config(contended(protocol, 2));
    EXPECT_NE(other["fingerprint"], Json::parse(once)["fingerprint"]) << protocol;
  }
}

TEST(Determinism, TracedRunIsTheRunThatIsNotTraced) {
  const ScratchFile file("traced.jsonl");
  for (const std::string protocol : {"gpfs-range", "ivy-fixed"}) {
    const RunConfig config = bind_run_config(contended(protocol, 1), "test", protocols().declarations());
    TraceWriter trace(file.path());
    const Json traced = summary_json(simulate(config, protocols(), {.trace = &trace}));
    EXPECT_EQ(bytes(traced), bytes(run_config(contended(protocol, 1)))) << protocol;
  }
}

TEST(Trace, IsInTheOrderOfTimeAndTellsOfEveryMessage) {
  const ScratchFile file("order.jsonl");
  const RunConfig config = load_run_config(shipped("ping-pong"), {}, protocols().declarations());
  TraceWriter trace(file.path());
  const Json summary = summary_json(simulate(config, protocols(), {.trace = &trace}));
  std::ifstream in(file.path());
  std::string line;
  std::getline(in, line);
  const Json header = Json::parse(line);
  EXPECT_EQ(header["schema"], "pagetoken-trace");
  EXPECT_EQ(header["version"], 2);
  EXPECT_EQ(header["config"], summary["config"]);
  std::int64_t last = 0;
  std::uint64_t sent = 0;
  std::uint64_t handled = 0;
  Json record;
  while (std::getline(in, line)) {
    record = Json::parse(line);
    EXPECT_GE(record["t"].get<std::int64_t>(), last);
    last = record["t"];
    sent += record["kind"] == "send" ? 1 : 0;
    handled += record["kind"] == "handle" ? 1 : 0;
  }
  EXPECT_EQ(record["kind"], "finish");
  EXPECT_EQ(record["partial"], false);
  EXPECT_EQ(record["fingerprint"], summary["fingerprint"]);
  EXPECT_EQ(sent, handled);
  EXPECT_GE(sent, 3'000u);  // of what is counted; the warm-up is in the trace, too
}

TEST(Shipped, EveryConfigurationBindsAndRuns) {
  for (const auto& entry : std::filesystem::directory_iterator(PAGETOKEN_SOURCE_DIR "/configs/runs")) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().stem();
    // The trace runs elsewhere, to its end.
    const Json s = name == "postgres" ? run_shipped(name, {"/stop/accesses=1000"})
                                      : run_shipped(name, {"/warmup/accesses=10", "/stop/accesses=1000"});
    EXPECT_EQ(s["counts"]["accesses"], 1000) << name;
  }
}

}  // namespace
}  // namespace pagetoken
