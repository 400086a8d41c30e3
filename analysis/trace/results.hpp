#pragma once
// What an analysis found, for programs and for people.

#include <string>

#include <nlohmann/json.hpp>

#include "analysis/trace/analysis.hpp"

namespace pagetoken {

using AnalysisJson = nlohmann::ordered_json;

/// `analyze --json`, key by key in README.md beside this file.
AnalysisJson results_json(const TraceAnalysis& analysis);

/// The same as a readable page of text.
std::string results_text(const TraceAnalysis& analysis);

/// The pages that were waited for longest, the worst first; at most 200.
std::vector<const PageRecord*> hottest_pages(const TraceAnalysis& analysis);

/// Who takes tokens from whom, as Graphviz: an edge for each pair of nodes, its weight the number of handoffs.
std::string migration_dot(const TraceAnalysis& analysis);

/// The migration graph's groups: nodes that take tokens from each other, directly or through others (its strongly
/// connected components of two nodes and more, largest first).
std::vector<std::vector<std::uint32_t>> sharing_groups(const TraceAnalysis& analysis);

}  // namespace pagetoken
