#pragma once
// The scenario "protocol": a protocol, and the VM at every node, explored for every short program of the nodes.

#include <string>

#include "sim/check/protocol_check.hpp"
#include "sim/cli/check_report.hpp"
#include "sim/cli/protocol_set.hpp"
#include "sim/config/guards.hpp"
#include "sim/config/run_config.hpp"

namespace pagetoken {

struct ProtocolCheck {
  ProtocolConfig protocol;
  GuardConfig guard;
  ProtocolSpec spec;
};
inline constexpr std::string_view kLinkNames[] = {"fifo", "unordered"};

/// Throws ConfigError, also for losses and crashes, which need a protocol that survives them.
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

/// What `replay` needs to play a violation again.
Json protocol_counterexample_json(const ProtocolOutcome& outcome);
Json protocol_steps_json(const ProtocolResult& result);

/// When the steps of a counterexample happen in the timed engine, on its default network and storage.
PathTimes protocol_times(const ProtocolOutcome& outcome, const StepCosts& costs);
/// The steps as a table; with times where given.
std::string protocol_steps_text(const ProtocolResult& result, const PathTimes* times);
/// One self-contained page with a sequence diagram: a lane a node, an arrow a message.
std::string protocol_steps_html(const ProtocolOutcome& outcome, const PathTimes& times);

}  // namespace pagetoken
