#pragma once
// DIR/sweep.json, and the order of DIR/results.jsonl.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/config/sweep_config.hpp"
#include "sim/sweep/results.hpp"

namespace pagetoken {

inline constexpr std::string_view kSweepFile = "sweep.json";
inline constexpr std::string_view kResultsFile = "results.jsonl";
/// How long each run took. What is in it differs from time to time, so it is kept apart from what does not.
inline constexpr std::string_view kTimingsFile = "timings.jsonl";

/// Part `index` of `of` equal parts.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t of = 1;
};

/// The contents of sweep.json.
struct SweepRecord {
  Json sweep{};      ///< Sweep::json()
  Json precision{};  ///< null without
  Shard shard{};
  bool partial = true;  ///< runs are missing

  Json json() const;
};

/// `value` is the document sweep.json. Throws ConfigError for what is none, or another version's.
SweepRecord bind_sweep_record(const Value& value);
/// Throws ConfigError if the file is missing, is none of sweep, or was made by another version of the program.
SweepRecord read_sweep_record(const std::string& directory);
/// The sweep that a directory holds results of. Throws ConfigError, as the sweep's own configuration would.
Sweep recorded_sweep(const SweepRecord& record, const std::string& directory,
                     std::span<const Declaration* const> protocols);
/// Replaces the file, if it would differ.
void write_sweep_record(const std::string& directory, const SweepRecord& record);

/// The names of a sweep's runs in its order: every repetition of every point, and those beyond that some index has.
std::vector<std::string> ordered_runs(const Sweep& sweep, const std::vector<const ResultsIndex*>& indices);

/// Hands over a line of results, placed in its file and line. Throws ConfigError for one that is no JSON.
void read_result(const ResultsIndex& index, const ResultLine& line, const std::function<void(const Value&)>& use);

/// The seconds that a line of timings tells of. Throws ConfigError.
double bind_timing(const Value& value);
/// Hands over each line of a directory's timings, without its newline, and the seconds that it tells of; where there is
/// no file, none. A last line that was cut off is left out. Throws ConfigError.
void read_timings(const std::string& directory, const std::function<void(std::string_view, double)>& use);

/// Tells on stderr what could not be read.
void tell_damage(const ResultsIndex& index);

}  // namespace pagetoken
