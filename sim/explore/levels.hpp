#pragma once
// The levels of a breadth-first search: where each begins in the two shards of the store.

#include <array>
#include <cstdint>
#include <vector>

#include "sim/explore/state_store.hpp"

namespace pagetoken {

class Levels {
 public:
  using Sizes = std::array<std::uint32_t, 2>;  ///< states in each shard

  /// Makes what is in the store since the last call the level to explore. False if nothing is.
  bool next(const Sizes& sizes) {
    if (sizes == begins_.back()) return false;
    begins_.push_back(sizes);
    return true;
  }

  /// Of the level being explored: steps from an initial state.
  std::uint32_t depth() const { return static_cast<std::uint32_t>(begins_.size() - 2); }
  const Sizes& begin() const { return begins_[begins_.size() - 2]; }
  std::uint32_t size() const { return end()[0] - begin()[0] + end()[1] - begin()[1]; }
  StateId at(std::uint32_t position) const {
    const std::uint32_t first = end()[0] - begin()[0];
    return position < first ? state_id(0, begin()[0] + position) : state_id(1, begin()[1] + (position - first));
  }

  std::uint32_t depth_of(StateId id) const {
    std::uint32_t level = depth();
    while (local_of(id) < begins_[level][shard_of(id)]) --level;
    return level;
  }

  /// Calls visit(StateId, depth) for all states of a store of these sizes, level by level.
  template <class Visitor>
  void for_each(const Sizes& sizes, Visitor&& visit) const {
    for (std::uint32_t level = 0; level < begins_.size(); ++level) {
      const Sizes& to = level + 1 < begins_.size() ? begins_[level + 1] : sizes;
      for (std::uint32_t s = 0; s < 2; ++s)
        for (std::uint32_t local = begins_[level][s]; local < to[s]; ++local) visit(state_id(s, local), level);
    }
  }

 private:
  const Sizes& end() const { return begins_.back(); }

  std::vector<Sizes> begins_{{0, 0}};  // the last but one is being explored
};

}  // namespace pagetoken
