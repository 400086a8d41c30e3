#pragma once
// The formats of traces that are known by name, and which of them can be read.

#include <span>
#include <string_view>

namespace pagetoken {

struct TraceFormat {
  std::string_view name;
  std::string_view description;
  bool replayed;  ///< a workload may name it; the others go through `pagetoken import`, which reads all
};

/// All formats, those that are replayed first.
std::span<const TraceFormat> trace_formats();

/// The format of that name. Throws ConfigError(file, place, ...), listing those that are replayed, if it is unknown or
/// is not.
const TraceFormat& require_trace_format(std::string_view name, std::string_view file, std::string_view place);

/// The first line of our own format; the number of bytes follows: the unit in which the source counted pages.
inline constexpr std::string_view kTraceMagic = "# pagetoken accesses 1 page_bytes=";
/// Its second line.
inline constexpr std::string_view kTraceHeader = "time_ns,client,op,file,offset,length";

}  // namespace pagetoken
