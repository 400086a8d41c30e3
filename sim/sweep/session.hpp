#pragma once
// A sweep in a directory: makes the runs that are missing there.

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/statistics/metrics.hpp"
#include "sim/config/overrides.hpp"
#include "sim/run/protocol_set.hpp"
#include "sim/sweep/sweep_files.hpp"

namespace pagetoken {

class Relay;

struct SweepOptions {
  std::string config{};
  std::string output{};  ///< the directory
  std::size_t jobs = 1;
  Overrides overrides{};
  std::vector<std::string> plugins{};
  Shard shard{};
  std::string only{};  ///< a condition on points; empty = all
  bool retry_failed = false;
  double precision = 0;                ///< relative half-width to be reached; 0 = the repetitions that are configured
  std::vector<std::string> metrics{};  ///< that `precision` looks at
  std::uint64_t max_repetitions = 100;
  bool yes = false;
  bool quiet = false;
};

struct SweepOutcome {
  static constexpr std::size_t kFailuresTold = 5;
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  std::uint64_t before = 0;  ///< of `done`, found in the directory
  std::uint64_t made = 0;
  std::uint64_t failed = 0;
  std::uint64_t violated = 0;
  std::vector<std::string> failures{};  ///< the first of this session
  double seconds = 0;

  bool finished() const { return done == total; }
};

/// As many processes as there are cores.
std::size_t default_jobs();

/// The metrics of these names. Throws ConfigError for one that is not known.
std::vector<const Metric*> metrics_called(const std::vector<std::string>& names);

/// "/cluster/clients=4  /protocol=nocache"
std::string point_text(const Json& point);

inline constexpr std::size_t kSweepPilots = 5;
/// Seconds of CPU that all runs of these points would take, from up to kSweepPilots that are begun; NaN if that cannot
/// be told.
double estimated_seconds(const Sweep& sweep, const std::vector<std::uint64_t>& points, const ProtocolSet& protocols);

/// Makes the runs that are missing in options.output, until all are there or the user interrupts. `relay`: rank 0's, or
/// null for processes of this machine. Throws ConfigError.
SweepOutcome run_sweep(const Sweep& sweep, const SweepOptions& options, const ProtocolSet& protocols, Relay* relay);

/// The part of a rank above 0: does what rank 0 hands out, until it has no more. False if the configuration is wrong,
/// of which rank 0, which reads the same files, tells.
bool serve_sweep(Relay& relay, const SweepOptions& options, const ProtocolSet& protocols);

}  // namespace pagetoken
