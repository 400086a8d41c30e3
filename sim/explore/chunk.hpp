#pragma once
// A part of a level: what became of its states, made by one thread without a look at the others.

#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/explore/exploration.hpp"
#include "sim/explore/levels.hpp"
#include "sim/explore/model.hpp"
#include "sim/explore/state_bytes.hpp"
#include "sim/explore/state_store.hpp"

namespace pagetoken {

inline constexpr std::uint32_t kNoChoice = ~0u;

struct Chunk {
  struct Violation {
    StateId state;         ///< that is broken, or from which the step is
    std::uint32_t choice;  ///< the step, or kNoChoice
    Finding broken;
  };
  /// A state that a step led to, maybe known.
  struct Candidate {
    std::uint64_t hash;
    std::uint32_t offset;
    std::uint32_t size;
    StateId parent;
    std::uint16_t choice;
    std::uint16_t weight;  ///< of its orbit
    StateId id;            ///< once it is inserted
  };

  std::uint32_t begin = 0;  ///< positions in the level
  std::uint32_t end = 0;
  std::vector<std::uint8_t> bytes;
  std::vector<Candidate> candidates;
  std::vector<StateGraph::State> states;  ///< with edges only; first_edge counts from the chunk's first
  std::vector<StateGraph::Edge> edges;    ///< `to` is an index of candidates
  std::vector<std::uint32_t> actors;      ///< of the edges, as the model numbers them
  std::vector<std::uint8_t> weights;      ///< of the edges, if the model has any
  std::uint64_t transitions = 0;
  std::uint64_t orbits_transitions = 0;
  std::uint64_t orbits_states = 0;
  std::optional<Violation> of_state;
  std::optional<Violation> of_step;

  void clear(std::uint32_t from, std::uint32_t to) {
    begin = from;
    end = to;
    bytes.clear();
    candidates.clear();
    states.clear();
    edges.clear();
    actors.clear();
    weights.clear();
    transitions = orbits_transitions = orbits_states = 0;
    of_state.reset();
    of_step.reset();
  }
};

/// Expands states with one model: one of them a thread.
template <Model M>
class Expander {
 public:
  using Store = StateStore<fixed_bytes<M>()>;

  Expander(M& model, const ExploreOptions& options)
      : model_(&model),
        saver_(model, options.symmetry),
        symmetry_(options.symmetry),
        keeps_edges_(options.keep_edges || options.progress) {}

  M& model() { return *model_; }
  StateSaver<M>& saver() { return saver_; }

  /// `only_check`: a violation was found already, so that a broken state is all that is still looked for.
  void expand(Chunk& chunk, const Levels& levels, const Store& store, bool only_check) {
    for (std::uint32_t p = chunk.begin; p < chunk.end; ++p)
      expand(chunk, levels.at(p), levels.depth(), store, only_check);
  }

 private:
  void expand(Chunk& chunk, StateId id, std::uint32_t depth, const Store& store, bool only_check) {
    M& model = *model_;
    const std::uint8_t* bytes = store.bytes(id);
    load_state(model, bytes);
    const std::size_t count = model.choices();
    assert(count < (1u << 16));
    std::optional<Finding> broken = model.check();
    if (!broken && count == 0 && !model.ended()) broken = Finding{PropertyId::deadlock, model.who_waits(), kNoNode, {}};
    const bool violated = broken.has_value();
    if (violated && !chunk.of_state) chunk.of_state = Chunk::Violation{id, kNoChoice, std::move(*broken)};
    if (only_check) return;
    if (keeps_edges_)
      chunk.states.push_back({label_of(model), chunk.edges.size(), depth, true, model.ended(), violated});
    if (violated) return;
    const std::uint64_t weight = symmetry_ ? store.shard(shard_of(id)).weight(local_of(id)) : 1;
    chunk.transitions += count;
    chunk.orbits_transitions += count * weight;
    for (std::uint32_t choice = 0; choice < count; ++choice) {
      if (choice != 0) load_state(model, bytes);
      if (keeps_edges_) {
        chunk.edges.push_back(edge(choice, chunk.candidates.size()));
        chunk.actors.push_back(model.actor_of(choice));
      }
      take(chunk, id, choice, store);
    }
  }

  StateGraph::Edge edge(std::uint32_t choice, std::size_t to) const {
    StateGraph::Edge e{static_cast<std::uint32_t>(to), static_cast<std::uint16_t>(choice), 0, 0};
    if constexpr (MarksRetries<M>) {
      if (model_->is_retry(choice)) e.marks |= StateGraph::kRetry;
      if (model_->is_interference(choice)) e.marks |= StateGraph::kInterference;
    }
    if constexpr (MarksFailures<M>) {
      if (model_->is_failure(choice)) e.marks |= StateGraph::kFailure;
    }
    if constexpr (Weighs<M>) {
      if (model_->is_reset(choice)) e.marks |= StateGraph::kReset;
    }
    return e;
  }

  void take(Chunk& chunk, StateId id, std::uint32_t choice, const Store& store) {
    std::optional<Finding> broken;
    try {
      model_->take(choice);
      broken = model_->broken();
    } catch (const ProtocolError& error) {
      broken = Finding{Property::called(error.property()), error.what(), kNoNode, {}};
    }
    if constexpr (Weighs<M>) {
      if (keeps_edges_) chunk.weights.push_back(model_->weight());
    }
    if (broken) {
      if (keeps_edges_) chunk.edges.back().to = StateGraph::kBroken;
      if (!chunk.of_step) chunk.of_step = Chunk::Violation{id, choice, std::move(*broken)};
      return;
    }
    const StateBytes state = saver_.save();
    store.shard(Store::shard_for(state.hash)).prefetch(state.hash);
    chunk.candidates.push_back({state.hash, static_cast<std::uint32_t>(chunk.bytes.size()),
                                static_cast<std::uint32_t>(state.size), id, static_cast<std::uint16_t>(choice),
                                state.weight, kNoState});
    chunk.bytes.insert(chunk.bytes.end(), state.data, state.data + state.size);
  }

  M* model_;
  StateSaver<M> saver_;
  bool symmetry_;
  bool keeps_edges_;
};

}  // namespace pagetoken
