// Statistics against textbook values and hand arithmetic.

#include "analysis/statistics/statistics.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "analysis/statistics/metrics.hpp"

namespace pagetoken {
namespace {

TEST(Student, QuantilesOfThePrintedTables) {
  // Law, Simulation Modeling and Analysis, table T.1.
  EXPECT_NEAR(student_quantile(0.975, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 4), 2.776, 5e-4);
  EXPECT_NEAR(student_quantile(0.95, 9), 1.833, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 30), 2.042, 5e-4);
}

TEST(Student, IntervalOfLawsExample) {
  // Ten observations of Law's example 4.26: mean 1.34, 90 % half-width 0.24.
  const std::vector<double> values{1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09};
  const Interval interval = student_interval(values, 0.90);
  EXPECT_NEAR(interval.mean, 1.34, 0.005);
  EXPECT_NEAR(interval.half_width, 0.24, 0.005);
  EXPECT_FALSE(student_interval(std::vector<double>{3.0}).known());
  EXPECT_EQ(student_interval(std::vector<double>{3.0}).mean, 3.0);
}

TEST(Student, CoverageIsThatOfItsLevel) {
  std::mt19937_64 random(20030605);
  std::normal_distribution<double> normal(10, 3);
  int covered = 0;
  constexpr int kTrials = 10'000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> values(8);
    for (double& value : values) value = normal(random);
    const Interval interval = student_interval(values);
    covered += interval.low() <= 10 && 10 <= interval.high() ? 1 : 0;
  }
  EXPECT_GT(covered, 0.93 * kTrials);
  EXPECT_LT(covered, 0.97 * kTrials);
}

TEST(Paired, DifferencesByHand) {
  // Differences 1, 2, 3: mean 2, s = 1, t = 2 sqrt(3) with two degrees of freedom. P(|T| > t) = 1 - t / sqrt(t^2 + 2).
  const PairedDifference found = paired_difference(std::vector<double>{11, 22, 33}, std::vector<double>{10, 20, 30});
  EXPECT_DOUBLE_EQ(found.difference.mean, 2);
  EXPECT_NEAR(found.difference.half_width, 4.3027 / std::sqrt(3.0), 1e-3);
  EXPECT_NEAR(found.p_value, 1 - std::sqrt(12.0 / 14.0), 1e-12);
}

TEST(Paired, CommonNoiseCancels) {
  const PairedDifference same = paired_difference(std::vector<double>{3, 900, 4}, std::vector<double>{2, 899, 3});
  EXPECT_EQ(same.p_value, 0);
  EXPECT_EQ(same.difference.half_width, 0);
  EXPECT_EQ(paired_difference(std::vector<double>{3, 5}, std::vector<double>{3, 5}).p_value, 1);
  EXPECT_EQ(paired_difference(std::vector<double>{3}, std::vector<double>{5}).p_value, 1);
}

TEST(Holm, ByHand) {
  // Sorted .005 .01 .03 .04 times 4 3 2 1 = .02 .03 .06 .04, made monotone: .02 .03 .06 .06.
  const std::vector<double> adjusted = holm_adjusted(std::vector<double>{0.01, 0.04, 0.03, 0.005});
  ASSERT_EQ(adjusted.size(), 4u);
  EXPECT_NEAR(adjusted[0], 0.03, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[3], 0.02, 1e-12);
  EXPECT_EQ(holm_adjusted(std::vector<double>{0.9, 0.8})[0], 1);
}

TEST(Quantile, RanksOfThePrintedTables) {
  // The distribution-free interval for a median: n = 10 takes x(2), x(9) (97.9 %); n = 20 takes x(6), x(15) (95.9 %).
  const RankInterval ten = quantile_ranks(10, 0.5);
  EXPECT_EQ(ten.low, 2u);
  EXPECT_EQ(ten.high, 9u);
  EXPECT_FALSE(ten.clamped);
  const RankInterval twenty = quantile_ranks(20, 0.5);
  EXPECT_EQ(twenty.low, 6u);
  EXPECT_EQ(twenty.high, 15u);
  // The 99th percentile of 100 values has no upper end: 1 - 0.99^100 = 63 %.
  EXPECT_TRUE(quantile_ranks(100, 0.99).clamped);
  EXPECT_FALSE(quantile_ranks(1000, 0.99).clamped);
}

TEST(Quantile, CoverageIsAtLeastItsLevel) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  const RankInterval ranks = quantile_ranks(100, 0.9);
  int covered = 0;
  constexpr int kTrials = 4000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> values(100);
    for (double& value : values) value = uniform(random);
    std::sort(values.begin(), values.end());
    covered += values[ranks.low - 1] <= 0.9 && 0.9 <= values[ranks.high - 1] ? 1 : 0;
  }
  EXPECT_GT(covered, 0.94 * kTrials);
  EXPECT_LT(covered, 0.985 * kTrials);
}

TEST(Mser5, CutsAnInitialTransientWhereItEnds) {
  // 50 values of 100, then 450 that swing about 1: the squared error is least when exactly the fifty are gone.
  std::vector<double> series(500, 0);
  for (std::size_t i = 0; i < series.size(); ++i) series[i] = i < 50 ? 100 : 1 + (i / 5 % 2 == 0 ? 0.1 : -0.1);
  const WarmUp found = mser5(series);
  EXPECT_TRUE(found.judged);
  EXPECT_EQ(found.cut, 50u);
  EXPECT_FALSE(found.too_late);
}

TEST(Mser5, StatisticByHand) {
  // Eleven batches: 4, then ten of 0 and 1 in turn. Without a cut: mean 9/11, sum of squares 21 - 81/11 = 13.64, over
  // 121: 0.1127. Cut one: mean 1/2, 2.5 over 100: 0.025. Cut two (first 0 gone): 5/9, 5 - 25/9 = 2.22 over 81: 0.0274.
  // Cut three: 0.03125, and so on up.
  std::vector<double> series;
  for (const double batch : {4., 0., 1., 0., 1., 0., 1., 0., 1., 0., 1.}) series.insert(series.end(), 5, batch);
  EXPECT_EQ(mser5(series).cut, 5u);
}

TEST(Mser5, SeriesThatNeverSettlesIsFlagged) {
  std::vector<double> series(200);
  for (std::size_t i = 0; i < series.size(); ++i) series[i] = i < 130 ? static_cast<double>(i) : 130;
  EXPECT_TRUE(mser5(series).too_late);
  EXPECT_FALSE(mser5(std::vector<double>(49, 1)).judged);
  EXPECT_EQ(mser5(std::vector<double>(200, 1)).cut, 0u);
}

TEST(Sequential, AddsUntilPreciseAndNoFurther) {
  EXPECT_EQ(repetitions_wanted(std::vector<std::vector<double>>{{1, 2}}, 0.1, 100), 5u);
  EXPECT_EQ(repetitions_wanted(std::vector<std::vector<double>>{{1, 1, 1, 1, 1}}, 0.1, 100), 5u);
  const std::vector<std::vector<double>> wide{{1, 2, 3, 4, 5}};
  EXPECT_EQ(repetitions_wanted(wide, 0.02, 100), 10u);  // at most twice as many at once
  EXPECT_EQ(repetitions_wanted(wide, 0.02, 7), 7u);
  EXPECT_EQ(repetitions_wanted(wide, 0.9, 100), 5u);
  EXPECT_EQ(repetitions_wanted(std::vector<std::vector<double>>{{0, 0, 0, 0, 0}}, 0.02, 100), 5u);
}

TEST(Metrics, AreReadFromASummary) {
  Summary summary;
  summary.accesses = 200;
  summary.hits = 150;
  summary.invalidations = 5;
  summary.read_faults = summary.write_faults = 20;
  summary.upgrades = 10;
  summary.simulated_ns = 1000000;
  summary.messages = 100;
  summary.message_bytes = 4000;
  summary.storage_messages = 20;
  summary.events = {{"RMISS_CLEAN", {.count = 20, .hops_mean = 2}}, {"WMISS_EXCL", {.count = 20, .hops_mean = 3}}};
  summary.fault = {50, 900.5, {800, 900, 3000}, {}};
  summary.read = {100, 10, {}, {}};
  summary.write = {100, 30, {}, {}};
  summary.nodes = {{"a", 0.25, 0, 0}, {"b", 0.75, 0, 0}};
  const auto value = [&](const char* name) { return find_metric(name)->of(summary); };
  EXPECT_DOUBLE_EQ(value("messages_per_access"), 0.5);
  EXPECT_DOUBLE_EQ(value("hit_ratio"), 0.75);
  EXPECT_DOUBLE_EQ(value("messages_per_fault"), 2);
  EXPECT_DOUBLE_EQ(value("hops_per_fault"), 2.5);
  EXPECT_DOUBLE_EQ(value("access_mean_ns"), 20);
  EXPECT_DOUBLE_EQ(value("accesses_per_s"), 200 * 1e9 / 1e6);
  EXPECT_DOUBLE_EQ(value("busiest_node"), 0.75);
  EXPECT_DOUBLE_EQ(value("fault_p99_ns"), 3000);
  EXPECT_TRUE(std::isnan(find_metric("fault_p99_ns")->of(Summary{})));
  EXPECT_EQ(find_metric("fault_p98"), nullptr);
}

}  // namespace
}  // namespace pagetoken
