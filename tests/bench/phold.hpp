#pragma once
// PHOLD: every event, when its time comes, makes another for a random node at a random later time. What the event
// loop's own agenda makes of it, and beside it a plain heap of all events, which is the least that any loop has to do.

#include <cstdint>

namespace pagetoken {

struct Phold {
  std::uint32_t nodes = 128;
  std::uint32_t pending = 1'000;     ///< events at any time
  std::uint64_t events = 1'000'000;  ///< to be handled, about
};

/// What came of one; both kinds handle the same events.
struct PholdRun {
  double cpu_s = 0;
  std::uint64_t events = 0;
  std::uint64_t digest = 0;  ///< of all of them, in any order
};

PholdRun run_on_agenda(const Phold& phold);
PholdRun run_on_plain_heap(const Phold& phold);

}  // namespace pagetoken
