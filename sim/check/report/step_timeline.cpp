#include "sim/check/report/step_timeline.hpp"

#include <algorithm>

#include "sim/engine/transfer_time.hpp"

namespace pagetoken {

namespace {
constexpr std::uint64_t kDiskHeaderBytes = 64;
}

void StepTimeline::took(const TimedStep& step) {
  const std::size_t i = times_.steps.size();
  const Event cause = cause_of(step);
  const std::int64_t earliest = std::max(cause.ready_ns, busy_until(step));
  const std::int64_t start = std::max(earliest, before_ns_);
  const std::int64_t cost = step.instruction ? costs_.of(step.instruction->op, step.amount) : 0;
  times_.steps.push_back({earliest, start, start + cost});
  times_.enabled_by.emplace_back();
  if (cause.step) times_.enabled_by.back() = {*cause.step, cause.ready_ns - times_.steps[*cause.step].start_ns};
  times_.slack_ns += start - earliest;
  before_ns_ = start;
  remember(step, i, start + cost);
}

StepTimeline::Event StepTimeline::cause_of(const TimedStep& step) {
  switch (step.kind) {
    case TimedStep::Kind::start: return thread_[step.node];
    case TimedStep::Kind::task: {
      const Event& own = ready_[step.task];
      const Event& served = served_[step.node];
      const bool waits = step.instruction && (step.instruction->op == StepOp::wait_uptodate ||
                                              step.instruction->op == StepOp::wait_writeback);
      return waits && served.ready_ns > own.ready_ns ? served : own;
    }
    case TimedStep::Kind::deliver: {
      Event e = take(flying_[{step.message.from, step.message.to, step.message.what}]);
      e.ready_ns += costs_.costs().handler_ns;
      return e;
    }
    case TimedStep::Kind::lose: return take(flying_[{step.message.from, step.message.to, step.message.what}]);
    case TimedStep::Kind::storage: return take(asked_[{step.node, step.is_write}]);
    case TimedStep::Kind::timer: return take(armed_[{step.node, step.timer}]);
    case TimedStep::Kind::failure: return {before_ns_, {}};
  }
  return {};
}

/// A CPU that handles another message, a lock that another has just given up: the step would have waited for it.
std::int64_t StepTimeline::busy_until(const TimedStep& step) {
  if (step.kind == TimedStep::Kind::deliver) return cpu_[step.node] + costs_.costs().handler_ns;
  if (step.kind != TimedStep::Kind::task || !step.instruction || step.instruction->op != StepOp::lock) return 0;
  return unlocked_[{step.node, bit(step.instruction->lock)}];
}

void StepTimeline::remember(const TimedStep& step, std::size_t i, std::int64_t end_ns) {
  const std::int64_t wake_up = costs_.costs().sleep_handoff_ns;
  if (step.kind == TimedStep::Kind::deliver) cpu_[step.node] = end_ns;
  if (step.kind == TimedStep::Kind::storage) served_[step.node] = {end_ns + wake_up, i};
  if (step.kind == TimedStep::Kind::start) own_.erase(step.node);
  if (step.fails) failed(step.node);
  if (step.instruction) {
    ready_[step.task] = {end_ns, i};
    if (step.instruction->op == StepOp::unlock)
      for (unsigned locks = step.instruction->mask; locks != 0; locks &= locks - 1)
        unlocked_[{step.node, static_cast<std::uint8_t>(locks & -locks)}] = end_ns;
    if (own_.contains(step.node) && own_[step.node] == step.task) thread_[step.node] = {end_ns, i};
  }
  for (const TimedStep::Task& at : step.begun) {
    ready_[at] = {end_ns, i};
    if (step.kind == TimedStep::Kind::start) own_[step.node] = at;
  }
  for (const TimedStep::Task& at : step.woken) {
    Event& ready = ready_[at];
    if (end_ns + wake_up > ready.ready_ns) ready = {end_ns + wake_up, i};
  }
  for (const TimedStep::Sent& message : step.sent) sent(message, i, end_ns);
  for (const auto& [node, is_write] : step.asked)
    asked_[{node, is_write}].push_back({end_ns + storage_ns(is_write), i});
  for (const TimedStep::Armed& t : step.armed) armed_[{t.node, t.timer}] = {{end_ns + t.delay_ns, i}};
}

void StepTimeline::failed(std::uint32_t node) {
  std::erase_if(flying_, [&](const auto& f) { return std::get<0>(f.first) == node || std::get<1>(f.first) == node; });
  std::erase_if(ready_, [&](const auto& r) { return r.first.node == node; });
  own_.erase(node);
}

void StepTimeline::sent(const TimedStep::Sent& message, std::size_t i, std::int64_t end_ns) {
  std::int64_t arrival = end_ns;
  if (message.from != message.to) {
    std::int64_t& last = last_arrival_[{message.from, message.to}];
    arrival = last = std::max(last, end_ns + route_ns(message.bytes));
  }
  flying_[{message.from, message.to, message.what}].push_back({arrival, i});
}

/// The oldest: the explorer may have meant a younger one of the same kind, which came later still.
StepTimeline::Event StepTimeline::take(std::vector<Event>& events) {
  if (events.empty()) return {before_ns_, {}};
  const Event first = events.front();
  events.erase(events.begin());
  return first;
}

std::int64_t StepTimeline::route_ns(std::uint64_t bytes) const {
  const bool small = bytes < static_cast<std::uint64_t>(network_.small_message_bytes);
  return network_.latency_ns + (small ? 0 : transfer_ns(bytes, network_.bandwidth_bytes_per_s));
}

/// There and back, and the disk between.
std::int64_t StepTimeline::storage_ns(bool is_write) const {
  const std::int64_t wire = route_ns(kDiskHeaderBytes + kPageBytes) + route_ns(kDiskHeaderBytes);
  return wire + (is_write ? storage_.write_ns : storage_.read_ns) +
         transfer_ns(kPageBytes, storage_.bandwidth_bytes_per_s);
}

}  // namespace pagetoken
