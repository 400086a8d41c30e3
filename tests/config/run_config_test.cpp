// Defaults, overrides and what a summary says of the configuration.

#include "sim/config/run_config.hpp"

#include <gtest/gtest.h>

#include "declarations.hpp"
#include "sim/base/error.hpp"
#include "sim/config/overrides.hpp"

namespace pagetoken {
namespace {

RunConfig bind(const std::string& text) {
  const auto protocols = test_protocols();
  return bind_run_config(parse_json(text, "run.json"), "run.json", protocols);
}
RunConfig bind_with(const std::string& text, const std::vector<std::string>& assignments) {
  const auto protocols = test_protocols();
  Json json = parse_json(text, "run.json");
  for (const std::string& assignment : assignments) apply_assignment(json, assignment, "--set");
  return bind_run_config(json, "run.json", protocols);
}
constexpr const char* kUniform = R"({"protocol": "ivy-fixed", "workload": {"pattern": "uniform"}})";

TEST(RunConfig, DefaultsAreThoseOfTheDocumentation) {
  const RunConfig config = bind(kUniform);
  EXPECT_EQ(config.protocol.name, "ivy-fixed");
  EXPECT_EQ(config.guard.name, "page-lock");
  EXPECT_EQ(config.engine, Engine::event);
  EXPECT_EQ(config.cluster.clients, 16);
  EXPECT_EQ(config.cluster.cpus_per_client, 1);
  EXPECT_EQ(config.cluster.threads_per_client, 1);
  EXPECT_EQ(config.cluster.managers, 1);
  EXPECT_EQ(config.cluster.placement, Placement::dedicated);
  EXPECT_EQ(config.cluster.page_bytes, 4096);
  EXPECT_EQ(config.cluster.cache_pages, 0);
  EXPECT_EQ(config.cluster.network.topology.kind, TopologyKind::star);
  EXPECT_EQ(config.cluster.network.latency_ns, 15'000);
  EXPECT_EQ(config.cluster.network.bandwidth_bytes_per_s, 1'250'000'000);
  EXPECT_EQ(config.cluster.storage.nodes, 1);
  EXPECT_EQ(config.cluster.storage.read_ns, 80'000);
  EXPECT_EQ(config.cluster.storage.write_ns, 100'000);
  EXPECT_EQ(config.cluster.storage.bandwidth_bytes_per_s, 2'000'000'000);
  EXPECT_EQ(config.costs.handler_ns, 2'000);
  EXPECT_EQ(config.workload.pages, 64u);
  EXPECT_EQ(config.workload.write_fraction, 0.1);
  EXPECT_EQ(config.workload.think_ns, 0u);
  EXPECT_EQ(config.warmup_accesses, 10'000);
  EXPECT_EQ(config.stop.accesses, 200'000);
  EXPECT_FALSE(config.stop.time_ns);
  EXPECT_EQ(config.seed, 1u);
  EXPECT_TRUE(config.oracle);
}

TEST(RunConfig, PingPongHasTwoClients) {
  EXPECT_EQ(bind(R"({"protocol": "ivy-fixed", "workload": {"pattern": "ping-pong"}})").cluster.clients, 2);
}

TEST(RunConfig, TraceRunsWithoutWarmUpToItsEndWithItsOwnClients) {
  const RunConfig config =
      bind(R"({"protocol": "ivy-fixed", "workload": {"trace": "t.csv", "format": "csv", "order": "serial",
                                    "map": {"client": 1, "op": "op", "page": 4}}})");
  ASSERT_TRUE(config.workload.trace);
  EXPECT_EQ(config.workload.trace->order, Order::serial);
  EXPECT_EQ(config.workload.trace->map.at("client"), "1");
  EXPECT_EQ(config.workload.trace->map.at("op"), "op");
  EXPECT_EQ(config.cluster.clients, 0);
  EXPECT_EQ(config.warmup_accesses, 0);
  EXPECT_FALSE(config.stop.accesses || config.stop.time_ns);
}

TEST(RunConfig, IntegersMayBeWrittenAsFloatsAndCommentsAreSkipped) {
  const RunConfig config = bind(R"({"protocol": "ivy-fixed", // here
      "workload": {"pattern": "uniform", "pages": 1e6}, /* and
      here */ "stop": {"time_ns": 2.0}})");
  EXPECT_EQ(config.workload.pages, 1'000'000u);
  EXPECT_EQ(config.stop.time_ns, 2);
  EXPECT_FALSE(config.stop.accesses);
}

TEST(RunConfig, ParametersAreFilledUpInTheOrderOfTheDeclaration) {
  const RunConfig config =
      bind(R"({"protocol": {"name": "lease", "params": {"renew": false}}, "workload": {"pattern": "uniform"}})");
  const std::vector<std::int64_t> expected{10'000'000'000, 0};
  EXPECT_EQ(config.protocol.in_order(*test_protocols()[1]), expected);
}

TEST(RunConfig, ThreadsMayBeSaidInEitherPlace) {
  for (const char* text :
       {R"({"protocol": "lease", "workload": {"pattern": "uniform", "threads": 3}})",
        R"({"protocol": "lease", "workload": {"pattern": "uniform"}, "cluster": {"threads_per_client": 3}})"}) {
    const RunConfig config = bind(text);
    EXPECT_EQ(config.workload.threads, 3u);
    EXPECT_EQ(config.cluster.threads_per_client, 3);
  }
}

TEST(RunConfig, CostsOfAPresetMayBeChanged) {
  const RunConfig config = bind(R"({"protocol": "lease", "workload": {"pattern": "uniform"},
                                    "costs": {"preset": "2003", "hit_ns": 7, "sigma": 0.25}})");
  EXPECT_EQ(config.costs.hit_ns, 7);
  EXPECT_EQ(config.costs.handler_ns, 20'000);
  EXPECT_EQ(config.costs.sigma_permille, 250);
}

TEST(RunConfig, TopologyHasKeysOfItsOwnAndIsWrittenBackAsItWasRead) {
  const char* const json = R"({"protocol": "lease", "workload": {"pattern": "uniform"},
      "cluster": {"network": {"topology": {"name": "fat-tree", "down": [4, 8], "up": [1, 2]}}}})";
  const TopologySpec tree = bind(json).cluster.network.topology;
  EXPECT_EQ(tree.kind, TopologyKind::fat_tree);
  EXPECT_EQ(tree.down, (std::vector<std::int64_t>{4, 8}));
  EXPECT_EQ(bind(effective(bind(json)).dump().c_str()).cluster.network.topology, tree);
  EXPECT_EQ(effective(bind(R"({"protocol": "lease", "workload": {"pattern": "uniform"},
      "cluster": {"network": {"topology": {"name": "torus"}}}})"))["cluster"]["network"]["topology"],
            "torus");
}

TEST(RunConfig, ModelOfSimgridStatesItsFactors) {
  const auto lv08 =
      bind(R"({"protocol": "lease", "workload": {"pattern": "uniform"}, "simgrid": {"network_model": "LV08"}})");
  EXPECT_EQ(effective(lv08)["simgrid"]["latency_factor"], 13.01);
  EXPECT_EQ(effective(lv08)["simgrid"]["bandwidth_factor"], 0.97);
}

TEST(RunConfig, SimgridSharesLinksByDefault) {
  EXPECT_EQ(bind(R"({"protocol": "lease", "engine": "simgrid", "workload": {"pattern": "uniform"}})")
                .cluster.network.contention,
            Contention::fluid);
}

TEST(Overrides, MakeWhatIsMissingAndWriteNamesOut) {
  const RunConfig config = bind_with(
      kUniform, {"/cluster/network/latency_ns=2000", "/guard/state_first=false", "/protocol=lease",
                 "/protocol/params/term_ns=5000", "/costs=2003", "/costs/hit_ns=1", "/workload/pattern=zipf"});
  EXPECT_EQ(config.cluster.network.latency_ns, 2'000);
  EXPECT_EQ(config.guard.name, "page-lock, state_first=false");
  EXPECT_TRUE(config.guard.scheme.page_lock_across);
  EXPECT_EQ(config.protocol.params.at("term_ns"), 5'000);
  EXPECT_EQ(config.costs.hit_ns, 1);
  EXPECT_EQ(config.costs.minor_fault_ns, 2'000);
  EXPECT_EQ(config.workload.pattern, Pattern::zipf);
}

TEST(Overrides, ReachIntoArraysAndAppend) {
  Json json = parse_json(R"({"parts": [{"weight": 1}]})", "x");
  apply_assignment(json, "/parts/0/weight=2", "--set");
  apply_assignment(json, "/parts/-/weight=3", "--set");
  EXPECT_EQ(json, parse_json(R"({"parts": [{"weight": 2}, {"weight": 3}]})", "x"));
  EXPECT_THROW(apply_assignment(json, "/parts/2/weight=3", "--set"), ConfigError);
}

TEST(Overrides, AValueThatIsNoJsonIsAString) {
  Json json = Json::object();
  apply_assignment(json, "/a=two words", "--set");
  apply_assignment(json, "/b=", "--set");
  apply_assignment(json, "/c=\"7\"", "--set");
  apply_assignment(json, "/d=x=y", "--set");
  EXPECT_EQ(json, parse_json(R"({"a": "two words", "b": "", "c": "7", "d": "x=y"})", "x"));
}

TEST(Effective, NamesEveryKeyAndBindsToTheSame) {
  for (const std::string& text :
       {std::string(kUniform),
        std::string(R"({"protocol": "lease", "workload": {"pattern": "ping-pong"}, "guard": "frlock+hook"})"),
        std::string(R"({"protocol": "lease", "guard": {"preset": "frlock", "state_first": false}, "costs": "2003",
                        "workload": {"trace": "t", "format": "csv", "map": {"client": 0, "page": "p"}}})"),
        std::string(R"({"protocol": "lease", "guard": {"check": "count"}, "stop": {"time_ns": 5}, "engine": "simgrid",
                        "cluster": {"network": {"topology": {"platform": "p.xml"}}},
                        "workload": {"pattern": "mixed", "parts": [{"pattern": "zipf", "weight": 2}, {"pattern": "append"}]}})")}) {
    const RunConfig config = bind(text);
    const Json once = effective(config);
    const auto protocols = test_protocols();
    const RunConfig again = bind_run_config(once, "run.json", protocols);
    EXPECT_EQ(effective(again), once);
    EXPECT_EQ(again.guard, config.guard);
    EXPECT_EQ(once["guard"].size(), kMemberCount<GuardScheme> + 1);
  }
}

TEST(ParseJson, TakesWhatIsRight) {
  EXPECT_EQ(parse_json(std::string(64, '[') + std::string(64, ']'), "x").dump().size(), 128u);
  EXPECT_EQ(parse_json("\xef\xbb\xbf{\"\xc3\xa9\": \"\xf0\x9f\x98\x80\"}", "x").size(), 1u);
  EXPECT_EQ(parse_json(R"([[1,{"a":[2,{"b":null}]}],"x"])", "x").dump(), R"([[1,{"a":[2,{"b":null}]}],"x"])");
}

}  // namespace
}  // namespace pagetoken
