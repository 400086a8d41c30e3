// Any bytes, read as each foreign format, yield accesses within their limits or a ConfigError.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.hpp"
#include "sim/workload/foreign_trace.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pagetoken;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* format : {"lackey", "strace", "darshan-dxt", "blkparse", "msr"}) {
    ForeignTrace trace;
    try {
      LineReader lines = LineReader::from_memory(text, "input");
      foreign_reader(format)(lines, trace);
    } catch (const ConfigError&) {
      // What most inputs deserve.
    }
    trace.sort();
    for (const TraceRow& row : trace.accesses())
      if (row.time_ns < 0 || row.offset > kMaxTraceOffset || row.length > kMaxTraceOffset - row.offset) std::abort();
  }
  return 0;
}
