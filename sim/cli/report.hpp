#pragma once
// Reports of results, for the commands that write one.

#include <string>
#include <vector>

#include "sim/run/protocol_set.hpp"

namespace pagetoken {

struct ReportOptions {
  std::vector<std::string> inputs{};  ///< directories of sweeps, or files of summaries
  std::string html{};                 ///< empty = none, as are the others
  std::string markdown{};
  std::string csv{};
  std::string baseline{};
  std::vector<std::string> checks{};  ///< what check --json wrote
  std::vector<std::string> plugins{};
  bool no_sequences = false;
  std::string command{};  ///< that makes it again
};

/// Reads the results and writes what is asked for. Throws ConfigError.
void write_report(const ReportOptions& options, const ProtocolSet& protocols);

}  // namespace pagetoken
