#pragma once
// The results of a sweep, or summaries that belong together, with what a comparison needs of each run.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/statistics/metrics.hpp"
#include "analysis/statistics/statistics.hpp"
#include "analysis/statistics/summary.hpp"

namespace pagetoken {

/// A sweep has no more repetitions of a point than this.
inline constexpr std::int64_t kMaxRepetition = 1'000'000;

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
  Json values;  ///< pointer -> value
  std::vector<RunRecord> runs;
  std::optional<ConfigRecord> config;  ///< of its first repetition, where that ran
};

class ResultSet {
 public:
  explicit ResultSet(std::string name) : name_(std::move(name)) {}

  /// A line of results.jsonl. Throws ConfigError, as the others do not.
  void add_line(const Value& line);
  /// Summaries of single runs: what differs between their configurations is what was varied. All at once.
  void add_summaries(std::vector<Summary> summaries);
  void describe(std::string title) { title_ = std::move(title); }
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
  PointRecord& point_at(const Json& values);
  void add_run(PointRecord& point, std::uint64_t repetition, Summary summary);

  std::string name_;
  std::string title_;
  std::vector<PointRecord> points_;
  std::map<std::string, std::size_t> position_of_;
  std::set<std::string> versions_;
  std::set<std::string> engines_;
  double wall_s_ = 0;
};

}  // namespace pagetoken
