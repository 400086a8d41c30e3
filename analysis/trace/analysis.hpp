#pragma once
// What a trace says about where the time went. Events go in one by one; memory goes with what is open at a time and
// with the number of nodes and pages (up to limits), not with the length of the trace.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "analysis/trace/names.hpp"
#include "analysis/trace/operation.hpp"
#include "analysis/trace/sharing.hpp"
#include "analysis/trace/slow_links.hpp"
#include "sim/base/histogram.hpp"
#include "sim/trace/event.hpp"
#include "sim/trace/head.hpp"

namespace pagetoken {

inline constexpr std::array<std::string_view, 7> kWhatNames{"read",  "write", "truncate", "extend",
                                                            "punch", "fsync", "other"};

struct AnalysisOptions {
  std::size_t slowest = 100;            ///< operations that are kept in full
  std::uint64_t retry_bound = 8;        ///< retries of one operation beyond this are an anomaly
  std::uint32_t starvation_bound = 32;  ///< grants of a page to others while one operation waits for it
  std::uint32_t convoy_bound = 8;       ///< tasks that wait for one kind of lock at one node
};

/// An operation that is over, and its critical path.
struct FinishedOperation {
  TracedOperation operation;
  PartSums parts{};
  std::string event;  ///< elementary event
  std::string result;
  std::vector<Segment> path;
  std::int64_t latency() const { return operation.end - operation.begin; }
};

/// How many operations, and what their time was made of.
struct Breakdown {
  std::uint64_t count = 0;
  std::int64_t latency_ns = 0;
  PartSums parts{};
};

struct NodeLoad {
  std::uint64_t handled = 0;
  std::int64_t busy_ns = 0;    ///< in handlers, or serving storage requests
  std::int64_t waited_ns = 0;  ///< of messages or requests, in its queue
  std::int64_t worst_wait_ns = 0;
  std::int64_t path_handler_ns = 0;  ///< on critical paths
  std::int64_t path_queue_ns = 0;    ///< in the handler's queue
  std::int64_t path_behind_ns = 0;   ///< behind another operation that its home serves first
  std::int64_t path_storage_ns = 0;
  std::int64_t path_remote_ns = 0;
  std::vector<float> busy;  ///< share of each period; see TraceAnalysis::period_ns
};

struct LockLoad {
  std::uint64_t waits = 0;
  std::int64_t path_ns = 0;
  std::uint32_t most_waiting = 0;  ///< at one node
  std::uint32_t most_at = kNobody;
  std::uint64_t crowded = 0;  ///< waits that found convoy_bound others
};

struct Anomaly {
  std::string kind;  ///< "retries", "starvation", "convoy"
  std::uint64_t count = 0;
  std::uint64_t worst = 0;
  std::uint64_t operation = 0;  ///< the worst one; 0 where it is none
  std::string text;
};

struct TraceCause {
  std::string kind;  ///< "manager", "handler", "link", "network", "storage", "lock", "revoke", "retry",
                     ///< "false-sharing", "contention", "local"
  std::string name;
  double share = 0;  ///< of the sum of all latencies
  std::string text;  ///< one sentence
};

class TraceAnalysis {
 public:
  explicit TraceAnalysis(const TraceHead& head, const AnalysisOptions& options = {});
  ~TraceAnalysis();

  /// Throws ConfigError via `fail` never: what does not fit together is counted in `odd()`.
  void add(const TraceEvent& event);
  void finish();                   ///< once, after the last event
  void cut() { partial_ = true; }  ///< the trace goes on, and is not read to its end

  const TraceHead& head() const { return head_; }
  const AnalysisOptions& options() const { return options_; }
  const Names& names() const { return names_; }
  std::uint64_t events() const { return events_; }
  std::int64_t end_ns() const { return end_ns_; }
  bool partial() const { return partial_; }
  std::uint64_t violations() const { return violations_; }
  std::uint64_t odd() const { return odd_; }  ///< ends, handlers and wake-ups of what had not begun
  std::uint64_t left_open() const { return open_.size(); }
  std::uint64_t hits() const { return hits_; }
  const Breakdown& all() const { return all_; }
  Breakdown slowest_percent() const;  ///< those of the slowest 1 %, whole histogram buckets
  const std::array<Histogram, 7>& latencies() const { return latencies_; }  ///< by kWhatNames
  const std::vector<std::pair<std::string, Histogram>>& events_by_name() const { return event_latencies_; }
  const std::vector<FinishedOperation>& slowest() const { return slowest_; }  ///< slowest first
  const SharingTable& sharing() const { return sharing_; }
  const std::vector<NodeLoad>& nodes() const { return nodes_; }
  std::int64_t period_ns() const { return period_ns_; }
  const std::vector<Anomaly>& anomalies() const { return anomalies_; }
  const std::vector<TraceCause>& causes() const { return causes_; }
  const LinkTable& links() const { return links_; }
  const std::vector<std::pair<std::uint16_t, LockLoad>>& locks() const { return locks_; }
  std::string node_name(std::uint32_t node) const { return head_.roles.node_name(node); }

 private:
  friend class CauseFinder;
  struct Bucket {
    std::int64_t low = 0;
    Breakdown sums;
  };
  TracedOperation* open(std::uint64_t id);
  void begin(const TraceEvent& e);
  void end(const TraceEvent& e);
  void step(const TraceEvent& e);
  void wake(const TraceEvent& e);
  void message(const TraceEvent& e);
  void storage(const TraceEvent& e);
  void token(const TraceEvent& e);
  void hits(const TraceEvent& e);
  void account(TracedOperation& operation, const TraceEvent& e);
  void keep(TracedOperation& operation, const TraceEvent& e);
  void note_busy(NodeLoad& node, std::int64_t from, std::int64_t to);
  LinkLoad& link(std::uint32_t from, std::uint32_t to);
  LinkLoad::Class class_of(const Segment& wire) const;
  LockLoad& lock(std::uint16_t name);
  void find_causes();
  void find_anomalies();

  TraceHead head_;
  AnalysisOptions options_;
  Names names_;
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<TracedOperation>> open_;
  TracedOperation* last_ = nullptr;  // that was asked for, if it is open: the next line is mostly about the same one
  std::vector<std::unique_ptr<TracedOperation>> spare_;
  std::uint64_t events_ = 0;
  std::uint64_t odd_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t violations_ = 0;
  std::int64_t end_ns_ = 0;
  bool partial_ = false;
  Breakdown all_;
  absl::flat_hash_map<std::uint32_t, Bucket> buckets_;  // by latency
  std::array<Histogram, 7> latencies_;
  std::vector<std::pair<std::string, Histogram>> event_latencies_;
  std::vector<FinishedOperation> slowest_;  // a heap until finish()
  SharingTable sharing_;
  std::vector<NodeLoad> nodes_;
  std::int64_t period_ns_ = 1 << 16;
  LinkTable links_;
  std::vector<std::pair<std::uint16_t, LockLoad>> locks_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> waiting_;   // node and lock -> tasks that wait
  absl::flat_hash_map<std::uint64_t, std::uint16_t> sleepers_;  // node and task -> lock that it waits for
  std::uint64_t over_retries_ = 0;
  std::uint64_t most_retries_ = 0;
  std::uint64_t most_retried_ = 0;
  std::uint64_t starved_ = 0;
  std::uint32_t most_starved_ = 0;
  std::uint64_t most_starved_op_ = 0;
  std::vector<Segment> path_;
  std::vector<Anomaly> anomalies_;
  std::vector<TraceCause> causes_;
};

}  // namespace pagetoken
