#pragma once
// How long a transfer takes on a link of its own.

#include <cstdint>

#include "sim/base/int128.hpp"

namespace pagetoken {

/// bytes / bandwidth, rounded up to a whole nanosecond.
inline std::int64_t transfer_ns(std::uint64_t bytes, std::int64_t bandwidth_bytes_per_s) {
  const auto rate = static_cast<std::uint64_t>(bandwidth_bytes_per_s);
  if (bytes < std::uint64_t{1} << 33) [[likely]]  // so that the numerator fits into 64 bits, at any rate below 2^63
    return static_cast<std::int64_t>((bytes * 1'000'000'000u + (rate - 1)) / rate);
  const uint128 scaled = static_cast<uint128>(bytes) * 1'000'000'000u;
  return static_cast<std::int64_t>((scaled + rate - 1) / rate);
}

}  // namespace pagetoken
