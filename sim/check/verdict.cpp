#include "sim/check/verdict.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_set>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>

#include "sim/check/explorer.hpp"

namespace pagetoken {

namespace {

std::string bytes_of(const VmModel& model) {
  Encoder encoder;
  model.encode(encoder);
  encoder.rank_fresh();
  return {encoder.bytes().begin(), encoder.bytes().end()};
}

/// True if some continuation of the model's present state comes to its end without a violation on the way. Leaves the
/// model anywhere. Nothing if it would take more than `max_states` states to tell.
std::optional<bool> avoidable(VmModel& model, std::uint64_t max_states) {
  std::unordered_set<std::string> seen;
  std::deque<const std::string*> waiting;
  const auto visit = [&] {
    const auto [at, fresh] = seen.insert(bytes_of(model));
    if (fresh) waiting.push_back(&*at);
  };
  visit();
  while (!waiting.empty()) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(waiting.front()->data());
    waiting.pop_front();
    model.decode(bytes);
    const std::size_t choices = model.choices();
    if (model.check()) continue;
    if (choices == 0 && model.ended()) return true;
    for (std::size_t c = 0; c < choices; ++c) {
      model.decode(bytes);
      model.choices();
      try {
        model.take(c);
      } catch (const ProtocolError&) {
        continue;
      }
      if (!model.broken()) visit();
    }
    if (seen.size() > max_states) return std::nullopt;
  }
  return false;
}

/// Takes the first `count` choices of a path. False if the last of them violates something by itself.
bool follow(VmModel& model, const Exploration& found, std::size_t count) {
  model.initial(found.initial);
  for (std::size_t i = 0; i < count; ++i) {
    model.choices();
    try {
      model.take(found.path[i].choice);
    } catch (const ProtocolError&) {
      return false;
    }
    if (model.broken()) return false;
  }
  return true;
}

/// Index of the first choice of the path after which nothing avoids the violation, and what is wrong at its end (a PTE, or
/// else a cached page) is there: before that, the actor who is about to make it could still be late.
std::optional<std::size_t> critical_choice(VmModel& model, const Exploration& found, std::uint64_t max_states) {
  const Resource& page = found.broken.resource;
  const bool stuck = found.broken.property == "deadlock" || found.broken.property == "livelock";
  const bool ends = follow(model, found, found.path.size());
  const bool mapped = !stuck && ends && model.is_mapped(found.broken.node, page);
  const bool cached = !stuck && ends && !mapped && model.is_cached(found.broken.node, page);
  std::optional<std::size_t> critical;
  for (std::size_t taken = found.path.size(); taken > 0; --taken) {
    if (follow(model, found, taken)) {
      if (mapped && !model.is_mapped(found.broken.node, page)) break;
      if (cached && !model.is_cached(found.broken.node, page)) break;
      const std::optional<bool> avoids = avoidable(model, max_states);
      if (!avoids) return std::nullopt;
      if (*avoids) break;
    }
    critical = taken - 1;
  }
  return critical;
}

}  // namespace

std::vector<ScenarioStep> steps_of(VmModel& model, std::size_t initial, const std::vector<std::uint32_t>& choices) {
  std::vector<ScenarioStep> steps;
  model.explain(true);
  model.initial(initial);
  for (std::uint32_t i = 0; i < choices.size(); ++i) {
    require(choices[i] < model.choices(), "a choice that the state does not have");
    const ChoiceText text = model.choice_text(choices[i]);
    try {
      model.take(choices[i]);
    } catch (const ProtocolError&) {
      if (i + 1 != choices.size()) throw;
      steps.push_back({i, 0, text, {}});
      break;
    }
    (void)model.broken();
    const VmModel::Taken& taken = model.taken();
    if (taken.steps.empty()) {
      steps.push_back({i, taken.actor, text, {}});
      continue;
    }
    for (std::size_t s = 0; s < taken.steps.size(); ++s) {
      const VmModel::TakenStep& step = taken.steps[s];
      steps.push_back({i,
                       step.actor,
                       {model.actor_name(step.actor), step.node, std::string(step.step.instruction->step),
                                       std::string(step.step.instruction->text)}, step.locks});
    }
  }
  return steps;
}

std::vector<std::vector<LockKind>> lock_cycles(const std::vector<std::pair<LockKind, LockKind>>& order) {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  std::vector<std::vector<LockKind>> cycles;
  Graph graph(8);  // a vertex for each bit
  const auto vertex = [](LockKind kind) { return static_cast<std::size_t>(std::countr_zero(bit(kind))); };
  for (const auto& [held, taken] : order) {
    if (held == taken)
      cycles.push_back({held});
    else
      boost::add_edge(vertex(held), vertex(taken), graph);
  }
  std::vector<std::size_t> component(boost::num_vertices(graph));
  boost::strong_components(graph, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, graph)));
  std::map<std::size_t, std::vector<LockKind>> members;
  for (std::size_t v = 0; v < component.size(); ++v) members[component[v]].push_back(static_cast<LockKind>(1u << v));
  for (auto& [id, kinds] : members)
    if (kinds.size() > 1) cycles.push_back(std::move(kinds));
  std::sort(cycles.begin(), cycles.end());
  return cycles;
}

ScenarioResult explore_scenario(const ScenarioSpec& spec, const ScenarioOptions& options) {
  std::vector<std::unique_ptr<VmModel>> models;
  std::vector<VmModel*> pointers;
  for (std::uint32_t t = 0; t < std::clamp(options.threads, 1u, 2u); ++t)
    pointers.push_back(models.emplace_back(std::make_unique<VmModel>(spec)).get());

  ExploreOptions explore;
  explore.max_states = options.max_states;
  explore.compare = options.compare;
  explore.progress = properties_of(spec).livelock;
  explore.keep_edges = true;
  explore.on_progress = options.on_progress;
  explore.stop = options.stop;
  ScenarioResult result;
  result.found = Explorer<VmModel>(pointers, explore).run();

  VmModel& model = *models.front();
  for (const auto& m : models)
    for (const auto& edge : m->lock_order())
      if (std::find(result.lock_order.begin(), result.lock_order.end(), edge) == result.lock_order.end())
        result.lock_order.push_back(edge);
  std::sort(result.lock_order.begin(), result.lock_order.end());
  result.lock_cycles = lock_cycles(result.lock_order);
  if (result.found.verdict == Exploration::Verdict::ok && result.found.graph)
    result.retries = bound_retries(*result.found.graph);
  result.found.graph.reset();
  if (result.found.verdict != Exploration::Verdict::violated) return result;

  result.beginning = model.initial_text(result.found.initial);
  std::vector<std::uint32_t> choices;
  for (const PathStep& step : result.found.path) choices.push_back(step.choice);
  result.steps = steps_of(model, result.found.initial, choices);
  if (const auto critical = critical_choice(model, result.found, options.max_states))
    for (std::size_t s = 0; s < result.steps.size(); ++s)
      if (result.steps[s].choice == *critical) {
        result.critical = s;
        break;
      }
  return result;
}

}  // namespace pagetoken
