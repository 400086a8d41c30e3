#include "sim/base/fingerprint.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace pagetoken {

static_assert(std::endian::native == std::endian::little, "words are read from memory as they lie there");

namespace {

constexpr std::uint64_t finalize(std::uint64_t k) {
  k = (k ^ (k >> 33)) * 0xff51afd7ed558ccd;
  k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53;
  return k ^ (k >> 33);
}

}  // namespace

std::string Digest::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

void Fingerprint::absorb(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (pending_bytes_ == 0 && bytes.size() >= 16) {
      std::array<std::uint64_t, 2> block;
      std::memcpy(block.data(), bytes.data(), 16);
      mix(block[0], block[1]);
      bytes = bytes.subspan(16);
      continue;
    }
    const std::size_t taken = std::min<std::size_t>(bytes.size(), 16 - pending_bytes_);
    std::memcpy(reinterpret_cast<std::byte*>(pending_.data()) + pending_bytes_, bytes.data(), taken);
    bytes = bytes.subspan(taken);
    pending_bytes_ += static_cast<std::uint32_t>(taken);
    if (pending_bytes_ == 16) {
      mix(pending_[0], pending_[1]);
      pending_bytes_ = 0;
    }
  }
}

void Fingerprint::add_text(std::string_view text) {
  add(text.size());
  add_bytes(std::as_bytes(std::span{text}));
}

Digest Fingerprint::digest() const {
  std::uint64_t h1 = h1_;
  std::uint64_t h2 = h2_;
  std::array<std::uint64_t, 2> tail{};
  std::memcpy(tail.data(), pending_.data(), pending_bytes_);
  h2 ^= scramble_second(tail[1]);  // zero where the tail is short, which changes nothing
  h1 ^= scramble_first(tail[0]);
  h1 ^= length_;
  h2 ^= length_;
  h1 += h2;
  h2 += h1;
  h1 = finalize(h1);
  h2 = finalize(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

Digest digest_of(std::span<const std::byte> bytes) {
  Fingerprint fingerprint;
  fingerprint.add_bytes(bytes);
  return fingerprint.digest();
}

}  // namespace pagetoken
