// The parts of every operation sum to its latency, and the path says where it waited.

#include "analysis/trace/operation.hpp"
#include "tests/support/traced.hpp"

namespace pagetoken {
namespace {

/// Every operation that ended, with its path.
class PathsOf : public testing::TestWithParam<ProtocolOnEngine> {
 protected:
  const std::string text_ = trace_apart(busy_run(GetParam().protocol, GetParam().engine));
};

TEST_P(PathsOf, TileEveryOperationOfABusyRun) {
  AnalysisOptions options;
  options.slowest = 100'000;  // all of them
  TraceAnalysis analysis(head_of(text_), options);
  analyse(text_, analysis);
  ASSERT_GT(analysis.slowest().size(), 200u);
  EXPECT_EQ(analysis.slowest().size(), analysis.all().count);
  EXPECT_EQ(analysis.odd(), 0u);
  for (const FinishedOperation& f : analysis.slowest()) {
    std::int64_t sum = 0;
    for (const std::int64_t part : f.parts) {
      EXPECT_GE(part, 0);
      sum += part;
    }
    EXPECT_EQ(sum, f.latency()) << f.operation.id;
    std::int64_t at_ns = f.operation.begin;
    for (const Segment& s : f.path) {
      EXPECT_EQ(s.begin, at_ns) << f.operation.id;
      EXPECT_GT(s.end, s.begin);
      at_ns = s.end;
    }
    EXPECT_TRUE(f.path.empty() || at_ns == f.operation.end);
  }
}

TEST_P(PathsOf, AgreeWithTheEnginesLatencies) {
  TraceReader reader = TraceReader::from_memory(text_, "trace");
  std::map<std::uint64_t, std::int64_t> latencies;
  for (TraceEvent e; reader.next(e);)
    if (e.kind == TraceKind::end) latencies[e.op] = e.latency;
  AnalysisOptions options;
  options.slowest = 100'000;
  TraceAnalysis analysis(head_of(text_), options);
  analyse(text_, analysis);
  for (const FinishedOperation& f : analysis.slowest()) EXPECT_EQ(f.latency(), latencies.at(f.operation.id));
}

INSTANTIATE_TEST_SUITE_P(Every, PathsOf, testing::ValuesIn(every_protocol_on_every_engine()), name_of_case);

// A read fault of a page that another client has written: request, forward, data, each a wire and a handler; by hand
// from the configuration's defaults.
TEST(CriticalPath, OfADirtyReadMissIsThreeMessages) {
  const Json config = {{"protocol", "ivy-fixed"},
                       {"cluster", {{"clients", 2}}},
                       {"workload", {{"pattern", "ping-pong"}, {"pages", 1}}},
                       {"warmup", {{"accesses", 10}}},
                       {"stop", {{"accesses", 100}}}};
  const std::string text = trace_of(config);
  TraceAnalysis analysis(head_of(text));
  analyse(text, analysis);
  const FinishedOperation& f = analysis.slowest().back();
  // Two messages of 64 bytes and one of 64, a page and a set of readers (8) at 1.25 GB/s over 15 us; three handlers of
  // 2 us.
  EXPECT_EQ(at(f.parts, Part::wire), 3 * 15'000 + 2 * 52 + 3'335);
  EXPECT_EQ(at(f.parts, Part::handler), 3 * 2'000);
  EXPECT_EQ(at(f.parts, Part::storage), 0);
  EXPECT_GT(at(f.parts, Part::remote), 0);  // the other's revoke
}

TEST(CriticalPath, WhatLiesBeforeTheLastRestartIsLost) {
  TracedOperation o{.id = 1, .node = 0, .begin = 100, .end = 1000, .own_task = 0, .retry_until = 400, .items = {}};
  o.items = {{.t = 100, .duration_ns = 300, .type = PathItem::Type::run},
             {.t = 400, .duration_ns = 600, .type = PathItem::Type::run}};
  std::vector<Segment> path;
  critical_path(o, path);
  const PartSums parts = sum_parts(path);
  EXPECT_EQ(at(parts, Part::retry), 300);
  EXPECT_EQ(at(parts, Part::local), 600);
}

TEST(CriticalPath, AMessageOfAnotherOperationWasInFront) {
  TracedOperation o{.id = 1, .node = 0, .begin = 0, .end = 1000, .own_task = 3, .items = {}};
  using T = PathItem::Type;
  o.items = {
      {.t = 0, .duration_ns = 10, .type = T::run},
      {.t = 10, .bytes = 64, .id = 7, .by = 3, .other = 5, .name = 1, .type = T::send, .by_kind = ByKind::task},
      {.t = 10, .type = T::block, .wait = Wait::token},
      {.t = 100, .duration_ns = 30, .waited_ns = 20, .id = 7, .node = 5, .other = 0, .name = 1, .type = T::handle},
      {.t = 500,
       .bytes = 64,
       .id = 9,
       .by = 8,
       .node = 5,
       .other = 0,
       .name = 2,
       .type = T::send,
       .by_kind = ByKind::message},
      {.t = 600, .duration_ns = 30, .id = 9, .node = 0, .other = 5, .name = 2, .type = T::handle},
      {.t = 600, .by = 9, .type = T::wake, .by_kind = ByKind::message},
      {.t = 605, .duration_ns = 395, .type = T::run}};
  std::vector<Segment> path;
  critical_path(o, path);
  const PartSums parts = sum_parts(path);
  EXPECT_EQ(at(parts, Part::wire), 40 + 70);    // 10 to 50, 500 to 570
  EXPECT_EQ(at(parts, Part::queue), 20 + 400);  // at the handler, and behind message 8 of somebody else
  EXPECT_EQ(at(parts, Part::handler), 30 + 30);
  EXPECT_EQ(at(parts, Part::local), 10 + 5 + 395);
  EXPECT_EQ(at(parts, Part::remote), 0);
}

}  // namespace
}  // namespace pagetoken
