#pragma once
// What `check --json` wrote, as a report shows it.

#include "analysis/report/document.hpp"
#include "sim/json/section.hpp"

namespace pagetoken {

/// Adds one result, the results of a matrix, or worst cases. Throws ConfigError for what is none of these.
void add_check_results(const Value& value, ReportContents& contents);

}  // namespace pagetoken
