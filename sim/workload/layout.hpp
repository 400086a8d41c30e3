#pragma once
// A checked spec with every "0 = the usual" replaced by its number: what the sources of one pattern share.

#include <cstdint>
#include <string>

#include "sim/workload/spec.hpp"

namespace pagetoken {

/// Where the spec stands, for errors, and the cluster that it is for.
struct LayoutContext {
  std::string config_file;
  std::string pointer;
  std::uint32_t clients = 1;
  std::uint32_t threads = 1;
  std::uint64_t page_bytes = 4096;
  std::uint64_t seed = 1;
  /// Streams of a part of `mixed` are those of threads first_stream to first_stream + threads - 1, so that no two parts
  /// share one.
  std::uint32_t first_stream = 0;
};

/// The positions of a walk, in bytes: first, first + step, ... `count` of them, then from the first again.
struct Walk {
  std::uint64_t first = 0;
  std::uint64_t step = 0;
  std::uint64_t count = 0;
};

struct Layout {
  WorkloadSpec spec;
  LayoutContext context;
  std::uint64_t length = 0;        ///< bytes of an access
  std::uint64_t slots = 0;         ///< pages at which an access may begin, where pages are drawn
  std::uint64_t needed_bytes = 0;  ///< size of a file that holds the largest access
  bool constant_think = true;
};

/// Throws ConfigError as Workload's constructor says. For every pattern but `mixed`.
Layout make_layout(const WorkloadSpec& spec, const LayoutContext& context);

/// Throws ConfigError unless every key of the pattern (or trace) is in its range.
void check_ranges(const WorkloadSpec& spec, const LayoutContext& context);

/// The positions of one client, for the patterns that walk.
Walk walk_of(const Layout& layout, std::uint32_t client);

}  // namespace pagetoken
