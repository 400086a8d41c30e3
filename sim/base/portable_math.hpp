#pragma once
// exp and log from IEEE operations alone. The C library picks its own by the CPU it finds, and these differ in the last
// bit: with them, a run would not be the same on two machines. Method and coefficients are those of fdlibm (Sun
// Microsystems, e_exp.c and e_log.c, freely usable).

#include <bit>
#include <cassert>
#include <cstdint>
#include <limits>

namespace pagetoken::portable {

// ln 2 in two parts, of which the first has so few bits that its product with an exponent is exact.
inline constexpr double kLn2High = 6.93147180369123816490e-01;
inline constexpr double kLn2Low = 1.90821492927058770002e-10;

/// Natural logarithm of `x`, a normal positive number; within a few units of the last place.
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
  // log m = 2 artanh s = 2 s + s R(s^2); the even and the odd terms of R are summed apart, so that they overlap.
  const double s = (mantissa - 1) / (mantissa + 1);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  return exponent * kLn2High + (s * (2 + (even + odd)) + exponent * kLn2Low);
}

/// e to the power of `x`, from -700 to 700; within a few units of the last place.
constexpr double exp(double x) {
  assert(x >= -700 && x <= 700);
  constexpr double kLog2e = 1.44269504088896340736;
  const double scaled = x * kLog2e;
  const auto power = static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  const double rest = (x - power * kLn2High) - power * kLn2Low;
  const double t = rest * rest;
  const double c =
      rest -
      t * (1.66666666666666019037e-01 +
           t * (-2.77777777770155933842e-03 +
                t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
  const double mantissa = 1 - (rest * c / (c - 2) - rest);
  return mantissa * std::bit_cast<double>(static_cast<std::uint64_t>(power + 1023) << 52);
}

}  // namespace pagetoken::portable
