#include "sim/config/costs.hpp"

#include <cmath>

namespace pagetoken {
namespace {

/// 2003 without quotes is taken too: the shell strips those of --set /costs="2003".
StepCosts preset_of(const Value& value) {
  if (value.json() == 2003) return costs_of_2003();
  return value.choice(kCostPresetNames) == 1 ? costs_of_2003() : StepCosts{};
}

}  // namespace

StepCosts bind_costs(const Value& value) {
  if (value.json().is_string() || value.json() == 2003) return preset_of(value);
  if (!value.json().is_object()) value.fail_type("\"modern\", \"2003\" or an object of steps");
  Section section(value);
  const std::optional<Value> preset = section.find("preset");
  StepCosts costs = preset ? preset_of(*preset) : StepCosts{};
  for_each_step(costs,
                [&](std::string_view name, std::int64_t& cost) { cost = section.integer(name, cost, kStepRange); });
  const double sigma = section.number("sigma", static_cast<double>(costs.sigma_permille) / 1000, kSigmaRange);
  costs.sigma_permille = std::llround(sigma * 1000);
  section.finish();
  return costs;
}

Json costs_json(const StepCosts& costs) {
  Json json;
  for_each_step(costs, [&](std::string_view name, std::int64_t cost) { json[std::string(name)] = cost; });
  json["sigma"] = static_cast<double>(costs.sigma_permille) / 1000;
  return json;
}

}  // namespace pagetoken
