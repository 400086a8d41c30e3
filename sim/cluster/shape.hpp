#pragma once
// How many nodes of which kind a cluster has.

#include <cstdint>

#include "sim/base/node_roles.hpp"

namespace pagetoken {

/// Where homes are: on nodes of their own, on the first clients, or spread over all clients by hash.
enum class Placement : std::uint8_t { dedicated, colocated, hashed };

struct ClusterShape {
  std::uint32_t clients = 2;
  std::uint32_t managers = 1;
  Placement placement = Placement::dedicated;
  std::uint32_t storage_nodes = 1;
  std::uint32_t processes = 1;    ///< a node
  std::uint32_t cells = 1;        ///< a page, at most kMaxCells: what accesses tell apart within it
  std::uint64_t cache_pages = 0;  ///< a node; 0 = unlimited

  NodeRoles roles() const { return {clients, placement == Placement::dedicated ? managers : 0, storage_nodes}; }
};

}  // namespace pagetoken
