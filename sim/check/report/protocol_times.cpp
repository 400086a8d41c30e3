// When the steps of a protocol's counterexample would happen in the timed engine: tasks, handlers, messages and storage
// take what they take on the event loop with its default network, and nobody but those of the path is there.

#include <algorithm>
#include <map>
#include <tuple>

#include "protocols/api/wire.hpp"
#include "sim/check/report/check_protocol.hpp"
#include "sim/engine/transfer_time.hpp"

namespace pagetoken {
namespace {

constexpr std::uint64_t kPageBytes = 4096, kDiskHeaderBytes = 64;

class ClusterTimeline {
 public:
  ClusterTimeline(const ClusterModel& model, const StepCosts& costs, PathTimes& times)
      : model_(model), costs_(costs, kPageBytes, 1), times_(times) {}

  void took(const ClusterChoice& what) {
    const std::size_t i = times_.steps.size();
    const Event cause = cause_of(what);
    const std::int64_t earliest = std::max(cause.ready_ns, busy_until(what));
    const std::int64_t start = std::max(earliest, before_ns_);
    const std::int64_t cost = model_.taken().step.instruction
                                  ? costs_.of(model_.taken().step.instruction->op, model_.taken().step.amount)
                                  : 0;
    times_.steps.push_back({earliest, start, start + cost});
    times_.enabled_by.emplace_back();
    if (cause.step) times_.enabled_by.back() = {*cause.step, cause.ready_ns - times_.steps[*cause.step].start_ns};
    times_.slack_ns += start - earliest;
    before_ns_ = start;
    remember(what, i, start + cost);
  }

 private:
  using TaskKey = std::pair<NodeId, TaskIndex>;
  using Link = std::tuple<NodeId, NodeId, std::uint64_t, std::string>;  // and resource, and type
  /// Something that a step waits for: when, and through which step.
  struct Event {
    std::int64_t ready_ns = 0;
    std::optional<std::size_t> step{};
  };

  Event cause_of(const ClusterChoice& what) {
    switch (what.kind) {
      case ClusterChoice::Kind::start: return thread_[what.node];
      case ClusterChoice::Kind::step: {
        const Event& own = ready_[{what.node, what.task}];
        const Event& served = served_[what.node];
        return waits_for_storage() && served.ready_ns > own.ready_ns ? served : own;
      }
      case ClusterChoice::Kind::deliver: {
        Event e = take(flying_[link(what)]);
        e.ready_ns += costs_.costs().handler_ns;
        return e;
      }
      case ClusterChoice::Kind::storage: return take(asked_[{what.node, what.name == "write"}]);
      case ClusterChoice::Kind::timer: return take(armed_[{what.node, what.text}]);
      case ClusterChoice::Kind::lose: return take(flying_[link(what)]);
      case ClusterChoice::Kind::crash:
      case ClusterChoice::Kind::restart:
      case ClusterChoice::Kind::tell: return {before_ns_, {}};  // at any time
    }
    return {};
  }

  bool waits_for_storage() const {
    const Instruction* i = model_.taken().step.instruction;
    return i && (i->op == StepOp::wait_uptodate || i->op == StepOp::wait_writeback);
  }

  /// A CPU that handles another message, a lock that another has just given up: the step would have waited for it.
  std::int64_t busy_until(const ClusterChoice& what) {
    if (what.kind == ClusterChoice::Kind::deliver) return cpu_[what.node] + costs_.costs().handler_ns;
    if (what.kind != ClusterChoice::Kind::step || !model_.taken().step.instruction) return 0;
    const Instruction& i = *model_.taken().step.instruction;
    return i.op == StepOp::lock ? unlocked_[{what.node, bit(i.lock)}] : 0;
  }

  void remember(const ClusterChoice& what, std::size_t i, std::int64_t end) {
    const ClusterModel::Taken& taken = model_.taken();
    const std::int64_t wake_up = costs_.costs().sleep_handoff_ns;
    if (what.kind == ClusterChoice::Kind::deliver) cpu_[what.node] = end;
    if (what.kind == ClusterChoice::Kind::storage) served_[what.node] = {end + wake_up, i};
    if (what.kind == ClusterChoice::Kind::start) own_.erase(what.node);
    if (what.kind == ClusterChoice::Kind::crash) failed(what.node);
    if (taken.step.instruction) {
      ready_[{what.node, what.task}] = {end, i};
      if (taken.step.instruction->op == StepOp::unlock)
        for (unsigned locks = taken.step.instruction->mask; locks != 0; locks &= locks - 1)
          unlocked_[{what.node, static_cast<std::uint8_t>(locks & -locks)}] = end;
      if (own_.contains(what.node) && own_[what.node] == what.task) thread_[what.node] = {end, i};
    }
    for (const auto& at : taken.begun) {
      ready_[{at.node, at.task}] = {end, i};
      if (what.kind == ClusterChoice::Kind::start) own_[what.node] = at.task;
    }
    for (const auto& at : taken.woken) {
      Event& ready = ready_[{at.node, at.task}];
      if (end + wake_up > ready.ready_ns) ready = {end + wake_up, i};
    }
    for (const Envelope& e : taken.sent) sent(e, i, end);
    for (const auto& request : taken.asked)
      asked_[{request.node, request.is_write}].push_back({end + storage_ns(request.is_write), i});
    for (const auto& t : taken.armed) {
      const std::string name(model_.cluster().machine().declaration().timers[t.timer].name);
      armed_[{t.node, name + " of " + text_of(t.resource)}] = {{end + t.delay_ns, i}};
    }
  }

  void failed(NodeId node) {
    std::erase_if(flying_, [&](const auto& f) { return std::get<0>(f.first) == node || std::get<1>(f.first) == node; });
    std::erase_if(ready_, [&](const auto& r) { return r.first.first == node; });
    own_.erase(node);
  }

  void sent(const Envelope& e, std::size_t i, std::int64_t end) {
    const MessageType& type = model_.cluster().machine().declaration().messages[e.message.type];
    const std::uint64_t bytes = wire_bytes(type, e.resource, e.message, {model_.cluster().shape().clients, kPageBytes});
    std::int64_t arrival = end;
    if (e.from != e.to) {
      std::int64_t& last = last_arrival_[{e.from, e.to}];
      arrival = last = std::max(last, end + route_ns(bytes));
    }
    flying_[{e.from, e.to, e.resource.key(), std::string(type.name)}].push_back({arrival, i});
  }

  Link link(const ClusterChoice& what) const { return {what.from, what.node, what.resource.key(), what.name}; }
  /// The oldest: the explorer may have meant a younger one of the same kind, which came later still.
  static Event take(std::vector<Event>& events) {
    if (events.empty()) return {};
    const Event first = events.front();
    events.erase(events.begin());
    return first;
  }

  std::int64_t route_ns(std::uint64_t bytes) const {
    const bool small = bytes < static_cast<std::uint64_t>(network_.small_message_bytes);
    return network_.latency_ns + (small ? 0 : transfer_ns(bytes, network_.bandwidth_bytes_per_s));
  }
  /// There and back, and the disk between.
  std::int64_t storage_ns(bool is_write) const {
    const std::int64_t wire = route_ns(kDiskHeaderBytes + kPageBytes) + route_ns(kDiskHeaderBytes);
    return wire + (is_write ? storage_.write_ns : storage_.read_ns) +
           transfer_ns(kPageBytes, storage_.bandwidth_bytes_per_s);
  }

  const ClusterModel& model_;
  const StepCost costs_;
  const NetworkSpec network_{};
  const StorageConfig storage_{};
  PathTimes& times_;
  std::map<TaskKey, Event> ready_;
  std::map<NodeId, Event> thread_;      // when a node's program can go on
  std::map<NodeId, TaskIndex> own_;     // its task
  std::map<NodeId, std::int64_t> cpu_;  // that handles messages: free from then on
  std::map<NodeId, Event> served_;      // when storage last answered a node, and who slept is awake
  std::map<std::pair<NodeId, std::uint8_t>, std::int64_t> unlocked_;  // when a lock of the kind was last given up
  std::map<Link, std::vector<Event>> flying_;
  std::map<std::pair<NodeId, NodeId>, std::int64_t> last_arrival_;
  std::map<std::pair<NodeId, bool>, std::vector<Event>> asked_;
  std::map<std::pair<NodeId, std::string>, std::vector<Event>> armed_;
  std::int64_t before_ns_ = 0;  // start of the last step
};

/// From what made the critical step possible to the step itself: what the other side has to hit. For a task, as far
/// back as it ran without being woken by anybody; for a message, from where it was sent.
std::optional<PathTimes::Window> window_of(const ProtocolResult& result, const PathTimes& times) {
  if (!result.critical) return std::nullopt;
  const std::size_t to = *result.critical;
  const auto task_of = [&](std::size_t i) { return std::pair{result.steps[i].what.node, result.steps[i].what.task}; };
  std::optional<std::size_t> from;
  std::int64_t so_far = 0, width = 0;
  for (std::size_t later = to; times.enabled_by[later];) {
    const std::size_t enabler = times.enabled_by[later]->step;
    if (from && task_of(enabler) != task_of(to)) break;
    so_far += times.enabled_by[later]->after_ns;
    if (later - enabler > 1) {
      from = enabler;
      width = so_far;
    }
    later = enabler;
  }
  if (!from) return std::nullopt;
  const ClusterChoice& c = result.steps[to].what;
  const std::string who = c.kind == ClusterChoice::Kind::deliver   ? c.name + " to " + text_of(c.node)
                          : c.kind == ClusterChoice::Kind::storage ? "storage for " + text_of(c.node)
                                                                   : text_of(c.node) + " " + c.actor;
  return PathTimes::Window{who, *from, to, width};
}

}  // namespace

PathTimes protocol_times(const ProtocolOutcome& outcome, const StepCosts& costs) {
  const ProtocolResult& result = outcome.result;
  PathTimes times;
  const ProtocolWorld world(outcome.check.spec);
  const auto model = world.model(result.scripts);
  model->explain(true);
  ClusterTimeline timeline(*model, costs, times);
  walk(*model, choices_of(result.found), {.after = [&](std::size_t i) { timeline.took(result.steps[i].what); }});
  times.window = window_of(result, times);
  return times;
}

}  // namespace pagetoken
