#pragma once
// The results of a sweep, or summaries that belong together, with what a comparison needs of each run.

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "analysis/statistics/statistics.hpp"

namespace pagetoken {

inline constexpr const char* kQuantileKeys[] = {"p50", "p90", "p99", "p999", "p9999", "max"};
inline constexpr const char* kQuantileNames[] = {"p50", "p90", "p99", "p99.9", "p99.99", "max"};
inline constexpr std::size_t kQuantiles = 6;

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
  double link_in = 0;  ///< share of its bandwidth; NaN where a summary does not tell
  double link_out = 0;
};

/// Latencies of faults over time: `cells` are {time bin, latency bin, count}.
struct HeatRecord {
  double bin_ns = 0;
  std::vector<std::array<double, 5>> cells;  ///< from_ns, to_ns, latency low, latency high, count
};

struct RunRecord {
  std::uint64_t repetition = 0;
  std::uint64_t seed = 0;
  std::string error;  ///< empty: it ran
  std::string verdict;
  std::uint64_t violations = 0;
  std::set<std::string> properties;  ///< that were violated
  std::string digest;                ///< of the accesses
  std::vector<double> metrics;       ///< in the order of metrics()
  std::array<double, kQuantiles> quantiles_ns{};
  std::array<std::array<double, 2>, kQuantiles> quantile_intervals_ns{};  ///< of this run alone; NaN where not told
  double accesses = 0;
  double faults = 0;
  std::map<std::string, TypeRecord> by_type;
  std::map<std::string, EventRecord> events;
  std::vector<NodeRecord> nodes;  ///< of the first repetition only
  HeatRecord heat;                ///< of the first repetition only
  WarmUp warm_up;

  bool ran() const { return error.empty(); }
};

struct PointRecord {
  nlohmann::json values;  ///< pointer -> value
  std::vector<RunRecord> runs;
  nlohmann::json config;  ///< the effective configuration of its first run
};

class ResultSet {
 public:
  explicit ResultSet(std::string name) : name_(std::move(name)) {}

  /// A line of results.jsonl.
  void add_line(const nlohmann::json& line);
  /// Summaries of single runs: what differs between their configurations is what was varied. All at once.
  void add_summaries(const std::vector<nlohmann::json>& summaries);
  /// What sweep.json says of the sweep: its title.
  void describe(const nlohmann::json& sweep);
  void add_wall_seconds(double seconds) { wall_s_ += seconds; }

  const std::string& name() const { return name_; }
  const std::string& title() const { return title_; }
  const std::vector<PointRecord>& points() const { return points_; }
  const std::set<std::string>& versions() const { return versions_; }
  const std::set<std::string>& engines() const { return engines_; }
  std::size_t runs() const;
  std::size_t repetitions() const;  ///< the most that a point has
  double wall_seconds() const { return wall_s_; }

 private:
  PointRecord& point_at(const nlohmann::json& values);
  void add_run(PointRecord& point, std::uint64_t repetition, const nlohmann::json& summary);

  std::string name_;
  std::string title_;
  std::vector<PointRecord> points_;
  std::map<std::string, std::size_t> position_of_;
  std::set<std::string> versions_;
  std::set<std::string> engines_;
  double wall_s_ = 0;
};

}  // namespace pagetoken
