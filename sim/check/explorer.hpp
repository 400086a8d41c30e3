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
#include <utility>
#include <vector>

#include "sim/check/exploration.hpp"
#include "sim/check/model.hpp"
#include "sim/check/state_store.hpp"

namespace pagetoken {

template <Model M>
class Explorer {
 public:
  /// One model a thread (one or two), all of the same configuration; their present states do not matter.
  Explorer(std::span<M* const> models, const ExploreOptions& options)
      : options_(options), keeps_edges_(options.keep_edges || options.progress),
        store_(options.compare, options.symmetry) {
    assert(!models.empty() && models.size() <= 2);
    assert(!(options.symmetry && options.progress));
    for (M* model : models) workers_.push_back({model, {}, {}, {}, {}});
    if constexpr (PackedModel<M>)
      for (std::size_t w = 1; w < models.size(); ++w) models[w]->share(*models[0]);
  }

  Exploration run() {
    const auto start = std::chrono::steady_clock::now();
    found_.compare = options_.compare;
    found_.symmetry = options_.symmetry;
    insert_initial_states();
    while (next_level()) explore_level();
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

  /// A model's present state as bytes, without symmetry.
  static std::vector<std::uint8_t> bytes_of(const M& model) {
    if constexpr (PlainModel<M>) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(&model.state());
      return {bytes, bytes + sizeof(typename M::State)};
    } else {
      Encoder encoder;
      model.encode(encoder);
      encoder.rank_fresh();
      return encoder.bytes();
    }
  }

 private:
  static constexpr std::size_t fixed_bytes() {
    if constexpr (PlainModel<M>) return sizeof(typename M::State);
    else return 0;
  }
  static constexpr std::uint32_t kChunkStates = 64;
  static constexpr std::uint32_t kBatchChunks = 64;
  static constexpr std::uint32_t kNoChoice = ~0u;

  struct Violation {
    StateId state;          ///< that is broken, or from which the step is
    std::uint32_t choice;   ///< the step, or kNoChoice
    Broken broken;
  };
  struct Candidate {  // a state that a step led to, maybe known
    std::uint64_t hash;
    std::uint32_t offset;
    std::uint32_t size;
    StateId parent;
    std::uint16_t choice;
    std::uint16_t weight;   // of its orbit
    StateId id;             // once it is inserted
  };
  struct Chunk {  // what became of the states at [begin, end) of the level
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::vector<std::uint8_t> bytes;
    std::vector<Candidate> candidates;
    std::vector<StateGraph::State> states;  // with edges only; first_edge counts from the chunk's first
    std::vector<StateGraph::Edge> edges;    // `to` is an index of candidates
    std::uint64_t transitions = 0;
    std::uint64_t orbits_transitions = 0;
    std::uint64_t orbits_states = 0;
    std::optional<Violation> of_state;
    std::optional<Violation> of_step;

    void clear() {
      bytes.clear();
      candidates.clear();
      states.clear();
      edges.clear();
      transitions = orbits_transitions = orbits_states = 0;
      of_state.reset();
      of_step.reset();
    }
  };
  struct Worker {
    M* model;
    Encoder encoder;
    std::vector<std::uint8_t> best;  // of the images
    std::vector<std::uint8_t> own;   // a copy of the state being expanded
    std::exception_ptr error;
  };
  struct Level {
    std::array<std::uint32_t, 2> begin{};  // of each shard
  };
  struct Bytes {
    const std::uint8_t* data;
    std::size_t size;
    std::uint64_t hash;
    std::uint16_t weight;
  };

  // States as bytes.

  static void load(M& model, const std::uint8_t* bytes) {
    if constexpr (PlainModel<M>) std::memcpy(&model.state(), bytes, sizeof(typename M::State));
    else if constexpr (PackedModel<M>) model.unpack(bytes);
    else model.decode(bytes);
  }
  /// As bytes_of gives it.
  static void load_bytes(M& model, const std::uint8_t* bytes) {
    if constexpr (PackedModel<M>) model.decode(bytes);
    else load(model, bytes);
  }
  /// As the store has it, without symmetry.
  static std::vector<std::uint8_t> stored_bytes_of(const M& model) {
    if constexpr (PackedModel<M>) return {model.packed().begin(), model.packed().end()};
    else return bytes_of(model);
  }
  static Bytes hashed(const std::uint8_t* data, std::size_t size, std::uint16_t weight) {
    return {data, size, hash_of(data, size), weight};
  }

  /// The present state, or with symmetry the least of its images. Valid until the next call.
  Bytes save(Worker& worker) {
    if constexpr (Symmetric<M>) {
      if (options_.symmetry) return save_least_image(worker);
    }
    if constexpr (PlainModel<M>) {
      return hashed(reinterpret_cast<const std::uint8_t*>(&std::as_const(*worker.model).state()), sizeof(typename M::State), 1);
    } else if constexpr (PackedModel<M>) {
      std::uint16_t weight = 1;
      if constexpr (PackedSymmetric<M>)
        if (options_.symmetry) weight = worker.model->pack_least_image();
      const std::span<const std::uint8_t> bytes = worker.model->packed();
      return {bytes.data(), bytes.size(), worker.model->packed_hash(), weight};
    } else {
      worker.encoder.clear();
      worker.model->encode(worker.encoder);
      worker.encoder.rank_fresh();
      return hashed(worker.encoder.bytes().data(), worker.encoder.bytes().size(), 1);
    }
  }

  Bytes save_least_image(Worker& worker) {
    const std::size_t images = worker.model->images();
    std::size_t fixed = 0;  // images that are the least one: the least state's stabilizer
    for (std::size_t i = 0; i < images; ++i) {
      const int order = i == 0 ? -1 : compare_image(worker, i);
      if (i == 0) encode_image(worker, 0);
      if (order < 0) {
        const std::span<const std::uint8_t> image = image_bytes(worker);
        worker.best.assign(image.begin(), image.end());
        fixed = 0;
      }
      if (order <= 0) ++fixed;
    }
    return hashed(worker.best.data(), worker.best.size(), static_cast<std::uint16_t>(images / fixed));
  }
  int compare_image(Worker& worker, std::size_t i) {
    encode_image(worker, i);
    const std::span<const std::uint8_t> image = image_bytes(worker);
    if (image.size() != worker.best.size()) return image.size() < worker.best.size() ? -1 : 1;
    return std::memcmp(image.data(), worker.best.data(), image.size());
  }
  void encode_image(Worker& worker, std::size_t i) {
    if constexpr (PlainModel<M>) {
      const typename M::State image = worker.model->image(i);
      worker.own.resize(sizeof image);
      std::memcpy(worker.own.data(), &image, sizeof image);
    } else {
      worker.encoder.clear();
      worker.model->encode_image(i, worker.encoder);
      worker.encoder.rank_fresh();
    }
  }
  static std::span<const std::uint8_t> image_bytes(const Worker& worker) {
    if constexpr (PlainModel<M>) return worker.own;
    else return worker.encoder.bytes();
  }

  // Levels.

  void insert_initial_states() {
    M& model = *workers_.front().model;
    levels_.push_back({{0, 0}});
    const std::size_t count = options_.begin_at.empty() ? model.initial_states() : options_.begin_at.size();
    for (std::uint32_t i = 0; i < count; ++i) {
      begin_at(model, i);
      const Bytes bytes = save(workers_.front());
      const auto inserted = store_.shard(StateStore_::shard_for(bytes.hash))
                                .insert(bytes.hash, bytes.data, bytes.size, kNoState, static_cast<std::uint16_t>(i), bytes.weight);
      if (inserted.is_new) found_.orbits_states += bytes.weight;
    }
  }

  void begin_at(M& model, std::size_t i) const {
    if (options_.begin_at.empty()) model.initial(i);
    else load_bytes(model, options_.begin_at[i].data());
  }

  /// False if nothing is left to do: the last level met nothing new, or the search has ended.
  bool next_level() {
    const Level end{{store_.shard(0).size(), store_.shard(1).size()}};
    if (ended_ || end.begin == levels_.back().begin) return false;
    found_.depth = static_cast<std::uint32_t>(levels_.size() - 1);
    for (std::uint32_t s = 0; s < 2; ++s) store_.shard(s).forget_before(levels_.back().begin[s]);
    levels_.push_back(end);
    return true;
  }

  std::uint32_t level_size() const {
    const Level &from = levels_[levels_.size() - 2], &to = levels_.back();
    return to.begin[0] - from.begin[0] + to.begin[1] - from.begin[1];
  }
  StateId state_at(std::uint32_t position) const {
    const Level &from = levels_[levels_.size() - 2], &to = levels_.back();
    const std::uint32_t first = to.begin[0] - from.begin[0];
    return position < first ? state_id(0, from.begin[0] + position) : state_id(1, from.begin[1] + (position - first));
  }

  void explore_level() {
    const std::uint32_t size = level_size();
    std::uint32_t at = 0;
    while (at < size && !ended_) {
      std::uint32_t chunks = 0;
      for (; chunks < kBatchChunks && at < size; ++chunks) {
        if (chunks == chunks_.size()) chunks_.emplace_back();
        chunks_[chunks].clear();
        chunks_[chunks].begin = at;
        chunks_[chunks].end = at = std::min(size, at + kChunkStates);
      }
      explore_batch({chunks_.data(), chunks});
    }
    if (violation_ && options_.stop_at_violation) ended_ = true;
  }

  void explore_batch(std::span<Chunk> chunks) {
    if (workers_.size() == 1 || chunks.size() < 4) {
      for (Chunk& chunk : chunks) {
        expand(workers_.front(), chunk);
        insert(chunk, 0, 1);
      }
    } else {
      std::atomic<std::size_t> next{0};
      in_parallel([&](std::uint32_t w) {
        for (std::size_t i; (i = next.fetch_add(1)) < chunks.size();) expand(workers_[w], chunks[i]);
      });
      in_parallel([&](std::uint32_t w) {
        for (Chunk& chunk : chunks) insert(chunk, w, w);
      });
    }
    for (Chunk& chunk : chunks) finish(chunk);
    judge_limits();
  }

  template <class Work>
  void in_parallel(Work&& work) {
    {
      std::jthread other([&] {
        try {
          work(1);
        } catch (...) {
          workers_[1].error = std::current_exception();
        }
      });
      work(0);
    }
    if (workers_[1].error) std::rethrow_exception(workers_[1].error);
  }

  std::uint64_t memory() const {
    std::uint64_t bytes = store_.memory();
    if constexpr (PackedModel<M>)
      for (const Worker& worker : workers_) bytes += worker.model->memory();
    return bytes;
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

  // One chunk.

  void expand(Worker& worker, Chunk& chunk) {
    for (std::uint32_t p = chunk.begin; p < chunk.end; ++p) expand(worker, chunk, state_at(p));
  }

  void expand(Worker& worker, Chunk& chunk, StateId id) {
    M& model = *worker.model;
    const std::uint8_t* bytes = store_.bytes(id);
    load(model, bytes);
    const std::size_t count = model.choices();
    assert(count < (1u << 16));
    std::optional<Broken> broken = model.check();
    if (!broken && count == 0 && !model.ended()) broken = Broken{"deadlock", model.who_waits(), kNoNode, {}};
    const bool violated = broken.has_value();
    if (violated && !chunk.of_state) chunk.of_state = Violation{id, kNoChoice, std::move(*broken)};
    if (only_check_) return;
    if (keeps_edges_)
      chunk.states.push_back({model.unfinished(), chunk.edges.size(),
                              static_cast<std::uint32_t>(levels_.size() - 2), true, model.ended(), violated});
    if (violated) return;
    const std::uint64_t weight = options_.symmetry ? store_.shard(shard_of(id)).weight(local_of(id)) : 1;
    chunk.transitions += count;
    chunk.orbits_transitions += count * weight;
    for (std::uint32_t choice = 0; choice < count; ++choice) {
      if (choice != 0) load(model, bytes);
      if (keeps_edges_) chunk.edges.push_back(edge(model, choice, chunk.candidates.size()));
      take(worker, chunk, id, choice);
    }
  }

  static StateGraph::Edge edge(const M& model, std::uint32_t choice, std::size_t to) {
    const std::uint32_t actor = model.actor_of(choice);
    assert(actor < kMaxActors);
    StateGraph::Edge e{static_cast<std::uint32_t>(to), static_cast<std::uint16_t>(choice), static_cast<std::uint8_t>(actor), 0};
    if constexpr (MarksRetries<M>) {
      if (model.is_retry(choice)) e.marks |= StateGraph::kRetry;
      if (model.is_interference(choice)) e.marks |= StateGraph::kInterference;
    }
    if constexpr (MarksFailures<M>) {
      if (model.is_failure(choice)) e.marks |= StateGraph::kFailure;
    }
    return e;
  }

  void take(Worker& worker, Chunk& chunk, StateId id, std::uint32_t choice) {
    std::optional<Broken> broken;
    try {
      worker.model->take(choice);
      broken = worker.model->broken();
    } catch (const ProtocolError& error) {
      broken = Broken{"protocol:require", error.what(), kNoNode, {}};
    }
    if (broken) {
      if (keeps_edges_) chunk.edges.back().to = StateGraph::kBroken;
      if (!chunk.of_step) chunk.of_step = Violation{id, choice, std::move(*broken)};
      return;
    }
    const Bytes bytes = save(worker);
    store_.shard(StateStore_::shard_for(bytes.hash)).prefetch(bytes.hash);
    chunk.candidates.push_back({bytes.hash, static_cast<std::uint32_t>(chunk.bytes.size()), static_cast<std::uint32_t>(bytes.size),
                                id, static_cast<std::uint16_t>(choice), bytes.weight, kNoState});
    chunk.bytes.insert(chunk.bytes.end(), bytes.data, bytes.data + bytes.size);
  }

  /// Puts the candidates that belong to shards [first, last] into the store.
  void insert(Chunk& chunk, std::uint32_t first, std::uint32_t last) {
    std::uint64_t weights = 0;
    for (Candidate& c : chunk.candidates) {
      const std::uint32_t shard = StateStore_::shard_for(c.hash);
      if (shard < first || shard > last) continue;
      const auto inserted = store_.shard(shard).insert(c.hash, chunk.bytes.data() + c.offset, c.size, c.parent, c.choice, c.weight);
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
    for (StateGraph::Edge e : chunk.edges) {
      if (e.to != StateGraph::kBroken) e.to = chunk.candidates[e.to].id;
      graph.edges.push_back(e);
    }
  }
  bool prefers_state() const {
    return violation_->choice != kNoChoice && depth_of(violation_->state) + 2 == levels_.size();
  }
  std::size_t depth_of(StateId id) const {
    std::size_t level = levels_.size() - 2;
    while (local_of(id) < levels_[level].begin[shard_of(id)]) --level;
    return level;
  }

  // Afterwards.

  /// Numbers the graph's states as they were met, level by level, and adds those that were not expanded.
  void finish_graph() {
    if (!found_.graph) found_.graph.emplace();
    StateGraph& graph = *found_.graph;
    std::array<std::vector<std::uint32_t>, 2> dense;
    for (std::uint32_t s = 0; s < 2; ++s) dense[s].resize(store_.shard(s).size());
    ids_.clear();
    const Level end{{store_.shard(0).size(), store_.shard(1).size()}};
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      const Level& to = level + 1 < levels_.size() ? levels_[level + 1] : end;
      for (std::uint32_t s = 0; s < 2; ++s)
        for (std::uint32_t local = levels_[level].begin[s]; local < to.begin[s]; ++local) {
          dense[s][local] = static_cast<std::uint32_t>(ids_.size());
          if (ids_.size() >= graph.states.size())
            graph.states.push_back({0, graph.edges.size(), static_cast<std::uint32_t>(level), false, false, false});
          ids_.push_back(state_id(s, local));
        }
      if (level == 0) graph.initial_states = static_cast<std::uint32_t>(ids_.size());
    }
    graph.states.push_back({0, graph.edges.size(), 0, false, false, false});
    for (StateGraph::Edge& e : graph.edges)
      if (e.to != StateGraph::kBroken) e.to = dense[shard_of(e.to)][local_of(e.to)];
  }

  void explain_violation() {
    found_.verdict = Exploration::Verdict::violated;
    found_.broken = violation_->broken;
    walk_to(violation_->state);
    if (violation_->choice == kNoChoice) return;
    M& model = *workers_.front().model;
    const std::size_t count = model.choices();
    if (!options_.symmetry) {
      add_step(model, violation_->choice);
      return;
    }
    const std::vector<std::uint8_t> here = stored_bytes_of(model);
    for (std::uint32_t choice = 0; choice < count; ++choice) {
      load(model, here.data());
      if (breaks(model, choice)) {
        load(model, here.data());
        add_step(model, choice);
        return;
      }
    }
    assert(!"a permuted state takes the same steps");
  }
  static bool breaks(M& model, std::uint32_t choice) {
    try {
      model.take(choice);
      return model.broken().has_value();
    } catch (const ProtocolError&) {
      return true;
    }
  }
  void add_step(M& model, std::uint32_t choice) {
    found_.path.push_back({choice, model.actor_of(choice), model.describe_choice(choice)});
  }

  /// Walks from an initial state to `id`, or with symmetry to a state of its orbit, and writes the path down.
  void walk_to(StateId id) {
    std::vector<StateId> chain;
    for (StateId s = id; s != kNoState; s = store_.shard(shard_of(s)).parent(local_of(s))) chain.push_back(s);
    std::reverse(chain.begin(), chain.end());
    Worker& worker = workers_.front();
    M& model = *worker.model;
    found_.initial = store_.shard(shard_of(chain.front())).choice(local_of(chain.front()));
    found_.path.clear();
    begin_at(model, found_.initial);
    for (std::size_t i = 1; i < chain.size(); ++i) {
      const std::vector<std::uint8_t> here = stored_bytes_of(*worker.model);
      load(model, here.data());
      const std::size_t count = model.choices();
      const std::uint32_t choice = step_to(worker, here, count, chain[i]);
      load(model, here.data());
      add_step(model, choice);
      model.take(choice);
      model.broken();
    }
    const std::vector<std::uint8_t> here = stored_bytes_of(*worker.model);
    load(model, here.data());
  }
  std::uint32_t step_to(Worker& worker, const std::vector<std::uint8_t>& here, std::size_t count, StateId to) {
    const auto& shard = store_.shard(shard_of(to));
    if (!options_.symmetry) return shard.choice(local_of(to));
    for (std::uint32_t choice = 0; choice < count; ++choice) {
      load(*worker.model, here.data());
      if (breaks(*worker.model, choice)) continue;
      const Bytes bytes = save(worker);
      if (shard.has(local_of(to), bytes.data, bytes.size)) return choice;
    }
    assert(!"a permuted state takes the same steps");
    return 0;
  }
  void check_progress() {
    const StateGraph& graph = *found_.graph;
    M& model = *workers_.front().model;
    if (const auto lasso = find_livelock(graph)) {
      walk_to(ids_[lasso->state]);
      found_.verdict = Exploration::Verdict::violated;
      found_.broken = {"livelock", "operation " + std::to_string(lasso->operation) +
                                       " never ends in a cycle in which every actor that stays enabled moves: " +
                                       model.who_waits(), kNoNode, {}};
      found_.cycle = static_cast<std::uint32_t>(found_.path.size());
      for (const StateGraph::Edge& e : lasso->cycle) {
        model.choices();
        add_step(model, e.choice);
        model.take(e.choice);
        model.broken();
        const std::vector<std::uint8_t> here = stored_bytes_of(model);
        load(model, here.data());
      }
    } else if (const auto stuck = find_undrainable(graph)) {
      walk_to(ids_[*stuck]);
      found_.verdict = Exploration::Verdict::violated;
      found_.broken = {graph.enabled(*stuck) == 0 ? "deadlock" : "livelock",
                       "without a further failure not every operation can end: " + model.who_waits(), kNoNode, {}};
    }
  }

  using StateStore_ = StateStore<fixed_bytes()>;

  ExploreOptions options_;
  bool keeps_edges_;
  StateStore_ store_;
  std::vector<Worker> workers_;
  std::vector<Level> levels_;          // where each begins; the one being explored is the last but one
  std::vector<Chunk> chunks_;          // in reuse
  std::vector<StateId> ids_;           // of the graph's states
  std::optional<Violation> violation_; // the first
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
