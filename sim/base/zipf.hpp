#pragma once
// Zipf's distribution: the k-th most popular of n things is chosen with a probability proportional to 1 / k^s.

#include <cstdint>

#include "sim/base/random.hpp"

namespace pagetoken {

/// Draws ranks by rejection-inversion: constant time and memory for any n, 1.1 draws on average or so. Hoermann and
/// Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions" (ACM TOMACS 6(3), 1996).
class Zipf {
 public:
  /// `n` from 1 to 2^52 things; exponent `s` from 0 (all alike) to 16. Values outside are the caller's error (assert).
  Zipf(std::uint64_t n, double s);

  /// A rank in [0, n); 0 is the most popular.
  std::uint64_t operator()(RandomStream& random) const;

 private:
  double density(double x) const;           ///< x^-s
  double integral(double x) const;          ///< of the density, from 1 to x
  double inverse_integral(double y) const;  ///< the x whose integral is y

  std::uint64_t n_;
  double s_;
  double area_low_;   ///< inversion starts here: the first bar, as wide as its probability
  double area_high_;  ///< and ends here: half a step beyond n
  double sure_;       ///< a point this close below its rank is accepted without looking at the density
};

}  // namespace pagetoken
