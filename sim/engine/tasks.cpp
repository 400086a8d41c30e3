#include "sim/engine/tasks.hpp"

namespace pagetoken {

Tasks::Tasks(const EngineOptions& options, Cluster& cluster, Calendar& calendar, RunTrace& trace, EndListener& listener)
    : cluster_(cluster),
      calendar_(calendar),
      trace_(trace),
      listener_(listener),
      step_cost_(options.costs, options.page_bytes, options.cpus_per_client),
      handler_ns_(options.costs.handler_ns) {
  if (options.costs.sigma_permille > 0)
    for (std::uint32_t n = 0; n < cluster.node_count(); ++n) jitter_.emplace_back(options.seed, n, 0, Purpose::cost);
}

void Tasks::run(NodeId id, TaskIndex index) {
  Vm& vm = cluster_.vm(id);
  RandomStream* const jitter = jitter_of(id);
  std::int64_t& now_ns = calendar_.now_ns;
  // As it is now: what its last step raises may start another task in its place.
  Stepped stepped{index, vm.task(index).kind, vm.task(index).notes.value.operation, vm.task(index).notes.value.retries};
  if (trace_) trace_->because({TraceSink::By::Kind::task, index});
  // Steps of known cost that end before anything else can happen at this node need no more than their time.
  std::int64_t until = trace_ ? INT64_MIN : calendar_.limit(id);
  if (now_ns >= until) until = INT64_MIN;
  const auto passes = [&](StepOp op, std::uint32_t amount) {
    const std::int64_t cost = step_cost_.of(op, amount);
    if (now_ns + cost >= until || (jitter && cost != 0)) return false;
    now_ns += cost;
    return true;
  };
  cluster_.run(id, index, passes, [&](const Step& step) {
    const std::int64_t cost = step_cost_.jittered(step_cost_.of(step.instruction->op, step.amount), jitter);
    if (trace_) trace_.step(id, stepped, step, cost);
    wake(id);
    const std::int64_t next = now_ns + cost;
    if (step.outcome == Step::Outcome::advanced) {
      const std::int64_t end = calendar_.limit(id);
      if (next < end) {
        now_ns = next;
        if (!trace_) until = end;
        return true;
      }
      calendar_.add(id, next, EventKind::step, index);
    } else if (step.outcome == Step::Outcome::ended) {
      now_ns = next;
      listener_.task_ended(id, index);
    }
    return false;
  });
}

void Tasks::wake_all(NodeId id) {
  Vm& vm = cluster_.vm(id);
  for (const TaskIndex task : vm.woken()) {
    const std::int64_t delay = step_cost_.jittered(step_cost_.wake_up(vm.next_step(task)), jitter_of(id));
    if (trace_) trace_->wake({calendar_.now_ns, id, vm.task(task).notes.value.operation}, task, delay);
    calendar_.add(id, calendar_.now_ns + delay, EventKind::step, task);
  }
  vm.woken().clear();
}

}  // namespace pagetoken
