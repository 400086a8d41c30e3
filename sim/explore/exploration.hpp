#pragma once
// What is asked of the explorer, and what it found.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/finding.hpp"
#include "sim/explore/state_graph.hpp"

namespace pagetoken {

/// How states are told apart: by all their bytes, or by 128 bits of hash (16 bytes a state, whatever its size; two of
/// 10^9 states are taken for one with a probability of 10^-21).
enum class Compare : std::uint8_t { exact, fingerprint };

struct ExploreOptions {
  std::uint64_t max_states = 100'000'000;  ///< beyond: unknown. Looked at once a batch of a few thousand states
  std::uint64_t max_bytes = std::uint64_t{4} << 30;  ///< of states, table and edges; beyond: unknown
  Compare compare = Compare::exact;
  bool symmetry = false;          ///< one state of each orbit only; for safety, not together with progress
  bool keep_edges = false;        ///< leaves the state graph in Exploration::graph
  bool progress = false;          ///< looks for livelocks too, once everything is explored
  bool stop_at_violation = true;  ///< false: goes on elsewhere, counts and graph are of all that is reachable without
  /// States to begin at instead of the model's initial ones, as Explorer::bytes_of gives them.
  std::vector<std::vector<std::uint8_t>> begin_at{};
  std::function<void(std::uint64_t states)> on_progress{};
  std::function<bool()> stop{};  ///< asked once a batch; true ends in unknown
};

struct PathStep {
  std::uint32_t choice = 0;  ///< in the state before it, as choices() lists them
  std::uint32_t actor = 0;
  std::string text{};  ///< describe_choice
};

struct Exploration {
  enum class Verdict : std::uint8_t { ok, violated, unknown } verdict = Verdict::ok;
  Finding broken{};  ///< property and text, if violated
  /// What ended it before all was met that was to be: "max_states", "max_bytes", "stopped"; or "actors": more move than
  /// fairness tells apart. Of a violation, too, if it is found within what was met by then.
  std::string reason{};
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint32_t depth = 0;          ///< steps to the farthest state
  std::uint64_t orbits_states = 0;  ///< with symmetry: how many states the orbits hold together; else `states`
  std::uint64_t orbits_transitions = 0;
  Compare compare = Compare::exact;
  bool symmetry = false;
  std::uint32_t images = 1;     ///< with symmetry, where it was found and not given: the renamings that change nothing
  std::string symmetry_text{};  ///< what is taken for the same, where that was found and not given
  double wall_s = 0;
  std::uint64_t bytes = 0;  ///< states, table, parents; without edges

  std::uint32_t initial = 0;           ///< where the path begins
  std::vector<PathStep> path{};        ///< a shortest one to the violation
  std::optional<std::uint32_t> cycle;  ///< livelock: path[*cycle..] leads back to the state before path[*cycle]
  std::optional<StateGraph> graph{};   ///< on request

  bool is_cut_short() const { return !reason.empty(); }
  double states_per_s() const { return wall_s > 0 ? static_cast<double>(states) / wall_s : 0; }
  double bytes_per_state() const { return states > 0 ? static_cast<double>(bytes) / static_cast<double>(states) : 0; }
};
const char* name_of(Exploration::Verdict verdict);
/// "max_states reached"
std::string why_unknown(const std::string& reason);
const char* name_of(Compare compare);
/// "property: text", then the path, a step a line; where a cycle begins is said.
std::string transcript(const Exploration& found);

/// Takes the path of `found` through the model again, calling visit(i) before step i and visit(path.size()) at its end.
/// Where the last step is what violates, it may throw ProtocolError, or leave what it violated in the model's broken().
template <class M, class Visitor>
void rerun(M& model, const Exploration& found, Visitor&& visit) {
  model.initial(found.initial);
  for (std::size_t i = 0; i < found.path.size(); ++i) {
    model.choices();
    visit(i);
    model.take(found.path[i].choice);
  }
  visit(found.path.size());
}

}  // namespace pagetoken
