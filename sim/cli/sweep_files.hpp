#pragma once
// DIR/sweep.json, and the order of DIR/results.jsonl.

#include <optional>
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

/// Throws ConfigError if the file is missing, is none of sweep, or was made by another version of the program.
SweepRecord read_sweep_record(const std::string& directory);
/// Replaces the file, if it would differ.
void write_sweep_record(const std::string& directory, const SweepRecord& record);

/// The names of a sweep's runs in its order: every repetition of every point, and those beyond that some index has.
std::vector<std::string> ordered_runs(const Sweep& sweep, const std::vector<const ResultsIndex*>& indices);

/// Tells on stderr what could not be read.
void tell_damage(const ResultsIndex& index);

}  // namespace pagetoken
