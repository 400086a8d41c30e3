#pragma once
// Who waits, first come, first served.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "protocols/api/fields.hpp"

namespace pagetoken {

/// A list that is added to at one end and taken from at the other, both in constant time on average. As a state it is
/// the list of what waits, and encoded as a vector is.
template <class T>
class Fifo {
 public:
  bool empty() const { return first_ == items_.size(); }
  std::size_t size() const { return items_.size() - first_; }
  const T& front() const { return items_[first_]; }
  auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(first_); }
  auto end() const { return items_.end(); }

  void push_back(const T& item) { items_.push_back(item); }
  /// What was taken is dropped when it is half of the list: each that stays is moved for one that has gone.
  void pop_front() {
    ++first_;
    if (2 * first_ < items_.size()) return;
    items_.erase(items_.begin(), begin());
    first_ = 0;
  }

  friend bool operator==(const Fifo& a, const Fifo& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }
  friend void encode(Encoder& out, const Fifo& list) {
    out.put_number(list.size());
    for (const T& item : list) out.put(item);
  }
  friend void decode(Decoder& in, Fifo& list) {
    list.first_ = 0;
    in.get(list.items_);
  }

 private:
  std::vector<T> items_;
  std::size_t first_ = 0;  // of items_, what was taken
};

}  // namespace pagetoken
