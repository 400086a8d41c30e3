#pragma once
// What `check` reads: a scenario and its bounds.

#include <string>
#include <string_view>
#include <vector>

#include "sim/check/vm/scenario.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {

/// A VM scenario to check. `spec.guard` is the guard's scheme.
struct CheckConfig {
  GuardConfig guard;
  ScenarioSpec spec;
  std::string variant{};     ///< what differs from the scenario's defaults under that guard; "" = nothing
  std::string guard_name{};  ///< the guard that `variant` is one of: a preset's name, "custom", or a file's
};

/// Throws ConfigError. `json` is an object whose "scenario" is one of the VM's.
CheckConfig bind_check(const Json& json, const std::string& file);
/// The switches that were set and change nothing of what the scenario's actors do.
std::vector<std::string_view> without_effect(const CheckConfig& config);
/// What bind_check makes this of, every key said.
Json check_json(const CheckConfig& config);

}  // namespace pagetoken
