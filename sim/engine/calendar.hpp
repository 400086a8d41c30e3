#pragma once
// The events to come, and how far the node that is being worked on may go alone.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/engine/agenda.hpp"

namespace pagetoken {

enum class EventKind : std::uint32_t {
  thread,
  step,
  arrive,
  handle,
  disk_arrive,
  disk_done,
  disk_reply,
  timer,
  disk_moved
};

/// Every part of the engine reads and moves these times, all in simulated nanoseconds.
class Calendar {
 public:
  explicit Calendar(std::uint32_t nodes) : agenda(nodes), nodes_(nodes) {}

  /// An event of a node for itself.
  void add(NodeId id, std::int64_t time_ns, EventKind kind, std::uint32_t payload) {
    agenda.add(id, {time_ns, local_rank(id), static_cast<std::uint32_t>(kind), payload});
    if (kind != EventKind::timer) ++live;
  }
  /// The next rank among events of one instant: of a node's own events, and of those that it sends to others.
  std::uint64_t local_rank(NodeId id) { return nodes_[index_of(id)].local++ & 0xffffffffu; }
  std::uint64_t sent_rank(NodeId from) {
    return (std::uint64_t{index_of(from)} + 1) << 32 | (nodes_[index_of(from)].sent++ & 0xffffffffu);
  }
  /// Before this the node can go on without another having a say.
  std::int64_t limit(NodeId id) const { return std::min(agenda.next_time(id), bound_ns); }
  /// The node that is being worked on may be answered at this time: it must not go beyond.
  void bound(std::int64_t time_ns) { bound_ns = std::min(bound_ns, time_ns); }
  bool quiet() const { return live == 0; }

  Agenda agenda;
  std::uint64_t live = 0;       ///< events not yet dispatched, timers aside; transfers under way count
  std::int64_t now_ns = 0;      ///< of the node being worked on
  std::int64_t bound_ns = 0;    ///< nothing that is not known yet can happen before
  std::int64_t settled_ns = 0;  ///< no node does anything before
  std::int64_t latest_ns = 0;   ///< of all events dispatched

 private:
  struct Ranks {
    std::uint64_t local = 0;
    std::uint64_t sent = 0;
  };
  std::vector<Ranks> nodes_;
};

/// A hash of what happened at each node, in its order.
class EventHistory {
 public:
  explicit EventHistory(std::uint32_t nodes) : hashes_(nodes) {}

  void add(NodeId id, std::uint64_t word) {
    std::uint64_t& hash = hashes_[index_of(id)];
    hash = (hash ^ word) * kFactor;
    hash ^= hash >> 35;
  }
  void add_hits(NodeId id, std::uint64_t hits, std::int64_t now_ns) {
    std::uint64_t& hash = hashes_[index_of(id)];
    hash = (hash ^ (hits << 1) ^ static_cast<std::uint64_t>(now_ns)) * kFactor;
  }
  const std::vector<std::uint64_t>& hashes() const { return hashes_; }

 private:
  static constexpr std::uint64_t kFactor = 0x9fb21c651e98df25u;
  std::vector<std::uint64_t> hashes_;
};

}  // namespace pagetoken
