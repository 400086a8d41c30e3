#pragma once
// The clients' threads: they take accesses from their source, run through hits in a tight loop and start a task for the
// rest.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/cluster/operation.hpp"
#include "sim/engine/calendar.hpp"
#include "sim/engine/engine.hpp"
#include "sim/engine/operation_costs.hpp"
#include "sim/engine/run_trace.hpp"
#include "sim/engine/tasks.hpp"
#include "sim/oracle/judge.hpp"
#include "sim/workload/workload.hpp"

namespace pagetoken {

/// What the threads of a run work with; all of it outlives them.
struct Surroundings {
  const EngineOptions& options;
  Cluster& cluster;
  Calendar& calendar;
  EventHistory& history;
  Judge& judge;
  RunTrace& trace;
  Statistics& statistics;
};

class Threads {
 public:
  Threads(const Surroundings& around, const Workload& workload, Tasks& tasks);

  /// Gives each thread its share of so many accesses, none of which begins after the deadline.
  void begin(std::uint64_t accesses, std::int64_t deadline_ns);
  /// Where accesses go one after another through the whole cluster: the next; false if there is none any more.
  bool begin_next();
  /// No thread has work left.
  bool idle() const { return busy_ == 0; }
  /// Accesses that have ended.
  std::uint64_t ended() const { return ended_; }

  /// A thread's event: it goes on.
  void run(NodeId id, std::uint32_t thread);
  /// A task has ended; it may be a thread's.
  void task_ended(NodeId id, TaskIndex index, const Task& task);
  /// Charges a message to the operation that caused it, wherever it is sent.
  void charge(const Envelope& envelope);
  /// What ended before this time has caused all that it will.
  void settle_costs(std::int64_t time_ns);

 private:
  struct Thread {
    std::unique_ptr<AccessSource> source;
    std::vector<Access> batch;
    std::uint32_t next = 0;  ///< in the batch
    std::uint32_t filled = 0;
    std::uint64_t quota = 0;  ///< accesses that it may still begin
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
  struct Client {
    std::vector<Thread> threads;
    std::vector<std::uint32_t> task_thread;  ///< task slot -> thread + 1; 0 = not a thread's
  };
  Thread& thread_of(NodeId id, std::uint32_t index) { return clients_[index_of(id)].threads[index]; }

  bool next_access(Thread& thread);
  void begin_access(Thread& thread);
  bool begin_page(NodeId id, std::uint32_t index);
  void run_hits(NodeId id, Thread& thread);
  bool goes_on_to_next_hit(Thread& thread);
  Operation operation_for(const Thread& thread) const;
  void stop(Thread& thread);
  void account(Thread& thread, const Task& task);
  void evict_beyond_limit(NodeId id);

  const EngineOptions& options_;
  const Workload& workload_;
  Cluster& cluster_;
  Calendar& calendar_;
  EventHistory& history_;
  Judge& judge_;
  RunTrace& trace_;
  Statistics& statistics_;
  Tasks& tasks_;
  std::vector<Client> clients_;
  std::unique_ptr<SerialSource> serial_;
  std::uint64_t serial_left_ = 0;
  bool serial_ended_ = false;
  std::uint64_t busy_ = 0;  // threads with work left
  std::uint64_t ended_ = 0;
  std::int64_t deadline_ns_ = INT64_MAX;
  std::uint32_t page_shift_ = 12;
};

}  // namespace pagetoken
