#pragma once
// The fast way through a line as this program writes it: no blanks, no escapes, plain ASCII. Any other line, right or
// wrong, is left to simdjson.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "sim/trace/event.hpp"

namespace pagetoken {

class PlainLineParser {
 public:
  PlainLineParser();
  ~PlainLineParser();
  PlainLineParser(const PlainLineParser&) = delete;
  /// True if `line`, behind which there are LineSource::padding() readable bytes of which the first is a newline, was
  /// read into `event` in full; every value is then within the limits of info_of(), and texts hold until the next call.
  /// False says nothing of the line.
  bool parse(std::string_view line, TraceEvent& event);

  /// Which key came last after this one, in a line of this kind (or before its kind is known): most lines look like an
  /// earlier one, and then a key takes one comparison.
  using Successors = std::array<std::array<std::uint8_t, kTraceKeys + 2>, kTraceKinds + 1>;

 private:
  static constexpr int kSlotBits = 10;
  struct StepEnding;
  Successors successors_{};
  std::array<std::unique_ptr<StepEnding>, std::size_t{1} << kSlotBits> endings_;
};

enum class TraceValue : std::uint8_t { number, text, flag, interval, cells };
/// What a key's value is, and where in TraceEvent it belongs.
struct TraceKeyInfo {
  TraceValue value = TraceValue::number;
  std::uint8_t width = 8;  ///< of a number, in bytes
  std::uint16_t offset = 0;
  std::uint64_t max = INT64_MAX;
};
const TraceKeyInfo& info_of(TraceKey key);

/// The key of that name, or kTraceKeys; kTraceKeys + 1 for "kind".
std::size_t find_trace_key(std::string_view name);
/// The kind of that name, or kTraceKinds.
std::size_t find_trace_kind(std::string_view name);

}  // namespace pagetoken
