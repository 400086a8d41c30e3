#pragma once
// Which links are slower than the others, if that is what makes the wire slow.

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include <absl/container/flat_hash_map.h>

namespace pagetoken {

/// Messages and storage transfers from one node to another.
struct LinkLoad {
  /// What is alike enough for links to be compared by it.
  enum class Class : std::uint8_t { small, content, to_storage, from_storage };
  static constexpr std::size_t kClasses = 4;
  struct Times {
    std::uint64_t count = 0;
    std::int64_t ns = 0;
    double mean() const { return static_cast<double>(ns) / static_cast<double>(count); }
  };
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::int64_t path_ns = 0;               ///< on critical paths
  std::array<Times, kClasses> classes{};  ///< of that, by Class
};
/// By the node from which (high half of the key) and to which.
using LinkTable = absl::flat_hash_map<std::uint64_t, LinkLoad>;

struct SlowLinks {
  std::string name;          ///< empty: there are none, or they have nothing in common
  bool is_one = true;        ///< one link, or one node's; else several
  std::int64_t path_ns = 0;  ///< on critical paths, over these links
};

/// Links that take at least 2.5 times what is usual are slow (twice is another switch on the way). They are named if
/// they explain 20 % of all time on the wire, and if 80 % of that lies on one link, on those of one node, or between
/// groups of nodes that are near to each other.
SlowLinks find_slow_links(const LinkTable& links, const std::function<std::string(std::uint32_t)>& node_name);

}  // namespace pagetoken
