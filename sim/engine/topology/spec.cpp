#include "sim/engine/topology/spec.hpp"

#include <algorithm>
#include <cmath>

namespace pagetoken {

namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

void fit_fat_tree(TopologySpec& t, std::int64_t nodes) {
  // Two levels of switches with as much bandwidth upwards as downwards.
  constexpr std::int64_t kLeaf = 16;
  if (t.down.empty()) t.down = {std::min(kLeaf, nodes), ceil_div(nodes, kLeaf)};
  if (t.up.empty()) {
    t.up.assign(t.down.size(), 1);
    for (std::size_t level = 1; level < t.up.size(); ++level) t.up[level] = t.down[level - 1];
  }
  if (t.links.empty()) t.links.assign(t.down.size(), 1);
}

/// The most cube-like box that holds the nodes.
void fit_torus(TopologySpec& t, std::int64_t nodes) {
  if (!t.dimensions.empty()) return;
  std::int64_t x = 1;
  while (x * x * x < nodes) ++x;
  std::int64_t y = 1;
  while (x * y * y < nodes) ++y;
  t.dimensions = {x, y, ceil_div(nodes, x * y)};
}

void fit_dragonfly(TopologySpec& t, std::int64_t nodes) {
  if (t.nodes_per_router == 0) t.nodes_per_router = 4;
  if (t.chassis == 0) t.chassis = 2;
  // A group reaches each other group by a router of its first chassis, so that there are no more groups than these.
  const auto holds = [&](std::int64_t routers) {
    const std::int64_t groups = t.groups != 0 ? t.groups : routers;
    return groups * t.chassis * routers * t.nodes_per_router >= nodes;
  };
  if (t.routers == 0) {
    t.routers = std::max<std::int64_t>(2, t.groups);
    while (!holds(t.routers)) ++t.routers;
  }
  if (t.groups == 0)
    t.groups = std::clamp<std::int64_t>(ceil_div(nodes, t.chassis * t.routers * t.nodes_per_router), 1, t.routers);
}

}  // namespace

NetworkSpec fitted(NetworkSpec spec, std::uint32_t nodes) {
  TopologySpec& t = spec.topology;
  if (spec.link_latency_ns == 0) spec.link_latency_ns = spec.latency_ns / 2;
  switch (t.kind) {
    case TopologyKind::star:
    case TopologyKind::platform: break;
    case TopologyKind::rack:
      if (t.nodes_per_rack == 0) t.nodes_per_rack = 16;
      if (t.uplink_latency_ns == 0) t.uplink_latency_ns = spec.link_latency_ns;
      if (t.uplink_bandwidth_bytes_per_s == 0)
        t.uplink_bandwidth_bytes_per_s = t.nodes_per_rack * spec.bandwidth_bytes_per_s;
      break;
    case TopologyKind::fat_tree: fit_fat_tree(t, nodes); break;
    case TopologyKind::torus: fit_torus(t, nodes); break;
    case TopologyKind::dragonfly: fit_dragonfly(t, nodes); break;
  }
  return spec;
}

std::uint64_t places(const TopologySpec& t) {
  const auto product = [](const std::vector<std::int64_t>& factors) {
    std::uint64_t all = 1;
    for (const std::int64_t factor : factors) all *= static_cast<std::uint64_t>(factor);
    return all;
  };
  switch (t.kind) {
    case TopologyKind::star:
    case TopologyKind::rack:
    case TopologyKind::platform: return UINT64_MAX;
    case TopologyKind::fat_tree: return product(t.down);
    case TopologyKind::torus: return product(t.dimensions);
    case TopologyKind::dragonfly: return product({t.groups, t.chassis, t.routers, t.nodes_per_router});
  }
  return 0;
}

}  // namespace pagetoken
