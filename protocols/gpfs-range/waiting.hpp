#pragma once
// What each request in the manager's queue waits for, so that it is looked at again when that has happened, and not
// each time that anything has.

#include <array>
#include <set>
#include <utility>
#include <vector>

#include "protocols/api/interval_index.hpp"
#include "protocols/api/table.hpp"
#include "protocols/gpfs-range/requests.hpp"

namespace pagetoken::gpfs_range {

/// Follows from the state, or leads to the same if it is lost: then every request is looked at again. To look at one
/// more often than needed changes nothing.
struct Waiting {
  /// Requests that want what a node holds, and are kept from asking it by others who do.
  struct Wanters {
    std::set<RequestNumber> numbers{};
    IntervalIndex ranges{};
  };

  bool indexed = false;                        ///< `ranges` has them all, and they have numbers
  bool complete = false;                       ///< so has the rest
  RequestNumber last = 0;                      ///< the latest number given
  std::array<IntervalIndex, 4> ranges{};       ///< required by those in the queue or being resolved, by Mode
  Table<std::vector<RequestNumber>> behind{};  ///< by a request that was there before: who waits for it
  Table<std::vector<NodeId>> wants{};          ///< by request: the holders in its way, if they are what it waits for
  Table<Wanters> wanters{};                    ///< by holder
  std::set<RequestNumber> due{};               ///< to be looked at when holders have given way next
};

}  // namespace pagetoken::gpfs_range
