#pragma once
// Pieces of states (a node, a message in flight), each kept once under a number, so that a state is a few numbers.
//
// Fresh values stand in a piece's bytes as they are, below 64 of a kind; where they stand is kept beside the bytes, so
// that a whole state can be given dense ranks again without being decoded. Threads may look up and add at once: what is
// there never moves, and a number that one thread has from another came with a synchronisation.

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "protocols/api/fields.hpp"

namespace pagetoken {

using PieceId = std::uint32_t;
inline constexpr PieceId kNoPiece = ~0u;

/// For each kind of Fresh, a bit for each value.
inline constexpr std::size_t kFreshKinds = 8;
using FreshValues = std::array<std::uint64_t, kFreshKinds>;

struct Piece {
  struct FreshSpot {
    std::uint32_t at = 0;  ///< its two bytes
    std::uint32_t kind = 0;
  };
  std::uint64_t hash = 0;  ///< of the bytes: the same in every run
  FreshValues values{};    ///< other than 0
  std::span<const std::uint8_t> bytes{};
  std::span<const FreshSpot> fresh{};
};

class PieceTable {
 public:
  PieceTable();

  const Piece& operator[](PieceId id) const {
    const std::uint32_t block = block_of(id);
    return blocks_[block].load(std::memory_order_acquire)[id - begin_of(block)];
  }

  /// The number of what was encoded, with its Fresh values as they are. `sort` keeps pieces of different meaning apart.
  PieceId add(std::uint8_t sort, const Encoder& encoder, std::vector<std::uint8_t>& scratch);
  /// The piece with its Fresh values replaced by their ranks among `all`, which hold them.
  PieceId ranked(PieceId id, const FreshValues& all, std::vector<std::uint8_t>& scratch);

  std::uint32_t size() const { return count_.load(std::memory_order_relaxed); }
  std::uint64_t memory() const { return memory_.load(std::memory_order_relaxed); }

 private:
  // Blocks of 256 pieces, 512, and so on.
  static constexpr std::uint32_t kFirst = 256, kBlocks = 20;
  static constexpr std::uint32_t block_of(PieceId id) {
    return static_cast<std::uint32_t>(std::bit_width(id / kFirst + 1)) - 1;
  }
  static constexpr std::uint32_t begin_of(std::uint32_t block) { return kFirst * ((1u << block) - 1); }
  struct Slots {
    explicit Slots(std::size_t size) : mask(size - 1), at(size) {}
    std::size_t mask;
    std::vector<std::atomic<std::uint64_t>> at;  // 32 bits of hash, number + 1
  };

  PieceId intern(std::uint64_t hash, std::span<const std::uint8_t> bytes, std::span<const Piece::FreshSpot> fresh);
  PieceId find(std::uint64_t hash, std::span<const std::uint8_t> bytes) const;
  PieceId append(std::uint64_t hash, std::span<const std::uint8_t> bytes, std::span<const Piece::FreshSpot> fresh);
  void grow();
  template <class T>
  std::span<const T> keep(std::span<const T> items);
  std::uint32_t kind_number(const void* kind);

  std::array<std::atomic<Piece*>, kBlocks> blocks_{};
  std::atomic<Slots*> slots_;
  std::array<std::atomic<const void*>, kFreshKinds> kinds_{};

  std::mutex adding_;  // for what is below
  std::vector<std::unique_ptr<Piece[]>> owned_blocks_;
  std::vector<std::unique_ptr<Slots>> owned_slots_;  // outgrown ones too: somebody may be reading
  std::vector<std::unique_ptr<std::uint8_t[]>> arenas_;
  std::uint8_t* free_ = nullptr;
  std::size_t room_ = 0;
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint64_t> memory_{0};
};

}  // namespace pagetoken
