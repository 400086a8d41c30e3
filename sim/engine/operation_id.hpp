#pragma once
// Names of operations: which node's and thread's, and the number there, so that whoever meets one finds where it began.

#include <cstdint>
#include <optional>

#include "protocols/api/ids.hpp"

namespace pagetoken {

/// As one word, never 0: of nodes below 2^21 - 1, threads below 2,047, and of 2^32 operations of a thread in a row.
class OperationId {
 public:
  static constexpr std::uint64_t of(NodeId node, std::uint32_t thread, std::uint64_t number) {
    const std::uint64_t slot = thread < kEvictions ? thread : thread + 1;
    // What a slot has beyond its low byte is above the node, so that ids are small where threads are few.
    return slot >> 8 << 61 | (std::uint64_t{index_of(node)} + 1) << 40 | (slot & 0xff) << 32 | (number & 0xffffffffu);
  }
  /// Of all evictions of a node, which no thread has asked for.
  static constexpr std::uint64_t of_evictions(NodeId node) {
    return (std::uint64_t{index_of(node)} + 1) << 40 | kEvictions << 32;
  }

  constexpr explicit OperationId(std::uint64_t word) : word_(word) {}
  /// Not of 0.
  constexpr NodeId node() const { return NodeId{static_cast<std::uint32_t>(word_ >> 40 & kNodes) - 1}; }
  /// Nothing for evictions.
  constexpr std::optional<std::uint32_t> thread() const {
    const auto slot = static_cast<std::uint32_t>(word_ >> 61 << 8 | (word_ >> 32 & 0xff));
    if (slot == kEvictions) return std::nullopt;
    return slot < kEvictions ? slot : slot - 1;
  }

 private:
  static constexpr std::uint64_t kEvictions = 255;
  static constexpr std::uint64_t kNodes = (1u << 21) - 1;
  std::uint64_t word_;
};

}  // namespace pagetoken
