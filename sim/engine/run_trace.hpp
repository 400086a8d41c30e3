#pragma once
// What a trace is told beside the events themselves: what tasks wait for, how often pages were hit, how files are used.

#include <cstdint>
#include <vector>

#include "protocols/api/table.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/trace/hit_runs.hpp"
#include "sim/trace/sink.hpp"
#include "sim/workload/access.hpp"

namespace pagetoken {

/// A task whose steps are told.
struct Stepped {
  TaskIndex index = kNoTask;
  TaskKind kind{};
  std::uint64_t operation = 0;
  std::uint32_t retries = 0;  ///< before the step
};

/// False where nobody wants a trace; then nothing else may be called.
class RunTrace {
 public:
  RunTrace(TraceSink* sink, const Cluster& cluster, std::uint64_t page_bytes, const std::int64_t& now_ns);

  explicit operator bool() const { return sink_ != nullptr; }
  TraceSink* operator->() const { return sink_; }
  TraceSink* sink() const { return sink_; }

  void step(NodeId id, Stepped& task, const Step& step, std::int64_t cost_ns);
  void hit(NodeId id, const Access& access, PageIndex page, const PageObject& object, bool is_write);
  /// The node begins to give up what it holds of the range: its hits there end.
  void lost(NodeId id, const Resource& resource, Range range);
  /// Protocols of ranges may ask how the node uses the file: told when the answer has changed.
  void use(NodeId id, FileId file);
  /// The run is at its end.
  void finish(std::int64_t latest_ns);

 private:
  struct Node {
    HitRuns hit_runs;
    Table<FileUse> told_uses;  ///< as last told
  };
  TraceSink* sink_;
  const Cluster& cluster_;
  std::uint64_t page_bytes_;
  const std::int64_t& now_ns_;
  std::vector<Node> nodes_;
};

}  // namespace pagetoken
