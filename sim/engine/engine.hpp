#pragma once
// One timed run. By itself, routes cost latency + bytes / bandwidth and links are not shared; where transfers delay
// each other, a carrier carries them (carrier.hpp). Nodes and storage are FIFO servers.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/base/finding.hpp"
#include "sim/cluster/shape.hpp"
#include "sim/engine/statistics.hpp"
#include "sim/engine/topology/spec.hpp"
#include "sim/vm/costs.hpp"

namespace pagetoken {

class Carrier;
class Machine;
class Paths;
class TraceSink;
class Workload;

/// What a disk takes for a page: a latency, which is pipelined, and its transfer, one after another.
struct StorageSpec {
  std::int64_t read_ns = 0;
  std::int64_t write_ns = 0;
  std::int64_t read_bytes_per_s = 0;
  std::int64_t write_bytes_per_s = 0;
};

struct EngineOptions {
  ClusterShape shape{};
  std::uint32_t cpus_per_client = 1;
  std::uint64_t page_bytes = 4096;
  NetworkSpec network{};  ///< fitted to the nodes
  StorageSpec storage{};
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
  std::vector<Finding> violations;  ///< the first kMaxFindings
  std::uint64_t violation_count = 0;
  bool partial = false;              ///< interrupted
  bool stopped_by_error = false;     ///< the state was beyond continuing; the last violation says why
  std::uint64_t events = 0;          ///< of the event loop, the warm-up included
  std::uint64_t total_accesses = 0;  ///< the warm-up included
  std::string fingerprint;           ///< of the event history
};

/// Who looks on, and what carries the messages; all may be absent but the carrier of a network with contention.
struct RunWith {
  TraceSink* trace = nullptr;
  Carrier* carrier = nullptr;
  std::function<bool(std::uint64_t)> tick{};  ///< told now and then of the accesses done; false stops early
};

/// Runs to the end.
RunOutcome run(const EngineOptions& options, const Machine& machine, const Paths& paths, const Workload& workload,
               const RunWith& with = {});

}  // namespace pagetoken
