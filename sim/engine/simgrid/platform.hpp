#pragma once
// From a setup to SimGrid's hosts, links and disks.

#include <string>
#include <vector>

#include <simgrid/s4u.hpp>

#include "sim/engine/simgrid/entry.hpp"

namespace pagetoken {

struct Platform {
  simgrid::s4u::Engine* engine = nullptr;
  std::vector<simgrid::s4u::Host*> hosts{};  ///< of each node
  std::vector<simgrid::s4u::Disk*> disks{};  ///< of each storage node; none where contention is not fluid
};

/// Makes the engine of this process, which lives as long as the process, and builds the platform. `more`: arguments of
/// the engine.
Platform build_platform(const SimGridSetup& setup, const std::vector<std::string>& more);

/// Asks SimGrid for the route between every two nodes of a platform from `file`; where there is none, SimGrid ends the
/// process, or PlatformError is thrown.
void try_all_routes(const Platform& platform, const std::string& file);

}  // namespace pagetoken
