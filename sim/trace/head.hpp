#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/node_roles.hpp"

namespace pagetoken {

inline constexpr std::string_view kTraceSchema = "pagetoken-trace";
inline constexpr int kTraceVersion = 2;

/// What the first record of a trace says of the run.
struct TraceHead {
  std::uint64_t version = kTraceVersion;
  std::string program{};  ///< version of the program
  NodeRoles roles{};
  std::uint64_t page_bytes = 0;
  bool checks = true;    ///< whether its blocks have hashes
  std::string config{};  ///< the effective configuration, as JSON; empty if the trace has none
};

}  // namespace pagetoken
