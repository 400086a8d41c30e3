#pragma once
// The states that were met: their bytes, packed, an open addressing table over them, and how each was reached.
//
// Two shards, chosen by a bit of the hash, so that two threads can insert without meeting. Within a shard states are
// numbered in the order of insertion, whatever the number of threads.

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "sim/base/fingerprint.hpp"
#include "sim/explore/exploration.hpp"
#include "sim/explore/hash.hpp"

namespace pagetoken {

/// A state: its number within its shard, and the shard in the lowest bit.
using StateId = std::uint32_t;
inline constexpr StateId kNoState = ~0u;
constexpr std::uint32_t shard_of(StateId id) { return id & 1; }
constexpr std::uint32_t local_of(StateId id) { return id >> 1; }
constexpr StateId state_id(std::uint32_t shard, std::uint32_t local) { return local << 1 | shard; }
inline constexpr std::uint32_t kMaxLocal = (1u << 31) - 2;

/// `FixedBytes`: the size of every state, or 0 if they differ.
template <std::size_t FixedBytes>
class StateShard {
 public:
  StateShard(Compare compare, bool weights) : compare_(compare), weights_(weights) {
    slots_.resize(std::size_t{1} << slot_bits_);
  }

  std::uint32_t size() const { return count_; }
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[home(tag_of(hash))]); }

  struct Inserted {
    std::uint32_t local;
    bool is_new;
  };
  Inserted insert(std::uint64_t hash, const std::uint8_t* bytes, std::size_t size, StateId parent, std::uint16_t choice,
                  std::uint16_t weight) {
    if (count_ * 4 >= slots_.size() * 3) grow();
    const std::uint32_t tag = tag_of(hash);
    const Digest digest =
        compare_ == Compare::fingerprint ? digest_of({reinterpret_cast<const std::byte*>(bytes), size}) : Digest{};
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = home(tag);
    for (; slots_[at] != 0; at = (at + 1) & mask) {
      if (static_cast<std::uint32_t>(slots_[at] >> 32) != tag) continue;
      const std::uint32_t local = static_cast<std::uint32_t>(slots_[at]) - 1;
      if (same(local, digest, bytes, size)) return {local, false};
    }
    slots_[at] = std::uint64_t{tag} << 32 | (count_ + 1);
    append(digest, bytes, size, parent, choice, weight);
    return {count_++, true};
  }

  const std::uint8_t* bytes(std::uint32_t local) const {
    const Block& block = blocks_[local >> kBlockBits];
    const std::uint32_t in = local & kBlockMask;
    if constexpr (FixedBytes != 0)
      return block.bytes.data() + in * FixedBytes;
    else
      return block.bytes.data() + block.ends[in];
  }
  std::size_t size_of(std::uint32_t local) const {
    if constexpr (FixedBytes != 0) return FixedBytes;
    const Block& block = blocks_[local >> kBlockBits];
    return block.ends[(local & kBlockMask) + 1] - block.ends[local & kBlockMask];
  }
  bool has(std::uint32_t local, const std::uint8_t* bytes_there, std::size_t size) const {
    const Digest digest = compare_ == Compare::fingerprint
                              ? digest_of({reinterpret_cast<const std::byte*>(bytes_there), size})
                              : Digest{};
    return same(local, digest, bytes_there, size);
  }
  StateId parent(std::uint32_t local) const { return blocks_[local >> kBlockBits].parents[local & kBlockMask]; }
  std::uint16_t choice(std::uint32_t local) const { return blocks_[local >> kBlockBits].choices[local & kBlockMask]; }
  std::uint16_t weight(std::uint32_t local) const { return blocks_[local >> kBlockBits].weights[local & kBlockMask]; }

  /// With fingerprints only what is still to be expanded needs its bytes.
  void forget_before(std::uint32_t local) {
    if (compare_ == Compare::exact) return;
    for (; forgotten_ < local >> kBlockBits; ++forgotten_) std::vector<std::uint8_t>().swap(blocks_[forgotten_].bytes);
  }

  std::uint64_t memory() const {
    std::uint64_t all = slots_.size() * sizeof(std::uint64_t);
    for (const Block& b : blocks_)
      all += b.bytes.capacity() + b.ends.capacity() * 4 + b.parents.capacity() * 4 + b.choices.capacity() * 2 +
             b.weights.capacity() * 2 + b.digests.capacity() * sizeof(Digest);
    return all;
  }

 private:
  // Blocks of states, so that growing copies little and offsets take four bytes.
  static constexpr std::uint32_t kBlockBits = 14;
  static constexpr std::uint32_t kBlockMask = (1u << kBlockBits) - 1;
  struct Block {
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint32_t> ends;  // of states of varying size: where each begins, and the last one's end
    std::vector<StateId> parents;
    std::vector<std::uint16_t> choices;
    std::vector<std::uint16_t> weights;  // with symmetry: the size of the orbit
    std::vector<Digest> digests;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  std::size_t home(std::uint32_t tag) const { return tag >> (32 - slot_bits_); }

  bool same(std::uint32_t local, const Digest& digest, const std::uint8_t* there, std::size_t size) const {
    if (compare_ == Compare::fingerprint) return blocks_[local >> kBlockBits].digests[local & kBlockMask] == digest;
    return size_of(local) == size && std::memcmp(bytes(local), there, FixedBytes != 0 ? FixedBytes : size) == 0;
  }

  void append(const Digest& digest, const std::uint8_t* bytes, std::size_t size, StateId parent, std::uint16_t choice,
              std::uint16_t weight) {
    if ((count_ & kBlockMask) == 0) new_block(size);
    Block& block = blocks_.back();
    if (block.bytes.size() + size > block.bytes.capacity()) block.bytes.reserve(block.bytes.size() * 5 / 4 + size);
    block.bytes.insert(block.bytes.end(), bytes, bytes + size);
    if constexpr (FixedBytes == 0) block.ends.push_back(static_cast<std::uint32_t>(block.bytes.size()));
    block.parents.push_back(parent);
    block.choices.push_back(choice);
    if (weights_) block.weights.push_back(weight);
    if (compare_ == Compare::fingerprint) block.digests.push_back(digest);
  }
  void new_block(std::size_t size) {
    std::size_t expected = size << kBlockBits;
    // The first block of a small exploration stays small; a later one is as the one before.
    const std::size_t states = blocks_.empty() ? 0 : std::size_t{1} << kBlockBits;
    if (!blocks_.empty()) {
      blocks_.back().bytes.shrink_to_fit();
      expected = blocks_.back().bytes.empty() ? expected : blocks_.back().bytes.size();
    }
    Block& block = blocks_.emplace_back();
    block.bytes.reserve(states != 0 ? expected : size);
    block.parents.reserve(states);
    block.choices.reserve(states);
    if constexpr (FixedBytes == 0) {
      block.ends.reserve(states != 0 ? states + 1 : 0);
      block.ends.push_back(0);
    }
  }
  void grow() {
    std::vector<std::uint64_t> old(slots_.size() * 2);
    old.swap(slots_);
    ++slot_bits_;
    const std::size_t mask = slots_.size() - 1;
    for (const std::uint64_t slot : old) {
      if (slot == 0) continue;
      std::size_t at = home(static_cast<std::uint32_t>(slot >> 32));
      while (slots_[at] != 0) at = (at + 1) & mask;
      slots_[at] = slot;
    }
  }

  Compare compare_;
  bool weights_;
  std::uint32_t count_ = 0;
  std::uint32_t forgotten_ = 0;  // blocks
  std::uint32_t slot_bits_ = 8;
  std::vector<std::uint64_t> slots_;  // 32 bits of hash, number + 1
  std::vector<Block> blocks_;
};

/// Both shards.
template <std::size_t FixedBytes>
class StateStore {
 public:
  StateStore(Compare compare, bool weights)
      : shards_{StateShard<FixedBytes>(compare, weights), StateShard<FixedBytes>(compare, weights)} {}

  static std::uint32_t shard_for(std::uint64_t hash) { return static_cast<std::uint32_t>(hash & 1); }
  StateShard<FixedBytes>& shard(std::uint32_t i) { return shards_[i]; }
  const StateShard<FixedBytes>& shard(std::uint32_t i) const { return shards_[i]; }
  std::uint64_t size() const { return std::uint64_t{shards_[0].size()} + shards_[1].size(); }
  const std::uint8_t* bytes(StateId id) const { return shards_[shard_of(id)].bytes(local_of(id)); }
  std::uint64_t memory() const { return shards_[0].memory() + shards_[1].memory(); }

 private:
  std::array<StateShard<FixedBytes>, 2> shards_;
};

}  // namespace pagetoken
