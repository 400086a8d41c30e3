#pragma once
// Text eight bytes at a time, the first in the lowest: where a byte first occurs, and what digits are worth.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace pagetoken {

static_assert(std::endian::native == std::endian::little, "words are read as they lie");
using Word = std::uint64_t;
constexpr Word repeated(unsigned char byte) { return 0x0101010101010101u * byte; }
inline Word load_word(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Marks are the top bits of bytes. The lowest mark is right, those above it need not be.
constexpr Word mark_equal(Word word, unsigned char byte) {
  const Word x = word ^ repeated(byte);
  return (x - repeated(1)) & ~x & repeated(0x80);
}
constexpr Word mark_below(Word word, unsigned char byte) { return (word - repeated(byte)) & ~word & repeated(0x80); }
constexpr std::size_t first_mark(Word marks) { return static_cast<unsigned>(std::countr_zero(marks)) / 8; }
/// The bytes before the first mark, the others 0.
constexpr Word before_mark(Word word, Word marks) { return word & (((marks & (0 - marks)) >> 7) - 1); }

/// The first byte from `at` on that a JSON text cannot have as it is, or that is not ASCII: it must be there. Reads up
/// to 16 bytes from its beginning on.
inline const char* end_of_plain_text(const char* at) {
#ifdef __SSE2__
  for (;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i stops = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
        _mm_cmpgt_epi8(_mm_set1_epi8(0x20), bytes));  // signed: what is not ASCII as well
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(stops));
    if (found != 0) return at + static_cast<unsigned>(std::countr_zero(found));
  }
#else
  for (;; at += 8) {
    const Word bytes = load_word(at);
    const Word stops =
        mark_equal(bytes, '"') | mark_equal(bytes, '\\') | mark_below(bytes, 0x20) | (bytes & repeated(0x80));
    if (stops != 0) return at + first_mark(stops);
  }
#endif
}

/// How many of the bytes are digits, from the first on.
constexpr std::size_t count_digits(Word bytes) {
  const Word x = bytes ^ repeated('0');
  const Word others = (((x & repeated(0x7f)) + repeated(0x76)) | x) & repeated(0x80);
  return others == 0 ? 8 : first_mark(others);
}
/// The number whose digits are the first `count` bytes, 1 to 8: pairs, then fours, then all are summed at once.
constexpr std::uint64_t digits_value(Word bytes, std::size_t count) {
  constexpr Word kMask = 0x000000FF000000FFu;
  constexpr Word kHigh = 100 + (Word{1'000'000} << 32);
  constexpr Word kLow = 1 + (Word{10'000} << 32);
  bytes = (bytes ^ repeated('0')) << (64 - 8 * count);  // zeros before it
  bytes = bytes * 10 + (bytes >> 8);
  return ((bytes & kMask) * kHigh + ((bytes >> 16) & kMask) * kLow) >> 32;
}
inline constexpr std::array<std::uint64_t, 9> kPowerOf10{1,       10,        100,        1'000,      10'000,
                                                         100'000, 1'000'000, 10'000'000, 100'000'000};

}  // namespace pagetoken
