// Topologies as graphs: what a route costs, in closed form, for every pair.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "sim/engine/topology/graph.hpp"

namespace pagetoken {
namespace {

NetworkSpec spec_of(TopologySpec topology) { return {.topology = std::move(topology), .latency_ns = 10'000}; }

/// `hops(a, b)` for every pair, in links of 5 us.
template <class Hops>
void expect_hops(const TopologySpec& topology, std::uint32_t nodes, Hops&& hops) {
  NetworkGraph graph(fitted(spec_of(topology), nodes), nodes);
  for (std::uint32_t a = 0; a < nodes; ++a)
    for (std::uint32_t b = 0; b < nodes; ++b) {
      if (a == b) continue;
      const NetworkGraph::Route route = graph.route(NodeId{a}, NodeId{b});
      ASSERT_EQ(route.latency_ns, 5'000 * hops(a, b)) << a << " -> " << b;
      ASSERT_EQ(route.links.size(), hops(a, b)) << a << " -> " << b;
      ASSERT_EQ(graph.links()[route.links.front()].from, a);
      ASSERT_EQ(graph.links()[route.links.back()].to, b);
      for (std::size_t l = 1; l < route.links.size(); ++l)
        ASSERT_EQ(graph.links()[route.links[l]].from, graph.links()[route.links[l - 1]].to);
    }
}

TEST(Topology, StarIsTwoLinksWhoseLatenciesAddUpToTheConfigured) {
  expect_hops({}, 5, [](auto, auto) { return 2u; });
  NetworkGraph odd(fitted({.latency_ns = 15'001}, 3), 3);
  EXPECT_EQ(odd.route(NodeId{0}, NodeId{2}).latency_ns, 15'001);
  EXPECT_EQ(odd.least_latency_ns(), 15'001);
}

TEST(Topology, RackIsTwoLinksInsideAndFourAcross) {
  expect_hops({.kind = TopologyKind::rack, .nodes_per_rack = 3}, 10,
              [](auto a, auto b) { return a / 3 == b / 3 ? 2u : 4u; });
}

TEST(Topology, OversubscribedUplinkBoundsTheRoutesThatTakeIt) {
  const TopologySpec rack{.kind = TopologyKind::rack, .nodes_per_rack = 4, .uplink_bandwidth_bytes_per_s = 1'000};
  NetworkGraph graph(fitted(spec_of(rack), 8), 8);
  EXPECT_EQ(graph.route(NodeId{0}, NodeId{1}).bandwidth_bytes_per_s, 1'250'000'000);
  EXPECT_EQ(graph.route(NodeId{0}, NodeId{5}).bandwidth_bytes_per_s, 1'000);
}

TEST(Topology, FatTreeClimbsToTheFirstLevelThatBothShare) {
  expect_hops({.kind = TopologyKind::fat_tree, .down = {4, 3}, .up = {1, 2}}, 12,
              [](auto a, auto b) { return a / 4 == b / 4 ? 2u : 4u; });
  expect_hops({.kind = TopologyKind::fat_tree, .down = {2, 3, 4}, .up = {1, 2, 2}, .links = {1, 2, 1}}, 24,
              [](auto a, auto b) { return a / 2 == b / 2   ? 2u
                                          : a / 6 == b / 6 ? 4u
                                                           : 6u; });
}

TEST(Topology, FatTreeSpreadsDestinationsOverItsRoots) {
  const TopologySpec tree{.kind = TopologyKind::fat_tree, .down = {4, 2}, .up = {1, 4}};
  NetworkGraph graph(fitted(spec_of(tree), 8), 8);
  std::set<std::uint32_t> upward;
  for (std::uint32_t b = 4; b < 8; ++b) upward.insert(graph.route(NodeId{0}, NodeId{b}).links[1]);
  EXPECT_EQ(upward.size(), 4u);
}

TEST(Topology, TorusIsTheDistanceRoundEachSide) {
  const auto around = [](std::uint32_t a, std::uint32_t b, std::uint32_t size) {
    const std::uint32_t d = a > b ? a - b : b - a;
    return std::min(d, size - d);
  };
  expect_hops({.kind = TopologyKind::torus, .dimensions = {3, 5, 2}}, 30, [&](auto a, auto b) {
    return around(a % 3, b % 3, 3) + around(a / 3 % 5, b / 3 % 5, 5) + around(a / 15, b / 15, 2);
  });
}

TEST(Topology, DragonflyCrossesAtMostOneLinkBetweenGroups) {
  constexpr std::uint32_t kRouters = 4;
  constexpr std::uint32_t kNodes = 2;
  struct Router {
    std::uint32_t group, chassis, router;
  };
  const auto within = [](Router a, Router b) {
    return (a.chassis != b.chassis ? 1u : 0u) + (a.router != b.router ? 1u : 0u);
  };
  expect_hops(
      {.kind = TopologyKind::dragonfly, .groups = 3, .chassis = 2, .routers = kRouters, .nodes_per_router = kNodes}, 48,
      [&](std::uint32_t a, std::uint32_t b) {
        const auto at = [](std::uint32_t place) {
          const std::uint32_t r = place / kNodes;
          return Router{r / (2 * kRouters), r / kRouters % 2, r % kRouters};
        };
        const Router from = at(a);
        const Router to = at(b);
        if (from.group == to.group) return 2 + within(from, to);
        return 3 + within(from, {from.group, 0, to.group}) + within({to.group, 0, from.group}, to);
      });
}

TEST(Topology, WithoutKeysEachHasPlacesForItsNodes) {
  for (const TopologyKind kind : {TopologyKind::fat_tree, TopologyKind::torus, TopologyKind::dragonfly})
    for (const std::uint32_t nodes : {1u, 2u, 7u, 33u, 257u, 1027u}) {
      TopologySpec topology;
      topology.kind = kind;
      const NetworkSpec fit = fitted(spec_of(topology), nodes);
      ASSERT_GE(places(fit.topology), nodes) << kTopologyNames[static_cast<std::size_t>(kind)];
      if (nodes < 2) continue;
      NetworkGraph graph(fit, nodes);
      EXPECT_GE(graph.route(NodeId{0}, NodeId{nodes - 1}).latency_ns, graph.least_latency_ns());
    }
}

TEST(Topology, LinksWithoutLatencyStillLeadThere) {
  NetworkSpec spec = spec_of({.kind = TopologyKind::torus, .dimensions = {3, 3}});
  spec.latency_ns = 0;
  NetworkGraph graph(fitted(spec, 9), 9);
  EXPECT_EQ(graph.route(NodeId{0}, NodeId{4}).links.size(), 2u);
}

}  // namespace
}  // namespace pagetoken
