#pragma once
// The reachable states as a graph, numbered in the order in which a breadth-first search meets them, and what it tells:
// livelocks, states that cannot end, bounds on retries, the step after which a violation cannot be avoided.

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

namespace pagetoken {

/// So many actors fairness tells apart.
inline constexpr std::uint32_t kMaxActors = 128;
using ActorSet = std::bitset<kMaxActors>;

struct StateGraph {
  struct Edge {
    std::uint32_t to = 0;  ///< kBroken: the step itself violated a property
    std::uint16_t choice = 0;
    std::uint8_t actor = 0;  ///< as numbered in this graph
    std::uint8_t marks = 0;  ///< kRetry, kInterference, kFailure, kReset
  };
  static constexpr std::uint32_t kBroken = ~0u;
  static constexpr std::uint8_t kRetry = 1, kInterference = 2, kFailure = 4, kReset = 8;

  struct State {
    std::uint64_t label = 0;       ///< label_of the model: for questions of progress, the unfinished operations
    std::uint64_t first_edge = 0;  ///< its edges end where those of the next state begin
    std::uint32_t depth = 0;
    bool expanded = false;  ///< false: the exploration ended before its edges were known
    bool ended = false;
    bool violated = false;  ///< breaks a property itself, deadlock included
  };
  std::vector<State> states;            ///< and one more at the end, which only ends the edges
  std::vector<std::uint8_t> weights{};  ///< of the edges, if the model has any
  std::vector<Edge> edges;
  std::uint32_t initial_states = 0;  ///< the first ones
  std::uint32_t actors = 0;          ///< that move somewhere

  std::uint32_t size() const { return states.empty() ? 0 : static_cast<std::uint32_t>(states.size() - 1); }
  const Edge* begin_of(std::uint32_t s) const { return edges.data() + states[s].first_edge; }
  const Edge* end_of(std::uint32_t s) const { return edges.data() + states[s + 1].first_edge; }
  /// False: several actors go by one number, and nothing can be said about what is fair.
  bool tells_actors_apart() const { return actors <= kMaxActors; }
  /// The actors that could move, failures aside.
  ActorSet enabled(std::uint32_t s) const {
    ActorSet set;
    for (const Edge* e = begin_of(s); e != end_of(s); ++e)
      if (!(e->marks & kFailure)) set[e->actor] = true;
    return set;
  }
};

/// A weakly fair cycle in which an operation never ends: every actor that stays enabled throughout moves in it.
struct Lasso {
  std::uint32_t state = 0;              ///< where the cycle begins and ends
  std::vector<StateGraph::Edge> cycle;  ///< its edges in order
  std::uint32_t operation = 0;          ///< bit of one that never ends
};
/// One of the shortest lassos, counting the path from an initial state; among cycles too large to search, a short one.
/// Nothing if there is none. Edges that are failures are left out, unexpanded states lead nowhere. The graph must tell
/// actors apart.
std::optional<Lasso> find_livelock(const StateGraph& graph);

/// Whether an operation is unfinished throughout some cycle, be it fair or not.
bool may_livelock(const StateGraph& graph);

/// The first state, if any, from which not all operations can end, failures aside. Needs a complete graph.
std::optional<std::uint32_t> find_undrainable(const StateGraph& graph);

/// The most retries of one actor between two beginnings of interference (or before the first, or after the last).
struct RetryBound {
  bool bounded = true;
  std::uint32_t retries = 0;  ///< meaningful if bounded
};
RetryBound bound_retries(const StateGraph& graph);

/// What the walks to a state weigh: from the initial states, and from the ends of edges that are resets.
struct WalkWeight {
  std::uint32_t least = 0;
  std::uint32_t most = 0;  ///< meaningful if bounded
  bool bounded = true;     ///< false: a cycle on the way weighs something
};
/// For each state. Needs a graph with weights, all of whose states are reachable.
std::vector<WalkWeight> walk_weights(const StateGraph& graph);

/// For each state, whether a continuation avoids every violation: it reaches a state without choices that violates
/// nothing, or, if `cycles_avoid`, a weakly fair cycle. `in_doubt` is taken for the answer where the graph does not
/// tell: in states that are not expanded, and in cycles of which it cannot say whether they are fair.
std::vector<bool> avoiding(const StateGraph& graph, bool cycles_avoid, bool in_doubt);

}  // namespace pagetoken
