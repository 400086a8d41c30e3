#include "sim/base/zipf.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace pagetoken {

namespace {

/// (e^x - 1) / x, by its series near 0, where the quotient would lose all digits.
double expm1_quotient(double x) {
  if (std::abs(x) > 1e-5) return (portable::exp(x) - 1) / x;
  return 1 + x / 2 * (1 + x / 3 * (1 + x / 4));
}

/// log(1 + x) / x, likewise; x > -1.
double log1p_quotient(double x) {
  if (std::abs(x) > 1e-5) return portable::log(1 + x) / x;
  return 1 - x * (1.0 / 2 - x * (1.0 / 3 - x / 4));
}

}  // namespace

Zipf::Zipf(std::uint64_t n, double s) : n_(n), s_(s) {
  assert(n >= 1 && n <= std::uint64_t{1} << 52);
  assert(s >= 0 && s <= 16);
  area_low_ = integral(1.5) - 1;
  area_high_ = integral(static_cast<double>(n) + 0.5);
  sure_ = 2 - inverse_integral(integral(2.5) - density(2));
}

double Zipf::density(double x) const { return portable::exp(-s_ * portable::log(x)); }

double Zipf::integral(double x) const {
  const double log_x = portable::log(x);
  return expm1_quotient((1 - s_) * log_x) * log_x;
}

double Zipf::inverse_integral(double y) const {
  // Rounding may push the argument of the logarithm out of its domain, by a little.
  const double t = std::max(y * (1 - s_), -1 + 0x1p-53);
  return portable::exp(log1p_quotient(t) * y);
}

std::uint64_t Zipf::operator()(RandomStream& random) const {
  for (;;) {
    const double area = area_high_ + random.uniform() * (area_low_ - area_high_);
    const double x = inverse_integral(area);
    const double k = std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(n_));
    if (k - x <= sure_ || area >= integral(k + 0.5) - density(k)) return static_cast<std::uint64_t>(k) - 1;
  }
}

}  // namespace pagetoken
