#include "sim/base/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

std::int64_t exact_quantile(const std::vector<std::int64_t>& sorted, double q) {
  const double rank = std::max(1.0, std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[static_cast<std::size_t>(rank) - 1];
}

TEST(Histogram, QuantilesOfManyShapesAreWithinHalfABucket) {
  RandomStream random{7, 0, 0, Purpose::test};
  const std::vector<std::function<std::int64_t()>> shapes{
      [&] { return static_cast<std::int64_t>(random.below(300)); },
      [&] { return static_cast<std::int64_t>(random.exponential(50'000)); },
      [&] { return static_cast<std::int64_t>(portable::exp(10 + 3 * random.normal())); },
      [&] { return static_cast<std::int64_t>(random.below(std::uint64_t{1} << 62)); },
  };
  for (const auto& shape : shapes) {
    std::vector<std::int64_t> values(20'000);
    std::generate(values.begin(), values.end(), shape);
    Histogram histogram;
    for (const std::int64_t value : values) histogram.add(value);
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto exact = static_cast<double>(exact_quantile(values, q));
      EXPECT_NEAR(static_cast<double>(histogram.quantile(q)), exact, exact / 256) << q;
    }
  }
}

TEST(Histogram, CountMeanAndExtremesAreExact) {
  Histogram histogram;
  histogram.add(1'000'000'007);
  histogram.add(3, 2);
  histogram.add(0);
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.mean(), 1'000'000'013 / 4.0);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 1'000'000'007);
  EXPECT_EQ(histogram.quantile(0), 0);
  EXPECT_EQ(histogram.quantile(0.5), 3);
  EXPECT_EQ(histogram.quantile(0.75), 3);
  EXPECT_EQ(histogram.quantile(0.76), 1'000'000'007);
}

TEST(Histogram, SumsBeyond64Bits) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  Histogram histogram;
  histogram.add(kLargest, 1000);
  EXPECT_EQ(histogram.mean(), static_cast<double>(kLargest));
  EXPECT_EQ(histogram.quantile(0.5), kLargest);
}

TEST(Histogram, EmptyOneSaysZeroEverywhere) {
  const Histogram histogram;
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.quantile(0.5), 0);
}

TEST(Histogram, MergeInEitherOrderIsTheSameAsAddingAll) {
  RandomStream random{8, 0, 0, Purpose::test};
  for (int round = 0; round < 50; ++round) {
    Histogram a;
    Histogram b;
    Histogram all;
    const std::uint64_t values = random.below(20);
    for (std::uint64_t i = 0; i < values; ++i) {
      const auto value = static_cast<std::int64_t>(random.next() >> (1 + random.below(63)));
      (random.chance(0.5) ? a : b).add(value);
      all.add(value);
    }
    Histogram ab = a;
    ab.merge(b);
    Histogram ba = b;
    ba.merge(a);
    EXPECT_EQ(ab, all);
    EXPECT_EQ(ba, all);
  }
}

TEST(Histogram, DiffersWhenOneValueDoes) {
  Histogram a;
  Histogram b;
  for (const std::int64_t value : {10, 20, 30, 40}) a.add(value);
  for (const std::int64_t value : {10, 21, 29, 40}) b.add(value);
  EXPECT_FALSE(a == b);
}

TEST(Histogram, BucketsTileTheNumbersAndAreNarrow) {
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int bit = 0; bit < 63; ++bit) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      const std::int64_t value = (std::int64_t{1} << bit) + offset;
      values.push_back(value);
      histogram.add(value);
    }
  }
  histogram.add(std::numeric_limits<std::int64_t>::max());
  std::uint64_t total = 0;
  std::int64_t previous_high = -1;
  histogram.for_each_bucket([&](std::int64_t low, std::int64_t high, std::uint64_t count) {
    EXPECT_GT(low, previous_high);
    EXPECT_GE(high, low);
    EXPECT_LE(high - low, low / 128);
    total += count;
    previous_high = high;
  });
  EXPECT_EQ(total, histogram.count());
  EXPECT_EQ(previous_high, std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace pagetoken
