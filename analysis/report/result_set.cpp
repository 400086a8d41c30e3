#include "analysis/report/result_set.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/statistics/metrics.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;

double number(const Json& object, const char* key, double fallback = kNoValue) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : fallback;
}
const Json& member(const Json& object, const char* key) {
  static const Json empty = Json::object();
  const auto found = object.find(key);
  return found != object.end() ? *found : empty;
}

void read_latency(const Json& summary, RunRecord& run) {
  const Json& fault = member(member(summary, "latency_ns"), "fault");
  const bool any = number(fault, "count", 0) > 0;
  const Json& intervals = member(fault, "intervals");
  for (std::size_t q = 0; q < kQuantiles; ++q) {
    run.quantiles_ns[q] = any ? number(fault, kQuantileKeys[q]) : kNoValue;
    run.quantile_intervals_ns[q] = {kNoValue, kNoValue};
    const Json& interval = member(intervals, kQuantileKeys[q]);
    if (interval.is_array() && interval.size() == 2)
      run.quantile_intervals_ns[q] = {interval[0].get<double>(), interval[1].get<double>()};
  }
}

void read_messages(const Json& summary, RunRecord& run) {
  const Json& faults = member(member(summary, "counts"), "faults");
  run.accesses = number(member(summary, "counts"), "accesses", 0);
  run.faults = number(faults, "read", 0) + number(faults, "write", 0) + number(faults, "upgrade", 0);
  for (const auto& [name, type] : member(member(summary, "messages"), "by_type").items())
    run.by_type[name] = {number(type, "count", 0), number(type, "bytes", 0)};
  for (const auto& [name, event] : member(summary, "events").items()) {
    if (number(event, "count", 0) == 0) continue;
    run.events[name] = {number(event, "count", 0),     number(event, "messages_mean", 0), number(event, "messages_min"),
                        number(event, "messages_max"), number(event, "hops_mean", 0),     number(event, "hops_min"),
                        number(event, "hops_max")};
  }
}

/// Faults over time: a row of {latency bin, count, ...} a time bin. Also the series that the warm-up is judged by.
void read_timeline(const Json& summary, RunRecord& run, bool keep) {
  const Json& timeline = member(summary, "timeline");
  const double bin_ns = number(timeline, "bin_ns", 0);
  if (!(bin_ns > 0) || !timeline.contains("faults")) return;
  const Json& edges = timeline["latency_edges_ns"];
  std::vector<double> series;
  double from_ns = 0;
  for (const Json& row : timeline["faults"]) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < row.size(); i += 2) {
      const auto bin = row[i].get<std::size_t>();
      const double count = row[i + 1].get<double>();
      sum += count;
      if (keep && bin + 1 < edges.size())
        run.heat.cells.push_back(
            {from_ns, from_ns + bin_ns, edges[bin].get<double>(), edges[bin + 1].get<double>(), count});
    }
    series.push_back(sum);
    from_ns += bin_ns;
  }
  if (!series.empty()) series.pop_back();  // the last bin is cut off by the end of the run
  run.heat.bin_ns = bin_ns;
  run.warm_up = mser5(series);
}

void read_nodes(const Json& summary, RunRecord& run) {
  const double span_ns = number(summary, "simulated_ns", 0);
  const Json& config = member(summary, "config");
  const double bandwidth = number(member(member(config, "cluster"), "network"), "bandwidth_bytes_per_s", 0);
  const double capacity = bandwidth * span_ns / 1e9;
  for (const Json& node : member(summary, "nodes")) {
    NodeRecord record{node.value("name", ""), number(node, "busy_fraction", 0), kNoValue, kNoValue};
    if (capacity > 0) {
      record.link_in = number(node, "bytes_in") / capacity;
      record.link_out = number(node, "bytes_out") / capacity;
    }
    run.nodes.push_back(std::move(record));
  }
}

/// Pointers of everything in which configurations differ, seeds and what belongs to a protocol aside.
std::set<std::string> differences(const std::vector<Json>& configs) {
  std::set<std::string> pointers;
  for (std::size_t i = 1; i < configs.size(); ++i)
    for (const Json& change : Json::diff(configs.front(), configs[i])) {
      std::string pointer = change["path"].get<std::string>();
      for (const char* whole : {"/protocol", "/guard", "/costs", "/workload"})
        if (pointer.starts_with(std::string(whole) + "/") && change["op"] != "replace") pointer = whole;
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

void ResultSet::add_line(const Json& line) {
  PointRecord& point = point_at(line.value("point", Json::object()));
  const auto repetition = line.value("repetition", std::uint64_t{0});
  if (line.contains("summary")) return add_run(point, repetition, line["summary"]);
  RunRecord run;
  run.repetition = repetition;
  run.error = line.value("error", "no summary");
  point.runs.push_back(std::move(run));
}

void ResultSet::add_run(PointRecord& point, std::uint64_t repetition, const Json& summary) {
  RunRecord run;
  run.repetition = repetition;
  run.seed = summary.value("seed", std::uint64_t{0});
  const Json& verdict = member(summary, "verdict");
  run.verdict = verdict.value("oracle", "unknown");
  run.violations = verdict.value("violation_count", std::uint64_t{0});
  for (const Json& violation : member(verdict, "violations")) run.properties.insert(violation.value("property", ""));
  run.digest = summary.value("workload_digest", "");
  for (const Metric& metric : metrics()) run.metrics.push_back(metric.of(summary));
  read_latency(summary, run);
  read_messages(summary, run);
  const bool is_first = repetition == 0;
  read_timeline(summary, run, is_first);
  if (is_first) {
    read_nodes(summary, run);
    point.config = member(summary, "config");
  }
  versions_.insert(summary.value("version", "?"));
  engines_.insert(summary.value("engine", "?"));
  point.runs.push_back(std::move(run));
}

void ResultSet::add_summaries(const std::vector<Json>& summaries) {
  std::vector<Json> configs;
  for (const Json& summary : summaries) configs.push_back(member(summary, "config"));
  const std::set<std::string> pointers = differences(configs);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    Json values = Json::object();
    for (const std::string& pointer : pointers) {
      const Json::json_pointer path(pointer);
      if (configs[i].contains(path)) values[pointer] = configs[i].at(path);
    }
    PointRecord& point = point_at(values);
    add_run(point, point.runs.size(), summaries[i]);
    add_wall_seconds(number(member(summaries[i], "perf"), "wall_s", 0));
  }
}

void ResultSet::describe(const Json& sweep) { title_ = sweep.value("title", ""); }

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
