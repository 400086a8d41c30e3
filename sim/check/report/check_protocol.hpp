#pragma once
// The scenario "protocol": a protocol, and the VM at every node, explored for every short program of the nodes.

#include <string>

#include "sim/check/cluster/coverage.hpp"
#include "sim/check/cluster/protocol_check.hpp"
#include "sim/check/cluster/worst_case.hpp"
#include "sim/check/report/check_report.hpp"
#include "sim/config/guards.hpp"
#include "sim/config/run_config.hpp"
#include "sim/run/protocol_set.hpp"

namespace pagetoken {

struct ProtocolCheck {
  ProtocolConfig protocol;
  GuardConfig guard;
  ProtocolSpec spec;
  // Of --worst-case:
  std::vector<Operation> menu{};  ///< what clients do; empty: every_operation
  std::uint32_t alone = 0;        ///< operations in a path, one at a time; 0 = without end
  std::uint32_t concurrent = 0;   ///< operations at once in a path; 0 = none
};
inline constexpr std::string_view kLinkNames[] = {"fifo", "unordered"};

/// Throws ConfigError.
ProtocolCheck bind_protocol_check(const Json& json, const std::string& file, const ProtocolSet& protocols);
/// What bind_protocol_check makes this of, every key said.
Json protocol_check_json(const ProtocolCheck& check);

struct ProtocolOutcome {
  ProtocolCheck check;
  ProtocolResult result;
};
Json protocol_result_json(const ProtocolOutcome& outcome);
std::string protocol_result_text(const ProtocolOutcome& outcome);
/// "ivy-fixed under page-lock, 2 nodes, 1 page, 1 operation each, fifo links"
std::string title_of(const ProtocolCheck& check);

/// What was observed: a table of states and events for nodes, and one for homes.
Json coverage_json(const Coverage& coverage, const Declaration& declaration);
std::string coverage_text(const Coverage& coverage, const Declaration& declaration);

struct WorstCases {
  ProtocolCheck check;
  WorstCase alone;
  WorstCase concurrent;
};
WorstCases find_worst_cases(const ProtocolCheck& check, const ProtocolOptions& options);
Json worst_cases_json(const WorstCases& worst);
std::string worst_cases_text(const WorstCases& worst);

}  // namespace pagetoken
