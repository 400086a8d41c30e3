#pragma once
// What repeated runs allow to be said, and with what confidence. Formulas: Law, Simulation Modeling and Analysis.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace pagetoken {

inline constexpr double kLevel = 0.95;
/// Where there is nothing to say.
inline constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// A mean and how far the true one may be from it. With fewer than two values there is no interval: `half_width` is
/// NaN.
struct Interval {
  double mean = 0;
  double half_width = 0;
  std::size_t count = 0;

  double low() const { return mean - half_width; }
  double high() const { return mean + half_width; }
  bool known() const { return count >= 2; }
};

/// Student's t interval of independent values, nearly normal: means over runs that share nothing but the configuration.
Interval student_interval(std::span<const double> values, double level = kLevel);

/// The p-quantile of Student's t with `degrees` of freedom.
double student_quantile(double p, double degrees);

struct PairedDifference {
  Interval difference{};  ///< value - baseline
  double p_value = 1;     ///< two-sided, of "the mean difference is 0"; 1 with fewer than two pairs
};

/// Repetition k of both met the same accesses, so what differs is the protocols': the t interval of the differences.
/// `values` and `baseline` have the same length (assert).
PairedDifference paired_difference(std::span<const double> values, std::span<const double> baseline,
                                   double level = kLevel);

/// Holm's adjustment of p-values that are looked at together, in their order: each may be compared with 1 - level, and
/// the chance of even one false finding stays below it.
std::vector<double> holm_adjusted(std::span<const double> p_values);

/// Ranks of the order statistics between which the q-quantile lies, from 1 to n; conservative (binomial), for
/// independent values. A rank that would be outside is clamped, and `clamped` says that the level is then not reached.
struct RankInterval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool clamped = false;
};
RankInterval quantile_ranks(std::uint64_t n, double q, double level = kLevel);

/// MSER-5 (White, Cobb, Spratt 2000): how many values at the start belong to the warm-up. The series is cut where the
/// squared standard error of what remains, in batches of five, is least; at least five batches remain.
struct WarmUp {
  std::size_t cut = 0;    ///< values to leave out, a multiple of 5
  bool judged = false;    ///< false: fewer than ten batches, nothing can be said
  bool too_late = false;  ///< the cut lies in the last half: the series does not settle, and the run is too short
};
WarmUp mser5(std::span<const double> series);

/// How many repetitions there should be, given those made: the same number where the relative half-width of every
/// metric is at most `relative`, else more, never beyond `limit`, and at most twice as many at once. One span a metric.
std::uint64_t repetitions_wanted(std::span<const std::vector<double>> metrics, double relative, std::uint64_t limit,
                                 double level = kLevel);

}  // namespace pagetoken
