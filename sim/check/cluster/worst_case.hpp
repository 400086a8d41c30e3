#pragma once
// Certified worst cases: over every path of a small cluster, the most messages charged to one operation, those included
// that nobody waits for, and the most hops on the longest chain of messages that it waited for.

#include <map>

#include "sim/check/cluster/cost_model.hpp"
#include "sim/check/cluster/protocol_check.hpp"

namespace pagetoken {

struct WorstCase {
  struct Cost {
    std::uint32_t least_messages = 0;
    std::uint32_t messages = 0;  ///< the most; meaningful if bounded
    bool bounded = true;         ///< false: a cycle on the way sends messages, so that there is no most
    std::uint32_t hops = 0;      ///< the most; meaningful if hops_bounded
    bool hops_bounded = true;
  };
  std::map<WatchedEvent, Cost> events{};
  bool certified = true;  ///< false: not explored to the end, so that each figure may be too small
  Exploration found{};    ///< violated: a deadlock or a protocol error on the way
};

struct WorstCaseBounds {
  std::vector<Operation> menu{};  ///< the operations that a client may do
  bool alone = true;              ///< an operation begins only when nothing else is under way
  std::uint32_t budget = 0;       ///< operations in a path; 0 = without end, where they are alone
};
/// Loads, stores and evictions of each page, a truncate to nothing, an extension by a page, fsync.
std::vector<Operation> every_operation(std::uint32_t pages);

/// The worst cases over every order of the operations, by any of the spec's clients, within the bounds.
WorstCase find_worst_case(const ProtocolSpec& spec, const WorstCaseBounds& bounds, const ProtocolOptions& options);

}  // namespace pagetoken
