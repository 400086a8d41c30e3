#pragma once
// What a run counts, from the end of the warm-up on (docs/protocols.md, "Counting").

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "protocols/api/declaration.hpp"
#include "sim/base/histogram.hpp"
#include "sim/cluster/event_kind.hpp"
#include "sim/engine/fault_timeline.hpp"

namespace pagetoken {

/// Kinds of operations that latencies are reported for. `fault`: reads and writes that had to acquire a token.
enum class OperationKind : std::uint8_t { read, write, fault, truncate, extend, punch, fsync };
inline constexpr std::size_t kOperationKinds = 7;
inline constexpr std::array<std::string_view, kOperationKinds> kOperationKindNames{
    "read", "write", "fault", "truncate", "extend", "punch", "fsync"};

struct MessageCount {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

/// Messages and hops of operations are those that they caused until they ended; of what nobody waits for, all.
struct EventCount {
  std::uint64_t count = 0;
  std::uint64_t messages = 0;
  std::uint64_t hops = 0;
  Histogram latency_ns;
  // Of one operation; meaningful where there was one that has an end.
  std::uint32_t messages_min = UINT32_MAX;
  std::uint32_t messages_max = 0;
  std::uint32_t hops_min = UINT32_MAX;
  std::uint32_t hops_max = 0;
};

struct NodeCount {
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_in = 0;  ///< of messages and storage transfers
  std::uint64_t bytes_out = 0;
  std::int64_t busy_ns = 0;  ///< of the CPU that handles messages, or of the disk
};

struct Statistics {
  std::uint64_t accesses = 0;  ///< pages touched by reads and writes, and other operations one each
  std::uint64_t hits = 0;      ///< accesses = hits + faults + refused + errors
  std::uint64_t minor_faults = 0;
  std::uint64_t retries = 0;
  std::uint64_t sigbus = 0;
  std::uint64_t invalidations = 0;
  std::uint64_t downgrades = 0;
  std::uint64_t read_faults = 0;
  std::uint64_t write_faults = 0;
  std::uint64_t upgrades = 0;
  std::uint64_t refused = 0;  ///< accesses that the protocol refused
  std::uint64_t errors = 0;   ///< accesses that failed otherwise: beyond the end of the file
  std::uint64_t data_messages = 0;
  std::uint64_t storage_messages = 0;
  std::uint64_t message_bytes = 0;
  std::uint64_t messages = 0;
  std::uint64_t messages_after = 0;  ///< caused by operations that had ended; as in `events`, sizes apart
  std::array<EventCount, kElementaryEvents> events{};
  std::array<Histogram, kOperationKinds> latency_ns{};
  std::vector<MessageCount> by_type;  ///< indexed by message type; sizes of files behind, types + type
  std::vector<NodeCount> nodes;
  FaultTimeline timeline;     ///< faults by when they ended
  std::int64_t start_ns = 0;  ///< when counting began, in simulated time
  std::int64_t end_ns = 0;
};

}  // namespace pagetoken
