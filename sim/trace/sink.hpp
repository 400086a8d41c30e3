#pragma once
// What a timed run tells whoever records it. Times are integer nanoseconds of simulated time. Each node's events are
// told in their order, those of different nodes in batches that overlap: to be watched, a run need not be run
// differently.

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
  /// What made something happen, where that is known: all in one instant at one node.
  struct By {
    enum class Kind : std::uint8_t { nothing, task, message, request, timer };
    Kind kind = Kind::nothing;
    std::uint64_t id = 0;  ///< the task's slot, the message's or the storage request's number
  };
  /// The access of which an operation performs what falls into one page.
  struct Access {
    std::string_view op;   ///< read, write, append, truncate, extend, punch, fsync
    std::string_view via;  ///< mmap, syscall
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };
  /// What a task waits for that could not go on.
  struct Waiting {
    std::string_view what{};   ///< lock, token, pins ...; empty = it does not wait
    std::string_view lock{};   ///< of a lock: its name
    std::uint64_t holder = 0;  ///< of a lock: the operation that has it; 0 = unknown, or several readers
    const Resource* on = nullptr;
  };
  /// Accesses of one node to one page through a present PTE, since they were last told.
  struct Hits {
    std::uint64_t count = 0;
    std::uint64_t cells = 0;  ///< which 64ths of the page they touched
    std::uint64_t begin = 0;  ///< [begin, end): bytes of the page between which they lie
    std::uint64_t end = 0;
  };
  virtual ~TraceSink() = default;
  /// Until the next call, what is told was made to happen by this.
  virtual void because(const By& by) = 0;
  /// Nothing will be told any more of what happened before `time_ns`.
  virtual void reached(std::int64_t time_ns) = 0;
  virtual void begin(const Where&, std::string_view kind, const Resource&, const Access&) = 0;
  /// `event`: the elementary event, "none" for a hit.
  virtual void end(const Where&, std::string_view kind, std::string_view result, std::string_view event,
                   std::int64_t latency_ns, std::uint32_t retries) = 0;
  virtual void step(const Where&, std::uint32_t task, std::string_view kind, std::string_view step,
                    std::string_view text, const Waiting&, bool retried, std::int64_t cost_ns) = 0;
  /// The task stops waiting; its next step begins `delay_ns` later.
  virtual void wake(const Where&, std::uint32_t task, std::int64_t delay_ns) = 0;
  virtual void hits(const Where&, const Resource&, const Hits& reads, const Hits& writes) = 0;
  /// What the protocol may ask about the node's use of a file, when that has changed.
  virtual void use(const Where&, FileId, std::uint64_t open_count, PageIndex last_end, bool sequential) = 0;
  virtual void evict(const Where&, const Resource&) = 0;
  virtual void timer(const Where&, const Resource&, std::string_view name) = 0;
  virtual void need(const Where&, const Resource&, Range, std::string_view mode) = 0;
  virtual void grant(const Where&, const Resource&, Range, std::string_view mode) = 0;
  virtual void yield(const Where&, const Resource&, Range, std::string_view keep) = 0;
  virtual void yielded(const Where&, const Resource&, Range, std::string_view keep) = 0;
  virtual void send(const Where&, std::uint64_t message, NodeId to, std::string_view type, const Resource&,
                    std::uint64_t bytes) = 0;
  /// `waited_ns`: in the queue of the node's message handler; `cpu_ns`: being handled, which ends now.
  virtual void handle(const Where&, std::uint64_t message, NodeId from, std::string_view type, const Resource&,
                      std::int64_t waited_ns, std::int64_t cpu_ns) = 0;
  /// `waited_ns`, `service_ns`: of the phase "served", in the server's queue and being served.
  virtual void storage(const Where&, std::uint64_t request, NodeId server, bool is_write, const Resource&,
                       std::string_view phase, std::int64_t waited_ns, std::int64_t service_ns) = 0;
};

}  // namespace pagetoken
