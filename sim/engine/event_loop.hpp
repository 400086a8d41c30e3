#pragma once
// The timed driver. By itself, routes cost latency + bytes / bandwidth and links are not shared; where transfers delay
// each other, a carrier carries them (carrier.hpp). Nodes and storage are FIFO servers.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/base/pool.hpp"
#include "sim/base/random.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/cluster/invariants.hpp"
#include "sim/engine/agenda.hpp"
#include "sim/engine/carrier.hpp"
#include "sim/engine/holders.hpp"
#include "sim/engine/operation_costs.hpp"
#include "sim/engine/statistics.hpp"
#include "sim/engine/step_cost.hpp"
#include "sim/engine/timers.hpp"
#include "sim/engine/topology/graph.hpp"
#include "sim/engine/transfers.hpp"
#include "sim/oracle/oracle.hpp"
#include "sim/trace/hit_runs.hpp"
#include "sim/workload/workload.hpp"

namespace pagetoken {

struct EngineOptions {
  ClusterShape shape{};
  std::uint32_t cpus_per_client = 1;
  std::uint64_t page_bytes = 4096;
  NetworkSpec network{};  ///< fitted to the nodes
  std::int64_t storage_read_ns = 80'000;
  std::int64_t storage_write_ns = 100'000;
  std::int64_t storage_read_bytes_per_s = 2'000'000'000;
  std::int64_t storage_write_bytes_per_s = 2'000'000'000;
  StepCosts costs{};
  std::uint64_t seed = 1;
  std::uint64_t warmup_accesses = 0;         ///< total over the cluster
  std::uint64_t stop_accesses = UINT64_MAX;  ///< total over the cluster, after the warm-up
  std::int64_t stop_time_ns = INT64_MAX;     ///< after the warm-up
  bool oracle = true;
};

/// What a run leaves behind.
struct RunOutcome {
  Statistics statistics;
  std::vector<Finding> violations;  ///< the first kMaxViolations
  std::uint64_t violation_count = 0;
  bool partial = false;              ///< interrupted
  bool stopped_by_error = false;     ///< the state was beyond continuing; the last violation says why
  std::uint64_t events = 0;          ///< of the event loop, the warm-up included
  std::uint64_t total_accesses = 0;  ///< the warm-up included
  std::string fingerprint;           ///< of the event history
};
inline constexpr std::size_t kMaxViolations = 20;

class EventLoop final : public Driver, private Timeline {
 public:
  /// `trace` may be null, and `carrier` where the network's contention is none. All references must outlive the loop.
  EventLoop(const EngineOptions& options, const Machine& machine, const Paths& paths, const Workload& workload,
            TraceSink* trace = nullptr, Carrier* carrier = nullptr);
  ~EventLoop() override;

  /// Runs to the end; `tick(accesses done)` is called now and then and returns false to stop early.
  RunOutcome run(const std::function<bool(std::uint64_t)>& tick = {});

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
  void eviction_begun(NodeId node, TaskIndex task) override { add_local(node, now_ns_, kStep, task); }
  void yielded(NodeId node, TaskIndex task, const Resource& resource, Range range, Mode keep) override;
  void accessed(NodeId node, TaskIndex task, FileId file, PageIndex page, Version version, bool is_write) override;
  void applied(NodeId node, const Resource& page, Version version, CellMask cells, bool is_write) override;
  void blocks_freed(NodeId node, TaskIndex task, FileId file, Range range) override;

 private:
  enum EventKind : std::uint32_t {
    kThread,
    kStep,
    kArrive,
    kHandle,
    kDiskArrive,
    kDiskDone,
    kDiskReply,
    kTimer,
    kDiskMoved
  };

  struct Thread {
    std::unique_ptr<AccessSource> source;
    std::vector<Access> batch;
    std::uint32_t next = 0;  ///< in the batch
    std::uint32_t filled = 0;
    std::uint64_t quota = 0;  ///< accesses that it may still begin in this phase
    Access access{};          ///< the one in progress
    bool busy = false;
    bool waits = false;     ///< thinks, or for the instant that the trace recorded
    bool extended = false;  ///< an append has its place
    PageIndex page = 0;
    PageIndex end_page = 0;
    std::int64_t started_ns = 0;   ///< of the page access in progress
    std::uint64_t operations = 0;  ///< begun so far, for operation ids
    OperationCosts costs;
  };
  struct Node {
    std::uint64_t local_rank = 0;
    std::uint64_t sent = 0;
    std::int64_t server_free_ns = 0;   ///< the CPU that handles messages, or the disk
    std::uint32_t disk_transfers = 0;  ///< under way, where the carrier has the disks
    std::int64_t disk_busy_since_ns = 0;
    std::uint64_t fingerprint = 0;
    Table<std::int64_t> last_arrival;  ///< at each destination, for FIFO
    std::vector<Thread> threads;
    std::vector<std::uint32_t> task_thread;  ///< task slot -> thread + 1; 0 = not a thread's
    std::unique_ptr<RandomStream> jitter;    ///< of costs
    std::unique_ptr<RandomStream> delays;    ///< of what it sends
    HitRuns hit_runs;                        ///< traced runs only
    Table<FileUse> told_uses;                ///< likewise: as last told
  };
  struct Flight {
    Envelope envelope{};
    std::uint64_t id = 0;  ///< for the trace
    std::int64_t arrived_ns = 0;
    std::int64_t cpu_ns = 0;  ///< that its handler costs
  };
  struct DiskRequest {
    bool is_write = false;
    NodeId node{};
    NodeId server{};
    FileId file{};
    PageIndex page = 0;
    Version version{};
    Cause cause{};
    std::uint64_t id = 0;  ///< for the trace, like the three below
    std::int64_t arrived_ns = 0;
    std::int64_t waited_ns = 0;
    std::int64_t service_ns = 0;
  };
  /// A task whose steps are told to the trace.
  struct Stepped {
    TaskIndex index = kNoTask;
    TaskKind kind{};
    std::uint64_t operation = 0;
    std::uint32_t retries = 0;  ///< before the step
  };
  enum class Phase : std::uint8_t { warmup, measure, drain };

  // Scheduling (event_loop.cpp).
  Node& node(NodeId id) { return nodes_[index_of(id)]; }
  void add_local(NodeId id, std::int64_t time_ns, EventKind kind, std::uint32_t payload);
  void run_alone();
  void run_carried();
  void work_on_next_node();
  bool keep_going();
  void dispatch(NodeId id, const AgendaEvent& event);
  std::int64_t limit(NodeId id) const { return std::min(agenda_.next_time(id), bound_ns_); }
  bool quiet() const { return live_events_ == 0; }
  bool threads_idle() const { return busy_threads_ == 0; }
  void start_phase(Phase phase);
  void settle_costs();
  void begin_serial();
  bool advance_phase();
  void report_deadlock();

  // Timeline (event_loop.cpp).
  std::int64_t next_ns() const override;
  void advance(std::int64_t now_ns) override;
  void ended(std::uint32_t transfer, std::int64_t time_ns) override { transfers_->ended(transfer, time_ns); }
  bool over() const override { return over_; }

  // Tasks and handlers (event_loop.cpp).
  void run_task(NodeId id, TaskIndex task);
  void task_ended(NodeId id, TaskIndex task);
  void wake_tasks(NodeId id);
  void message_arrived(NodeId id, std::uint32_t flight);
  void handle_message(NodeId id, std::uint32_t flight);
  // What the trace is told beside the events themselves (event_loop_trace.cpp).
  void trace_step(NodeId id, Stepped& task, const Step& step, std::int64_t cost_ns);
  void trace_hit(NodeId id, const Access& access, PageIndex page, const PageObject& object, bool is_write);
  void trace_lost(NodeId id, const Resource& resource, Range range);
  void trace_use(NodeId id, FileId file);
  std::int64_t handler_cost(NodeId id);

  // Network and storage (event_loop_io.cpp).
  bool keeps_order() const;
  void send(NodeId from, NodeId to, std::uint64_t bytes, EventKind kind, std::uint32_t payload);
  std::int64_t arrival_ns(NodeId from, NodeId to, std::uint64_t bytes, std::int64_t delay_ns);
  void count_bytes(NodeId from, NodeId to, std::uint64_t bytes);
  void charge(const Envelope& envelope);
  std::int64_t route_ns(NodeId from, NodeId to, std::uint64_t bytes);
  void send_disk_request(const DiskRequest& request);
  void disk_arrived(NodeId id, std::uint32_t request);
  void disk_moved(NodeId id, std::uint32_t request);
  std::int64_t disk_latency_ns(const DiskRequest& request) const;
  void disk_done(NodeId id, std::uint32_t request);
  void disk_replied(NodeId id, std::uint32_t request);
  void fire_timer(NodeId id, std::uint32_t timer);

  // Threads (event_loop_threads.cpp).
  void run_thread(NodeId id, std::uint32_t thread);
  bool next_access(Thread& thread);
  void begin_access(NodeId id, Thread& thread);
  bool begin_page(NodeId id, std::uint32_t thread);
  void run_hits(NodeId id, Thread& thread);
  Task task_for(const Thread& thread) const;
  void operation_ended(NodeId id, std::uint32_t thread, const Task& task);
  void account(Thread& thread, const Task& task);
  void evict_beyond_limit(NodeId id);
  void thread_stops(Thread& thread);

  // Oracle (event_loop_oracle.cpp).
  void violate(std::optional<Finding> finding);
  void judge_access(NodeId id, FileId file, PageIndex page, Version version, bool is_write);
  void judge_version(NodeId id, FileId file, PageIndex page, Version version, bool is_write);
  void judge_ended(NodeId id, const Task& task);
  void judge_rest();

  EngineOptions options_;
  const Workload& workload_;
  TraceSink* trace_;
  const Declaration& declaration_;
  Cluster cluster_;
  StepCost step_cost_;
  Agenda agenda_;
  Carrier* carrier_;
  std::unique_ptr<Transfers> transfers_;  // if there is a carrier
  std::unique_ptr<NetworkGraph> graph_;   // if there is none, and the network is no star
  std::int64_t lookahead_ns_ = 0;         // no node reaches another in less
  bool keeps_order_ = true;               // of what one node sends another
  Holders holders_;
  VersionOracle versions_;
  RunOutcome outcome_;
  Statistics& stats_ = outcome_.statistics;
  std::vector<Node> nodes_;
  Pool<Flight> flights_;
  Pool<DiskRequest> disk_requests_;
  Timers timers_;
  std::unique_ptr<SerialSource> serial_;
  Phase phase_ = Phase::warmup;
  std::uint64_t serial_left_ = 0;
  bool serial_ended_ = false;
  std::uint64_t live_events_ = 0;   // not yet dispatched, timers aside
  std::uint64_t busy_threads_ = 0;  // with work left in this phase
  std::int64_t now_ns_ = 0;         // of the node being worked on
  std::int64_t bound_ns_ = 0;       // nothing that is not known yet can happen before
  std::int64_t settled_ns_ = 0;     // no node does anything before
  std::int64_t latest_ns_ = 0;      // of all events dispatched
  std::int64_t deadline_ns_ = INT64_MAX;
  std::uint64_t next_message_ = 0;
  std::uint64_t next_request_ = 0;
  std::uint32_t page_shift_ = 12;
  bool stop_ = false;

  // Of the run under way.
  std::function<bool(std::uint64_t)> tick_;
  std::uint64_t batches_ = 0;
  std::uint64_t ticked_at_access_ = 0;
  std::int64_t clock_ns_ = 0;  // the carrier's: what is under way arrives later
  bool over_ = false;
};

}  // namespace pagetoken
