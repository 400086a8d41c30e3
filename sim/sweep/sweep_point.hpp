#pragma once
// One run of a sweep, and the line that it leaves.

#include <span>
#include <string>
#include <vector>

#include "analysis/statistics/metrics.hpp"
#include "sim/config/sweep_config.hpp"
#include "sim/run/protocol_set.hpp"
#include "sim/sweep/workers.hpp"

namespace pagetoken {

/// What is sent back from a worker.
struct PointResult {
  std::string line{};             ///< of results.jsonl, with its newline
  std::string timing{};           ///< of timings.jsonl; empty for a run that failed
  std::vector<double> metrics{};  ///< those that were asked for; empty for a run that failed
  bool violated = false;

  std::string pack() const;
  static PointResult unpack(std::string_view bytes);
  bool failed() const { return timing.empty(); }
};

/// Runs it. A run that cannot be done gives a line that says why.
PointResult run_point(const Sweep& sweep, const SweepTask& task, const ProtocolSet& protocols,
                      std::span<const Metric* const> wanted);

/// The line of a run of which nothing came but `error`.
std::string failed_line(const Sweep& sweep, const SweepTask& task, const std::string& error);

/// Whether a process can do one run only: SimGrid has one engine a process.
bool uses_up_process(const Json& document);

/// Seconds that a run would take, from its first `budget_s`. NaN if that cannot be told.
double estimated_seconds(const Sweep& sweep, std::uint64_t point, const ProtocolSet& protocols, double budget_s);

}  // namespace pagetoken
