#include "sim/check/report/step_times.hpp"

#include "protocols/api/require.hpp"
#include "protocols/api/wire.hpp"
#include "sim/check/report/check_protocol.hpp"
#include "sim/check/report/check_report.hpp"
#include "sim/check/report/counterexample.hpp"
#include "sim/check/report/step_timeline.hpp"

namespace pagetoken {
namespace {

std::string message_text(const MessageType& type, const Resource& resource) {
  return std::string(type.name) + " of " + text_of(resource);
}

/// What a choice of a scenario did, a record a step; nothing is sent and nothing fails.
std::vector<TimedStep> timed(const VmModel::Taken& taken) {
  std::vector<TimedStep> steps;
  if (taken.storage)
    steps.push_back({.kind = TimedStep::Kind::storage, .node = index_of(taken.node), .is_write = taken.is_write});
  for (const VmModel::TakenStep& s : taken.steps) {
    const bool is_write = s.step.instruction->op == StepOp::start_writeback;
    steps.push_back({.kind = TimedStep::Kind::task,
                     .node = index_of(s.node),
                     .task = {0, s.actor},  // actors are numbered over all nodes
                     .instruction = s.step.instruction,
                     .amount = s.step.amount,
                     .asked = std::vector(s.requests, std::pair{index_of(s.node), is_write})});
  }
  if (!steps.empty())
    for (const std::uint32_t actor : taken.woken) steps.back().woken.push_back({0, actor});
  return steps;
}

TimedStep timed(const ClusterModel& model, const ClusterChoice& what) {
  using Kind = ClusterChoice::Kind;
  const ClusterModel::Taken& taken = model.taken();
  const Declaration& declaration = model.cluster().machine().declaration();
  const WireFormat format{model.cluster().shape().clients, StepTimeline::kPageBytes};
  const auto message = [&](NodeId from, NodeId to, std::string text, std::uint64_t bytes) {
    return TimedStep::Sent{index_of(from), index_of(to), std::move(text), bytes};
  };
  TimedStep step{.node = index_of(what.node),
                 .task = {index_of(what.node), what.task},
                 .instruction = taken.step.instruction,
                 .amount = taken.step.amount};
  switch (what.kind) {
    case Kind::start: step.kind = TimedStep::Kind::start; break;
    case Kind::step: step.kind = TimedStep::Kind::task; break;
    case Kind::deliver: step.kind = TimedStep::Kind::deliver; break;
    case Kind::lose: step.kind = TimedStep::Kind::lose; break;
    case Kind::storage: step.kind = TimedStep::Kind::storage; break;
    case Kind::timer: step.kind = TimedStep::Kind::timer; break;
    case Kind::crash:
    case Kind::restart:
    case Kind::tell: step.kind = TimedStep::Kind::failure; break;
  }
  step.message = message(what.from, what.node, what.name + " of " + text_of(what.resource), 0);
  step.is_write = what.name == "write";
  step.timer = what.text;
  step.fails = what.kind == Kind::crash;
  for (const auto& at : taken.begun) step.begun.push_back({index_of(at.node), at.task});
  for (const auto& at : taken.woken) step.woken.push_back({index_of(at.node), at.task});
  for (const Envelope& e : taken.sent) {
    const MessageType& type = declaration.messages[e.message.type];
    step.sent.push_back(
        message(e.from, e.to, message_text(type, e.resource), wire_bytes(type, e.resource, e.message, format)));
  }
  for (const auto& request : taken.asked) step.asked.emplace_back(index_of(request.node), request.is_write);
  for (const auto& t : taken.armed)
    step.armed.push_back(
        {index_of(t.node), std::string(declaration.timers[t.timer].name) + " of " + text_of(t.resource), t.delay_ns});
  return step;
}

std::optional<PathTimes::Window> window_of(const Counterexample& c, const PathTimes& times) {
  if (!c.critical) return std::nullopt;
  const std::size_t to = *c.critical;
  std::optional<std::size_t> from;
  std::int64_t so_far = 0, width = 0;
  for (std::size_t later = to; times.enabled_by[later];) {
    const std::size_t enabler = times.enabled_by[later]->step;
    if (from && c.steps[enabler].actor != c.steps[to].actor) break;
    so_far += times.enabled_by[later]->after_ns;
    if (later - enabler > 1) {
      from = enabler;
      width = so_far;
    }
    later = enabler;
  }
  if (!from) return std::nullopt;
  const CounterexampleStep& s = c.steps[to];
  const std::string node = text_of(NodeId{s.node});
  const std::string who = s.from ? s.name + " to " + node : s.actor == "storage" ? "storage for " + node : s.actor;
  return PathTimes::Window{who, *from, to, width};
}

}  // namespace

PathTimes times_of(const CheckOutcome& outcome, const StepCosts& costs) {
  PathTimes times;
  StepTimeline timeline(costs, times);
  VmModel model(outcome.config.spec);
  model.explain(true);
  model.initial(outcome.result.found.initial);
  for (const PathStep& step : outcome.result.found.path) {
    require(step.choice < model.choices(), "a choice that the state does not have");
    const std::uint32_t actor = model.actor_of(step.choice);
    try {
      model.take(step.choice);
    } catch (const ProtocolError&) {  // the last: what violates takes no time
      timeline.took({.kind = TimedStep::Kind::task, .task = {0, actor}});
      break;
    }
    (void)model.broken();
    for (const TimedStep& taken : timed(model.taken())) timeline.took(taken);
  }
  times.window = window_of(counterexample_of(outcome), times);
  return times;
}

PathTimes times_of(const ProtocolOutcome& outcome, const StepCosts& costs) {
  const ProtocolResult& result = outcome.result;
  PathTimes times;
  StepTimeline timeline(costs, times);
  const ProtocolWorld world(outcome.check.spec);
  const auto model = world.model(result.scripts);
  model->explain(true);
  walk(*model, choices_of(result.found),
       {.after = [&](std::size_t i) { timeline.took(timed(*model, result.steps[i].what)); }});
  times.window = window_of(counterexample_of(outcome), times);
  return times;
}

}  // namespace pagetoken
