#pragma once
// What `check` reads: a scenario and its bounds.

#include <string>

#include "sim/check/scenario.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {

/// A VM scenario to check. `spec.guard` is the guard's scheme.
struct CheckConfig {
  GuardConfig guard;
  ScenarioSpec spec;
  std::string variant;  ///< what differs from the scenario's defaults under the guard's preset; "" = nothing
};

/// Throws ConfigError. `json` is an object whose "scenario" is one of the VM's.
CheckConfig bind_check(const Json& json, const std::string& file);
/// What bind_check makes this of, every key said.
Json check_json(const CheckConfig& config);

/// The values of `check --matrix`'s rows: each scenario under each preset, the default first, then its variants.
std::vector<CheckConfig> matrix_configs();

}  // namespace pagetoken
