#pragma once
// Slots of a list that are free for use.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "protocols/api/fields.hpp"

namespace pagetoken {

/// Hands out the lowest first, so that equal histories use equal slots. A heap: a truncate gives back every page of a
/// file at once, in the order of the pages.
class FreeSlots {
 public:
  bool empty() const { return heap_.empty(); }
  void put(std::uint32_t slot) {
    heap_.push_back(slot);
    std::push_heap(heap_.begin(), heap_.end(), std::greater{});
  }
  std::uint32_t take_lowest() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater{});
    const std::uint32_t slot = heap_.back();
    heap_.pop_back();
    return slot;
  }
  void clear() { heap_.clear(); }

  /// The heap's own order depends on its history, which is no part of a state.
  friend void encode(Encoder& out, const FreeSlots& slots) {
    std::vector<std::uint32_t> sorted = slots.heap_;
    std::sort(sorted.begin(), sorted.end());
    out.put(sorted);
  }
  friend void decode(Decoder& in, FreeSlots& slots) { in.get(slots.heap_); }  // ascending is a heap

 private:
  std::vector<std::uint32_t> heap_;
};

}  // namespace pagetoken
