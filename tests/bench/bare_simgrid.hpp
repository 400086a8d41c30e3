#pragma once
// What SimGrid alone makes of as many messages: the floors that the engine simgrid is measured beside.

#include <cstdint>

namespace pagetoken {

/// Requests and replies between random hosts of a star, one outstanding a host.
struct BareRun {
  std::uint32_t hosts = 16;
  std::uint64_t messages = 0;  ///< at least; requests and replies alike
  std::uint64_t request_bytes = 0;
  std::uint64_t reply_bytes = 0;
  double latency_s = 0;  ///< of each of the two links of a route
  double bandwidth_bytes_per_s = 0;
};

/// CPU seconds that the run took, its platform not counted. Once in a process.
/// An actor a host: get from its own mailbox, put a reply or the next request.
double run_bare_actors(const BareRun& run);
/// No actor: a communication that completes begins the next one.
double run_bare_communications(const BareRun& run);

}  // namespace pagetoken
