#pragma once
// What is compared with what: one axis gives the rows and colours of a report, the others its slices.

#include <optional>
#include <string>
#include <vector>

#include "analysis/report/result_set.hpp"
#include "analysis/statistics/metrics.hpp"

namespace pagetoken {

/// A varied pointer with its values, in the order of the sweep.
struct ReportAxis {
  std::string pointer;
  std::string title;  ///< last key of the pointer, as words
  std::vector<Json> values;
  std::vector<std::string> labels;
  bool is_numeric = false;  ///< at least two values, all numbers

  double number(std::size_t i) const { return values[i].get<double>(); }
  bool is_log() const;  ///< spans a factor of 8 or more, from above 0
};

/// How a value reads in a table: names by themselves, objects with what differs from nothing.
std::string value_label(const Json& value);

struct Comparison {
  /// `baseline` names the series that others are compared with; empty = the first.
  Comparison(const ResultSet& results, const std::string& baseline);

  const PointRecord* cell(std::size_t row, std::size_t slice) const { return cells[row * slices.size() + slice]; }
  /// By repetition; NaN where it did not run or has nothing to say.
  std::vector<double> values(std::size_t row, std::size_t slice, std::size_t metric) const;
  /// By repetition, the mean over the slices that have it in every series; empty where there is none.
  std::vector<double> overall(std::size_t row, std::size_t metric) const;
  Interval interval(std::size_t row, std::size_t slice, std::size_t metric) const;
  std::string slice_label(std::size_t slice) const;

  struct Slice {
    std::vector<std::size_t> steps;  ///< a value's index, by axis of `axes`
  };

  const ResultSet& results;
  ReportAxis series;
  std::vector<ReportAxis> axes;  ///< the others
  std::vector<Slice> slices;
  std::vector<const PointRecord*> cells;  ///< null where the sweep has no such point
  std::size_t baseline = 0;
};

/// "ivy-fixed needs fewer messages an access than gpfs-range up to about 12 clients" and where the lines cross.
struct Crossover {
  std::string text;
  double at = 0;
};
std::vector<Crossover> crossovers(const Comparison& comparison, std::size_t axis, std::size_t metric);

/// The best series of a slice by a metric; `certain` if it beats every other one beyond chance (paired, Holm).
struct Winner {
  std::optional<std::size_t> series;
  bool certain = false;
  double mean = 0;
};
Winner winner_of(const Comparison& comparison, std::size_t slice, std::size_t metric);

/// Drops the pairs of which one is NaN.
void keep_pairs(std::vector<double>& a, std::vector<double>& b);

}  // namespace pagetoken
