#pragma once
// What `check` tells, for programs and for a terminal.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/check/report/check_config.hpp"
#include "sim/check/vm/verdict.hpp"
#include "sim/explore/bounds.hpp"
#include "sim/explore/lock_order.hpp"
#include "sim/json/json.hpp"

namespace pagetoken {

struct CheckOutcome {
  CheckConfig config;
  ScenarioResult result;
};

/// As in docs/files.md, "Result of a check"; integers in nanoseconds and bytes.
Json check_result_json(const CheckOutcome& outcome);
std::string check_result_text(const CheckOutcome& outcome);

/// Adds "bounds", and "without_effect": switches that were set and had no part in what was found.
void tell_bounds(Json& json, const Bounds& bounds, std::uint64_t states,
                 const std::vector<std::string_view>& without_effect);
std::string bounds_text(const Bounds& bounds);  ///< a line
/// A line; empty if there are none.
std::string without_effect_text(const std::vector<std::string_view>& without_effect);

/// Adds "lock_order", pairs of (held, taken), and "lock_cycles".
void tell_lock_order(Json& json, const LockOrder& order);
std::string lock_cycles_text(const LockOrder& order);  ///< a line for each

}  // namespace pagetoken
