#pragma once
// Traces of runs, written by the simulator in this process, and analysed.

#include <functional>
#include <string>

#include <fmt/format.h>

#include "analysis/trace/results.hpp"
#include "sim/base/error.hpp"
#include "sim/trace/reader.hpp"
#include "simulation.hpp"

namespace pagetoken {

/// The text of a run's trace.
inline std::string trace_of(const Json& config, const std::string& name = "run.jsonl") {
  const ScratchFile file(name);
  JsonlTrace trace(file.path());
  simulate(bind_run_config(config, "test", protocols().declarations()), protocols(), {.trace = &trace});
  std::ostringstream text;
  text << std::ifstream(file.path(), std::ios::binary).rdbuf();
  return text.str();
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
