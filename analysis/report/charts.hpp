#pragma once
// The figures of a report: Vega-Lite specifications, each with the table of what it shows.

#include <optional>
#include <string>
#include <vector>

#include "analysis/picture/html_document.hpp"
#include "analysis/report/comparison.hpp"

namespace pagetoken {

struct Chart {
  std::string id;  ///< in the page and in names of exported files
  std::string title;
  std::string note;  ///< what it shows and what was assumed
  nlohmann::json spec;
  ReportTable table;
};

/// Metrics that are drawn over the axes, and whose winners are mapped.
inline constexpr const char* kKeyMetrics[] = {"messages_per_access", "fault_mean_ns", "fault_p99_ns", "accesses_per_s"};

/// Each gives nothing where there is nothing to draw.
std::optional<Chart> latency_chart(const Comparison& comparison);
std::optional<Chart> heat_chart(const Comparison& comparison);
std::optional<Chart> message_chart(const Comparison& comparison);
std::optional<Chart> utilisation_chart(const Comparison& comparison);
std::optional<Chart> winner_chart(const Comparison& comparison);
/// The metrics over one numeric axis.
std::optional<Chart> axis_chart(const Comparison& comparison, std::size_t axis);

/// A number in a table: shown with its unit.
TableCell cell_of(Unit unit, double value);

}  // namespace pagetoken
