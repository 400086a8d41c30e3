#pragma once
// What stands behind a Workload: a pattern's layout or a trace in memory.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/workload/workload.hpp"

namespace pagetoken {

/// Immutable once made, so that sources of several host threads may read it.
class WorkloadModel {
 public:
  virtual ~WorkloadModel() = default;
  virtual std::unique_ptr<AccessSource> source(std::uint32_t client, std::uint32_t thread) const = 0;
  virtual std::unique_ptr<SerialSource> serial() const = 0;
  virtual std::optional<std::uint64_t> accesses_of(std::uint32_t client) const = 0;
  /// Of each file, indexed by FileId.
  virtual std::vector<std::uint64_t> initial_bytes() const = 0;
};

}  // namespace pagetoken
