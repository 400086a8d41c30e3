#pragma once
// Which clients of a cluster are interchangeable: those with equal programs, and whom nothing tells apart. The latter
// is not declared by a protocol but tried: on states sampled by random walks, the steps of a state with two clients
// exchanged must be the steps of the state, with the two exchanged. A protocol that orders nodes by number fails this.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/check/cluster/renaming.hpp"

namespace pagetoken {

class PackedCluster;

struct ClusterSymmetry {
  std::vector<Renaming> group;  ///< all renamings that compose from the exchanges found, the identity first
  std::uint64_t sampled = 0;    ///< states that were tried
  std::string text;             ///< "clients 0, 1, 2 are interchangeable, as tried on 1000 states"
};

ClusterSymmetry find_symmetry(PackedCluster& cluster);

}  // namespace pagetoken
