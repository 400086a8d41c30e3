#pragma once
// From a state that the explorer stored back to a path of steps that leads there, in words.

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

#include "sim/explore/chunk.hpp"
#include "sim/explore/exploration.hpp"
#include "sim/explore/state_store.hpp"

namespace pagetoken {

/// Walks with the expander's model and writes down into `found` where the path begins and its steps. With symmetry the
/// steps are those of states of the stored ones' orbits.
template <Model M>
class PathWalker {
 public:
  PathWalker(Expander<M>& expander, const typename Expander<M>::Store& store, const ExploreOptions& options,
             Exploration& found)
      : model_(expander.model()), saver_(expander.saver()), store_(store), options_(options), found_(found) {}

  void begin_at(std::size_t i) {
    if (options_.begin_at.empty())
      model_.initial(i);
    else
      load_portable(model_, options_.begin_at[i].data());
  }

  /// To the state, which is then the model's present one.
  void walk_to(StateId id) {
    std::vector<StateId> chain;
    for (StateId s = id; s != kNoState; s = store_.shard(shard_of(s)).parent(local_of(s))) chain.push_back(s);
    std::reverse(chain.begin(), chain.end());
    found_.initial = store_.shard(shard_of(chain.front())).choice(local_of(chain.front()));
    found_.path.clear();
    begin_at(found_.initial);
    for (std::size_t i = 1; i < chain.size(); ++i) {
      const std::vector<std::uint8_t> here = settle();
      const std::uint32_t choice = step_to(here, model_.choices(), chain[i]);
      load_state(model_, here.data());
      step(choice);
    }
    settle();
  }

  /// One step more, written down and taken.
  void step(std::uint32_t choice) {
    add(choice);
    model_.take(choice);
    model_.broken();
  }

  /// The step that violates something, written down: it, or with symmetry one like it.
  void add_violating_step(std::uint32_t choice) {
    const std::vector<std::uint8_t> here = stored_bytes_of(model_);
    const std::size_t count = model_.choices();
    if (!options_.symmetry) return add(choice);
    for (std::uint32_t c = 0; c < count; ++c) {
      load_state(model_, here.data());
      if (!breaks(c)) continue;
      load_state(model_, here.data());
      return add(c);
    }
    assert(false && "a permuted state takes the same steps");
  }

  /// Loads the present state as the explorer did, without what is no part of it.
  std::vector<std::uint8_t> settle() {
    std::vector<std::uint8_t> here = stored_bytes_of(model_);
    load_state(model_, here.data());
    return here;
  }

 private:
  void add(std::uint32_t choice) {
    found_.path.push_back({choice, model_.actor_of(choice), model_.describe_choice(choice)});
  }

  bool breaks(std::uint32_t choice) {
    try {
      model_.take(choice);
      return model_.broken().has_value();
    } catch (const ProtocolError&) {
      return true;
    }
  }

  std::uint32_t step_to(const std::vector<std::uint8_t>& here, std::size_t count, StateId to) {
    const auto& shard = store_.shard(shard_of(to));
    if (!options_.symmetry) return shard.choice(local_of(to));
    for (std::uint32_t choice = 0; choice < count; ++choice) {
      load_state(model_, here.data());
      if (breaks(choice)) continue;
      const StateBytes state = saver_.save();
      if (shard.has(local_of(to), state.data, state.size)) return choice;
    }
    assert(false && "a permuted state takes the same steps");
    return 0;
  }

  M& model_;
  StateSaver<M>& saver_;
  const typename Expander<M>::Store& store_;
  const ExploreOptions& options_;
  Exploration& found_;
};

}  // namespace pagetoken
