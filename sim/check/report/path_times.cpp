// When the steps of a counterexample would happen in the timed engine.

#include <algorithm>
#include <deque>
#include <map>

#include "sim/check/report/check_report.hpp"

namespace pagetoken {
namespace {

/// Steps follow each other as in the explorer; what each waits for, and for how long, is the timed engine's.
class PathTimeline {
 public:
  PathTimeline(VmModel& model, const StepCost& costs, const StorageTimes& storage)
      : model_(model), costs_(costs), storage_(storage) {}

  /// One choice; appends the times of its steps.
  void take(std::uint32_t choice, PathTimes& times) {
    const std::uint32_t actor = model_.actor_of(choice);
    bool threw = false;
    try {
      model_.take(choice);
    } catch (const ProtocolError&) {
      threw = true;
    }
    (void)model_.broken();
    const VmModel::Taken& taken = model_.taken();
    if (threw) return add(times, ready_[actor], 0);
    std::int64_t end = 0;
    if (taken.storage) {
      std::deque<std::int64_t>& asked = requests_[{taken.node, taken.is_write}];
      const std::int64_t since = asked.empty() ? before_ : asked.front();
      if (!asked.empty()) asked.pop_front();
      add(times, since + (taken.is_write ? storage_.write_ns : storage_.read_ns), 0);
      end = times.steps.back().end_ns;
      served_[taken.node] = end + costs_.costs().sleep_handoff_ns;
    }
    for (const VmModel::TakenStep& step : taken.steps) {
      add(times, possible(step), costs_.of(step.step.instruction->op, step.step.amount));
      end = ready_[step.actor] = times.steps.back().end_ns;
      if (step.step.instruction->op == StepOp::unlock) unlocked_[step.node] = {end, step.actor};
      const bool is_write = step.step.instruction->op == StepOp::start_writeback;
      for (std::uint32_t r = 0; r < step.requests; ++r) requests_[{step.node, is_write}].push_back(end);
    }
    for (const std::uint32_t woken : taken.woken)
      ready_[woken] = std::max(ready_[woken], end + costs_.costs().sleep_handoff_ns);
  }

 private:
  /// When the actor could take the step: a lock that another has just given up, or a page that has just been read, it
  /// would have waited for.
  std::int64_t possible(const VmModel::TakenStep& step) {
    std::int64_t earliest = ready_[step.actor];
    const StepOp op = step.step.instruction->op;
    if (op == StepOp::wait_uptodate || op == StepOp::wait_writeback) earliest = std::max(earliest, served_[step.node]);
    const auto unlocked = unlocked_.find(step.node);
    if (op == StepOp::lock && unlocked != unlocked_.end() && unlocked->second.second != step.actor)
      earliest = std::max(earliest, unlocked->second.first);
    return earliest;
  }

  void add(PathTimes& times, std::int64_t earliest, std::int64_t cost) {
    const std::int64_t start = std::max(earliest, before_);
    times.steps.push_back({earliest, start, start + cost});
    times.slack_ns += start - earliest;
    before_ = start;
  }

  VmModel& model_;
  const StepCost& costs_;
  const StorageTimes storage_;
  std::map<std::uint32_t, std::int64_t> ready_;                           // of actors
  std::map<std::pair<NodeId, bool>, std::deque<std::int64_t>> requests_;  // when they were made
  std::map<NodeId, std::int64_t> served_;  // when storage last answered a node, and who slept is awake
  std::map<NodeId, std::pair<std::int64_t, std::uint32_t>> unlocked_;  // when a lock was last given up, and by whom
  std::int64_t before_ = 0;                                            // start of the last step
};

/// How long an actor takes from the end of one of its steps to the beginning of a later one when nobody else runs.
std::int64_t undisturbed(const ScenarioResult& result, const PathTimes& times, const StepCost& costs,
                         const StorageTimes& storage, std::size_t from, std::size_t to) {
  std::int64_t width = 0;
  for (std::size_t i = from + 1; i < to; ++i) {
    const ScenarioStep& s = result.steps[i];
    if (s.text.actor == "disk" && s.text.node == result.steps[to].text.node)
      width += (s.text.name == "write" ? storage.write_ns : storage.read_ns) + costs.costs().sleep_handoff_ns;
    else if (s.actor == result.steps[to].actor)
      width += times.steps[i].end_ns - times.steps[i].start_ns;
  }
  return width;
}

}  // namespace

PathTimes path_times(const CheckOutcome& outcome, const StepCost& costs, const StorageTimes& storage) {
  const ScenarioResult& result = outcome.result;
  PathTimes times;
  VmModel model(outcome.config.spec);
  model.explain(true);
  model.initial(result.found.initial);
  PathTimeline timeline(model, costs, storage);
  for (const PathStep& step : result.found.path) {
    require(step.choice < model.choices(), "a choice that the state does not have");
    timeline.take(step.choice, times);
  }
  if (!result.critical) return times;

  const std::size_t to = *result.critical;
  const std::uint32_t actor = result.steps[to].actor;
  const auto is_other = [&](const ScenarioStep& s) { return s.actor != actor && s.text.actor != "disk"; };
  std::optional<std::size_t> from;
  bool interrupted = false;
  for (std::size_t i = 0; i < to && !interrupted; ++i) {
    if (result.steps[i].actor == actor) from = i;
    interrupted = from && is_other(result.steps[i]);
  }
  if (interrupted)
    times.window = {result.steps[to].text.actor, *from, to, undisturbed(result, times, costs, storage, *from, to)};
  return times;
}

}  // namespace pagetoken
