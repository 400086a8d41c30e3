#pragma once
// What a configuration may say about a workload: plain structs and, for every pattern, the table of its keys, from
// which JSON is bound and `describe` prints. docs of the patterns are in the tables (pattern_info, keys_of).

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/workload/access.hpp"

namespace pagetoken {

/// A line a pattern: the name of its definition, in the file of that name in sim/workload/patterns. In the order of
/// `pagetoken list patterns`.
#define PAGETOKEN_PATTERNS(PATTERN) \
  PATTERN(disjoint)                 \
  PATTERN(uniform)                  \
  PATTERN(zipf)                     \
  PATTERN(ping_pong)                \
  PATTERN(producer_consumer)        \
  PATTERN(migratory)                \
  PATTERN(read_mostly)              \
  PATTERN(false_sharing)            \
  PATTERN(strided)                  \
  PATTERN(sequential_segments)      \
  PATTERN(append)                   \
  PATTERN(log_rotate)               \
  PATTERN(truncate_storm)           \
  PATTERN(mixed)

enum class Pattern : std::uint8_t {
#define PATTERN(NAME) NAME,
  PAGETOKEN_PATTERNS(PATTERN)
#undef PATTERN
};

/// How the time between two accesses of a thread is distributed; `think_ns` is its mean.
enum class ThinkTime : std::uint8_t { constant, exponential };
inline constexpr std::string_view kThinkTimeNames[] = {"constant", "exponential"};

/// No cluster has more clients than this; it bounds what a wrong trace can make us allocate.
inline constexpr std::uint32_t kMaxClients = 1u << 20;
/// Clients of a workload that says nothing itself, when the configuration says nothing either.
inline constexpr std::uint32_t kDefaultClients = 16;

/// A recorded workload.
struct TraceSpec {
  std::string path;                  ///< plain or gzip, told apart by content; relative to the working directory
  std::string format = "pagetoken";  ///< a name of trace_formats() (formats.hpp)
  /// Field -> zero-based column in decimal digits, or header name; empty: guessed from the header. Only for `csv`.
  std::map<std::string, std::string> map;
  Order order = Order::closed;
  std::uint64_t page_bytes = 0;  ///< unit of the field `page`; 0 = the cluster's page_bytes
};

struct WeightedPart;

/// Keys that one pattern has for itself.
inline constexpr std::size_t kMaxOwnKeys = 4;

/// One workload, or one part of `mixed`. Start from default_spec(pattern), since defaults differ between patterns.
/// Which fields a pattern has, with ranges and meanings, is in keys_of(pattern); it ignores the others.
struct WorkloadSpec {
  Pattern pattern = Pattern::uniform;  ///< meaningless when `trace` is there
  std::uint64_t pages = 64;  ///< of each file; in disjoint and sequential-segments, of each client in each file
  std::uint64_t files = 1;
  std::uint64_t first_file = 0;  ///< files first_file to first_file + files - 1; lets parts of `mixed` stay apart
  double write_fraction = 0.1;
  std::uint64_t think_ns = 0;
  ThinkTime think = ThinkTime::constant;
  bool serial = false;
  std::uint64_t file_bytes = 0;  ///< initial size of every file; 0 = what the largest access needs
  Via via = Via::mmap;
  std::uint64_t access_bytes = 0;  ///< 0 = the whole page; of some patterns the key is `record_bytes`
  std::uint64_t threads = 1;       ///< of each client

  std::array<double, kMaxOwnKeys> own{};  ///< keys of the pattern alone, where its table (OwnKey) says

  std::vector<WeightedPart> parts;  ///< mixed: at least one; no part is itself `mixed` or a trace
  std::optional<TraceSpec> trace;   ///< instead of a pattern; then think_ns, file_bytes and via apply, no other key
};

struct WeightedPart {
  double weight = 1;  ///< > 0; an access is of this part with probability weight / sum of weights
  WorkloadSpec spec;
};

enum class KeyType : std::uint8_t { whole, number, flag, via, think };

/// An element of WorkloadSpec::own; a whole number is exact below 2^53.
struct OwnKey {
  std::uint8_t index;
  KeyType type;  ///< whole, number or flag
};
/// The member of WorkloadSpec that a key is bound to: a type for each KeyType, in that order, and a pattern's own.
using KeyField = std::variant<std::uint64_t WorkloadSpec::*, double WorkloadSpec::*, bool WorkloadSpec::*,
                              Via WorkloadSpec::*, ThinkTime WorkloadSpec::*, OwnKey>;

/// A key of a pattern's JSON object. Numbers are in the unit that the name ends in; for flags 0 and 1, for enumerations
/// the index into kViaNames or kThinkTimeNames.
struct KeyInfo {
  std::string_view key;
  KeyField field;
  double fallback;  ///< the default; integers are exact (below 2^53)
  double min;
  double max;  ///< inclusive, as is min
  std::string_view description;

  KeyType type() const {
    const OwnKey* own = std::get_if<OwnKey>(&field);
    return own ? own->type : static_cast<KeyType>(field.index());
  }
};

struct PatternInfo {
  Pattern pattern;
  std::string_view name;         ///< as in configurations: "ping-pong"
  std::string_view description;  ///< one or two sentences
  std::uint32_t default_clients;
  std::uint32_t min_clients;
  bool always_serial;  ///< one access at a time in the whole cluster, whatever the key `serial` says
};

/// All patterns, indexed by Pattern.
std::span<const PatternInfo> pattern_table();
const PatternInfo& pattern_info(Pattern pattern);
inline std::string_view name_of(Pattern pattern) { return pattern_info(pattern).name; }
/// Names in the order of Pattern, for messages.
std::vector<std::string_view> pattern_names();
/// The pattern of that name, if there is one.
std::optional<Pattern> find_pattern(std::string_view name);

/// The keys of a pattern with its own defaults: those that many share first. `pattern`, and `parts` of `mixed`, are not
/// among them. A key that is not here is not allowed.
std::span<const KeyInfo> keys_of(Pattern pattern);
/// The keys that apply beside `trace`.
std::span<const KeyInfo> keys_of_trace();

/// All keys of the pattern at their defaults; `mixed` without parts.
WorkloadSpec default_spec(Pattern pattern);
/// The value of a key as a number, see KeyInfo.
double value_of(const WorkloadSpec& spec, const KeyInfo& key);
/// The same of one of the pattern's own keys, by name; there must be one.
double& own_value(WorkloadSpec& spec, std::string_view key);
/// Sets it; `value` must lie in the key's range (assert).
void set_value(WorkloadSpec& spec, const KeyInfo& key, double value);

}  // namespace pagetoken
