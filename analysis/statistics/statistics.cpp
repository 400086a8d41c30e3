#include "analysis/statistics/statistics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace pagetoken {
namespace {

double mean_of(std::span<const double> values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Of the mean: s / sqrt(n).
double standard_error(std::span<const double> values, double mean) {
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto n = static_cast<double>(values.size());
  return std::sqrt(squares / (n - 1) / n);
}

constexpr std::size_t kBatch = 5;
constexpr std::size_t kFewestLeft = 5;      // batches that no cut takes away
constexpr std::size_t kFewestBatches = 10;  // to say anything
constexpr std::uint64_t kFewestRepetitions = 5;

}  // namespace

double student_quantile(double p, double degrees) { return boost::math::quantile(boost::math::students_t(degrees), p); }

Interval student_interval(std::span<const double> values, double level) {
  const double mean = mean_of(values);
  if (values.size() < 2) return {mean, std::numeric_limits<double>::quiet_NaN(), values.size()};
  const double t = student_quantile(0.5 + level / 2, static_cast<double>(values.size() - 1));
  return {mean, t * standard_error(values, mean), values.size()};
}

PairedDifference paired_difference(std::span<const double> values, std::span<const double> baseline, double level) {
  assert(values.size() == baseline.size());
  std::vector<double> differences(values.size());
  std::transform(values.begin(), values.end(), baseline.begin(), differences.begin(), std::minus<>());
  PairedDifference result{student_interval(differences, level), 1};
  if (values.size() < 2) return result;
  const double error = standard_error(differences, result.difference.mean);
  if (error == 0) {  // the same in every repetition: certain, whatever it is
    result.p_value = result.difference.mean == 0 ? 1 : 0;
    return result;
  }
  const boost::math::students_t distribution(static_cast<double>(values.size() - 1));
  const double t = std::abs(result.difference.mean) / error;
  result.p_value = std::min(1.0, 2 * boost::math::cdf(boost::math::complement(distribution, t)));
  return result;
}

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double least = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double scaled = p_values[order[i]] * static_cast<double>(order.size() - i);
    least = std::max(least, std::min(1.0, scaled));
    adjusted[order[i]] = least;
  }
  return adjusted;
}

RankInterval quantile_ranks(std::uint64_t n, double q, double level) {
  using namespace boost::math::policies;
  // Integer quantiles are rounded to the side that keeps the level.
  using Down = boost::math::binomial_distribution<double, policy<discrete_quantile<integer_round_down>>>;
  using Up = boost::math::binomial_distribution<double, policy<discrete_quantile<integer_round_up>>>;
  if (n == 0) return {0, 0, true};
  if (q <= 0) return {1, 1, false};
  if (q >= 1) return {n, n, false};
  const double tail = (1 - level) / 2;
  // With B of the n values at or below the quantile, x(low) <= quantile <= x(high) unless B < low or B >= high.
  const Down down(static_cast<double>(n), q);
  RankInterval ranks{1, n, true};
  const bool reaches_low = boost::math::cdf(down, 0) <= tail;
  if (reaches_low) ranks.low = static_cast<std::uint64_t>(boost::math::quantile(down, tail)) + 1;
  const double high = boost::math::quantile(Up(static_cast<double>(n), q), 1 - tail) + 1;
  if (high <= static_cast<double>(n)) ranks.high = static_cast<std::uint64_t>(high);
  ranks.clamped = !reaches_low || high > static_cast<double>(n);
  return ranks;
}

WarmUp mser5(std::span<const double> series) {
  const std::size_t batches = series.size() / kBatch;
  if (batches < kFewestBatches) return {};
  std::vector<double> means(batches);
  for (std::size_t b = 0; b < batches; ++b) means[b] = mean_of(series.subspan(b * kBatch, kBatch));

  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t cut = 0; cut + kFewestLeft <= batches; ++cut) {
    const auto rest = std::span<const double>(means).subspan(cut);
    const double mean = mean_of(rest);
    double squares = 0;
    for (const double value : rest) squares += (value - mean) * (value - mean);
    const double statistic = squares / (static_cast<double>(rest.size()) * static_cast<double>(rest.size()));
    if (statistic >= least) continue;
    least = statistic;
    best = cut;
  }
  return {best * kBatch, true, 2 * best > batches};
}

std::uint64_t repetitions_wanted(std::span<const std::vector<double>> metrics, double relative, std::uint64_t limit,
                                 double level) {
  std::uint64_t made = 0;
  std::uint64_t wanted = 0;
  for (const std::vector<double>& values : metrics) {
    made = std::max<std::uint64_t>(made, values.size());
    if (values.size() < kFewestRepetitions) {
      wanted = std::max(wanted, kFewestRepetitions);
      continue;
    }
    const Interval interval = student_interval(values, level);
    const double allowed = relative * std::abs(interval.mean);
    if (interval.half_width <= allowed) continue;
    const auto n = static_cast<double>(values.size());
    const double ratio = allowed > 0 ? interval.half_width / allowed : 2;
    wanted =
        std::max(wanted, static_cast<std::uint64_t>(std::ceil(std::min(2 * n, std::max(n + 1, n * ratio * ratio)))));
  }
  return std::max(made, std::min(wanted, limit));
}

}  // namespace pagetoken
