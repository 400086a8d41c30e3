#pragma once
// The engine "simgrid": SimGrid carries the transfers and has the disks, the loop keeps its own queue. Nothing outside
// this folder sees SimGrid's headers.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sim/base/node_roles.hpp"
#include "sim/engine/carrier.hpp"
#include "sim/engine/topology/spec.hpp"

namespace pagetoken {

struct SimGridSetup {
  NetworkSpec network{};  ///< fitted to the nodes
  SimGridSpec simgrid{};
  NodeRoles nodes{};
  std::int64_t storage_read_bytes_per_s = 0;
  std::int64_t storage_write_bytes_per_s = 0;
};

/// What is wrong with a setup.
struct SetupFault {
  std::string pointer;  ///< into the run configuration
  std::string wrong;
  std::string allowed;
};

/// Builds the platform in a process of its own, where SimGrid may abort, and looks up every route that nodes may take.
/// Only a platform file and options that are passed on can be wrong.
std::optional<SetupFault> check_setup(const SimGridSetup& setup);

/// One in a process: SimGrid's engine cannot be made twice. To run many simulations, fork after the configuration is
/// parsed and make the carrier in the child. Throws std::logic_error for a second one, and ConfigError from `run` where
/// a platform file turns off what is used.
std::unique_ptr<Carrier> make_simgrid_carrier(const SimGridSetup& setup);

/// Whether this SimGrid's kernel can be spoken to; if not, the transport "kernel" is "cb".
bool has_kernel_transport();

}  // namespace pagetoken
