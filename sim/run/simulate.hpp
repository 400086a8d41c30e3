#pragma once
// From a run configuration to its summary: the one place where configuration, protocol, workload and engine meet.

#include <functional>
#include <memory>
#include <string>

#include "sim/config/run_config.hpp"
#include "sim/engine/engine.hpp"
#include "sim/run/protocol_set.hpp"
#include "sim/trace/writer.hpp"

namespace pagetoken {

/// A finished simulation: what was asked for and what came of it.
struct Simulated {
  RunConfig config;
  Json effective_config;
  NodeRoles nodes{};
  const Declaration* declaration = nullptr;
  std::string workload_digest;
  RunOutcome outcome;
  double wall_s = 0;
  std::uint64_t peak_rss_bytes = 0;
};

struct SimulateOptions {
  TraceWriter* trace = nullptr;                                         ///< gets its head and its end, too
  TraceSink* watch = nullptr;                                           ///< is told the same where there is no `trace`
  std::function<bool(std::uint64_t done, std::uint64_t total)> tick{};  ///< false: stop; total 0 = unknown
};

/// The cluster that a configuration asks for, with that many clients.
ClusterShape shape_of(const ClusterConfig& config, std::uint32_t clients);

/// Runs a configuration on the engine that it names. Throws ConfigError for what the engine cannot do. Where the user
/// asks to stop, what was done until then is handed back if there is a `tick`; else Interrupted is thrown.
Simulated simulate(const RunConfig& config, const ProtocolSet& protocols, const SimulateOptions& options = {});

/// "ok", "violated" or "unknown": what the oracle says of a run.
const char* verdict_of(const Simulated& run);
/// The summary, key by key in docs/files.md, "Summary".
Json summary_json(const Simulated& run);
/// The same for people: aligned, units scaled, the verdict first.
std::string summary_text(const Simulated& run);

}  // namespace pagetoken
