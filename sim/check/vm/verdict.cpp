#include "sim/check/vm/verdict.hpp"

#include <algorithm>

#include "sim/explore/critical_step.hpp"
#include "sim/explore/explorer.hpp"

namespace pagetoken {

namespace {

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

/// Index of the first choice of the path after which nothing avoids the violation, and what is wrong at its end (a PTE,
/// or else a cached page) is there: before that, the actor who is about to make it could still be late.
std::optional<std::size_t> critical_choice(VmModel& model, const Exploration& found, const CriticalStep& inevitable) {
  if (!inevitable.step && !inevitable.doomed) return std::nullopt;
  std::size_t critical = inevitable.step.value_or(0);
  const bool stuck = found.broken.property.is_stuck();
  if (stuck || !follow(model, found, found.path.size())) return critical;

  const NodeId node = found.broken.node;
  const Resource& page = found.broken.resource;
  const bool mapped = model.is_mapped(node, page);
  if (!mapped && !model.is_cached(node, page)) return critical;
  std::size_t there = found.path.size();  // choices after which it has been there ever since
  while (there > 0 && follow(model, found, there - 1) &&
         (mapped ? model.is_mapped(node, page) : model.is_cached(node, page)))
    --there;
  return there == 0 ? critical : std::max(critical, there - 1);
}

bool breaks_an_invariant(const Exploration& found) {
  return found.verdict == Exploration::Verdict::violated && found.broken.property.is_invariant();
}

/// The invariants that the path's last state breaks, in their order.
std::vector<std::string> broken_at_the_end(VmModel& model, const Exploration& found) {
  if (!follow(model, found, found.path.size()))
    return {found.broken.property.name()};  // the last step by itself broke it
  return model.all_broken();
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
                        std::string(step.step.instruction->text)},
                       step.locks});
    }
  }
  return steps;
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
  VmModel& model = *models.front();
  ScenarioResult result;
  result.found = Explorer<VmModel>(pointers, explore).run();
  if (breaks_an_invariant(result.found) && result.found.initial != 0) {
    // Which start has the shorter path depends on the grain of the steps, and so would the invariant that is named: it
    // is the first that either start breaks at the end of its own shortest path.
    model.initial(0);
    explore.begin_at = {Explorer<VmModel>::bytes_of(model)};
    if (Exploration first = Explorer<VmModel>(pointers, explore).run();
        breaks_an_invariant(first) && first.broken.property.id() < result.found.broken.property.id())
      result.found = std::move(first);
  }
  for (const auto& m : models) result.lock_order.merge(m->lock_order());
  if (result.found.verdict == Exploration::Verdict::ok && result.found.graph)
    result.retries = bound_retries(*result.found.graph);
  result.found.graph.reset();
  if (result.found.verdict != Exploration::Verdict::violated) return result;

  result.beginning = model.initial_text(result.found.initial);
  if (breaks_an_invariant(result.found)) result.properties = broken_at_the_end(model, result.found);
  std::vector<std::uint32_t> choices;
  for (const PathStep& step : result.found.path) choices.push_back(step.choice);
  result.steps = steps_of(model, result.found.initial, choices);
  const CriticalStep inevitable = find_critical_step(model, result.found, options.max_states, options.stop);
  result.critical_unknown_because = inevitable.unknown_because;
  if (const auto critical = critical_choice(model, result.found, inevitable))
    for (std::size_t s = 0; s < result.steps.size(); ++s)
      if (result.steps[s].choice == *critical) {
        result.critical = s;
        break;
      }
  return result;
}

}  // namespace pagetoken
