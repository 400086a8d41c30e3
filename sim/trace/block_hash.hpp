#pragma once
// XXH64 (Y. Collet's specification, seed 0) of a text that comes in pieces: what a trace's `check` lines hold, so that
// any tool can verify them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pagetoken {

class BlockHash {
 public:
  void add(std::string_view text);
  std::uint64_t value() const;
  std::string hex() const;  ///< of value(), 16 digits
  std::uint64_t bytes() const { return bytes_; }

 private:
  void add_stripes(const char* at, std::size_t count);

  static constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87u;
  static constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Fu;
  std::array<std::uint64_t, 4> lanes_{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
  std::array<char, 32> rest_{};  ///< the first bytes_ % 32 of it: what fills no stripe yet
  std::uint64_t bytes_ = 0;
};

}  // namespace pagetoken
