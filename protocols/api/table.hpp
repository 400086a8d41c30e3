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
  /// removes as it goes; what was inserted since the last call is merged in.
  std::uint64_t next_key(std::uint64_t key, std::uint64_t end) const {
    if (key >= end) return end;
    if (end - key == 1) return position(key) == kNone ? end : key;  // one page: by far the commonest range
    if (entries_.size() <= kLinear) {
      std::uint64_t best = end;
      for (const Entry& entry : entries_)
        if (entry.key >= key && entry.key < best) best = entry.key;
      return best;
    }
    index_->order(entries_);
    for (const std::vector<std::uint64_t>* keys : {&index_->sorted, &index_->recent})
      for (auto it = std::lower_bound(keys->begin(), keys->end(), key); it != keys->end() && *it < end; ++it) {
        ++index_->looks;
        if (position(*it) != kNone) end = *it;
      }
    return end;
  }
  /// The most slots that a search for a key of the table looks at; takes time for all of them.
  std::size_t longest_search() const {
    std::size_t longest = 0;
    for (const Entry& entry : entries_) {
      if (!index_) return entries_.size();
      const std::size_t mask = index_->slots.size() - 1;
      longest = std::max(longest, ((slot_of(entry.key) - hash(entry.key)) & mask) + 1);
    }
    return longest;
  }
  /// Keys that next_key() has looked at so far, gone ones included, where the table is not a small one.
  std::uint64_t looks() const { return index_ ? index_->looks : 0; }

  /// Calls visit(key, value) for each entry, by ascending key; the table must not change meanwhile.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    visit_all(*this, visit);
  }
  template <class Visitor>
  void for_each(Visitor&& visit) {
    visit_all(*this, visit);
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
  static constexpr std::size_t kRecent = 1024;
  static constexpr std::uint32_t kNone = ~0u;
  static constexpr std::uint32_t kEmpty = ~0u;
  static constexpr std::uint32_t kTomb = ~0u - 1;
  static constexpr std::uint64_t kEnd = ~std::uint64_t{0};

  /// Most tables are small: what only large ones need is apart.
  struct Index {
    std::vector<std::uint32_t> slots{};  // a power of two
    std::size_t used_slots = 0;          // tombs included
    // Once order has been asked for: together a superset of the keys, each sorted but for what was inserted since.
    std::vector<std::uint64_t> sorted{};
    std::vector<std::uint64_t> recent{};
    std::size_t recent_sorted = 0;  // of `recent`, how many are
    bool ordered = false;
    std::uint64_t looks = 0;

    void inserted(std::uint64_t key) {
      if (ordered) recent.push_back(key);
    }
    void order(const std::vector<Entry>& entries) {
      // Keys that are gone are passed over in each search: before they outweigh the others, they are dropped.
      const bool mostly_gone = sorted.size() + recent.size() > 2 * entries.size() + kRecent;
      if (ordered && !mostly_gone && recent_sorted == recent.size()) return;
      if (!std::exchange(ordered, true) || mostly_gone) {
        sorted.clear();
        recent.clear();
        for (const Entry& entry : entries) sorted.push_back(entry.key);
        std::sort(sorted.begin(), sorted.end());
      } else {
        sort_in(recent, recent_sorted);
        if (recent.size() > kRecent) {
          const std::size_t before = sorted.size();
          sorted.insert(sorted.end(), recent.begin(), recent.end());
          recent.clear();
          sort_in(sorted, before);
          sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
        }
      }
      recent_sorted = recent.size();
    }
    /// Sorts keys of which the first are sorted already.
    static void sort_in(std::vector<std::uint64_t>& keys, std::size_t first) {
      const auto added = keys.begin() + static_cast<std::ptrdiff_t>(first);
      std::sort(added, keys.end());
      std::inplace_merge(keys.begin(), added, keys.end());
    }
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
    index.inserted(entries_.back().key);
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
    // Where one was erased, too: a key that comes and goes would else move on past its own traces, each time further.
    while (slots[s] < kTomb) s = (s + 1) & mask;
    if (slots[s] == kEmpty) ++index_->used_slots;
    slots[s] = at;
  }
  template <class Self, class Visitor>
  static void visit_all(Self& table, Visitor& visit) {
    if (table.entries_.size() <= kLinear) {
      for (std::uint64_t key = table.next_key(0, kEnd); key != kEnd; key = table.next_key(key + 1, kEnd))
        visit(key, *table.find(key));
      return;
    }
    table.index_->order(table.entries_);
    const std::vector<std::uint64_t>& sorted = table.index_->sorted;
    const std::vector<std::uint64_t>& recent = table.index_->recent;
    std::uint64_t last = kEnd;  // a key may stand in both
    for (std::size_t s = 0, r = 0; s < sorted.size() || r < recent.size();) {
      const bool old = r == recent.size() || (s < sorted.size() && sorted[s] <= recent[r]);
      const std::uint64_t key = old ? sorted[s++] : recent[r++];
      if (key == last) continue;
      last = key;
      if (auto* value = table.find(key)) visit(key, *value);
    }
  }

  std::vector<Entry> entries_;
  OwnIndex index_;  // where there are, or were, more than kLinear entries
};

}  // namespace pagetoken
