#pragma once
// What a step of the cluster does, by what it depends on: a step reads and changes the acting node and what all nodes
// share, and adds messages and storage requests. The same step is taken in very many states.

#include <cstdint>
#include <span>
#include <vector>

#include "sim/check/cluster/piece_table.hpp"
#include "sim/explore/hash.hpp"

namespace pagetoken {

class StepMemo {
 public:
  struct Key {
    PieceId node = 0;  ///< the acting one
    PieceId shared = 0;
    std::uint32_t what = 0;  ///< script, task, or piece of the message or request that is served
    std::uint32_t kind = 0;  ///< of choice
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Outcome {
    PieceId node = 0;  ///< afterwards
    PieceId shared = 0;
    std::uint32_t first = 0;  ///< of the pieces added
    std::uint16_t messages = 0;
    std::uint16_t requests = 0;
  };

  const Outcome* find(const Key& key) const {
    for (std::size_t at = home(key);; at = (at + 1) & (entries_.size() - 1)) {
      const Entry& entry = entries_[at];
      if (!entry.used()) return nullptr;
      if (entry.key == key) return &entry.outcome;
    }
  }
  /// `added`: messages, then requests. Forgets everything when it has become too large.
  Outcome add(const Key& key, PieceId node, PieceId shared, std::span<const PieceId> added, std::size_t messages) {
    if (count_ == kMost) clear();
    if (count_ * 2 >= entries_.size()) grow();
    const Outcome outcome{node, shared, static_cast<std::uint32_t>(added_.size()), static_cast<std::uint16_t>(messages),
                          static_cast<std::uint16_t>(added.size() - messages)};
    added_.insert(added_.end(), added.begin(), added.end());
    place({key, outcome});
    ++count_;
    return outcome;
  }
  const PieceId* added(const Outcome& outcome) const { return added_.data() + outcome.first; }
  std::uint64_t memory() const { return entries_.capacity() * sizeof(Entry) + added_.capacity() * sizeof(PieceId); }

 private:
  static constexpr std::size_t kMost = std::size_t{1} << 21;
  struct Entry {
    Key key{.kind = kUnused};
    Outcome outcome{};
    bool used() const { return key.kind != kUnused; }
  };
  static constexpr std::uint32_t kUnused = ~0u;

  std::size_t home(const Key& key) const {
    const std::uint64_t a = std::uint64_t{key.node} << 32 | key.shared, b = std::uint64_t{key.what} << 32 | key.kind;
    return mix_hash(a ^ kHashA, b ^ kHashB) & (entries_.size() - 1);
  }
  void place(const Entry& entry) {
    std::size_t at = home(entry.key);
    while (entries_[at].used()) at = (at + 1) & (entries_.size() - 1);
    entries_[at] = entry;
  }
  void grow() {
    std::vector<Entry> old(entries_.size() * 2);
    old.swap(entries_);
    for (const Entry& entry : old)
      if (entry.used()) place(entry);
  }
  void clear() {
    entries_.assign(entries_.size(), {});
    added_.clear();
    count_ = 0;
  }

  std::vector<Entry> entries_ = std::vector<Entry>(256);
  std::vector<PieceId> added_;
  std::size_t count_ = 0;
};

}  // namespace pagetoken
