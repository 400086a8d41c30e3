#pragma once
// The step of a counterexample after which nothing can avoid the violation any more: where the bug is, as opposed to
// where it shows.

#include <functional>
#include <optional>
#include <string>

#include "sim/explore/explorer.hpp"

namespace pagetoken {

struct CriticalStep {
  std::string unknown_because{};    ///< the limit that was met before an answer, as in Exploration::reason; else empty
  std::optional<std::size_t> step;  ///< index into Exploration::path; nothing if the violation could be avoided to the
                                    ///< end (a cycle that could be left), or never (`doomed`)
  bool doomed = false;              ///< no continuation of the initial state avoids it
};

namespace detail {

/// The states before each step of the path, and after the last one if that violates nothing by itself.
template <Model M>
std::vector<std::vector<std::uint8_t>> states_on(M& model, const Exploration& found) {
  std::vector<std::vector<std::uint8_t>> states;
  const auto here = [&] { states.push_back(Explorer<M>::bytes_of(model)); };
  try {
    rerun(model, found, [&](std::size_t) { here(); });
  } catch (const ProtocolError&) {  // the last step
  }
  model.broken();
  return states;
}

/// Whether the path's i-th state can avoid: on the graph of what it reaches. Nothing if that is not the whole and could
/// tell otherwise.
inline std::optional<bool> avoids_at(const StateGraph& graph, std::uint32_t state, bool cycles_avoid) {
  if (avoiding(graph, cycles_avoid, false)[state]) return true;
  if (!avoiding(graph, cycles_avoid, true)[state]) return false;
  return std::nullopt;
}

}  // namespace detail

/// Explores what is reachable without a violation from the states of the path: at once from the first if that is within
/// `max_states`, else from the last backwards. A continuation avoids the violation if it ends without one, or goes on
/// in a weakly fair cycle (which for a livelock is what has to be avoided).
template <Model M>
CriticalStep find_critical_step(M& model, const Exploration& found, std::uint64_t max_states = 1'000'000,
                                const std::function<bool()>& stop = {}) {
  const bool cycles_avoid = found.broken.property != PropertyId::livelock;
  const std::vector<std::vector<std::uint8_t>> states = detail::states_on(model, found);
  const std::size_t steps = found.path.size();
  ExploreOptions options{.max_states = max_states, .keep_edges = true, .stop_at_violation = false, .stop = stop};
  options.begin_at = {states.front()};
  const Exploration whole = explore(model, options);
  const StateGraph& graph = *whole.graph;
  CriticalStep critical;
  if (!whole.is_cut_short() && graph.tells_actors_apart()) {
    const std::vector<bool> avoids = avoiding(graph, cycles_avoid, false);
    critical.doomed = !avoids[0];
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < steps && avoids[at]; ++i) {
      const std::uint32_t to = (graph.begin_of(at) + found.path[i].choice)->to;
      if (to == StateGraph::kBroken || !avoids[to]) {
        critical.step = i;
        break;
      }
      at = to;
    }
    return critical;
  }
  for (std::size_t i = std::min(steps, states.size()); i-- > 0;) {
    options.begin_at = {states[i]};
    const Exploration from = explore(model, options);
    const std::optional<bool> avoids = detail::avoids_at(*from.graph, 0, cycles_avoid);
    if (!avoids) {
      critical.unknown_because = from.is_cut_short() ? from.reason : "actors";
      return critical;
    }
    if (*avoids) {
      if (i + 1 <= steps) critical.step = i;
      return critical;
    }
  }
  critical.doomed = true;
  return critical;
}

}  // namespace pagetoken
