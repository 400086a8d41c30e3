#pragma once
// What a timed run tells whoever records it. Times are integer nanoseconds of simulated time. Each node's events are told
// in their order, those of different nodes in batches that overlap: to be watched, a run need not be run differently.

#include <cstdint>
#include <string_view>

#include "protocols/api/ids.hpp"

namespace pagetoken {

class TraceSink {
 public:
  struct Where {
    std::int64_t time_ns = 0;
    NodeId node{};
    std::uint64_t operation = 0;  ///< cause id: the operation that this belongs to; 0 = none
  };
  virtual ~TraceSink() = default;
  /// Nothing will be told any more of what happened before `time_ns`.
  virtual void reached(std::int64_t time_ns) = 0;
  virtual void begin(const Where&, std::string_view kind, const Resource&) = 0;
  /// `event`: the elementary event, "none" for a hit.
  virtual void end(const Where&, std::string_view kind, std::string_view result, std::string_view event,
                   std::int64_t latency_ns, std::uint32_t retries) = 0;
  virtual void step(const Where&, std::uint32_t task, std::string_view kind, std::string_view step,
                    std::string_view text, std::string_view outcome, std::int64_t cost_ns) = 0;
  virtual void need(const Where&, const Resource&, Range, std::string_view mode) = 0;
  virtual void grant(const Where&, const Resource&, Range, std::string_view mode) = 0;
  virtual void yield(const Where&, const Resource&, Range, std::string_view keep) = 0;
  virtual void yielded(const Where&, const Resource&, Range, std::string_view keep) = 0;
  virtual void send(const Where&, std::uint64_t message, NodeId to, std::string_view type, const Resource&,
                    std::uint64_t bytes) = 0;
  /// `waited_ns`: in the queue of the node's message handler; `cpu_ns`: being handled, which ends now.
  virtual void handle(const Where&, std::uint64_t message, NodeId from, std::string_view type, const Resource&,
                      std::int64_t waited_ns, std::int64_t cpu_ns) = 0;
  virtual void storage(const Where&, std::uint64_t request, NodeId server, bool is_write, const Resource&,
                       std::string_view phase) = 0;
};

}  // namespace pagetoken
