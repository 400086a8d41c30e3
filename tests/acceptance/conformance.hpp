#pragma once
// The grid over which the two engines are compared: every protocol, every pattern.

#include <algorithm>

#include "tests/support/simulation.hpp"

namespace pagetoken {

struct GridPoint {
  std::string protocol;
  std::string pattern;
};
inline void PrintTo(const GridPoint& point, std::ostream* out) { *out << point.protocol << " on " << point.pattern; }

inline std::string name_of_point(const testing::TestParamInfo<GridPoint>& info) {
  std::string name = info.param.protocol + "_" + info.param.pattern;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

inline std::vector<GridPoint> grid() {
  std::vector<GridPoint> points;
  for (const Declaration* declaration : protocols().declarations())
    for (const PatternInfo& pattern : pattern_table())
      points.push_back({std::string(declaration->name), std::string(pattern.name)});
  return points;
}

inline Json grid_config(const GridPoint& point, bool serial, std::int64_t accesses, const char* contention) {
  Json workload{{"pattern", point.pattern}, {"serial", serial}};
  if (point.pattern == "mixed") workload["parts"] = {{{"pattern", "zipf"}}, {{"pattern", "append"}}};
  return {{"protocol", point.protocol},
          {"cluster", {{"clients", point.pattern == "ping-pong" ? 2 : 4}, {"network", {{"contention", contention}}}}},
          {"workload", workload},
          {"warmup", {{"accesses", 50}}},
          {"stop", {{"accesses", accesses}}}};
}

/// The same with messages that take up to five times as long, and without a hold time that would hide what they do.
inline Json jittered(Json config) {
  config["cluster"]["network"]["jitter_ns"] = 60'000;
  if (config["protocol"] == "dlm-file") config["protocol"] = {{"name", "dlm-file"}, {"params", {{"hold_ns", 0}}}};
  return config;
}

/// What two summaries are compared by: everything but who made them, how, and how fast.
inline Json results(Json summary) {
  for (const char* key : {"config", "engine", "fingerprint", "perf"}) summary.erase(key);
  return summary;
}

}  // namespace pagetoken
