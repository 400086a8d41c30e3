// Any bytes, read as a trace, are analysed up to where they are none; parts always sum to latencies.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "analysis/trace/results.hpp"
#include "sim/base/error.hpp"
#include "sim/trace/reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pagetoken;
  try {
    TraceReader reader = TraceReader::from_memory({reinterpret_cast<const char*>(data), size}, "input");
    if (reader.head().roles.count() > 1000) return 0;
    TraceAnalysis analysis(reader.head());
    try {
      for (TraceEvent event; reader.next(event);) analysis.add(event);
    } catch (const ConfigError&) {
      // What came before is analysed.
    }
    analysis.finish();
    results_json(analysis);
    std::int64_t sum = 0;
    for (const std::int64_t part : analysis.all().parts) sum += part;
    if (sum != analysis.all().latency_ns) std::abort();
  } catch (const ConfigError&) {
    // No trace.
  }
  return 0;
}
