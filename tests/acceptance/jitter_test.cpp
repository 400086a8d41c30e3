// A network whose messages take unequal times: what overtakes what, for whom, and that nobody is wrong for it.

#include <map>
#include <utility>

#include "conformance.hpp"

namespace pagetoken {
namespace {

/// Counts messages of one sender to one receiver that arrive before one that was sent earlier.
class Overtakes final : public TraceSink {
 public:
  Json told() const { return {{"sent", sent_.size()}, {"overtakes", overtakes_}, {"longest_ns", longest_ns_}}; }

  void send(const Where& where, std::uint64_t message, NodeId to, std::string_view, const Resource&,
            std::uint64_t) override {
    if (where.node != to) sent_[message] = {where.time_ns, ++numbers_[{where.node, to}]};
  }
  void handle(const Where& where, std::uint64_t message, NodeId from, std::string_view, const Resource&,
              std::int64_t waited_ns, std::int64_t cpu_ns) override {
    const auto found = sent_.find(message);
    if (found == sent_.end()) return;
    std::uint64_t& latest = latest_[{from, where.node}];
    overtakes_ += found->second.second < latest;
    latest = std::max(latest, found->second.second);
    longest_ns_ = std::max(longest_ns_, where.time_ns - waited_ns - cpu_ns - found->second.first);
  }

  void because(const By&) override {}
  void reached(std::int64_t) override {}
  void begin(const Where&, std::string_view, const Resource&, const Access&) override {}
  void end(const Where&, std::string_view, std::string_view, std::string_view, std::int64_t, std::uint32_t) override {}
  void step(const Where&, std::uint32_t, std::string_view, std::string_view, std::string_view, const Waiting&, bool,
            std::int64_t) override {}
  void wake(const Where&, std::uint32_t, std::int64_t) override {}
  void hits(const Where&, const Resource&, const Hits&, const Hits&) override {}
  void use(const Where&, FileId, std::uint64_t, PageIndex, bool) override {}
  void evict(const Where&, const Resource&) override {}
  void timer(const Where&, const Resource&, std::string_view) override {}
  void need(const Where&, const Resource&, Range, std::string_view) override {}
  void grant(const Where&, const Resource&, Range, std::string_view) override {}
  void yield(const Where&, const Resource&, Range, std::string_view) override {}
  void yielded(const Where&, const Resource&, Range, std::string_view) override {}
  void storage(const Where&, std::uint64_t, NodeId, bool, const Resource&, std::string_view, std::int64_t,
               std::int64_t) override {}

 private:
  std::map<std::uint64_t, std::pair<std::int64_t, std::uint64_t>> sent_;  // message -> when, and its number on its link
  std::map<std::pair<NodeId, NodeId>, std::uint64_t> numbers_;            // link -> of the last sent
  std::map<std::pair<NodeId, NodeId>, std::uint64_t> latest_;             // link -> highest number handled
  std::uint64_t overtakes_ = 0;
  std::int64_t longest_ns_ = 0;
};

/// In a process of its own, which SimGrid needs.
Json watched(const Json& config) {
  const Forked run = run_forked(
      [&] {
        Overtakes overtakes;
        const auto bound = bind_run_config(config, "test", protocols().declarations());
        Json summary = summary_json(simulate(bound, protocols(), {.watch = &overtakes}));
        summary["watched"] = overtakes.told();
        return summary.dump();
      },
      250);
  EXPECT_TRUE(run.done) << run.errors;
  return run.done ? Json::parse(run.result) : Json();
}

Json config(const std::string& protocol, const std::string& engine, std::int64_t jitter_ns,
            const char* contention = "none") {
  return {{"protocol", protocol},
          {"engine", engine},
          {"cluster", {{"clients", 3}, {"network", {{"jitter_ns", jitter_ns}, {"contention", contention}}}}},
          {"workload", {{"pattern", "uniform"}, {"pages", 8}, {"write_fraction", 0.5}, {"threads", 4}}},
          {"warmup", {{"accesses", 0}}},
          {"stop", {{"accesses", 1'000}}}};
}

class Jitter : public testing::TestWithParam<const char*> {};

TEST_P(Jitter, MessagesOvertakeEachOtherForAProtocolThatTakesThemInAnyOrder) {
  const Json loose = watched(config("nocache", GetParam(), 100'000));
  EXPECT_EQ(loose["verdict"]["oracle"], "ok");
  EXPECT_GT(loose["watched"]["overtakes"], 100);
  // 15 us of latency, 4160 bytes at 1.25 GB/s, and the jitter.
  EXPECT_LE(loose["watched"]["longest_ns"], 15'000 + 3'328 + 100'000);
  EXPECT_GT(loose["watched"]["longest_ns"], 15'000 + 95'000);
}

TEST_P(Jitter, OrderIsKeptForAProtocolThatNeedsItAndByLinksThatServeOneAfterTheOther) {
  for (const char* protocol : {"ivy-fixed", "ivy-dynamic", "gpfs-range", "dlm-file"})
    EXPECT_EQ(watched(config(protocol, GetParam(), 100'000))["watched"]["overtakes"], 0) << protocol;
  EXPECT_EQ(watched(config("nocache", GetParam(), 100'000, "fifo"))["watched"]["overtakes"], 0);
}

TEST_P(Jitter, OfZeroIsNone) {
  const Json without = watched(config("nocache", GetParam(), 0));
  EXPECT_EQ(without["watched"]["overtakes"], 0);
  Json plain = config("nocache", GetParam(), 0);
  plain["cluster"]["network"].erase("jitter_ns");
  Json again = watched(plain);
  EXPECT_EQ(again["fingerprint"], without["fingerprint"]);
  EXPECT_EQ(results(again), results(without));
}

TEST_P(Jitter, SameSeedGivesTheSameBytesAndAnotherSeedOthers) {
  for (const char* protocol : {"nocache", "ivy-fixed"}) {
    const Json once = watched(config(protocol, GetParam(), 20'000));
    const Json again = watched(config(protocol, GetParam(), 20'000));
    EXPECT_EQ(again["fingerprint"], once["fingerprint"]) << protocol;
    EXPECT_EQ(results(again), results(once)) << protocol;
    Json other = config(protocol, GetParam(), 20'000);
    other["seed"] = 2;
    EXPECT_NE(watched(other)["fingerprint"], once["fingerprint"]) << protocol;
    EXPECT_NE(watched(config(protocol, GetParam(), 20'001))["fingerprint"], once["fingerprint"]) << protocol;
  }
}

TEST_P(Jitter, ShiftsNoOtherRandomNumbers) {
  const Json still = watched(config("ivy-fixed", GetParam(), 0));
  const Json shaken = watched(config("ivy-fixed", GetParam(), 50'000));
  EXPECT_EQ(shaken["workload_digest"], still["workload_digest"]);
  EXPECT_NE(shaken["fingerprint"], still["fingerprint"]);
}

std::string name_of_engine(const testing::TestParamInfo<const char*>& info) { return info.param; }
INSTANTIATE_TEST_SUITE_P(, Jitter, testing::Values("event", "simgrid"), name_of_engine);

TEST(JitterGrid, BreaksNoProtocolOnAnyPattern) {  // on SimGrid: conformance_long_test
  for (const GridPoint& point : grid()) {
    const Json summary = run_config(jittered(grid_config(point, false, 300, "none")));
    EXPECT_EQ(summary["verdict"]["oracle"], "ok") << testing::PrintToString(point) << summary["verdict"];
  }
}

}  // namespace
}  // namespace pagetoken
