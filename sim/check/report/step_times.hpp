#pragma once
// When the steps of a counterexample would happen in the timed engine.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/engine/step_cost.hpp"

namespace pagetoken {

struct CheckOutcome;
struct ProtocolOutcome;

/// Steps follow each other as in the explorer: each at the later of its earliest possible time and the start of the
/// step before it. Nanoseconds.
struct PathTimes {
  struct At {
    std::int64_t earliest_ns = 0;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
  };
  std::vector<At> steps;  ///< of the result's steps
  /// As many: the step that made each possible (its task's last, or who woke it, sent the message, asked storage), and
  /// how long after its start that would be if nobody else were there.
  struct Enabled {
    std::size_t step = 0;
    std::int64_t after_ns = 0;
  };
  std::vector<std::optional<Enabled>> enabled_by{};
  std::int64_t slack_ns = 0;  ///< by which steps had to be held back, in all
  /// What the other side has to hit: from a step that made the critical one possible to the critical one. Of a task, as
  /// far back as it ran without being woken by anybody; of a message, from where it was sent.
  struct Window {
    std::string actor;
    std::size_t from = 0, to = 0;  ///< steps
    std::int64_t width_ns = 0;
  };
  std::optional<Window> window{};
};

/// What each waits for, and for how long, is the event loop's, on its default network and storage; nobody but those of
/// the path is there.
PathTimes times_of(const CheckOutcome& outcome, const StepCosts& costs);
PathTimes times_of(const ProtocolOutcome& outcome, const StepCosts& costs);

}  // namespace pagetoken
