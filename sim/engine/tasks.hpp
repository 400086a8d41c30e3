#pragma once
// The tasks of the VMs in time: each step costs what it costs, and whoever it wakes goes on later.

#include <cstdint>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/engine/calendar.hpp"
#include "sim/engine/engine.hpp"
#include "sim/engine/run_trace.hpp"
#include "sim/engine/step_cost.hpp"

namespace pagetoken {

class Tasks {
 public:
  class EndListener {
   public:
    virtual ~EndListener() = default;
    virtual void task_ended(NodeId node, TaskIndex task) = 0;
  };

  Tasks(const EngineOptions& options, Cluster& cluster, Calendar& calendar, RunTrace& trace, EndListener& listener);

  /// Steps from now on, until the task waits, ends, or another event may touch the node.
  void run(NodeId id, TaskIndex task);
  /// Whoever is awake now goes on after a wake-up's time.
  void wake(NodeId id) {
    if (!cluster_.vm(id).woken().empty()) wake_all(id);
  }
  /// Of one message, drawn anew.
  std::int64_t handler_cost(NodeId id) { return step_cost_.jittered(handler_ns_, jitter_of(id)); }

 private:
  RandomStream* jitter_of(NodeId id) { return jitter_.empty() ? nullptr : &jitter_[index_of(id)]; }
  void wake_all(NodeId id);

  Cluster& cluster_;
  Calendar& calendar_;
  RunTrace& trace_;
  EndListener& listener_;
  StepCost step_cost_;
  std::int64_t handler_ns_;
  std::vector<RandomStream> jitter_;  // of each node's costs; empty: there is none
};

}  // namespace pagetoken
