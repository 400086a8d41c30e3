#pragma once
// Which messages an operation caused until it ended, and which follow.

#include <cstdint>
#include <vector>

#include "sim/engine/statistics.hpp"

namespace pagetoken {

struct EndedOperation {
  std::uint64_t id = 0;
  ElementaryEvent event{};
  std::uint32_t hops = 0;
  std::int64_t end_ns = 0;
  std::uint32_t messages = 0;
};

/// Of one thread. The loop works ahead at one node while another is behind in time, so that a message may be told of
/// before the operation has ended and count as sent after it, and the other way round: what is told is kept until no
/// node is behind.
class OperationCosts {
 public:
  void begin(std::uint64_t operation) {
    open_ = operation;
    has_caused_ = false;
    sent_ns_.clear();
  }
  /// A message of `operation` is sent, by whatever node. `counts`: it crosses the network and belongs to the event.
  void caused(std::uint64_t operation, std::int64_t time_ns, bool counts, Statistics& statistics);
  /// The operation in progress ends. `none`: it was no event, and is counted nowhere.
  void end(ElementaryEvent event, std::uint32_t hops, std::int64_t end_ns, Statistics& statistics);
  /// No node is before this time: what ended earlier is counted.
  void settle(std::int64_t time_ns, Statistics& statistics);

 private:
  std::uint64_t open_ = 0;             // the operation in progress; 0 = none
  bool has_caused_ = false;            // by it: any message, one to oneself included
  std::vector<std::int64_t> sent_ns_;  // its messages, as they were told
  std::vector<EndedOperation> ended_;  // that another message may still belong to, oldest first
};

}  // namespace pagetoken
