#pragma once
// The analysis as one self-contained HTML page: it asks nothing of any network.

#include <map>
#include <string>

#include "analysis/trace/analysis.hpp"

namespace pagetoken {

/// `sequences`: an SVG for each of the slow operations that have one, by operation id.
std::string results_document(const TraceAnalysis& analysis, const std::string& title,
                             const std::map<std::uint64_t, std::string>& sequences);

}  // namespace pagetoken
