// A cause that is planted in a run of the simulator is named first; without it, it is not.

#include "tests/support/traced.hpp"

namespace pagetoken {
namespace {

AnalysisJson causes_of(const std::string& trace) { return analysed(trace)["causes"]; }

TEST(Planted, ASlowManagerIsNamedFirst) {
  Json config = {{"protocol", "ivy-fixed"},
                 {"cluster", {{"clients", 16}}},
                 {"costs", {{"preset", "modern"}, {"handler_ns", 100'000}}},
                 {"workload", {{"pattern", "uniform"}, {"pages", 64}, {"write_fraction", 0.3}}},
                 {"warmup", {{"accesses", 200}}},
                 {"stop", {{"accesses", 2000}}}};
  for (const char* protocol : {"ivy-fixed", "gpfs-range", "nocache"}) {
    config["protocol"] = protocol;
    const AnalysisJson causes = causes_of(trace_of(config));
    EXPECT_EQ(causes[0]["kind"], "manager") << protocol;
    EXPECT_EQ(causes[0]["name"], "manager 0");
  }
  config["protocol"] = "ivy-fixed";
  config["costs"] = "modern";
  EXPECT_EQ(causes_of(trace_of(config))[0]["kind"], "network");
}

/// Eight clients, a manager and a storage server around a switch; one host's link is not like the others.
std::string platform(const std::string& slow_host, const std::string& bandwidth, const std::string& latency) {
  std::string hosts;
  std::string links;
  std::string routes;
  std::vector<std::string> names{"head-0", "disk-0"};
  for (int i = 0; i < 8; ++i) names.push_back(fmt::format("node-{}", i));
  for (const std::string& name : names) {
    const bool is_slow = name == slow_host;
    hosts += fmt::format(R"(<host id="{0}" speed="1Gf">{1}</host>)", name,
                         name == "disk-0" ? R"(<disk id="disk" read_bw="2GBps" write_bw="2GBps"/>)" : "");
    links += fmt::format(R"(<link id="to-{}" bandwidth="{}" latency="{}"/>)", name, is_slow ? bandwidth : "1.25GBps",
                         is_slow ? latency : "7.5us");
    routes += fmt::format(R"(<route src="{0}" dst="switch"><link_ctn id="to-{0}"/></route>)", name);
  }
  return R"(<?xml version="1.0"?><!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd"><platform version="4.1"><zone id="z" routing="Floyd">)" +
         hosts + R"(<router id="switch"/>)" + links + routes + "</zone></platform>";
}

AnalysisJson causes_on(const ScratchFile& platform, const std::string& protocol) {
  return causes_of(trace_apart(
      {{"protocol", protocol},
       {"engine", "simgrid"},
       {"cluster",
        {{"clients", 8},
         {"network",
          {{"topology",
            {{"platform", platform.path()}, {"clients", "node-*"}, {"managers", "head-*"}, {"storage", "disk-*"}}}}}}},
       {"workload", {{"pattern", "uniform"}, {"pages", 64}, {"write_fraction", 0.3}}},
       {"warmup", {{"accesses", 200}}},
       {"stop", {{"accesses", 1000}}}}));
}

TEST(Planted, ASlowLinkIsNamedFirst) {
  const ScratchFile far("far.xml", platform("node-3", "1.25GBps", "300us"));
  for (const char* protocol : {"ivy-fixed", "gpfs-range"}) {
    const AnalysisJson causes = causes_on(far, protocol);
    EXPECT_EQ(causes[0]["kind"], "link") << protocol << ": " << causes.dump();
    EXPECT_NE(causes[0]["name"].get<std::string>().find("client 3"), std::string::npos) << causes[0]["name"];
  }
  const ScratchFile narrow("narrow.xml", platform("node-3", "10MBps", "7.5us"));
  const AnalysisJson causes = causes_on(narrow, "ivy-fixed");
  EXPECT_EQ(causes[0]["kind"], "link");
  EXPECT_EQ(causes[0]["name"], "the link of client 3");
  const ScratchFile head("head.xml", platform("head-0", "1.25GBps", "300us"));
  EXPECT_EQ(causes_on(head, "ivy-fixed")[0]["name"], "the link of manager 0");

  const ScratchFile even("even.xml", platform("none", "", ""));
  EXPECT_EQ(causes_on(even, "ivy-fixed")[0]["kind"], "network");
}

TEST(Planted, SlowUplinksAreNamedByTheNodesBehindThem) {
  Json config = {{"protocol", "ivy-fixed"},
                 {"cluster", {{"clients", 12}}},
                 {"workload", {{"pattern", "uniform"}, {"pages", 64}, {"write_fraction", 0.3}}},
                 {"warmup", {{"accesses", 200}}},
                 {"stop", {{"accesses", 2000}}}};
  Json& topology = config["cluster"]["network"]["topology"];
  topology = {{"name", "rack"}, {"nodes_per_rack", 7}, {"uplink_bandwidth_bytes_per_s", 10'000'000}};
  const AnalysisJson causes = causes_of(trace_of(config));
  EXPECT_EQ(causes[0]["kind"], "link");
  EXPECT_EQ(causes[0]["name"], "the way to client 7, client 8, client 9, client 10 and 1 more");
  topology = {{"name", "rack"}, {"nodes_per_rack", 7}};
  EXPECT_EQ(causes_of(trace_of(config))[0]["kind"], "network");
}

// frlock has one counter a file: whatever is revoked while a fault waits for its token sends the fault back.
TEST(Planted, ARetryStormIsNamedFirst) {
  Json config = {{"protocol", "gpfs-range"},
                 {"guard", "frlock"},
                 {"cluster", {{"clients", 4}}},
                 {"workload", {{"pattern", "uniform"}, {"threads", 8}, {"pages", 256}, {"write_fraction", 0.5}}},
                 {"warmup", {{"accesses", 0}}},
                 {"stop", {{"accesses", 2000}}}};
  const AnalysisJson causes = causes_of(trace_of(config));
  EXPECT_EQ(causes[0]["kind"], "retry");
  EXPECT_GT(causes[0]["share"], 0.5);
  config["guard"] = "hook";  // which makes faults and revokes wait for each other instead
  // Now and then a page still leaves the cache between a fault's look and its lock.
  for (const auto& cause : causes_of(trace_of(config)))
    if (cause["kind"] == "retry") {
      EXPECT_LT(cause["share"], 0.01);
    }
}

TEST(Planted, ARetryStormOfTruncatesIsNamedFirst) {
  const AnalysisJson causes =
      causes_of(trace_of({{"protocol", "gpfs-range"},
                          {"guard", "frlock"},
                          {"cluster", {{"clients", 2}, {"storage", {{"nodes", 8}, {"read_ns", 3'000'000}}}}},
                          {"workload",
                           {{"pattern", "mixed"},
                            {"threads", 16},
                            {"parts",
                             {{{"weight", 1},
                               {"pattern", "truncate-storm"},
                               {"pages", 64},
                               {"low_pages", 60},
                               {"truncate_interval_ns", 0}},
                              {{"weight", 4}, {"pattern", "uniform"}, {"pages", 64}, {"write_fraction", 0.1}}}}}},
                          {"warmup", {{"accesses", 0}}},
                          {"stop", {{"accesses", 3000}}}}));
  EXPECT_EQ(causes[0]["kind"], "retry") << causes.dump();
}

// Two clients that write the two halves of a page: a csv trace, and the pattern.
TEST(Planted, FalseSharingIsNamedFirst) {
  std::string rows = "# client op file offset length\n";
  for (int i = 0; i < 300; ++i) rows += fmt::format("{},w,0,{},2048\n", i % 2, i % 2 * 2048);
  const ScratchFile csv("halves.csv", rows);
  const Json halves = {{"protocol", "ivy-fixed"},
                       {"workload",
                        {{"trace", csv.path()},
                         {"format", "csv"},
                         {"map", {{"client", 0}, {"op", 1}, {"file", 2}, {"offset", 3}, {"length", 4}}},
                         {"order", "serial"}}}};
  const Json pattern = {{"protocol", "ivy-dynamic"},
                        {"cluster", {{"clients", 2}}},
                        {"workload", {{"pattern", "false-sharing"}, {"pages", 1}}},
                        {"stop", {{"accesses", 1000}}}};
  for (const Json& config : {halves, pattern}) {
    const AnalysisJson results = analysed(trace_of(config));
    EXPECT_EQ(results["causes"][0]["kind"], "false-sharing") << results["causes"].dump();
    EXPECT_EQ(results["pages"][0]["sharing"], "false");
    EXPECT_EQ(results["pages"][0]["granularity_bytes"], 2048);
  }
}

}  // namespace
}  // namespace pagetoken
