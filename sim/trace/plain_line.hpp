#pragma once
// The fast way through a line as this program writes it: no blanks, no escapes, plain ASCII. Any other line, right or
// wrong, is left to simdjson.

#include <string_view>

#include "sim/trace/event.hpp"

namespace pagetoken {

/// True if `line`, behind which there are LineSource::padding() readable bytes, was read into `event` in full; every
/// value is then within the limits of event_key(). False says nothing of the line.
bool parse_plain_line(std::string_view line, TraceEvent& event);

enum class TraceValue : std::uint8_t { number, text, flag, interval, cells };
/// What a key's value is, and where in TraceEvent it belongs.
struct TraceKeyInfo {
  TraceValue value = TraceValue::number;
  std::uint8_t width = 8;  ///< of a number, in bytes
  std::uint16_t offset = 0;
  std::uint64_t max = INT64_MAX;
};
const TraceKeyInfo& info_of(TraceKey key);

/// The key of that name, or kTraceKeys; kTraceKeys + 1 for "kind". Reads up to 8 bytes behind `name`.
std::size_t find_trace_key(std::string_view name);
/// The kind of that name, or kTraceKinds.
std::size_t find_trace_kind(std::string_view name);

}  // namespace pagetoken
