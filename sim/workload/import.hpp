#pragma once
// Turns a foreign trace into our own format.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/workload/csv_reader.hpp"

namespace pagetoken {

struct ImportOptions {
  std::string input;                       ///< plain or gzip
  std::vector<std::string> more_inputs{};  ///< of foreign formats: merged by time, their clients kept apart
  std::string output;                      ///< appears when all is written, see OutputFile
  std::map<std::string, std::string> map;  ///< see ColumnMap
  std::uint64_t page_bytes = 0;            ///< see CsvOptions
};

struct ImportSummary {
  std::uint64_t rows = 0;        ///< read, skipped ones included
  std::uint64_t accesses = 0;    ///< written
  TraceSkips skipped;            ///< rows == accesses + skipped.not_accesses + skipped.empty
  std::uint64_t clients = 0;     ///< largest number + 1
  std::uint64_t files = 0;       ///< different ones
  std::uint64_t pages = 0;       ///< different ones that are read, written or punched
  std::uint64_t page_bytes = 0;  ///< in which they are counted
  std::uint64_t bytes = 0;       ///< read, written and appended
  /// Of foreign formats: what was skipped and why, most first; and the names behind the numbers.
  std::vector<std::pair<std::string, std::uint64_t>> reasons{};
  std::vector<std::string> client_names{};
  std::vector<std::string> file_names{};
};

/// Reads a csv trace and writes `options.output`, in the order of the rows. Throws ConfigError for whatever is wrong
/// with the input, for a trace without accesses, and if the output cannot be written; then there is no output.
ImportSummary import_csv(const ImportOptions& options);

/// As import_csv, for `pagetoken import FORMAT`, in the order of time where the format is foreign. Throws ConfigError
/// for a format that is not known; `pagetoken` itself is read too, which checks a file.
ImportSummary import_trace(std::string_view format, const ImportOptions& options);

}  // namespace pagetoken
