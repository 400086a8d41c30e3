#pragma once
// The report itself: one HTML page that needs nothing else; the same as Markdown and CSV for other programs.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/report/comparison.hpp"

namespace pagetoken {

/// What was explored of a protocol or guard elsewhere (`check --json`).
struct ExploredCase {
  std::string subject;  ///< protocol
  std::string what;     ///< scenario and bounds
  std::string verdict;  ///< ok, violated, unknown
  std::uint64_t states = 0;
};

/// What an elementary event costs, over every path of a small cluster (`check --worst-case --json`).
struct CertifiedCost {
  std::string subject;  ///< protocol
  std::string event;    ///< "WMISS_SHARED(2)": 2 other nodes hold the page
  double least = 0;     ///< messages
  double most = 0;      ///< ...; infinite: there is no most
  double hops = 0;      ///< the most; infinite: there is no most
  std::string what;     ///< was explored: "3 nodes, 1 page, one operation after another"
};

/// One message or wait of a fault, for its picture.
struct SequenceStep {
  double start_ns = 0;
  double end_ns = 0;
  std::size_t from = 0;  ///< index into `nodes`
  std::size_t to = 0;    ///< the same as `from` for what happens at one node
  std::string text;
};
struct FaultSequence {
  std::string title;  ///< "ivy-fixed: the worst fault, 12 us"
  std::vector<std::string> nodes;
  std::vector<SequenceStep> steps;  ///< by time
};

struct ReportContents {
  const ResultSet* results = nullptr;
  const ResultSet* before = nullptr;  ///< of the same sweep, to be compared with; may be null
  std::string baseline{};             ///< the series that others are compared with; empty = the first
  std::string program_version{};
  std::string command{};                          ///< that makes the report again
  std::map<std::string, std::string> promises{};  ///< protocol -> what its declaration promises
  std::vector<ExploredCase> explorations{};
  std::vector<CertifiedCost> certified{};
  std::vector<FaultSequence> sequences{};
};

std::string report_html(const ReportContents& contents);
std::string report_markdown(const ReportContents& contents);
/// A line a run: what was varied, repetition, seed, verdict and every metric.
std::string report_csv(const ReportContents& contents);

}  // namespace pagetoken
