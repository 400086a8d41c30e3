#pragma once
// Between the program and the part of it that links SimGrid. That one is a library of its own, loaded when a run asks
// for it: every other command would wait for SimGrid's libraries, 25 ms and 29 MB.

#include <memory>
#include <stdexcept>
#include <string>

#include "sim/engine/simgrid/simgrid_carrier.hpp"

namespace pagetoken {

/// Thrown where a setup cannot be built.
struct PlatformError : std::runtime_error {
  PlatformError(std::string where, const std::string& what, std::string allows)
      : std::runtime_error(what), pointer(std::move(where)), allowed(std::move(allows)) {}
  std::string pointer;
  std::string allowed;
};

struct SimGridEntry {
  std::unique_ptr<Carrier> (*make)(const SimGridSetup& setup) = nullptr;
  /// Builds the platform and tries it; may end the process. Throws PlatformError.
  void (*try_out)(const SimGridSetup& setup) = nullptr;
  bool has_kernel_transport = false;
};

inline constexpr const char* kSimGridEntrySymbol = "pagetoken_simgrid_entry";

}  // namespace pagetoken
