#pragma once
// Breadth-first search over every order of a model's choices: the first violation found is a shortest one.
//
// Level by level: the states of a level are expanded in chunks, by one or two threads, into candidates; then each shard
// of the store takes its candidates in the order of (parent, choice). So numbering, counts, verdict and path are the
// same for any number of threads.

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <exception>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/explore/chunk.hpp"
#include "sim/explore/exploration.hpp"
#include "sim/explore/levels.hpp"
#include "sim/explore/model.hpp"
#include "sim/explore/path_walker.hpp"
#include "sim/explore/state_store.hpp"

namespace pagetoken {

template <Model M>
class Explorer {
 public:
  /// One model a thread (one or two), all of the same configuration; their present states do not matter.
  Explorer(std::span<M* const> models, const ExploreOptions& options)
      : options_(options),
        keeps_edges_(options.keep_edges || options.progress),
        store_(options.compare, options.symmetry) {
    assert(!models.empty() && models.size() <= 2);
    assert(!(options.symmetry && options.progress));
    for (M* model : models) expanders_.emplace_back(*model, options_);
    if constexpr (PackedModel<M>)
      for (std::size_t i = 1; i < models.size(); ++i) models[i]->share(*models[0]);
  }

  Exploration run() {
    const auto start = std::chrono::steady_clock::now();
    found_.compare = options_.compare;
    found_.symmetry = options_.symmetry;
    insert_initial_states();
    while (!ended_ && levels_.next(sizes())) explore_level();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    found_.wall_s = wall.count();
    found_.states = store_.size();
    found_.bytes = memory();
    if (!options_.symmetry) {
      found_.orbits_states = found_.states;
      found_.orbits_transitions = found_.transitions;
    }
    if (violation_) explain_violation();
    if (keeps_edges_) finish_graph();
    if (options_.progress && found_.verdict == Exploration::Verdict::ok) check_progress();
    if (!options_.keep_edges) found_.graph.reset();
    return std::move(found_);
  }

  /// A model's present state as bytes, without symmetry: for ExploreOptions::begin_at.
  static std::vector<std::uint8_t> bytes_of(const M& model) { return portable_bytes_of(model); }

 private:
  static constexpr std::uint32_t kChunkStates = 64;
  static constexpr std::uint32_t kBatchChunks = 64;

  PathWalker<M> walker() { return {expanders_.front(), store_, options_, found_}; }
  Levels::Sizes sizes() const { return {store_.shard(0).size(), store_.shard(1).size()}; }

  std::uint64_t memory() {
    std::uint64_t bytes = store_.memory();
    if constexpr (PackedModel<M>)
      for (Expander<M>& expander : expanders_) bytes += std::as_const(expander.model()).memory();
    return bytes;
  }

  void insert_initial_states() {
    Expander<M>& expander = expanders_.front();
    const std::size_t count = options_.begin_at.empty() ? expander.model().initial_states() : options_.begin_at.size();
    for (std::uint32_t i = 0; i < count; ++i) {
      walker().begin_at(i);
      const StateBytes state = expander.saver().save();
      const auto inserted =
          store_.shard(Store::shard_for(state.hash))
              .insert(state.hash, state.data, state.size, kNoState, static_cast<std::uint16_t>(i), state.weight);
      if (inserted.is_new) found_.orbits_states += state.weight;
    }
  }

  // Levels.

  void explore_level() {
    found_.depth = levels_.depth();
    for (std::uint32_t s = 0; s < 2; ++s) store_.shard(s).forget_before(levels_.begin()[s]);
    const std::uint32_t size = levels_.size();
    std::uint32_t at = 0;
    while (at < size && !ended_) {
      std::uint32_t chunks = 0;
      for (; chunks < kBatchChunks && at < size; ++chunks) {
        if (chunks == chunks_.size()) chunks_.emplace_back();
        const std::uint32_t end = std::min(size, at + kChunkStates);
        chunks_[chunks].clear(at, end);
        at = end;
      }
      explore_batch({chunks_.data(), chunks});
    }
    if (violation_ && options_.stop_at_violation) ended_ = true;
  }

  void explore_batch(std::span<Chunk> chunks) {
    if (expanders_.size() == 1 || chunks.size() < 4) {
      for (Chunk& chunk : chunks) {
        expanders_.front().expand(chunk, levels_, store_, only_check_);
        insert(chunk, 0, 1);
      }
    } else {
      std::atomic<std::size_t> next{0};
      in_parallel([&](std::uint32_t w) {
        for (std::size_t i; (i = next.fetch_add(1)) < chunks.size();)
          expanders_[w].expand(chunks[i], levels_, store_, only_check_);
      });
      in_parallel([&](std::uint32_t w) {
        for (Chunk& chunk : chunks) insert(chunk, w, w);
      });
    }
    for (Chunk& chunk : chunks) finish(chunk);
    judge_limits();
  }

  template <class Work>
  static void in_parallel(Work&& work) {
    std::exception_ptr error;
    {
      std::jthread other([&] {
        try {
          work(1);
        } catch (...) {
          error = std::current_exception();
        }
      });
      work(0);
    }
    if (error) std::rethrow_exception(error);
  }

  void judge_limits() {
    const std::uint64_t states = store_.size();
    if (options_.on_progress) options_.on_progress(states);
    const auto give_up = [&](const char* reason) {
      if (ended_ || only_check_) return;
      ended_ = true;
      found_.verdict = Exploration::Verdict::unknown;
      found_.reason = reason;
    };
    if (violation_ && violation_->choice == kNoChoice && options_.stop_at_violation) ended_ = true;
    if (states > options_.max_states) give_up("max_states");
    const std::uint64_t edges = found_.graph ? found_.graph->edges.capacity() * sizeof(StateGraph::Edge) : 0;
    if (memory() + edges > options_.max_bytes || states > kMaxLocal) give_up("max_bytes");
    if (options_.stop && options_.stop()) give_up("stopped");
  }

  /// Puts the candidates that belong to shards [first, last] into the store.
  void insert(Chunk& chunk, std::uint32_t first, std::uint32_t last) {
    std::uint64_t weights = 0;
    for (Chunk::Candidate& c : chunk.candidates) {
      const std::uint32_t shard = Store::shard_for(c.hash);
      if (shard < first || shard > last) continue;
      const auto inserted =
          store_.shard(shard).insert(c.hash, chunk.bytes.data() + c.offset, c.size, c.parent, c.choice, c.weight);
      c.id = state_id(shard, inserted.local);
      if (inserted.is_new) weights += c.weight;
    }
    if (options_.symmetry) std::atomic_ref(chunk.orbits_states).fetch_add(weights);
  }

  void finish(Chunk& chunk) {
    found_.transitions += chunk.transitions;
    found_.orbits_transitions += chunk.orbits_transitions;
    found_.orbits_states += chunk.orbits_states;
    if (chunk.of_state && (!violation_ || prefers_state())) violation_ = std::move(chunk.of_state);
    if (chunk.of_step && !violation_) violation_ = std::move(chunk.of_step);
    // A broken state of this level is one step nearer than a broken step from it: the rest is checked only.
    if (violation_ && options_.stop_at_violation) only_check_ = true;
    if (!keeps_edges_) return;
    if (!found_.graph) found_.graph.emplace();
    StateGraph& graph = *found_.graph;
    const std::uint64_t base = graph.edges.size();
    for (StateGraph::State s : chunk.states) {
      s.first_edge += base;
      graph.states.push_back(s);
    }
    for (std::size_t i = 0; i < chunk.edges.size(); ++i) {
      StateGraph::Edge e = chunk.edges[i];
      if (e.to != StateGraph::kBroken) e.to = chunk.candidates[e.to].id;
      e.actor = number_of_actor(chunk.actors[i]);
      graph.edges.push_back(e);
    }
    graph.weights.insert(graph.weights.end(), chunk.weights.begin(), chunk.weights.end());
  }
  /// Of all actors that a model could name, few move: they are numbered as they are met.
  std::uint8_t number_of_actor(std::uint32_t actor) {
    const auto at = actors_.try_emplace(actor, static_cast<std::uint32_t>(actors_.size())).first;
    found_.graph->actors = static_cast<std::uint32_t>(actors_.size());
    return static_cast<std::uint8_t>(std::min(at->second, kMaxActors - 1));
  }
  bool prefers_state() const {
    return violation_->choice != kNoChoice && levels_.depth_of(violation_->state) == levels_.depth();
  }

  // Afterwards.

  /// Numbers the graph's states as they were met, level by level, and adds those that were not expanded.
  void finish_graph() {
    if (!found_.graph) found_.graph.emplace();
    StateGraph& graph = *found_.graph;
    std::array<std::vector<std::uint32_t>, 2> dense;
    for (std::uint32_t s = 0; s < 2; ++s) dense[s].resize(store_.shard(s).size());
    ids_.clear();
    levels_.for_each(sizes(), [&](StateId id, std::uint32_t depth) {
      dense[shard_of(id)][local_of(id)] = static_cast<std::uint32_t>(ids_.size());
      if (ids_.size() >= graph.states.size())
        graph.states.push_back({0, graph.edges.size(), depth, false, false, false});
      ids_.push_back(id);
      if (depth == 0) graph.initial_states = static_cast<std::uint32_t>(ids_.size());
    });
    graph.states.push_back({0, graph.edges.size(), 0, false, false, false});
    for (StateGraph::Edge& e : graph.edges)
      if (e.to != StateGraph::kBroken) e.to = dense[shard_of(e.to)][local_of(e.to)];
  }

  void explain_violation() {
    found_.verdict = Exploration::Verdict::violated;
    found_.broken = violation_->broken;
    PathWalker<M> walk = walker();
    walk.walk_to(violation_->state);
    if (violation_->choice != kNoChoice) walk.add_violating_step(violation_->choice);
  }

  void check_progress() {
    const StateGraph& graph = *found_.graph;
    M& model = expanders_.front().model();
    PathWalker<M> walk = walker();
    const bool is_fair_known = graph.tells_actors_apart();
    if (const auto lasso = is_fair_known ? find_livelock(graph) : std::nullopt) {
      walk.walk_to(ids_[lasso->state]);
      found_.verdict = Exploration::Verdict::violated;
      found_.broken = {PropertyId::livelock,
                       "operation " + std::to_string(lasso->operation) +
                           " never ends in a cycle in which every actor that stays enabled moves: " + model.who_waits(),
                       kNoNode,
                       {}};
      found_.cycle = static_cast<std::uint32_t>(found_.path.size());
      for (const StateGraph::Edge& e : lasso->cycle) {
        model.choices();
        walk.step(e.choice);
        walk.settle();
      }
    } else if (const auto stuck = find_undrainable(graph)) {
      walk.walk_to(ids_[*stuck]);
      found_.verdict = Exploration::Verdict::violated;
      found_.broken = {graph.enabled(*stuck) == 0 ? PropertyId::deadlock : PropertyId::livelock,
                       "without a further failure not every operation can end: " + model.who_waits(),
                       kNoNode,
                       {}};
    } else if (!is_fair_known && may_livelock(graph)) {
      found_.verdict = Exploration::Verdict::unknown;
      found_.reason = "actors";
    }
  }

  using Store = typename Expander<M>::Store;

  ExploreOptions options_;
  bool keeps_edges_;
  Store store_;
  std::vector<Expander<M>> expanders_;  // one a thread
  Levels levels_;
  std::vector<Chunk> chunks_;                                // in reuse
  std::vector<StateId> ids_;                                 // of the graph's states
  std::unordered_map<std::uint32_t, std::uint32_t> actors_;  // number in the graph, by the model's
  std::optional<Chunk::Violation> violation_;                // the first
  bool only_check_ = false;
  bool ended_ = false;
  Exploration found_;
};

/// Explores all that a model can reach. One thread; the overload takes one model a thread.
template <Model M>
Exploration explore(M& model, const ExploreOptions& options = {}) {
  M* const one[] = {&model};
  return Explorer<M>(one, options).run();
}
template <Model M>
Exploration explore(std::span<M* const> models, const ExploreOptions& options = {}) {
  return Explorer<M>(models, options).run();
}

}  // namespace pagetoken
