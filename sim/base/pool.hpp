#pragma once
// Things that come and go, named by small numbers.

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace pagetoken {

/// Slots that are used again, the last that was freed first. References hold until the slot is freed, whatever is added
/// meanwhile.
template <class T>
class Pool {
 public:
  std::uint32_t add(T&& value) {
    if (free_.empty()) {
      slots_.push_back(std::move(value));
      return static_cast<std::uint32_t>(slots_.size()) - 1;
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(value);
    return slot;
  }
  /// A slot whose value is what it was when it was freed, or T{}: to be filled in place, where moving costs.
  std::uint32_t reuse() {
    if (free_.empty()) return add(T{});
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void free(std::uint32_t slot) { free_.push_back(slot); }

  T& operator[](std::uint32_t slot) { return slots_[slot]; }
  const T& operator[](std::uint32_t slot) const { return slots_[slot]; }
  std::size_t used() const { return slots_.size() - free_.size(); }

 private:
  std::deque<T> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace pagetoken
