#pragma once
// The timed driver: whatever happens at a node is an event, and the earliest is next. engine.hpp has what callers need.

#include <cstdint>
#include <functional>

#include "sim/base/pool.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/engine/calendar.hpp"
#include "sim/engine/carrier.hpp"
#include "sim/engine/disk_servers.hpp"
#include "sim/engine/engine.hpp"
#include "sim/engine/network.hpp"
#include "sim/engine/run_trace.hpp"
#include "sim/engine/tasks.hpp"
#include "sim/engine/threads.hpp"
#include "sim/engine/timers.hpp"
#include "sim/oracle/judge.hpp"

namespace pagetoken {

class EventLoop final : public Driver, private Timeline, private Tasks::EndListener {
 public:
  /// What is referred to must outlive the loop.
  EventLoop(const EngineOptions& options, const Machine& machine, const Paths& paths, const Workload& workload,
            const RunWith& with);

  /// Once.
  RunOutcome run();

  // Driver.
  void transmit(Envelope&& envelope) override;
  void read_storage(NodeId node, FileId file, PageIndex page, const Cause& cause) override;
  void write_storage(NodeId node, FileId file, PageIndex page, Version version, const Cause& cause) override;
  void arm(NodeId node, const Resource& resource, std::uint8_t timer, std::int64_t delay_ns) override;
  void cancel(NodeId node, const Resource& resource, std::uint8_t timer) override;
  void needed(NodeId node, TaskIndex task, const Resource& resource, const Need& need) override;
  void granted(NodeId node, const Resource& resource, Range range, Mode mode) override;
  void yield_begun(NodeId node, TaskIndex task, const Resource& resource, Range range, Mode keep,
                   bool by_peer) override;
  void eviction_begun(NodeId node, TaskIndex task) override {
    calendar_.add(node, calendar_.now_ns, EventKind::step, task);
  }
  void yielded(NodeId node, TaskIndex task, const Resource& resource, Range range, Mode keep) override;
  void accessed(NodeId node, TaskIndex task, FileId file, PageIndex page, Version version, bool is_write) override;
  void applied(NodeId node, const Resource& page, Version version, CellMask cells, bool is_write) override;
  void blocks_freed(NodeId node, TaskIndex task, FileId file, Range range) override;

 private:
  struct Flight {
    Envelope envelope{};
    std::uint64_t id = 0;  ///< for the trace
    std::int64_t arrived_ns = 0;
    std::int64_t cpu_ns = 0;  ///< that its handler costs
  };
  enum class Phase : std::uint8_t { warmup, measure };

  void run_alone();
  void run_carried();
  void work_on_next_node();
  bool keep_going();
  void dispatch(NodeId id, const AgendaEvent& event);
  void start_phase(Phase phase);
  bool advance_phase();
  void report_deadlock();
  std::string fingerprint() const;

  // Timeline.
  std::int64_t next_ns() const override;
  void advance(std::int64_t now_ns) override;
  void ended(std::uint32_t transfer, std::int64_t time_ns) override { network_.transfers()->ended(transfer, time_ns); }
  bool over() const override { return over_; }

  // Tasks::EndListener.
  void task_ended(NodeId id, TaskIndex task) override;

  void message_arrived(NodeId id, std::uint32_t flight);
  void handle_message(NodeId id, std::uint32_t flight);
  void disk_replied(NodeId id, std::uint32_t request);
  void fire_timer(NodeId id, std::uint32_t timer);

  const EngineOptions options_;
  const RunWith& with_;
  const Declaration& declaration_;
  RunOutcome outcome_;
  Statistics& statistics_ = outcome_.statistics;
  Cluster cluster_;
  Calendar calendar_;
  EventHistory history_;
  Judge judge_;
  RunTrace trace_;
  Network network_;
  DiskServers disks_;
  Tasks tasks_;
  Threads threads_;
  Timers timers_;
  Pool<Flight> flights_;
  std::vector<std::int64_t> cpu_free_ns_;  // of the CPU of each node that handles messages
  std::uint64_t next_message_ = 0;
  Phase phase_ = Phase::warmup;
  std::uint64_t batches_ = 0;
  std::uint64_t ticked_at_access_ = 0;
  std::int64_t clock_ns_ = 0;  // the carrier's: what is under way arrives later
  bool over_ = false;
};

}  // namespace pagetoken
