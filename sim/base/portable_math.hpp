#pragma once
// exp and log from IEEE operations alone. The C library picks its own by the CPU it finds, and these differ in the last
// bit: with them, a run would not be the same on two machines.

#include <bit>
#include <cassert>
#include <cstdint>
#include <limits>

namespace pagetoken::portable {

// ln 2 in two parts, of which the first has so few bits that its product with an exponent is exact (as in fdlibm).
inline constexpr double kLn2High = 6.93147180369123816490e-01;
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

/// Natural logarithm of `x`, a normal positive number; within 4 units of the last place away from 1.
constexpr double log(double x) {
  assert(x >= std::numeric_limits<double>::min() && x <= std::numeric_limits<double>::max());
  constexpr double kSqrt2 = 1.41421356237309504880;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<int>(bits >> 52) - 1023;
  auto mantissa = std::bit_cast<double>((bits & ((std::uint64_t{1} << 52) - 1)) | (std::uint64_t{1023} << 52));
  if (mantissa > kSqrt2) {
    mantissa *= 0.5;
    ++exponent;
  }
  // log m = 2 artanh s, whose series ends below 2^-56 after s^21 because |s| <= 0.172.
  const double s = (mantissa - 1) / (mantissa + 1);
  const double z = s * s;
  double series = 0;
  for (int odd = 21; odd >= 3; odd -= 2) series = (series + 1.0 / odd) * z;
  return exponent * kLn2High + (2 * (s + s * series) + exponent * kLn2Low);
}

/// e to the power of `x`, from -700 to 700; within 4 units of the last place.
constexpr double exp(double x) {
  assert(x >= -700 && x <= 700);
  constexpr double kLog2e = 1.44269504088896340736;
  const double scaled = x * kLog2e;
  const auto power = static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  const double rest = (x - power * kLn2High) - power * kLn2Low;
  // Taylor's series ends below 2^-56 after the 13th power because |rest| <= 0.35.
  double series = 1;
  for (int n = 13; n >= 1; --n) series = 1 + series * rest * (1.0 / n);
  return series * std::bit_cast<double>(static_cast<std::uint64_t>(power + 1023) << 52);
}

}  // namespace pagetoken::portable
