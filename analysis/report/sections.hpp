#pragma once
// What a report says in words and tables, before it is put into HTML or Markdown.

#include <string>
#include <vector>

#include "analysis/report/charts.hpp"
#include "analysis/report/document.hpp"

namespace pagetoken {

/// What was varied, over what, how often.
std::vector<std::string> question(const Comparison& comparison);

/// How a series did before its judges.
struct VerdictCard {
  std::string name;
  std::string verdict;             ///< ok, violated, unknown, or failed
  std::vector<std::string> facts;  ///< sentences
};
std::vector<VerdictCard> verdicts(const Comparison& comparison, const ReportContents& contents);

/// Series by metric: mean, 95 % half-width, and the paired difference to the baseline, marked where it is beyond
/// chance.
ReportTable overview_table(const Comparison& comparison);
/// Every point by metric.
ReportTable detail_table(const Comparison& comparison);
inline constexpr std::size_t kMaxDetailRows = 2000;
/// `before` against now, point by point; empty if they have no point in common.
ReportTable change_table(const Comparison& now, const Comparison& before);

/// Certified costs beside the means of the runs; no rows where nothing was certified.
ReportTable certified_table(const ReportContents& contents);

std::vector<std::string> crossover_texts(const Comparison& comparison);
/// What the numbers assume.
std::vector<std::string> assumptions(const Comparison& comparison);

}  // namespace pagetoken
