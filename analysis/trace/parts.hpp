#pragma once
// What an operation's time is made of.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pagetoken {

enum class Part : std::uint8_t {
  wire,     ///< between a send and the arrival, messages and storage transfers alike
  queue,    ///< in the queue of a node's message handler, or behind another operation that the home serves first
  handler,  ///< in message handlers
  storage,  ///< in the queue of a storage server, and being served
  lock,     ///< waiting for a local lock, or a guard, at its own node
  remote,   ///< waiting while other nodes give tokens up: their revokes, pins and hold times
  retry,    ///< everything before the guard's last restart: it had to be done again
  local     ///< the steps of its own task, and waking up
};
inline constexpr std::size_t kParts = 8;
inline constexpr std::array<std::string_view, kParts> kPartNames{"wire", "queue",  "handler", "storage",
                                                                 "lock", "remote", "retry",   "local"};
using PartSums = std::array<std::int64_t, kParts>;
constexpr std::int64_t& at(PartSums& sums, Part part) { return sums[static_cast<std::size_t>(part)]; }
constexpr std::int64_t at(const PartSums& sums, Part part) { return sums[static_cast<std::size_t>(part)]; }

inline constexpr std::uint32_t kNobody = UINT32_MAX;

/// A piece of a critical path.
struct Segment {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  Part part = Part::local;
  std::uint32_t node = kNobody;   ///< where; of a wire: where it ends
  std::uint32_t other = kNobody;  ///< of a wire: where it begins; of storage: the server
  std::uint16_t name = 0;         ///< of a message or lock, in the table of names; 0 = none
  std::uint64_t bytes = 0;        ///< of a wire
  std::uint64_t behind = 0;       ///< queue, lock: the operation that was in front; 0 = not known
};

}  // namespace pagetoken
