#pragma once
// A table from 64-bit keys to values: dense entries, a hash index beside them once they are more than a few.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
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
    return at != kNone ? entries_[at].value : added(key);
  }
  bool erase(std::uint64_t key) {
    const std::uint32_t at = position(key);
    if (at == kNone) return false;
    if (index_) index_->slots[slot_of(key)] = kTomb;
    const std::uint32_t last = static_cast<std::uint32_t>(entries_.size()) - 1;
    if (at != last) {
      if (index_) index_->slots[slot_of(entries_[last].key)] = at;
      entries_[at] = std::move(entries_[last]);
    }
    entries_.pop_back();
    return true;
  }
  void clear() {
    entries_.clear();
    index_.reset();
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
    const std::vector<std::uint64_t>& sorted = sorted_keys();
    for (auto it = std::lower_bound(sorted.begin(), sorted.end(), key); it != sorted.end() && *it < end; ++it)
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
      table.index_.reset();
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

  /// Most tables are small: what only large ones need is apart.
  struct Index {
    std::vector<std::uint32_t> slots{};    // a power of two
    std::size_t used_slots = 0;            // tombs included
    std::vector<std::uint64_t> sorted{};   // a superset of the keys, valid since the last insertion
    bool sorted_valid = false;
  };
  /// Owns an Index, or nothing; a copy has one of its own.
  class OwnIndex {
   public:
    OwnIndex() = default;
    OwnIndex(const OwnIndex& other) : index_(other ? std::make_unique<Index>(*other) : nullptr) {}
    OwnIndex(OwnIndex&&) noexcept = default;
    OwnIndex& operator=(OwnIndex other) noexcept {
      index_ = std::move(other.index_);
      return *this;
    }
    explicit operator bool() const { return index_ != nullptr; }
    Index& operator*() const { return *index_; }
    Index* operator->() const { return index_.get(); }
    void make() { index_ = std::make_unique<Index>(); }
    void reset() { index_.reset(); }

   private:
    std::unique_ptr<Index> index_;
  };

  /// Eight keys in a row share a line of the cache, as pages in a row are used together.
  static std::uint64_t hash(std::uint64_t key) {
    std::uint64_t high = key >> 3;
    high ^= high >> 32;
    high *= 0x9e3779b97f4a7c15u;
    return (high ^ high >> 29) << 3 | (key & 7);
  }
  [[gnu::always_inline]] std::uint32_t position(std::uint64_t key) const {
    if (!index_) {
      for (std::uint32_t i = 0; i < entries_.size(); ++i)
        if (entries_[i].key == key) return i;
      return kNone;
    }
    const std::vector<std::uint32_t>& slots = index_->slots;
    const std::size_t mask = slots.size() - 1;
    for (std::size_t s = hash(key) & mask;; s = (s + 1) & mask) {
      const std::uint32_t at = slots[s];
      if (at == kEmpty) return kNone;
      if (at != kTomb && entries_[at].key == key) return at;
    }
  }
  std::size_t slot_of(std::uint64_t key) const {  // the key is present, and there is an index
    const std::vector<std::uint32_t>& slots = index_->slots;
    const std::size_t mask = slots.size() - 1;
    for (std::size_t s = hash(key) & mask;; s = (s + 1) & mask)
      if (slots[s] < kTomb && entries_[slots[s]].key == key) return s;
  }
  [[gnu::noinline]] T& added(std::uint64_t key) {
    entries_.push_back({key, T{}});
    if (entries_.size() > kLinear || index_) index_last();
    return entries_.back().value;
  }
  void index_last() {
    if (!index_) index_.make();
    Index& index = *index_;
    index.sorted_valid = false;
    if ((index.used_slots + 1) * 4 > index.slots.size() * 3) {
      std::size_t size = 32;
      while (size < entries_.size() * 2) size *= 2;
      index.slots.assign(size, kEmpty);
      index.used_slots = 0;
      for (std::uint32_t i = 0; i < entries_.size(); ++i) place(i);
    } else {
      place(static_cast<std::uint32_t>(entries_.size()) - 1);
    }
  }
  void place(std::uint32_t at) {
    std::vector<std::uint32_t>& slots = index_->slots;
    const std::size_t mask = slots.size() - 1;
    std::size_t s = hash(entries_[at].key) & mask;
    while (slots[s] != kEmpty) s = (s + 1) & mask;
    slots[s] = at;
    ++index_->used_slots;
  }
  /// There are more than kLinear, and so an index.
  const std::vector<std::uint64_t>& sorted_keys() const {
    Index& index = *index_;
    if (!std::exchange(index.sorted_valid, true)) {
      index.sorted.clear();
      for (const Entry& entry : entries_) index.sorted.push_back(entry.key);
      std::sort(index.sorted.begin(), index.sorted.end());
    }
    return index.sorted;
  }

  std::vector<Entry> entries_;
  OwnIndex index_;  // where there are, or were, more than kLinear entries
};

}  // namespace pagetoken
