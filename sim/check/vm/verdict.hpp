#pragma once
// A scenario explored, and its verdict made fit for people: the shortest path step by step, the step that decided it,
// the locks it was about.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/check/vm/scenario.hpp"
#include "sim/check/vm/vm_model.hpp"
#include "sim/explore/exploration.hpp"

namespace pagetoken {

/// One atomic step of a counterexample.
struct ScenarioStep {
  std::uint32_t choice = 0;  ///< index of the path's choice that it belongs to: a reduced choice has several steps
  std::uint32_t actor = 0;
  ChoiceText text{};
  std::string locks{};  ///< that the actor holds after it, "mmap_sem page_lock"
};

struct ScenarioResult {
  Exploration found{};
  std::string beginning{};  ///< "page cached, clean": where the path begins
  std::vector<ScenarioStep> steps{};
  std::vector<std::string> properties{};  ///< all invariants that the path's last state breaks; `found` names the first
  /// Index in `steps`: after it no continuation avoids the violation, and the PTE or cached page that is wrong in the
  /// end is there. (That another was bound to put it there may have been settled before; then it is this step that does
  /// it.) Nothing if the verdict is not violated, or if it is not known.
  std::optional<std::size_t> critical{};
  std::string critical_unknown_because{};  ///< the limit that was met before it was found, "max_states"; else empty
  LockOrder lock_order{};                  ///< a class is the bit of a LockKind
  std::optional<RetryBound> retries{};     ///< when the verdict is ok
};

struct ScenarioOptions {
  std::uint64_t max_states = 20'000'000;
  std::uint32_t threads = 1;  ///< 1 or 2
  Compare compare = Compare::exact;
  std::function<void(std::uint64_t states)> on_progress{};
  std::function<bool()> stop{};
};

ScenarioResult explore_scenario(const ScenarioSpec& spec, const ScenarioOptions& options);

/// The steps of a path of choices from an initial state. Throws ProtocolError where a choice is not one of the state's;
/// a violation by the last step ends it quietly.
std::vector<ScenarioStep> steps_of(VmModel& model, std::size_t initial, const std::vector<std::uint32_t>& choices);

}  // namespace pagetoken
