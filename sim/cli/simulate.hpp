#pragma once
// From a run configuration to its summary: the one place where configuration, protocol, workload and engine meet.

#include <functional>
#include <memory>
#include <string>

#include "sim/cli/protocol_set.hpp"
#include "sim/config/run_config.hpp"
#include "sim/engine/event_loop.hpp"
#include "sim/trace/writer.hpp"

namespace pagetoken {

/// A finished simulation: what was asked for and what came of it.
struct Simulated {
  RunConfig config;
  Json effective_config;
  std::uint32_t clients = 0;
  std::uint32_t managers = 0;  ///< nodes of their own
  const Declaration* declaration = nullptr;
  std::string workload_digest;
  RunOutcome outcome;
  double wall_s = 0;
  std::uint64_t peak_rss_bytes = 0;
};

struct SimulateOptions {
  JsonlTrace* trace = nullptr;                                          ///< gets its header and its end, too
  TraceSink* watch = nullptr;                                           ///< is told the same where there is no `trace`
  std::function<bool(std::uint64_t done, std::uint64_t total)> tick{};  ///< false: stop; total 0 = unknown
};

/// The cluster that a configuration asks for, with that many clients.
ClusterShape shape_of(const ClusterConfig& config, std::uint32_t clients);

/// The most memory that this process has had so far.
std::uint64_t peak_rss_bytes();

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
