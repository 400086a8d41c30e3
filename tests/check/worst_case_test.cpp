// Certified worst cases against the published counts: docs/protocols.md, "What each costs". Where nothing else is said,
// three clients load and store one page, one operation after another, in every history there is.

#include "sim/check/cluster/worst_case.hpp"

#include <gtest/gtest.h>

#include "protocols/registry/registry.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

using Kind = ElementaryEvent;

const std::vector<Operation> kLoadsAndStores{*operation_called("load 0"), *operation_called("store 0")};

ProtocolSpec spec_of(const std::string& protocol, std::uint32_t nodes) {
  ProtocolSpec spec;
  spec.factory = find_protocol(protocol);
  for (const Parameter& p : spec.factory->declaration().parameters) spec.parameters.push_back(p.default_value);
  spec.guard = find_guard_preset("page-lock")->scheme;
  spec.nodes = nodes;
  return spec;
}

WorstCase worst_of(const std::string& protocol, std::uint32_t nodes,
                   const WorstCaseBounds& bounds = {kLoadsAndStores}) {
  WorstCase worst = find_worst_case(spec_of(protocol, nodes), bounds, {});
  std::printf("%s, %u nodes: %lu states\n", protocol.c_str(), nodes, worst.found.states);
  EXPECT_TRUE(worst.certified) << transcript(worst.found);
  return worst;
}

struct Expected {
  WatchedEvent event;
  std::uint32_t least;
  std::uint32_t most;
  std::uint32_t hops;
};

void expect_costs(const WorstCase& worst, const std::vector<Expected>& all) {
  for (const Expected& expected : all) {
    const auto found = worst.events.find(expected.event);
    ASSERT_NE(found, worst.events.end()) << text_of(expected.event) << " was never met";
    const WorstCase::Cost& cost = found->second;
    EXPECT_TRUE(cost.bounded && cost.hops_bounded) << text_of(expected.event);
    EXPECT_EQ(cost.least_messages, expected.least) << text_of(expected.event);
    EXPECT_EQ(cost.messages, expected.most) << text_of(expected.event);
    EXPECT_EQ(cost.hops, expected.hops) << text_of(expected.event);
  }
}

// Section 9: 3 | 3 | 3 | 3+2(k-1) | 2k by the owner, else 3+2(k-1). The first access of all finds no owner, and
// costs 2.
TEST(WorstCase, IvyFixed) {
  expect_costs(worst_of("ivy-fixed", 3), {{{Kind::rmiss_clean}, 2, 3, 3},
                                          {{Kind::rmiss_dirty}, 3, 3, 3},
                                          {{Kind::wmiss_none}, 2, 2, 2},
                                          {{Kind::wmiss_excl}, 3, 3, 3},
                                          {{Kind::wmiss_shared, 1}, 3, 3, 3},
                                          {{Kind::wmiss_shared, 2}, 5, 5, 5},
                                          {{Kind::upgrade, 1}, 2, 3, 3},
                                          {{Kind::upgrade, 2}, 4, 5, 5}});
}

// L + 1, where one locate takes at most N - 1 messages (docs/protocols.md, "Published results").
TEST(WorstCase, IvyDynamicLocatesAnOwnerInAtMostAllOtherNodes) {
#ifdef PAGETOKEN_LONG_TESTS
  const std::vector<std::uint32_t> sizes{2, 3, 4};
#else
  const std::vector<std::uint32_t> sizes{2, 3};
#endif
  for (const std::uint32_t nodes : sizes)
    expect_costs(worst_of("ivy-dynamic", nodes),
                 {{{Kind::rmiss_dirty}, 2, nodes, nodes}, {{Kind::wmiss_excl}, 2, nodes, nodes}});
}

// L + 1 + 2(k-1), owner included in k: with two copies elsewhere 2 or 3, and 2.
TEST(WorstCase, IvyDynamicInvalidatesEachReader) {
  expect_costs(worst_of("ivy-dynamic", 3), {{{Kind::wmiss_shared, 2}, 4, 5, 5}, {{Kind::upgrade, 2}, 4, 4, 4}});
}

// Section 9 and 3.4: 2 | 6 | 6 | 4+2k | 4+2k; the holders are asked at once, so that the path is 6 whatever their
// number.
TEST(WorstCase, GpfsRange) {
  expect_costs(worst_of("gpfs-range", 3), {{{Kind::rmiss_clean}, 2, 2, 2},
                                           {{Kind::rmiss_dirty}, 6, 6, 6},
                                           {{Kind::wmiss_none}, 2, 2, 2},
                                           {{Kind::wmiss_excl}, 6, 6, 6},
                                           {{Kind::wmiss_shared, 1}, 6, 6, 6},
                                           {{Kind::wmiss_shared, 2}, 8, 8, 6},
                                           {{Kind::upgrade, 1}, 6, 6, 6},
                                           {{Kind::upgrade, 2}, 8, 8, 6}});
}

// Section 9: 2 | 3+3 | 6 | 3+3k | 3+3k, of which nobody waits for the denial and for the acknowledgement of a release.
TEST(WorstCase, DlmFile) {
  expect_costs(worst_of("dlm-file", 3), {{{Kind::rmiss_clean}, 2, 2, 2},
                                         {{Kind::rmiss_dirty}, 6, 6, 4},
                                         {{Kind::wmiss_none}, 2, 2, 2},
                                         {{Kind::wmiss_excl}, 6, 6, 4},
                                         {{Kind::wmiss_shared, 1}, 6, 6, 4},
                                         {{Kind::wmiss_shared, 2}, 9, 9, 4},
                                         {{Kind::upgrade, 1}, 6, 6, 4},
                                         {{Kind::upgrade, 2}, 9, 9, 4}});
}

TEST(WorstCase, NoCachePaysTwoMessagesForEverything) {
  expect_costs(worst_of("nocache", 3, {every_operation(1), true, 3}), {{{Kind::rmiss_clean}, 2, 2, 2},
                                                                       {{Kind::wmiss_none}, 2, 2, 2},
                                                                       {{Kind::truncate, 0}, 2, 2, 2},
                                                                       {{Kind::extend}, 2, 2, 2}});
}

// Section 9, "TRUNCATE k holders": 4+2k on inode and on range; 3+3k on each of the two locks. An eviction costs
// nothing.
TEST(WorstCase, TruncatePaysForTheSizeAndForTheRange) {
  expect_costs(worst_of("gpfs-range", 2, {every_operation(1), true, 3}),
               {{{Kind::truncate, 1}, 6, 12, 12}, {{Kind::evict}, 0, 0, 0}});
  expect_costs(worst_of("dlm-file", 2, {every_operation(1), true, 3}),
               {{{Kind::truncate, 1}, 6, 12, 8}, {{Kind::evict}, 0, 0, 0}});
}

// Who looked free when the fault began may be taken when its request arrives.
TEST(WorstCase, OperationsAtOnceMakeAnEventCostMoreThanAlone) {
  const WorstCase at_once = worst_of("gpfs-range", 2, {kLoadsAndStores, false, 2});
  expect_costs(at_once, {{{Kind::wmiss_none}, 2, 6, 6}});
}

// As a run sorts them: who has asked to write is a writer for who asks next, and may be overtaken by it.
TEST(WorstCase, WhoHasAskedToWriteIsAWriterForWhoAsksNext) {
  const WorstCase at_once = worst_of("ivy-fixed", 2, {{*operation_called("store 0")}, false, 2});
  expect_costs(at_once, {{{Kind::wmiss_none}, 2, 3, 3}, {{Kind::wmiss_excl}, 2, 3, 3}});
}

TEST(WorstCase, AStateLimitCertifiesNothing) {
  EXPECT_FALSE(find_worst_case(spec_of("ivy-fixed", 3), {kLoadsAndStores}, {.max_states = 100}).certified);
}

// 0 -> 1 -> 3 weighs 1 + 2, 0 -> 2 -> 3 weighs 5; 4 begins anew and 5 hangs on a cycle that weighs something.
TEST(WalkWeights, LeastMostAndUnbounded) {
  StateGraph graph;
  struct To {
    std::uint32_t from, to;
    std::uint8_t weight;
    std::uint8_t marks = 0;
  };
  const std::vector<To> edges{{0, 1, 1}, {0, 2, 0}, {1, 3, 2}, {2, 3, 5}, {3, 4, 7, StateGraph::kReset},
                              {4, 4, 1}, {4, 5, 0}};
  std::size_t next = 0;
  for (std::uint32_t s = 0; s <= 6; ++s) {
    graph.states.push_back({0, next, 0, true, false, false});
    for (; next < edges.size() && edges[next].from == s; ++next) {
      graph.edges.push_back({edges[next].to, 0, 0, edges[next].marks});
      graph.weights.push_back(edges[next].weight);
    }
  }
  graph.initial_states = 1;
  const std::vector<WalkWeight> weights = walk_weights(graph);
  EXPECT_EQ(weights[3].least, 3u);
  EXPECT_EQ(weights[3].most, 5u);
  EXPECT_TRUE(weights[3].bounded);
  EXPECT_EQ(weights[4].least, 0u);
  EXPECT_FALSE(weights[5].bounded);
}

}  // namespace
}  // namespace pagetoken
