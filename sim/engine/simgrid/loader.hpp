#pragma once

#include "sim/engine/simgrid/entry.hpp"

namespace pagetoken {

/// The library that links SimGrid. Throws ConfigError if it cannot be loaded.
const SimGridEntry& simgrid_entry();

}  // namespace pagetoken
