#pragma once
// A checked spec with every "0 = the usual" replaced by its number: what the sources of one pattern share.

#include <cstdint>
#include <string>
#include <string_view>

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

struct Layout {
  WorkloadSpec spec;
  LayoutContext context;
  std::uint64_t area_bytes = 0;    ///< spec.pages pages: a file, or a client's segment of it
  std::uint64_t length = 0;        ///< bytes of an access
  std::uint64_t slots = 0;         ///< pages at which an access may begin, where pages are drawn
  std::uint64_t needed_bytes = 0;  ///< size of a file that holds the largest access
  bool constant_think = true;
};

/// Throws ConfigError as Workload's constructor says. For every pattern but `mixed`.
Layout make_layout(const WorkloadSpec& spec, const LayoutContext& context);

/// Throws ConfigError unless every key of the pattern (or trace) is in its range.
void check_ranges(const WorkloadSpec& spec, const LayoutContext& context);

// What patterns lay out with.

/// Throws ConfigError about that key.
[[noreturn]] void refuse_key(const LayoutContext& context, std::string_view key, std::string_view wrong,
                             std::string_view allowed);
/// A pattern's own key that holds a whole number.
inline std::uint64_t own_whole(const WorkloadSpec& spec, std::uint8_t index) {
  return static_cast<std::uint64_t>(spec.own[index]);
}
/// Of the clients, the first so many have one role; another must be left, "so nobody reads".
void require_fewer_than_clients(const Layout& layout, std::string_view key, std::uint64_t count,
                                std::string_view consequence);
/// Bytes of a file in which each client has a segment.
std::uint64_t segments_bytes(const Layout& layout);
/// Sets `length`, which is spec.access_bytes unless that is 0, and `slots`. It must fit into `most_bytes`.
void set_length(Layout& layout, std::string_view key, std::uint64_t most_bytes);
/// No bound but that of any access.
inline constexpr std::uint64_t kMaxAccessBytes = ~std::uint64_t{0};

}  // namespace pagetoken
