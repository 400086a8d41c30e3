#pragma once
// A history of reads and writes with intervals, from any system, as the oracle judges it. docs/files.md, "History", has
// the format.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/error.hpp"

namespace pagetoken {

enum class HistoryOp : std::uint8_t { read, write, open, close, fsync, acquire, release };
constexpr bool is_sync(HistoryOp op) { return op > HistoryOp::write; }

inline constexpr std::int64_t kUnfinished = INT64_MAX;

/// Keys and values are numbered from 0 as they occur; value 0 is what every key holds at first.
struct HistoryEntry {
  std::uint32_t process = 0;  ///< numbered from 0, in the order of the names
  HistoryOp op{};
  std::uint32_t key = UINT32_MAX;  ///< of a sync: UINT32_MAX = all keys
  std::uint32_t value = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;    ///< kUnfinished: it may take effect at any time after start, or never
  std::uint64_t line = 0;  ///< of the file
};

struct History {
  std::vector<HistoryEntry> entries;  ///< by start; reads that are unfinished are left out
  std::vector<std::string> keys;
  std::vector<std::string> values;  ///< as JSON
  std::vector<std::string> processes;
};

/// Reads lines of JSON. `initial`: what every key holds at first, as JSON; null and, if it is empty, 0 mean it too.
/// Throws ConfigError(file, "line N, key", ...).
History read_history(const std::string& path, const std::string& initial = {});
History parse_history(std::string_view text, const std::string& name, const std::string& initial = {});
/// An entry as the line that it came from.
std::string line_of(const History& history, const HistoryEntry& entry);

enum class ConsistencyModel : std::uint8_t { linearizable, sequential, close_to_open, release };
inline constexpr std::string_view kModelNames[] = {"linearizable", "sequential", "close-to-open", "release"};

enum class HistoryVerdict : std::uint8_t { ok, violated, unknown };
inline constexpr std::string_view kHistoryVerdictNames[] = {"ok", "violated", "unknown"};

struct Judgement {
  HistoryVerdict verdict = HistoryVerdict::ok;
  std::vector<std::uint32_t> contradiction;  ///< indices of entries that cannot all be so; none can be left out
  std::string reason;                        ///< one sentence
  std::uint64_t configurations = 0;          ///< that a search looked at
};

struct JudgeOptions {
  std::uint64_t max_configurations = 20'000'000;  ///< then the verdict is unknown
};

/// Linearizable and the weaker models are judged key by key; sequential consistency needs all keys at once.
Judgement judge(const History& history, ConsistencyModel model, const JudgeOptions& options = {});

}  // namespace pagetoken
