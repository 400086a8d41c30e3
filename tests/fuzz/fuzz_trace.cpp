// Any bytes, read as a foreign csv and as a trace of ours, yield accesses within their limits or a ConfigError.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.hpp"
#include "sim/workload/csv_reader.hpp"

namespace {

void read_all(std::string_view text, bool is_ours) {
  using namespace pagetoken;
  try {
    CsvReader reader(LineReader::from_memory(text, "input"), {}, is_ours);
    TraceRow row;
    while (reader.next(row)) {
      const bool in_range = row.time_ns >= 0 && row.client < kMaxClients && index_of(row.file) < kMaxFiles &&
                            row.offset <= kMaxTraceOffset && row.offset + row.length <= kMaxTraceOffset;
      if (!in_range) std::abort();
    }
  } catch (const ConfigError&) {
    // What most inputs deserve.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_all(text, false);
  read_all(text, true);
  return 0;
}
