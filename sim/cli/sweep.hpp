#pragma once
// A sweep in a directory, for the commands that make one.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cli/commands.hpp"
#include "sim/cli/protocol_set.hpp"
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

std::size_t default_jobs();

/// Makes the runs that are missing in options.output, until all are there or the user interrupts. `relay`: rank 0's, or
/// null for processes of this machine. Throws ConfigError.
SweepOutcome run_sweep(const Sweep& sweep, const SweepOptions& options, const ProtocolSet& protocols, Relay* relay);

}  // namespace pagetoken
