#pragma once
// What `check` and `replay` tell: for programs, for a terminal, and as a picture.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/check/report/check_config.hpp"
#include "sim/check/vm/verdict.hpp"
#include "sim/engine/step_cost.hpp"

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

/// "ok", "violated", "deadlock", "livelock" or "unknown".
std::string verdict_word(const Exploration& found);

Json scenario_steps_json(const ScenarioResult& result);
/// What `replay` needs to play a violation again.
Json counterexample_json(const CheckOutcome& outcome);

/// When the steps of a path happen in the timed engine: each at the later of its earliest possible time and the step
/// before it. Nanoseconds.
struct PathTimes {
  struct At {
    std::int64_t earliest_ns = 0;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
  };
  std::vector<At> steps;  ///< of the result's steps
  /// Of a protocol's steps, as many: the one that made each possible (its task's last, or who woke it, sent the
  /// message, asked storage), and how long after its start that would be if nobody else were there.
  struct Enabled {
    std::size_t step = 0;
    std::int64_t after_ns = 0;
  };
  std::vector<std::optional<Enabled>> enabled_by{};
  std::int64_t slack_ns = 0;  ///< by which steps had to be held back, in all
  /// The actor of the critical step, and how long it would take, undisturbed, from the step before the other side's
  /// first to the critical one: what the other side has to hit.
  struct Window {
    std::string actor;
    std::size_t from = 0, to = 0;  ///< steps
    std::int64_t width_ns = 0;
  };
  std::optional<Window> window{};
};
struct StorageTimes {
  std::int64_t read_ns = 80'000;
  std::int64_t write_ns = 100'000;
};
PathTimes path_times(const CheckOutcome& outcome, const StepCost& costs, const StorageTimes& storage);

/// The steps as a table; with times where given.
std::string steps_text(const ScenarioResult& result, const PathTimes* times);
/// One self-contained page with a sequence diagram: an actor a column, time downwards.
std::string steps_html(const CheckOutcome& outcome, const PathTimes& times);

}  // namespace pagetoken
