#pragma once
// A short name for a long history: the same on every run and every machine, so that it can be printed and compared.

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace pagetoken {

/// 128 bits that stand for a sequence of bytes. Either half alone is a good 64-bit hash.
struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend constexpr auto operator<=>(const Digest&, const Digest&) = default;
  std::string hex() const;  ///< 32 lower-case digits
};

/// Hashes a sequence of bytes as it comes: MurmurHash3_x64_128 of Austin Appleby (public domain), seed 0. Not for use
/// against an adversary. How the bytes were cut into calls does not matter; hence length first, where lengths vary.
class Fingerprint {
 public:
  /// Appends the eight bytes of `word`, least significant first. The fast way.
  void add(std::uint64_t word) {
    if (pending_bytes_ == 8) {
      mix(pending_[0], word);
      pending_bytes_ = 0;
    } else if (pending_bytes_ == 0) {
      pending_[0] = word;
      pending_bytes_ = 8;
    } else {
      absorb(std::as_bytes(std::span{&word, 1}));
    }
    length_ += 8;
  }
  void add_bytes(std::span<const std::byte> bytes) {
    length_ += bytes.size();
    absorb(bytes);
  }
  /// Appends the length of `text`, as a word, and its bytes: no two sequences of texts are alike.
  void add_text(std::string_view text);

  /// Of all that was added so far; more may follow.
  Digest digest() const;
  std::uint64_t value() const { return digest().high; }
  std::string hex() const { return digest().hex(); }

 private:
  static constexpr std::uint64_t kC1 = 0x87c37b91114253d5;
  static constexpr std::uint64_t kC2 = 0x4cf5ad432745937f;
  static constexpr std::uint64_t scramble_first(std::uint64_t k) { return std::rotl(k * kC1, 31) * kC2; }
  static constexpr std::uint64_t scramble_second(std::uint64_t k) { return std::rotl(k * kC2, 33) * kC1; }
  void mix(std::uint64_t first, std::uint64_t second) {
    h1_ = (std::rotl(h1_ ^ scramble_first(first), 27) + h2_) * 5 + 0x52dce729;
    h2_ = (std::rotl(h2_ ^ scramble_second(second), 31) + h1_) * 5 + 0x38495ab5;
  }
  void absorb(std::span<const std::byte> bytes);

  std::uint64_t h1_ = 0;
  std::uint64_t h2_ = 0;
  std::uint64_t length_ = 0;                ///< bytes added
  std::array<std::uint64_t, 2> pending_{};  ///< a block that is not full; bytes beyond pending_bytes_ are meaningless
  std::uint32_t pending_bytes_ = 0;         ///< 0 to 15
};

/// The digest of a sequence that is all there. Equal to that of a Fingerprint which was given the same bytes.
Digest digest_of(std::span<const std::byte> bytes);

}  // namespace pagetoken
