#include "sim/base/zipf.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

struct Shape {
  std::uint64_t n;
  double s;
};
class ZipfShape : public testing::TestWithParam<Shape> {};

TEST_P(ZipfShape, FrequenciesFollowThePowerLaw) {
  const auto [n, s] = GetParam();
  constexpr std::uint64_t kDraws = 400'000;
  double norm = 0;
  for (std::uint64_t k = 1; k <= n; ++k) norm += std::pow(static_cast<double>(k), -s);

  const Zipf zipf{n, s};
  RandomStream random{42, 0, 0, Purpose::test};
  std::vector<std::uint64_t> counts(n);
  for (std::uint64_t i = 0; i < kDraws; ++i) ++counts.at(zipf(random));

  // Chi-square over ranks that are expected at least ten times; the others are one class.
  double statistic = 0;
  double freedom = -1;
  double rest_expected = 0;
  double rest_counted = 0;
  const auto compare = [&](double counted, double expected) {
    statistic += (counted - expected) * (counted - expected) / expected;
    freedom += 1;
  };
  for (std::uint64_t k = 1; k <= n; ++k) {
    const double expected = static_cast<double>(kDraws) * std::pow(static_cast<double>(k), -s) / norm;
    const auto counted = static_cast<double>(counts[k - 1]);
    if (expected >= 10) {
      compare(counted, expected);
    } else {
      rest_expected += expected;
      rest_counted += counted;
    }
  }
  if (rest_expected >= 10) compare(rest_counted, rest_expected);
  EXPECT_LT(statistic, freedom + 5 * std::sqrt(2 * freedom));
}

INSTANTIATE_TEST_SUITE_P(Shapes, ZipfShape,
                         testing::Values(Shape{10, 1}, Shape{10, 0}, Shape{1000, 0.99}, Shape{1000, 1.000001},
                                         Shape{50, 2.5}, Shape{100'000, 0.8}, Shape{3, 8}, Shape{2, 0.5}));

TEST(Zipf, OneThingIsAlwaysTheOne) {
  RandomStream random{1, 0, 0, Purpose::test};
  for (const double s : {0.0, 1.0, 3.0}) EXPECT_EQ(Zipf(1, s)(random), 0u);
}

TEST(Zipf, StaysInRangeForHugeN) {
  constexpr std::uint64_t kN = std::uint64_t{1} << 52;
  RandomStream random{1, 0, 0, Purpose::test};
  for (const double s : {0.0, 0.5, 1.0, 16.0}) {
    const Zipf zipf{kN, s};
    for (int i = 0; i < 1000; ++i) ASSERT_LT(zipf(random), kN);
  }
}

}  // namespace
}  // namespace pagetoken
