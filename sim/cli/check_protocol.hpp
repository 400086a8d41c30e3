#pragma once
// The scenario "protocol": a protocol, and the VM at every node, explored for every short program of the nodes.

#include <functional>
#include <string>

#include "sim/check/exploration.hpp"
#include "sim/check/lock_order.hpp"
#include "sim/cli/protocol_set.hpp"
#include "sim/config/guards.hpp"
#include "sim/config/run_config.hpp"

namespace pagetoken {

struct ProtocolCheck {
  ProtocolConfig protocol;
  GuardConfig guard;
  std::uint32_t nodes = 2;
  std::uint32_t pages = 1;
  std::uint32_t operations = 1;   ///< of each node: loads, stores, and truncates of the whole file
  bool fifo = true;               ///< links keep order
};

/// Throws ConfigError, also for losses and crashes, which need a protocol that survives them.
ProtocolCheck bind_protocol_check(const Json& json, const std::string& file, const ProtocolSet& protocols);

struct ProtocolCheckResult {
  Exploration found{};            ///< the shortest violation, or sums over all programs
  std::uint64_t programs = 0;
  std::string program{};          ///< of the violation: "node 0: load 0; node 1: store 0"
  std::optional<std::size_t> critical{};  ///< index in the path of the step after which nothing avoids the violation
  LockOrder lock_order{};         ///< of all programs; a class is the bit of a LockKind
};
/// `stop` is asked now and then; true ends in unknown.
ProtocolCheckResult explore_protocol(const ProtocolCheck& check, const ProtocolSet& protocols, std::uint64_t max_states,
                                     const std::function<void(std::uint64_t programs)>& on_progress,
                                     const std::function<bool()>& stop);

Json protocol_result_json(const ProtocolCheck& check, const ProtocolCheckResult& result);
std::string protocol_result_text(const ProtocolCheck& check, const ProtocolCheckResult& result);

}  // namespace pagetoken
