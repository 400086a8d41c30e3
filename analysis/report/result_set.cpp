#include "analysis/report/result_set.hpp"

#include <algorithm>
#include <limits>

namespace pagetoken {
namespace {

constexpr std::string_view kSweepWriter = "a line that pagetoken sweep wrote";

/// Faults over time. Also the series that the warm-up is judged by.
void read_timeline(const TimelineRecord& timeline, RunRecord& run, bool keep) {
  if (!(timeline.bin_ns > 0)) return;
  std::vector<double> series;
  double from_ns = 0;
  for (const TimelineRecord::Row& row : timeline.rows) {
    double sum = 0;
    for (const auto& [bin, count] : row) {
      sum += count;
      if (keep)
        run.heat.cells.push_back(
            {from_ns, from_ns + timeline.bin_ns, timeline.edges_ns[bin], timeline.edges_ns[bin + 1], count});
    }
    series.push_back(sum);
    from_ns += timeline.bin_ns;
  }
  if (!series.empty()) series.pop_back();  // the last bin is cut off by the end of the run
  run.heat.bin_ns = timeline.bin_ns;
  run.warm_up = mser5(series);
}

RunRecord record_of(const Summary& summary) {
  RunRecord run;
  run.seed = summary.seed;
  run.verdict = summary.verdict;
  run.violations = summary.violations;
  run.properties = summary.properties;
  run.digest = summary.digest;
  for (const Metric& metric : metrics()) run.metrics.push_back(metric.of(summary));
  for (std::size_t q = 0; q < kQuantiles; ++q)
    run.quantiles_ns[q] = summary.fault.count > 0 ? summary.fault.quantiles_ns[q] : kNoValue;
  run.quantile_intervals_ns = summary.fault.intervals_ns;
  run.accesses = summary.accesses;
  run.faults = summary.faults();
  run.by_type = summary.by_type;
  run.events = summary.events;
  std::erase_if(run.events, [](const auto& event) { return event.second.count == 0; });
  return run;
}

/// Pointers of everything in which configurations differ, seeds and what belongs to a protocol aside.
std::set<std::string> differences(const std::vector<Json>& configs) {
  std::set<std::string> pointers;
  for (std::size_t i = 1; i < configs.size(); ++i)
    for (const Json& change : Json::diff(configs.front(), configs[i])) {
      std::string pointer = change.at("path").get<std::string>();
      for (const char* whole : {"/protocol", "/guard", "/costs", "/workload"})
        if (pointer.starts_with(std::string(whole) + "/") && change.at("op") != "replace") pointer = whole;
      if (pointer.starts_with("/protocol")) pointer = "/protocol";
      if (pointer.starts_with("/guard")) pointer = "/guard";
      if (pointer != "/seed") pointers.insert(pointer);
    }
  return pointers;
}

}  // namespace

PointRecord& ResultSet::point_at(const Json& values) {
  const auto [found, is_new] = position_of_.try_emplace(values.dump(), points_.size());
  if (is_new) points_.push_back({values, {}, {}});
  return points_[found->second];
}

void ResultSet::add_line(const Value& value) {
  Section line(value);
  const Value point_value = line.written("point", kSweepWriter);
  if (!point_value.json().is_object()) point_value.fail_type("an object of pointers and their values");
  const auto repetition =
      static_cast<std::uint64_t>(line.written("repetition", kSweepWriter).integer({0, kMaxRepetition}));
  if (const std::optional<Value> summary = line.find("summary"))
    return add_run(point_at(point_value.json()), repetition, bind_summary(*summary));
  RunRecord run;
  run.repetition = repetition;
  run.error = line.written("error", kSweepWriter).text();
  if (run.error.empty()) run.error = "no reason given";
  point_at(point_value.json()).runs.push_back(std::move(run));
}

void ResultSet::add_run(PointRecord& point, std::uint64_t repetition, Summary summary) {
  const bool is_first = repetition == 0;
  versions_.insert(summary.version);
  engines_.insert(summary.engine);
  add_wall_seconds(summary.wall_s);
  RunRecord run = record_of(summary);
  run.repetition = repetition;
  read_timeline(summary.timeline, run, is_first);
  if (is_first) {
    run.nodes = std::move(summary.nodes);
    point.config = std::move(summary.config);
  }
  point.runs.push_back(std::move(run));
}

void ResultSet::add_summaries(std::vector<Summary> summaries) {
  std::vector<Json> configs;
  for (const Summary& summary : summaries) configs.push_back(summary.config.whole);
  const std::set<std::string> pointers = differences(configs);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    Json values = Json::object();
    for (const std::string& pointer : pointers)
      if (const Json* found = find_at(configs[i], pointer)) values[pointer] = *found;
    PointRecord& point = point_at(values);
    add_run(point, point.runs.size(), std::move(summaries[i]));
  }
}

std::size_t ResultSet::runs() const {
  std::size_t count = 0;
  for (const PointRecord& point : points_) count += point.runs.size();
  return count;
}

std::size_t ResultSet::repetitions() const {
  std::size_t most = 0;
  for (const PointRecord& point : points_) most = std::max(most, point.runs.size());
  return most;
}

}  // namespace pagetoken
