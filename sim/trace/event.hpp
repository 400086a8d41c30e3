#pragma once
// One line of a trace as it is read: its keys by name, and which of them were there. docs/files.md, "Trace of a run",
// says what they mean.

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/trace/keys.hpp"

namespace pagetoken {

struct TraceInterval {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  ///< UINT64_MAX for null
};

/// Texts are those of the file, escapes and all, and hold until the next event is read.
struct TraceEvent {
  TraceKind kind{};
  std::uint64_t present = 0;  ///< a bit() for each key that was there
#define KEY(NAME, TYPE, VALUE, MAX, WORDS) TYPE NAME{};
  PAGETOKEN_TRACE_KEYS(KEY)
#undef KEY

  bool has(TraceKey key) const { return (present & bit(key)) != 0; }
  bool has_any(std::uint64_t keys) const { return (present & keys) != 0; }
};

}  // namespace pagetoken
