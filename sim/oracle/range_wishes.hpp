#pragma once
// Who has asked for EXCLUSIVE over which pages of a file and was not granted it yet.

#include <cstdint>
#include <vector>

#include "protocols/api/interval_index.hpp"
#include "protocols/api/table.hpp"

namespace pagetoken {

class RangeWishes {
 public:
  void add(NodeId node, Range range) {
    std::vector<IntervalIndex::Item>& own = of_[index_of(node)];
    for (const IntervalIndex::Item& wish : own)
      if (wish.range == range) return;
    own.push_back({range, ++last_, node});
    wishes_.insert(own.back());
  }
  /// The node has it over the range now.
  void granted(NodeId node, Range range) {
    std::vector<IntervalIndex::Item>* own = of_.find(index_of(node));
    if (!own) return;
    std::erase_if(*own, [&](const IntervalIndex::Item& wish) {
      if (!range.covers(wish.range)) return false;
      wishes_.erase(wish.range.begin, wish.id);
      return true;
    });
    if (own->empty()) of_.erase(index_of(node));
  }
  /// Whether `holds(node)` is true for one of those that ask for some of the range.
  template <class Holds>
  bool any(Range range, Holds&& holds) const {
    return wishes_.any(range, [&](const IntervalIndex::Item& wish) { return holds(wish.owner); });
  }

 private:
  IntervalIndex wishes_;
  Table<std::vector<IntervalIndex::Item>> of_;  // by node: the same
  std::uint64_t last_ = 0;
};

}  // namespace pagetoken
