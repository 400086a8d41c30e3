#pragma once
// The values of an axis: a list, or a range that is written out.

#include <vector>

#include "sim/json/section.hpp"

namespace pagetoken {

/// `[...]`, or {"from", "to", "scale": "linear" | "log2", "steps" or "factor"}. A linear range takes "steps" values,
/// ends included; a log2 range either that many, or every power of "factor" (2 by default) from "from" up to "to".
/// Between whole numbers, values are rounded to whole numbers, and none comes twice. Throws ConfigError.
std::vector<Json> axis_values(const Value& value);

inline constexpr std::string_view kScaleNames[] = {"linear", "log2"};

}  // namespace pagetoken
