#include "sim/check/cluster/piece_table.hpp"

#include <cstring>
#include <stdexcept>

#include "sim/explore/hash.hpp"

namespace pagetoken {

PieceTable::PieceTable() {
  owned_slots_.push_back(std::make_unique<Slots>(256));
  slots_ = owned_slots_.back().get();
}

PieceId PieceTable::add(std::uint8_t sort, const Encoder& encoder, std::vector<std::uint8_t>& scratch) {
  scratch.assign(1, sort);
  scratch.insert(scratch.end(), encoder.bytes().begin(), encoder.bytes().end());
  std::vector<Piece::FreshSpot> spots;
  for (const Encoder::FreshAt& f : encoder.fresh()) {
    if (f.value >= 64) throw std::length_error("a state holds more than 63 different values of one fresh kind");
    spots.push_back({f.at + 1, kind_number(f.kind)});
    scratch[f.at + 1] = static_cast<std::uint8_t>(f.value);
  }
  return intern(hash_of(scratch.data(), scratch.size()), scratch, spots);
}

PieceId PieceTable::ranked(PieceId id, const FreshValues& all, std::vector<std::uint8_t>& scratch) {
  const Piece& piece = (*this)[id];
  scratch.assign(piece.bytes.begin(), piece.bytes.end());
  for (const Piece::FreshSpot& spot : piece.fresh) {
    std::uint8_t& value = scratch[spot.at];
    value = static_cast<std::uint8_t>(std::popcount(all[spot.kind] & ((std::uint64_t{2} << value) - 1)));
  }
  return intern(hash_of(scratch.data(), scratch.size()), scratch, piece.fresh);
}

std::uint32_t PieceTable::kind_number(const void* kind) {
  for (std::uint32_t k = 0; k < kFreshKinds; ++k) {
    const void* known = kinds_[k].load(std::memory_order_relaxed);
    if (known == kind || (known == nullptr && kinds_[k].compare_exchange_strong(known, kind)) || known == kind)
      return k;
  }
  throw std::length_error("more kinds of fresh values than are counted on");
}

PieceId PieceTable::intern(std::uint64_t hash, std::span<const std::uint8_t> bytes,
                           std::span<const Piece::FreshSpot> fresh) {
  if (const PieceId known = find(hash, bytes); known != kNoPiece) return known;
  const std::scoped_lock lock(adding_);
  if (const PieceId known = find(hash, bytes); known != kNoPiece) return known;
  return append(hash, bytes, fresh);
}

PieceId PieceTable::find(std::uint64_t hash, std::span<const std::uint8_t> bytes) const {
  const Slots& slots = *slots_.load(std::memory_order_acquire);
  for (std::size_t at = hash & slots.mask;; at = (at + 1) & slots.mask) {
    const std::uint64_t slot = slots.at[at].load(std::memory_order_acquire);
    if (slot == 0) return kNoPiece;
    if (slot >> 32 != hash >> 32) continue;
    const PieceId id = static_cast<PieceId>(slot) - 1;
    const Piece& piece = (*this)[id];
    if (piece.bytes.size() == bytes.size() && std::memcmp(piece.bytes.data(), bytes.data(), bytes.size()) == 0)
      return id;
  }
}

PieceId PieceTable::append(std::uint64_t hash, std::span<const std::uint8_t> bytes,
                           std::span<const Piece::FreshSpot> fresh) {
  const PieceId id = count_;
  const std::uint32_t block = block_of(id);
  if (id == begin_of(block)) {
    if (block == kBlocks) throw std::length_error("more pieces of states than can be numbered");
    const std::size_t size = std::size_t{kFirst} << block;
    owned_blocks_.push_back(std::make_unique<Piece[]>(size));
    blocks_[block] = owned_blocks_.back().get();
    memory_ += size * sizeof(Piece);
  }
  Piece& piece = owned_blocks_[block][id - begin_of(block)];
  piece.hash = hash;
  piece.bytes = keep(bytes);
  piece.fresh = keep(fresh);
  for (const Piece::FreshSpot& spot : fresh)
    if (bytes[spot.at] != 0) piece.values[spot.kind] |= std::uint64_t{1} << bytes[spot.at];
  count_ = id + 1;
  if (std::size_t{count_} * 2 > slots_.load()->mask) grow();
  Slots& slots = *slots_.load();
  std::size_t at = hash & slots.mask;
  while (slots.at[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & slots.mask;
  slots.at[at].store((hash >> 32) << 32 | (id + 1), std::memory_order_release);
  return id;
}

void PieceTable::grow() {
  const Slots& old = *slots_.load();
  auto larger = std::make_unique<Slots>((old.mask + 1) * 2);
  for (PieceId id = 0; id + 1 < count_; ++id) {  // but for the last one, which is about to be put
    const std::uint64_t hash = (*this)[id].hash;
    std::size_t at = hash & larger->mask;
    while (larger->at[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & larger->mask;
    larger->at[at].store((hash >> 32) << 32 | (id + 1), std::memory_order_relaxed);
  }
  memory_ += larger->at.size() * sizeof(std::uint64_t);
  slots_.store(larger.get(), std::memory_order_release);
  owned_slots_.push_back(std::move(larger));
}

template <class T>
std::span<const T> PieceTable::keep(std::span<const T> items) {
  constexpr std::size_t kArena = std::size_t{1} << 14;
  const std::size_t bytes = (items.size_bytes() + 3) / 4 * 4;
  if (room_ < bytes) {
    room_ = bytes > kArena ? bytes : kArena;
    arenas_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(room_));
    memory_ += room_;
    free_ = arenas_.back().get();
  }
  T* const at = reinterpret_cast<T*>(free_);
  if (!items.empty()) std::memcpy(at, items.data(), items.size_bytes());
  free_ += bytes;
  room_ -= bytes;
  return {at, items.size()};
}

}  // namespace pagetoken
