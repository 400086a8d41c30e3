#pragma once
// check --matrix: guards against scenarios, each with its variants.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/check/report/check_report.hpp"

namespace pagetoken {

/// States of an element of `check --matrix --deep`: more end in unknown.
inline constexpr std::uint64_t kDeepStates = 200'000;

/// Every preset; or the guard that `--set /guard=...` names. Throws ConfigError for whatever else is set.
std::vector<GuardConfig> matrix_guards(const std::vector<std::string>& assignments);
/// Each scenario under each guard, the default first, then its variants.
std::vector<CheckConfig> matrix_configs(const std::vector<GuardConfig>& guards);
/// Of these, the defaults and the variants that change one switch, with two rounds and two interferers.
std::vector<CheckConfig> deep_configs(const std::vector<CheckConfig>& matrix);

struct MatrixOptions {
  ScenarioOptions each{};
  std::uint32_t jobs = 1;
  bool quiet = false;
};
/// Explores all of them, a scenario a thread; the results are in the order of the configurations. After Ctrl-C only
/// what was begun before.
std::vector<CheckOutcome> explore_all(const std::vector<CheckConfig>& configs, const MatrixOptions& options);

/// Scenarios by guards, and the variants whose verdict is another than the default's.
std::string matrix_text(const std::vector<CheckOutcome>& outcomes);
/// Scenarios by guards again, and what two rounds and two interferers have found beyond `matrix`.
std::string deep_text(const std::vector<CheckOutcome>& deep, const std::vector<CheckOutcome>& matrix);

}  // namespace pagetoken
