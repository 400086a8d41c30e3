// German's protocol: a model from the literature with published counts, so that the explorer is held to numbers that it
// did not make.

#include <gtest/gtest.h>

#include "sim/check/explorer.hpp"
#include "tests/check/models/german.hpp"

namespace pagetoken {
namespace {

template <std::uint8_t N>
Exploration german(GermanBug bug, ExploreOptions options = {}) {
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
  EXPECT_EQ(exclusive.broken.property, "protocol:control");
  const Exploration data = german<2>(GermanBug::ack_without_data);
  EXPECT_EQ(data.path.size(), 9u);
  EXPECT_EQ(data.broken.property, "protocol:data");
}

}  // namespace
}  // namespace pagetoken
