#include "sim/config/axis.hpp"

#include <cmath>

#include <fmt/format.h>

#include "sim/config/sweep_config.hpp"

namespace pagetoken {
namespace {

constexpr NumberRange kEndRange{-1e15, 1e15};
constexpr double kSlack = 1e-9;  // of the last power against `to`

struct AxisRange {
  double from = 0;
  double to = 0;
  bool whole = false;  ///< both ends are

  /// Value `i` of `count`, evenly spaced on the scale.
  double at(std::size_t i, std::size_t count, bool is_log) const {
    if (i + 1 == count) return to;
    const double share = static_cast<double>(i) / static_cast<double>(count - 1);
    return is_log ? from * std::pow(to / from, share) : from + (to - from) * share;
  }
  Json rounded(double value) const {
    return whole ? Json(static_cast<std::int64_t>(std::llround(value))) : Json(value);
  }
};

std::vector<Json> powers(const AxisRange& range, double factor) {
  std::vector<Json> values;
  for (double value = range.from; value <= range.to * (1 + kSlack); value *= factor)
    if (values.empty() || values.back() != range.rounded(value)) values.push_back(range.rounded(value));
  return values;
}

std::vector<Json> spaced(const AxisRange& range, std::size_t count, bool is_log) {
  std::vector<Json> values;
  for (std::size_t i = 0; i < count; ++i) {
    Json value = range.rounded(range.at(i, count, is_log));
    if (values.empty() || values.back() != value) values.push_back(std::move(value));
  }
  return values;
}

std::vector<Json> range_values(const Value& value) {
  Section section(value);
  const Value from = section.required("from", R"("from": 1)");
  const Value to = section.required("to", R"("to": 256)");
  const AxisRange range{from.number(kEndRange), to.number(kEndRange),
                        from.json().is_number_integer() && to.json().is_number_integer()};
  const bool is_log = section.choice<std::size_t>("scale", 0, kScaleNames) == 1;
  const std::optional<Value> steps = section.find("steps");
  const std::optional<Value> factor = section.find("factor");
  section.finish();

  if (range.to <= range.from)
    to.fail(fmt::format("{} is not above {}", shown(to.json()), shown(from.json())), "a larger number");
  if (is_log && range.from <= 0) from.fail(fmt::format("{} has no logarithm", shown(from.json())), "a number above 0");
  if (!is_log && factor) factor->fail("a linear range has no factor", R"("steps": 5, or "scale": "log2")");
  if (steps && factor) factor->fail(R"("factor" beside "steps")", "one of the two");
  if (!is_log && !steps) value.fail("a linear range without \"steps\"", R"(write for instance "steps": 5)");
  if (steps) {
    const auto count = static_cast<std::size_t>(steps->integer({2, static_cast<std::int64_t>(kMaxAxisValues)}));
    // Between 0 and 1 there is no whole number: more than two steps are meant to be fractions.
    const bool is_whole = range.whole && (count == 2 || range.to - range.from > 1);
    return spaced({range.from, range.to, is_whole}, count, is_log);
  }
  return powers(range, factor ? factor->number({1.001, 1e6}) : 2);
}

}  // namespace

std::vector<Json> axis_values(const Value& value) {
  if (value.json().is_object()) return range_values(value);
  if (!value.json().is_array()) value.fail_type("a list of values, or {\"from\": 1, \"to\": 256, \"scale\": \"log2\"}");
  std::vector<Json> values;
  for (const Value& element : value.elements()) {
    for (const Json& before : values)
      if (before == element.json())
        element.fail(fmt::format("{} occurs twice", shown(element.json())), "each value once");
    values.push_back(element.json());
  }
  if (values.empty()) value.fail("the list is empty", "at least one value");
  if (values.size() > kMaxAxisValues)
    value.fail(fmt::format("{} values", values.size()), fmt::format("at most {}", kMaxAxisValues));
  return values;
}

}  // namespace pagetoken
