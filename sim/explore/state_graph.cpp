#include "sim/explore/state_graph.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <functional>
#include <numeric>
#include <unordered_map>

#include <boost/graph/graph_traits.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>

namespace pagetoken {
namespace {

/// The part of a state graph that consists of some states and of the edges between them without some marks.
struct GraphPart {
  const StateGraph* graph;
  const std::vector<bool>* states;
  std::uint8_t without = StateGraph::kFailure;  ///< marks

  bool has(const StateGraph::Edge& e) const {
    return e.to != StateGraph::kBroken && (e.marks & without) == 0 && (*states)[e.to];
  }
};

struct PartEdge {
  std::uint32_t from = 0;
  const StateGraph::Edge* edge = nullptr;
  friend bool operator==(const PartEdge&, const PartEdge&) = default;
};

class PartEdges : public boost::iterator_facade<PartEdges, PartEdge, boost::forward_traversal_tag, PartEdge> {
 public:
  PartEdges() = default;
  PartEdges(const GraphPart& part, std::uint32_t from, const StateGraph::Edge* at) : part_(part), from_(from), at_(at) {
    skip();
  }

 private:
  friend class boost::iterator_core_access;
  PartEdge dereference() const { return {from_, at_}; }
  bool equal(const PartEdges& other) const { return at_ == other.at_; }
  void increment() {
    ++at_;
    skip();
  }
  void skip() {
    const StateGraph::Edge* end = part_.graph->end_of(from_);
    if (!(*part_.states)[from_]) at_ = end;
    while (at_ != end && !part_.has(*at_)) ++at_;
  }
  GraphPart part_{};
  std::uint32_t from_ = 0;
  const StateGraph::Edge* at_ = nullptr;
};

}  // namespace
}  // namespace pagetoken

// What Boost.Graph needs to know of a GraphPart: VertexListGraph and IncidenceGraph.
namespace boost {
template <>
struct graph_traits<pagetoken::GraphPart> {
  using vertex_descriptor = std::uint32_t;
  using edge_descriptor = pagetoken::PartEdge;
  using directed_category = directed_tag;
  using edge_parallel_category = allow_parallel_edge_tag;
  struct traversal_category : incidence_graph_tag, vertex_list_graph_tag {};
  using out_edge_iterator = pagetoken::PartEdges;
  using vertex_iterator = counting_iterator<std::uint32_t>;
  using degree_size_type = std::size_t;
  using vertices_size_type = std::uint32_t;
  using edges_size_type = std::uint64_t;
  static std::uint32_t null_vertex() { return ~0u; }
};
template <>
struct property_map<pagetoken::GraphPart, vertex_index_t> {
  using type = typed_identity_property_map<std::uint32_t>;
  using const_type = type;
};
}  // namespace boost

namespace pagetoken {
namespace {

using Traits = boost::graph_traits<GraphPart>;
std::pair<Traits::vertex_iterator, Traits::vertex_iterator> vertices(const GraphPart& p) {
  return {Traits::vertex_iterator(0), Traits::vertex_iterator(p.graph->size())};
}
std::uint32_t num_vertices(const GraphPart& p) { return p.graph->size(); }
std::pair<PartEdges, PartEdges> out_edges(std::uint32_t v, const GraphPart& p) {
  return {PartEdges(p, v, p.graph->begin_of(v)), PartEdges(p, v, p.graph->end_of(v))};
}
std::size_t out_degree(std::uint32_t v, const GraphPart& p) {
  const auto [begin, end] = out_edges(v, p);
  return static_cast<std::size_t>(std::distance(begin, end));
}
std::uint32_t source(const PartEdge& e, const GraphPart&) { return e.from; }
std::uint32_t target(const PartEdge& e, const GraphPart&) { return e.edge->to; }
boost::typed_identity_property_map<std::uint32_t> get(boost::vertex_index_t, const GraphPart&) { return {}; }

/// The strongly connected components of a part. Edges lead from a component to one with a lower number, or stay inside.
struct Components {
  std::vector<std::uint32_t> of;       // of each state
  std::vector<std::uint32_t> first;    // of each component, in `members`; and the end of the last
  std::vector<std::uint32_t> members;  // ascending within a component

  std::uint32_t count() const { return static_cast<std::uint32_t>(first.size() - 1); }
  auto begin(std::uint32_t c) const { return members.begin() + first[c]; }
  auto end(std::uint32_t c) const { return members.begin() + first[c + 1]; }
};

Components components_of(const GraphPart& part) {
  Components all;
  const std::uint32_t n = part.graph->size();
  all.of.resize(n);
  const auto map = boost::make_iterator_property_map(all.of.begin(), get(boost::vertex_index, part));
  const std::uint32_t count = n == 0 ? 0 : static_cast<std::uint32_t>(boost::strong_components(part, map));
  all.first.assign(count + 1, 0);
  for (const std::uint32_t c : all.of) ++all.first[c + 1];
  std::partial_sum(all.first.begin(), all.first.end(), all.first.begin());
  all.members.resize(n);
  std::vector<std::uint32_t> at(all.first.begin(), all.first.end() - 1);
  for (std::uint32_t s = 0; s < n; ++s) all.members[at[all.of[s]]++] = s;
  return all;
}

template <class Visitor>
void for_each_edge(const GraphPart& part, std::uint32_t s, Visitor&& visit) {
  if (!(*part.states)[s]) return;
  for (const StateGraph::Edge* e = part.graph->begin_of(s); e != part.graph->end_of(s); ++e)
    if (part.has(*e)) visit(*e);
}

/// What moves within a component, and what could move in each of its states.
struct Motion {
  bool cycle = false;
  ActorSet moves{};
  ActorSet enabled = ActorSet().set();
  bool weakly_fair() const { return cycle && (enabled & ~moves).none(); }
};
Motion motion_of(const GraphPart& part, const Components& components, std::uint32_t c) {
  Motion motion;
  for (auto s = components.begin(c); s != components.end(c); ++s) {
    motion.enabled &= part.graph->enabled(*s);
    for_each_edge(part, *s, [&](const StateGraph::Edge& e) {
      if (components.of[e.to] != c) return;
      motion.cycle = true;
      motion.moves[e.actor] = true;
    });
  }
  return motion;
}

// Livelocks.

/// Searches the shortest weakly fair cycle through one state of a component, over (state, actors that have moved or
/// were seen unable to).
class FairCycle {
 public:
  FairCycle(const GraphPart& part, const std::vector<std::uint32_t>& component_of, std::uint32_t through)
      : part_(part), of_(component_of), through_(through) {}

  /// At most `budget` pairs are visited, and lowered by those that were; cycles of more than `longest` edges do not
  /// count.
  std::optional<std::vector<StateGraph::Edge>> shortest(std::uint64_t& budget, std::size_t longest) {
    visit({through_, ~part_.graph->enabled(through_)}, 0, nullptr);
    std::size_t level_end = 1, length = 1;
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
      if (at == level_end) {
        level_end = nodes_.size();
        ++length;
      }
      if (length > longest || nodes_.size() > budget) break;
      bool closed = false;
      for_each_edge(part_, nodes_[at].pair.state, [&](const StateGraph::Edge& e) {
        if (closed || of_[e.to] != of_[through_]) return;
        const Pair next{e.to, nodes_[at].pair.satisfied | satisfied_by(e)};
        closed = e.to == through_ && next.satisfied.all();
        if (closed)
          nodes_.push_back({next, static_cast<std::uint32_t>(at), &e});
        else
          visit(next, static_cast<std::uint32_t>(at), &e);
      });
      if (closed) return edges_to(nodes_.size() - 1);
    }
    budget -= std::min<std::uint64_t>(budget, nodes_.size());
    return std::nullopt;
  }

  /// A weakly fair cycle, not always a shortest: to the nearest edge that satisfies a further actor, again and again,
  /// and home. The component must be weakly fair.
  std::vector<StateGraph::Edge> some() const {
    std::vector<StateGraph::Edge> cycle;
    std::uint32_t at = through_;
    ActorSet satisfied = ~part_.graph->enabled(at);
    while (!satisfied.all()) {
      walk(at, cycle, [&](const StateGraph::Edge& e) { return (satisfied_by(e) & ~satisfied).any(); });
      satisfied |= satisfied_by(cycle.back());
      at = cycle.back().to;
    }
    if (at != through_ || cycle.empty()) walk(at, cycle, [&](const StateGraph::Edge& e) { return e.to == through_; });
    return cycle;
  }

 private:
  struct Pair {
    std::uint32_t state;
    ActorSet satisfied;
    friend bool operator==(const Pair&, const Pair&) = default;
  };
  struct Hash {
    std::size_t operator()(const Pair& p) const {
      return std::hash<ActorSet>{}(p.satisfied) ^ p.state * 0x9e3779b97f4a7c15u;
    }
  };
  struct Node {
    Pair pair;
    std::uint32_t parent;
    const StateGraph::Edge* edge;
  };

  /// Who moves, and who cannot afterwards.
  ActorSet satisfied_by(const StateGraph::Edge& e) const {
    ActorSet set = ~part_.graph->enabled(e.to);
    set[e.actor] = true;
    return set;
  }
  void visit(const Pair& pair, std::uint32_t parent, const StateGraph::Edge* edge) {
    if (seen_.emplace(pair, nodes_.size()).second) nodes_.push_back({pair, parent, edge});
  }
  std::vector<StateGraph::Edge> edges_to(std::size_t node) const {
    std::vector<StateGraph::Edge> cycle;
    for (; nodes_[node].edge != nullptr; node = nodes_[node].parent) cycle.push_back(*nodes_[node].edge);
    std::reverse(cycle.begin(), cycle.end());
    return cycle;
  }
  /// Appends the shortest walk from a state to the end of an edge that `wanted` accepts, within the component.
  template <class Wanted>
  void walk(std::uint32_t from, std::vector<StateGraph::Edge>& cycle, Wanted&& wanted) const {
    std::unordered_map<std::uint32_t, std::pair<std::uint32_t, const StateGraph::Edge*>> reached{
        {from, {from, nullptr}}};
    std::vector<std::uint32_t> queue{from};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const StateGraph::Edge* last = nullptr;
      for_each_edge(part_, queue[i], [&](const StateGraph::Edge& e) {
        if (last || of_[e.to] != of_[through_]) return;
        if (wanted(e))
          last = &e;
        else if (reached.emplace(e.to, std::pair{queue[i], &e}).second)
          queue.push_back(e.to);
      });
      if (!last) continue;
      std::vector<StateGraph::Edge> steps{*last};
      for (std::uint32_t s = queue[i]; s != from; s = reached.at(s).first) steps.push_back(*reached.at(s).second);
      cycle.insert(cycle.end(), steps.rbegin(), steps.rend());
      return;
    }
  }

  const GraphPart& part_;
  const std::vector<std::uint32_t>& of_;
  std::uint32_t through_;
  std::vector<Node> nodes_;
  std::unordered_map<Pair, std::size_t, Hash> seen_;
};

/// Keeps the shorter of `best` and a lasso through a weakly fair component of the states in which an operation is
/// unfinished.
void improve(std::optional<Lasso>& best, const GraphPart& part, const Components& components, std::uint32_t operation) {
  constexpr std::uint64_t kPairs = 500'000;
  std::uint64_t budget = kPairs;
  const auto length = [&](const Lasso& l) { return part.graph->states[l.state].depth + l.cycle.size(); };
  std::vector<bool> fair(components.count());
  for (std::uint32_t c = 0; c < components.count(); ++c) fair[c] = motion_of(part, components, c).weakly_fair();
  for (std::uint32_t s = 0; s < part.graph->size(); ++s) {  // by depth
    if (!(*part.states)[s] || !fair[components.of[s]]) continue;
    const std::size_t depth = part.graph->states[s].depth;
    if (best && depth + 1 >= length(*best)) return;
    FairCycle cycle(part, components.of, s);
    const std::size_t longest = best ? length(*best) - depth - 1 : ~std::size_t{0};
    if (auto edges = cycle.shortest(budget, longest))
      best = Lasso{s, std::move(*edges), operation};
    else if (!best)
      best = Lasso{s, cycle.some(), operation};
    if (budget == 0) return;
  }
}

std::vector<bool> all_states(const StateGraph& graph) { return std::vector<bool>(graph.size(), true); }

/// Calls visit(part, operation) for each operation that is unfinished on some cycle, with the states on cycles in which
/// it is. Most graphs have none.
template <class Visitor>
void for_each_waiting(const StateGraph& graph, Visitor&& visit) {
  const std::vector<bool> all = all_states(graph);
  std::vector<bool> on_cycle(graph.size());
  std::uint64_t unfinished = 0;
  {
    const GraphPart whole{&graph, &all};
    const Components components = components_of(whole);
    for (std::uint32_t c = 0; c < components.count(); ++c) {
      if (!motion_of(whole, components, c).cycle) continue;
      for (auto s = components.begin(c); s != components.end(c); ++s) {
        on_cycle[*s] = true;
        unfinished |= graph.states[*s].label;
      }
    }
  }
  std::vector<bool> waiting(graph.size());
  for (; unfinished != 0; unfinished &= unfinished - 1) {
    const std::uint32_t operation = static_cast<std::uint32_t>(std::countr_zero(unfinished));
    for (std::uint32_t s = 0; s < graph.size(); ++s)
      waiting[s] = on_cycle[s] && (graph.states[s].label >> operation & 1) != 0;
    visit(GraphPart{&graph, &waiting}, operation);
  }
}

}  // namespace

std::optional<Lasso> find_livelock(const StateGraph& graph) {
  assert(graph.tells_actors_apart());
  std::optional<Lasso> best;
  for_each_waiting(graph, [&](const GraphPart& part, std::uint32_t operation) {
    improve(best, part, components_of(part), operation);
  });
  return best;
}

bool may_livelock(const StateGraph& graph) {
  bool may = false;
  for_each_waiting(graph, [&](const GraphPart& part, std::uint32_t) {
    const Components components = components_of(part);
    for (std::uint32_t c = 0; c < components.count(); ++c) may = may || motion_of(part, components, c).cycle;
  });
  return may;
}

std::optional<std::uint32_t> find_undrainable(const StateGraph& graph) {
  const std::vector<bool> all = all_states(graph);
  const GraphPart whole{&graph, &all};
  const Components components = components_of(whole);
  std::vector<bool> drains(components.count());
  for (std::uint32_t c = 0; c < components.count(); ++c)
    for (auto s = components.begin(c); s != components.end(c) && !drains[c]; ++s) {
      drains[c] = graph.states[*s].ended;
      for_each_edge(whole, *s,
                    [&](const StateGraph::Edge& e) { drains[c] = drains[c] || drains[components.of[e.to]]; });
    }
  for (std::uint32_t s = 0; s < graph.size(); ++s)
    if (!drains[components.of[s]]) return s;
  return std::nullopt;
}

RetryBound bound_retries(const StateGraph& graph) {
  const std::vector<bool> all = all_states(graph);
  const GraphPart quiet{&graph, &all, StateGraph::kInterference | StateGraph::kFailure};
  const Components components = components_of(quiet);
  assert(graph.tells_actors_apart());
  ActorSet actors;
  for (const StateGraph::Edge& e : graph.edges)
    if (e.marks & StateGraph::kRetry) actors[e.actor] = true;
  RetryBound bound;
  std::vector<std::uint32_t> most(components.count());  // retries on a path from a state of the component
  for (std::uint32_t actor = 0; actor < kMaxActors; ++actor) {
    if (!actors[actor]) continue;
    for (std::uint32_t c = 0; c < components.count(); ++c) {
      most[c] = 0;
      for (auto s = components.begin(c); s != components.end(c); ++s)
        for_each_edge(quiet, *s, [&](const StateGraph::Edge& e) {
          const bool retry = (e.marks & StateGraph::kRetry) && e.actor == actor;
          if (components.of[e.to] != c)
            most[c] = std::max(most[c], most[components.of[e.to]] + retry);
          else if (retry)
            bound.bounded = false;
        });
      bound.retries = std::max(bound.retries, most[c]);
    }
  }
  return bound;
}

std::vector<bool> avoiding(const StateGraph& graph, bool cycles_avoid, bool in_doubt) {
  std::vector<bool> good(graph.size());
  for (std::uint32_t s = 0; s < graph.size(); ++s) good[s] = !graph.states[s].violated;
  const GraphPart part{&graph, &good, 0};
  const Components components = components_of(part);
  std::vector<bool> avoids(components.count());
  for (std::uint32_t c = 0; c < components.count(); ++c) {
    if (!good[*components.begin(c)]) continue;
    const Motion motion = motion_of(part, components, c);
    avoids[c] = cycles_avoid && (graph.tells_actors_apart() ? motion.weakly_fair() : motion.cycle && in_doubt);
    for (auto s = components.begin(c); s != components.end(c) && !avoids[c]; ++s) {
      const StateGraph::State& state = graph.states[*s];
      avoids[c] = state.expanded ? graph.begin_of(*s) == graph.end_of(*s) : in_doubt;
      for_each_edge(part, *s, [&](const StateGraph::Edge& e) { avoids[c] = avoids[c] || avoids[components.of[e.to]]; });
    }
  }
  std::vector<bool> result(graph.size());
  for (std::uint32_t s = 0; s < graph.size(); ++s) result[s] = good[s] && avoids[components.of[s]];
  return result;
}

namespace {

std::uint32_t weight_of(const StateGraph& graph, const StateGraph::Edge& e) {
  return graph.weights[static_cast<std::size_t>(&e - graph.edges.data())];
}

/// Shortest walks, a state at a time from the lightest: weights are small.
void find_least(const StateGraph& graph, const GraphPart& part, std::vector<WalkWeight>& all) {
  constexpr std::uint32_t kFar = ~0u;
  for (WalkWeight& w : all) w.least = kFar;
  std::vector<std::vector<std::uint32_t>> waiting(1);
  const auto reach = [&](std::uint32_t s, std::uint32_t weight) {
    if (weight >= all[s].least) return;
    all[s].least = weight;
    if (waiting.size() <= weight) waiting.resize(weight + 1);
    waiting[weight].push_back(s);
  };
  for (std::uint32_t s = 0; s < graph.initial_states; ++s) reach(s, 0);
  for (const StateGraph::Edge& e : graph.edges)
    if (e.marks & StateGraph::kReset) reach(e.to, 0);
  for (std::uint32_t weight = 0; weight < waiting.size(); ++weight) {
    while (!waiting[weight].empty()) {
      const std::uint32_t s = waiting[weight].back();
      waiting[weight].pop_back();
      if (all[s].least != weight) continue;  // met lighter meanwhile
      for_each_edge(part, s, [&](const StateGraph::Edge& e) { reach(e.to, weight + weight_of(graph, e)); });
    }
  }
}

}  // namespace

std::vector<WalkWeight> walk_weights(const StateGraph& graph) {
  std::vector<WalkWeight> all(graph.size());
  const std::vector<bool> every = all_states(graph);
  const GraphPart part{&graph, &every, StateGraph::kReset};
  const Components components = components_of(part);
  std::vector<WalkWeight> of(components.count());
  for (std::uint32_t c = components.count(); c-- > 0;) {  // edges lead to lower numbers
    const auto each_edge = [&](auto&& visit) {
      for (auto s = components.begin(c); s != components.end(c); ++s) for_each_edge(part, *s, visit);
    };
    each_edge([&](const StateGraph::Edge& e) {
      if (components.of[e.to] == c && weight_of(graph, e) > 0) of[c].bounded = false;
    });
    each_edge([&](const StateGraph::Edge& e) {
      WalkWeight& to = of[components.of[e.to]];
      if (&to == &of[c]) return;
      to.most = std::max(to.most, of[c].most + weight_of(graph, e));
      to.bounded = to.bounded && of[c].bounded;
    });
  }
  for (std::uint32_t s = 0; s < graph.size(); ++s) all[s] = of[components.of[s]];
  find_least(graph, part, all);
  return all;
}

}  // namespace pagetoken
