// German's protocol: a model from the literature with published counts, so that the explorer is held to numbers that it
// did not make.

#include "sim/explore/models/german.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "sim/explore/explorer.hpp"

namespace pagetoken {
namespace {

template <std::uint8_t N>
Exploration german(GermanBug bug, const ExploreOptions& options = {}) {
  German<N> model(bug);
  return explore(model, options);
}

TEST(German, TwoClients) {
  const Exploration e = german<2>(GermanBug::none);
  EXPECT_EQ(e.verdict, Exploration::Verdict::ok);
  EXPECT_EQ(e.states, 3'390u);
  EXPECT_EQ(e.transitions, 9'912u);
}

TEST(German, ThreeClients) {
  const Exploration e = german<3>(GermanBug::none);
  EXPECT_EQ(e.verdict, Exploration::Verdict::ok);
  EXPECT_EQ(e.states, 58'104u);
  EXPECT_EQ(e.transitions, 235'872u);
}

TEST(German, OrbitsOfTwoAndThreeClients) {
  const Exploration two = german<2>(GermanBug::none, {.symmetry = true});
  EXPECT_EQ(two.states, 852u);
  EXPECT_EQ(two.orbits_states, 3'390u);
  EXPECT_EQ(two.orbits_transitions, 9'912u);
  const Exploration three = german<3>(GermanBug::none, {.symmetry = true});
  EXPECT_EQ(three.states, 5'235u);
  EXPECT_EQ(three.orbits_states, 58'104u);
  EXPECT_EQ(three.orbits_transitions, 235'872u);
}

TEST(German, PlantedBugsAreFoundAtTheirShortestDepth) {
  const Exploration shared = german<2>(GermanBug::shared_grant_ignores_exclusive);
  EXPECT_EQ(shared.verdict, Exploration::Verdict::violated);
  EXPECT_EQ(shared.path.size(), 8u);
  const Exploration exclusive = german<2>(GermanBug::exclusive_grant_ignores_sharers);
  EXPECT_EQ(exclusive.path.size(), 8u);
  EXPECT_EQ(exclusive.broken.property.name(), "protocol:control");
  const Exploration data = german<2>(GermanBug::ack_without_data);
  EXPECT_EQ(data.path.size(), 9u);
  EXPECT_EQ(data.broken.property.name(), "protocol:data");
}

TEST(German, TwoThreadsFindTheSame) {
  German<3> a, b;
  German<3>* const both[] = {&a, &b};
  const Exploration e = explore<German<3>>(both, {.keep_edges = true});
  const Exploration one = german<3>(GermanBug::none, {.keep_edges = true});
  EXPECT_EQ(e.states, one.states);
  EXPECT_EQ(e.transitions, one.transitions);
  EXPECT_EQ(e.depth, one.depth);
  ASSERT_EQ(e.graph->edges.size(), one.graph->edges.size());
  for (std::size_t i = 0; i < e.graph->edges.size(); ++i) ASSERT_EQ(e.graph->edges[i].to, one.graph->edges[i].to);
}

TEST(German, TwoThreadsGiveTheSameCounterexample) {
  for (const GermanBug bug : {GermanBug::shared_grant_ignores_exclusive, GermanBug::exclusive_grant_ignores_sharers,
                              GermanBug::ack_without_data}) {
    German<4> a(bug), b(bug);
    German<4>* const both[] = {&a, &b};
    const Exploration two = explore<German<4>>(both);
    const Exploration one = german<4>(bug);
    EXPECT_EQ(transcript(two), transcript(one));
    EXPECT_EQ(two.states, one.states);
    EXPECT_EQ(two.transitions, one.transitions);
  }
}

TEST(German, FingerprintsFindTheSame) {
  const Exploration e = german<3>(GermanBug::none, {.compare = Compare::fingerprint});
  EXPECT_EQ(e.states, 58'104u);
  EXPECT_EQ(e.transitions, 235'872u);
  EXPECT_EQ(german<3>(GermanBug::ack_without_data, {.compare = Compare::fingerprint}).path.size(), 9u);
}

TEST(German, PathWithSymmetryIsOneOfTheModel) {
  for (const Compare compare : {Compare::exact, Compare::fingerprint}) {
    const Exploration e = german<3>(GermanBug::ack_without_data, {.compare = compare, .symmetry = true});
    ASSERT_EQ(e.path.size(), 9u);
    German<3> model(GermanBug::ack_without_data);
    std::string again;
    rerun(model, e, [&](std::size_t i) { again += i < e.path.size() ? model.describe_choice(e.path[i].choice) : ""; });
    EXPECT_TRUE(model.check().has_value());
    EXPECT_EQ(again, std::accumulate(e.path.begin(), e.path.end(), std::string(),
                                     [](std::string all, const PathStep& s) { return std::move(all) + s.text; }));
  }
}

TEST(German, LimitsEndInUnknown) {
  const Exploration states = german<3>(GermanBug::none, {.max_states = 10'000});
  EXPECT_EQ(states.verdict, Exploration::Verdict::unknown);
  EXPECT_EQ(states.reason, "max_states");
  EXPECT_LT(states.states, 58'104u);
  const Exploration bytes = german<3>(GermanBug::none, {.max_bytes = 1'000'000});
  EXPECT_EQ(bytes.reason, "max_bytes");
  EXPECT_EQ(bytes.verdict, Exploration::Verdict::unknown);
  int asked = 0;
  ExploreOptions interrupted;
  interrupted.stop = [&] { return ++asked == 3; };
  const Exploration stopped = german<3>(GermanBug::none, interrupted);
  EXPECT_EQ(stopped.reason, "stopped");
  EXPECT_EQ(stopped.verdict, Exploration::Verdict::unknown);
}

}  // namespace
}  // namespace pagetoken
