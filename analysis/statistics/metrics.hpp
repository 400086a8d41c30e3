#pragma once
// The numbers of a summary that runs are compared by.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/statistics/summary.hpp"

namespace pagetoken {

enum class Unit : std::uint8_t { count, ratio, nanoseconds, bytes, per_second };
enum class Better : std::uint8_t { lower, higher, neither };

struct Metric {
  std::string_view name;   ///< in CSV and on the command line
  std::string_view title;  ///< for people
  Unit unit{};
  Better better{};
  std::string_view description;
  double (*of)(const Summary& summary);  ///< NaN where the summary has nothing to say
};

/// All of them, in the order in which a table shows them.
std::span<const Metric> metrics();
/// Null if there is none of that name.
const Metric* find_metric(std::string_view name);

/// "12.3 us", "4.2 %", "1.009".
std::string shown_as(Unit unit, double value);

}  // namespace pagetoken
