#pragma once
// One run, as configured: plain values with the defaults of the command's documentation, every one of them checked.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/api/declaration.hpp"
#include "sim/cluster/shape.hpp"
#include "sim/config/guards.hpp"
#include "sim/engine/topology/spec.hpp"
#include "sim/json/json.hpp"
#include "sim/vm/costs.hpp"
#include "sim/workload/spec.hpp"

namespace pagetoken {

enum class Engine : std::uint8_t { event, simgrid };
inline constexpr std::string_view kEngineNames[] = {"event", "simgrid"};

inline constexpr std::string_view kPlacementNames[] = {"dedicated", "colocated", "hashed"};

struct ProtocolConfig {
  std::string name;
  std::map<std::string, std::int64_t> params;  ///< every parameter of the declaration; true and false are 1 and 0

  /// The values in the order of the declaration, as Setup wants them. `declaration` must be this protocol's.
  std::vector<std::int64_t> in_order(const Declaration& declaration) const;
};

struct StorageConfig {
  std::int64_t nodes = 1;
  std::int64_t read_ns = 80'000;
  std::int64_t write_ns = 100'000;
  std::int64_t bandwidth_bytes_per_s = 2'000'000'000;
  std::int64_t read_bandwidth_bytes_per_s = 0;  ///< 0 = bandwidth_bytes_per_s
  std::int64_t write_bandwidth_bytes_per_s = 0;
};

struct ClusterConfig {
  std::int64_t clients = 0;  ///< 0 = as many as the trace has; never 0 for a pattern
  std::int64_t cpus_per_client = 1;
  std::int64_t threads_per_client = 1;  ///< the same number as WorkloadSpec::threads
  std::int64_t managers = 1;            ///< not used where the placement is `hashed`
  Placement placement = Placement::dedicated;
  std::int64_t page_bytes = 4096;  ///< a power of two
  std::int64_t cache_pages = 0;    ///< of each client; 0 = unlimited
  NetworkSpec network;             ///< contention: `none` by default on the event loop, `fluid` on SimGrid
  StorageConfig storage;
};

/// When a run ends, counted from the end of the warm-up; with neither, at the end of the trace.
struct StopConfig {
  std::optional<std::int64_t> accesses;  ///< total over the cluster
  std::optional<std::int64_t> time_ns;
};

struct RunConfig {
  std::string file;  ///< what errors about this configuration name
  ProtocolConfig protocol;
  GuardConfig guard;
  Engine engine = Engine::event;
  ClusterConfig cluster;
  SimGridSpec simgrid;  ///< what only that engine looks at
  StepCosts costs;
  WorkloadSpec workload;
  std::int64_t warmup_accesses = 0;  ///< total over the cluster
  StopConfig stop;
  std::uint64_t seed = 1;  ///< below 2^63
  bool oracle = true;
};

/// The defaults of a pattern; a trace has no warm-up and runs to its end.
inline constexpr std::int64_t kDefaultWarmupAccesses = 10'000;
inline constexpr std::int64_t kDefaultStopAccesses = 200'000;

inline constexpr IntegerRange kAccessRange{0, 1'000'000'000'000'000};
inline constexpr IntegerRange kStopRange{1, 1'000'000'000'000'000};  ///< of accesses, and of nanoseconds
inline constexpr IntegerRange kSeedRange{0, INT64_MAX};

/// What the command line puts in place of what the file says.
struct Overrides {
  std::vector<std::string> set{};  ///< "POINTER=VALUE" each, applied in this order
  std::optional<std::int64_t> seed{};
  std::optional<std::string> engine{};
};

/// Reads, overrides and checks a configuration; a summary, or a line of a sweep's results, is read as the configuration
/// in it. Throws ConfigError.
RunConfig load_run_config(const std::filesystem::path& path, const Overrides& overrides,
                          std::span<const Declaration* const> protocols);

/// Checks a configuration that is at hand as JSON. `file` is what errors name, and its folder is where relative file
/// names in the configuration are looked for first, before the working directory. Throws ConfigError.
RunConfig bind_run_config(const Json& json, const std::string& file, std::span<const Declaration* const> protocols);

/// Every key with its value. Bound again in the same working directory, it gives an equal configuration.
Json effective(const RunConfig& config);

}  // namespace pagetoken
