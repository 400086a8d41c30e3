#pragma once
// Traces of runs, written by the simulator in this process, and analysed.

#include <algorithm>
#include <functional>
#include <string>

#include <fmt/format.h>

#include "analysis/trace/results.hpp"
#include "sim/base/error.hpp"
#include "sim/trace/reader.hpp"
#include "tests/support/simulation.hpp"

namespace pagetoken {

/// The text of a run's trace.
inline std::string trace_of(const Json& config, const std::string& name = "run.jsonl") {
  const ScratchFile file(name);
  TraceWriter trace(file.path());
  simulate(bind_run_config(config, "test", protocols().declarations()), protocols(), {.trace = &trace});
  std::ostringstream text;
  text << std::ifstream(file.path(), std::ios::binary).rdbuf();
  return text.str();
}

/// The same in a process of its own, which a run on SimGrid takes.
inline std::string trace_apart(const Json& config) {
  const Forked run = run_forked([&] { return trace_of(config); }, 250);
  EXPECT_TRUE(run.done) << run.errors;
  return run.result;
}

/// Much at once: evictions, truncates, appends, several threads, costs that vary.
inline Json busy_run(const std::string& protocol, const std::string& engine, int accesses = 500) {
  return {{"protocol", protocol},
          {"engine", engine},
          {"cluster", {{"clients", 6}, {"cache_pages", 4}}},
          {"costs", {{"preset", "modern"}, {"sigma", 0.5}}},
          {"workload",
           {{"pattern", "mixed"},
            {"threads", 3},
            {"parts",
             {{{"weight", 4}, {"pattern", "uniform"}, {"pages", 8}, {"write_fraction", 0.4}},
              {{"weight", 1}, {"pattern", "truncate-storm"}, {"pages", 8}, {"truncate_interval_ns", 200000}},
              {{"weight", 1}, {"pattern", "append"}}}}}},
          {"warmup", {{"accesses", 0}}},
          {"stop", {{"accesses", accesses}}}};
}

/// Every protocol on every engine.
struct ProtocolOnEngine {
  std::string protocol;
  std::string engine;
};
inline std::vector<ProtocolOnEngine> every_protocol_on_every_engine() {
  std::vector<ProtocolOnEngine> all;
  for (const Declaration* declaration : protocols().declarations())
    for (const char* engine : {"event", "simgrid"}) all.push_back({std::string(declaration->name), engine});
  return all;
}
inline std::string name_of_case(const testing::TestParamInfo<ProtocolOnEngine>& info) {
  std::string name = info.param.protocol + "_on_" + info.param.engine;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

inline void analyse(const std::string& text, TraceAnalysis& analysis) {
  TraceReader reader = TraceReader::from_memory(text, "trace");
  TraceEvent event;
  while (reader.next(event)) analysis.add(event);
  analysis.finish();
}
inline TraceHead head_of(const std::string& text) { return TraceReader::from_memory(text, "trace").head(); }

inline AnalysisJson analysed(const std::string& text) {
  TraceAnalysis analysis(head_of(text));
  analyse(text, analysis);
  return results_json(analysis);
}

}  // namespace pagetoken
