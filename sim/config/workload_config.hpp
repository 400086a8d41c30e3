#pragma once
// The workload of a run configuration, bound by the tables of keys of sim/workload.

#include <optional>

#include "sim/json/section.hpp"
#include "sim/workload/spec.hpp"

namespace pagetoken {

/// Fields of a trace that `map` may name.
inline constexpr std::string_view kTraceFields[] = {"time_s", "time_us", "time_ns", "client", "op",
                                                    "file",   "page",    "offset",  "length"};

inline constexpr IntegerRange kTracePageRange{0, std::int64_t{1} << 30};
inline constexpr NumberRange kWeightRange{1e-9, 1e9};

/// A pattern with its keys, or a trace. The path of a trace is resolved as resolve_path() does; whether it can be read
/// is not looked at. `default_threads` stands in for a "threads" that is missing. Throws ConfigError.
WorkloadSpec bind_workload(const Value& value, std::optional<std::int64_t> default_threads);

/// Every key that the pattern or the trace has.
Json workload_json(const WorkloadSpec& workload);

/// The names of the values of a key that is bound to an enumeration; none for numbers and flags.
std::span<const std::string_view> names_of(const KeyInfo& key);

}  // namespace pagetoken
