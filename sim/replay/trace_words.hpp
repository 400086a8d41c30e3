#pragma once
// A trace's words as the protocols' types, and those types as words.

#include <string>

#include "protocols/api/ids.hpp"
#include "sim/trace/event.hpp"

namespace pagetoken {

Resource resource_of(const TraceEvent& event);
/// The whole resource, unless the event says which part of a file.
Range range_of(const TraceEvent& event, const Resource& resource);
Mode mode_of(std::string_view name);

std::string described(const Resource& resource);               ///< "page 3 of file 0"
std::string described(const Resource& resource, Range range);  ///< "[0, end) of file 0"

}  // namespace pagetoken
