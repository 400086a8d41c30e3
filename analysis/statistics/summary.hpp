#pragma once
// What the summary of a run says, read as configurations are: what is missing or of another type is named.

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/json/section.hpp"

namespace pagetoken {

inline constexpr const char* kQuantileKeys[] = {"p50", "p90", "p99", "p999", "p9999", "max"};
inline constexpr const char* kQuantileNames[] = {"p50", "p90", "p99", "p99.9", "p99.99", "max"};
inline constexpr std::size_t kQuantiles = 6;

/// Of one kind of operation. Where there was none, the times say nothing.
struct LatencyRecord {
  double count = 0;
  double mean_ns = 0;
  std::array<double, kQuantiles> quantiles_ns{};
  std::array<std::array<double, 2>, kQuantiles> intervals_ns{};  ///< of this run alone; NaN where not told
};

struct TypeRecord {
  double count = 0;
  double bytes = 0;
};

/// An elementary event of a run; the extremes are NaN where a summary has none.
struct EventRecord {
  double count = 0;
  double messages_mean = 0;
  double messages_min = 0;
  double messages_max = 0;
  double hops_mean = 0;
  double hops_min = 0;
  double hops_max = 0;
};

struct NodeRecord {
  std::string name;
  double busy = 0;
  double link_in = 0;  ///< share of its bandwidth; NaN where the configuration has none, or the run no length
  double link_out = 0;
};

/// Faults by when they ended and how long they took.
struct TimelineRecord {
  using Row = std::vector<std::pair<std::size_t, double>>;  ///< index of a latency bin, and how many
  double bin_ns = 0;                                        ///< 0: none
  std::vector<double> edges_ns;                             ///< of the latency bins: one more than there are bins
  std::vector<Row> rows;                                    ///< by span of time
};

/// What a report reads of a configuration without running it; the whole is kept as it is.
struct ConfigRecord {
  Json whole;
  std::string engine;
  std::string protocol;
  Json guard;                ///< a name, or null: of its own
  Json workload;             ///< the trace's section, or the name of the pattern
  std::int64_t clients = 0;  ///< 0: the trace's
  std::int64_t page_bytes = 0;
  double bandwidth_bytes_per_s = 0;
};

struct Summary {
  std::string version;
  std::string engine;
  std::uint64_t seed = 0;
  std::string digest;  ///< of the accesses
  std::string verdict;
  std::uint64_t violations = 0;
  std::set<std::string> properties;  ///< that were violated
  ConfigRecord config;
  double simulated_ns = 0;
  double accesses = 0;
  double hits = 0;
  double retries = 0;
  double invalidations = 0;
  double read_faults = 0;
  double write_faults = 0;
  double upgrades = 0;
  double messages = 0;
  double message_bytes = 0;
  double storage_messages = 0;
  std::map<std::string, TypeRecord> by_type;
  std::map<std::string, EventRecord> events;
  LatencyRecord fault;
  LatencyRecord read;
  LatencyRecord write;
  std::vector<NodeRecord> nodes;
  TimelineRecord timeline;
  double wall_s = 0;  ///< 0 where it is kept elsewhere

  double faults() const { return read_faults + write_faults + upgrades; }
};

/// What wrote it is named in errors. Throws ConfigError; keys beyond those that are read are let be.
Summary bind_summary(const Value& value);

/// A count, a size or a time of a file of results: a number from 0 to 2^63 that a program wrote.
double written_quantity(Section& section, std::string_view key, std::string_view writer);

}  // namespace pagetoken
