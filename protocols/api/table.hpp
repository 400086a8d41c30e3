#pragma once
// A table from 64-bit keys to values: dense entries, a hash index beside them once they are more than a few.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "protocols/api/fields.hpp"

namespace pagetoken {

/// Keys are any but ~0. Pointers to values hold until the next insertion or removal. Iteration is by ascending key and
/// never by hash order, so that nothing an output depends on follows from the hash.
template <class T>
class Table {
 public:
  struct Entry {
    std::uint64_t key;
    T value;
  };

  T* find(std::uint64_t key) {
    const std::uint32_t at = position(key);
    return at == kNone ? nullptr : &entries_[at].value;
  }
  const T* find(std::uint64_t key) const {
    const std::uint32_t at = position(key);
    return at == kNone ? nullptr : &entries_[at].value;
  }
  /// The value at `key`, made from T{} if there is none.
  T& operator[](std::uint64_t key) {
    const std::uint32_t at = position(key);
    if (at != kNone) return entries_[at].value;
    entries_.push_back({key, T{}});
    if (entries_.size() > kLinear || !slots_.empty()) index_last();
    sorted_valid_ = false;
    return entries_.back().value;
  }
  bool erase(std::uint64_t key) {
    const std::uint32_t at = position(key);
    if (at == kNone) return false;
    if (!slots_.empty()) slots_[slot_of(key)] = kTomb;
    const std::uint32_t last = static_cast<std::uint32_t>(entries_.size()) - 1;
    if (at != last) {
      if (!slots_.empty()) slots_[slot_of(entries_[last].key)] = at;
      entries_[at] = std::move(entries_[last]);
    }
    entries_.pop_back();
    return true;
  }
  void clear() {
    entries_.clear();
    slots_.clear();
    used_slots_ = 0;
    sorted_.clear();
    sorted_valid_ = false;
  }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  /// The smallest key that is >= `key` and < `end`, or `end` if there is none. Amortised O(log n) in a loop that
  /// removes as it goes; an insertion costs one sort at the next call.
  std::uint64_t next_key(std::uint64_t key, std::uint64_t end) const {
    if (key >= end) return end;
    if (end - key == 1) return position(key) == kNone ? end : key;  // one page: by far the commonest range
    if (entries_.size() <= kLinear) {
      std::uint64_t best = end;
      for (const Entry& entry : entries_)
        if (entry.key >= key && entry.key < best) best = entry.key;
      return best;
    }
    sort_keys();
    for (auto it = std::lower_bound(sorted_.begin(), sorted_.end(), key); it != sorted_.end() && *it < end; ++it)
      if (position(*it) != kNone) return *it;
    return end;
  }

  /// Calls visit(key, value) for each entry, by ascending key; the table must not change meanwhile.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::uint64_t key = next_key(0, kEnd); key != kEnd; key = next_key(key + 1, kEnd)) visit(key, *find(key));
  }
  template <class Visitor>
  void for_each(Visitor&& visit) {
    for (std::uint64_t key = next_key(0, kEnd); key != kEnd; key = next_key(key + 1, kEnd)) visit(key, *find(key));
  }

  friend void encode(Encoder& out, const Table& table) {
    out.put_number(table.size());
    table.for_each([&](std::uint64_t key, const T& value) {
      out.put_number(key);
      out.put(value);
    });
  }
  friend void decode(Decoder& in, Table& table) {
    const std::size_t count = in.number();
    if (count <= kLinear) {  // reuses the entries' memory: an explorer does this a million times a second
      table.slots_.clear();
      table.used_slots_ = 0;
      table.sorted_valid_ = false;
      table.entries_.resize(count);
      for (Entry& entry : table.entries_) {
        entry.key = in.number();
        in.get(entry.value);
      }
      return;
    }
    table.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t key = in.number();
      in.get(table[key]);
    }
  }

 private:
  static constexpr std::size_t kLinear = 8;
  static constexpr std::uint32_t kNone = ~0u;
  static constexpr std::uint32_t kEmpty = ~0u;
  static constexpr std::uint32_t kTomb = ~0u - 1;
  static constexpr std::uint64_t kEnd = ~std::uint64_t{0};

  static std::uint64_t hash(std::uint64_t key) {
    key ^= key >> 32;
    key *= 0x9e3779b97f4a7c15u;
    return key ^ (key >> 29);
  }
  std::uint32_t position(std::uint64_t key) const {
    if (slots_.empty()) {
      for (std::uint32_t i = 0; i < entries_.size(); ++i)
        if (entries_[i].key == key) return i;
      return kNone;
    }
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t s = hash(key) & mask;; s = (s + 1) & mask) {
      const std::uint32_t at = slots_[s];
      if (at == kEmpty) return kNone;
      if (at != kTomb && entries_[at].key == key) return at;
    }
  }
  std::size_t slot_of(std::uint64_t key) const {  // the key is present
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t s = hash(key) & mask;; s = (s + 1) & mask)
      if (slots_[s] < kTomb && entries_[slots_[s]].key == key) return s;
  }
  void index_last() {
    if (slots_.empty() || (used_slots_ + 1) * 4 > slots_.size() * 3) {
      std::size_t size = 32;
      while (size < entries_.size() * 2) size *= 2;
      slots_.assign(size, kEmpty);
      used_slots_ = 0;
      for (std::uint32_t i = 0; i < entries_.size(); ++i) place(i);
    } else {
      place(static_cast<std::uint32_t>(entries_.size()) - 1);
    }
  }
  void place(std::uint32_t at) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t s = hash(entries_[at].key) & mask;
    while (slots_[s] != kEmpty) s = (s + 1) & mask;
    slots_[s] = at;
    ++used_slots_;
  }
  void sort_keys() const {
    if (sorted_valid_) return;
    sorted_.clear();
    for (const Entry& entry : entries_) sorted_.push_back(entry.key);
    std::sort(sorted_.begin(), sorted_.end());
    sorted_valid_ = true;
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // empty while there are at most kLinear entries
  std::size_t used_slots_ = 0;        // tombs included
  mutable std::vector<std::uint64_t> sorted_;  // a superset of the keys, valid since the last insertion
  mutable bool sorted_valid_ = false;
};

}  // namespace pagetoken
