#pragma once
// Step costs as users write them.

#include "sim/json/section.hpp"
#include "sim/vm/costs.hpp"

namespace pagetoken {

/// Nanoseconds that a step may cost, and the shape of the lognormal distribution (0 = constant).
inline constexpr IntegerRange kStepRange{0, 1'000'000'000'000};
inline constexpr NumberRange kSigmaRange{0, 5};

inline constexpr std::string_view kCostPresetNames[] = {"modern", "2003"};
inline constexpr StepCosts kModernCosts{};

/// "modern", "2003", or an object of StepCosts' fields and "sigma", on top of its "preset" ("modern" by default).
/// Throws ConfigError.
StepCosts bind_costs(const Value& value);

/// Every step and "sigma".
Json costs_json(const StepCosts& costs);

/// Calls visit(name, member reference) for each cost of a step, which is every field but the shape.
template <class Costs, class Visitor>
void for_each_step(Costs& costs, Visitor&& visit) {
  for_each_field(costs, [&](std::string_view name, auto& member) {
    if (name != "sigma_permille") visit(name, member);
  });
}

}  // namespace pagetoken
