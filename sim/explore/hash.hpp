#pragma once
// The hash of the explorer's tables.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sim/base/int128.hpp"

namespace pagetoken {

inline constexpr std::uint64_t kHashA = 0x9e3779b97f4a7c15u, kHashB = 0xe7037ed1a0b428dbu;

/// Both halves of a product: every bit of the result depends on every bit of both.
inline std::uint64_t mix_hash(std::uint64_t a, std::uint64_t b) {
  const uint128 product = static_cast<uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// 64 bits of hash, every one of which depends on every byte.
inline std::uint64_t hash_of(const std::uint8_t* bytes, std::size_t size) {
  const auto word = [&](std::size_t at, std::size_t count) {
    std::uint64_t w = 0;
    std::memcpy(&w, bytes + at, count);
    return w;
  };
  std::uint64_t hash = kHashA ^ (size * kHashB);
  std::size_t at = 0;
  for (; at + 16 <= size; at += 16) hash = mix_hash(word(at, 8) ^ kHashB, word(at + 8, 8) ^ hash);
  const std::size_t rest = size - at;
  const std::uint64_t low = word(at, rest < 8 ? rest : 8);
  const std::uint64_t high = rest > 8 ? word(at + 8, rest - 8) : 0;
  hash = mix_hash(low ^ kHashB, high ^ hash);
  return mix_hash(hash ^ kHashA, kHashB);
}

}  // namespace pagetoken
