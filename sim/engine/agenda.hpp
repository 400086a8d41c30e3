#pragma once
// The events to come: a small heap for each node, and a heap over nodes by their earliest event.
//
// Two levels, because nodes meet only through messages: what one node does in the next `latency` nanoseconds cannot
// touch another, so that a node works through its own events in a batch. Ties are broken by who sent an event and its
// number there, never by the order of execution: batches change no result.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "protocols/api/ids.hpp"
#include "sim/base/int128.hpp"

namespace pagetoken {

struct AgendaEvent {
  std::int64_t time_ns = 0;
  std::uint64_t rank = 0;  ///< among events of one instant: 0 to 2^32 - 1 local, then by sender and its number
  std::uint32_t kind = 0;  ///< the engine's
  std::uint32_t payload = 0;

  /// As one wide number: a branch on times that are as good as random would be guessed wrong every other time.
  friend bool operator<(const AgendaEvent& a, const AgendaEvent& b) { return a.key() < b.key(); }
  uint128 key() const { return static_cast<uint128>(static_cast<std::uint64_t>(time_ns)) << 64 | rank; }
};

class Agenda {
 public:
  static constexpr std::int64_t kNever = INT64_MAX;

  explicit Agenda(std::uint32_t nodes) : queues_(nodes), place_(nodes, kNowhere) {}

  /// Adds an event for a node, which need not be the one that is being worked on.
  void add(NodeId node, const AgendaEvent& event) {
    std::vector<AgendaEvent>& queue = queues_[index_of(node)];
    queue.push_back(event);
    std::size_t at = queue.size() - 1;
    for (; at > 0; at = (at - 1) / 4) {
      AgendaEvent& parent = queue[(at - 1) / 4];
      if (!(event < parent)) break;
      queue[at] = parent;
    }
    queue[at] = event;
    if (at == 0 && node != busy_) raise({event.time_ns, index_of(node)});
  }

  bool empty() const { return heap_.empty(); }
  std::int64_t first_time() const { return heap_.empty() ? kNever : heap_[0].time_ns; }
  std::int64_t next_time(NodeId node) const {
    const std::vector<AgendaEvent>& queue = queues_[index_of(node)];
    return queue.empty() ? kNever : queue[0].time_ns;
  }

  /// Takes the node with the earliest event out of the order until `release`; the caller works on it.
  NodeId acquire() {
    busy_ = NodeId{heap_[0].node};
    heap_[0].time_ns = kBusy;
    return busy_;
  }
  /// Of all nodes but the one being worked on.
  std::int64_t others_first_time() const {
    std::int64_t first = kNever;
    const std::size_t end = std::min<std::size_t>(heap_.size(), 5);  // the children of the first
    for (std::size_t i = 1; i < end; ++i) first = std::min(first, heap_[i].time_ns);
    return first;
  }
  void release() {
    const std::uint32_t node = index_of(busy_);
    busy_ = kNoNode;
    if (const std::vector<AgendaEvent>& queue = queues_[node]; !queue.empty()) {
      sink_first({queue[0].time_ns, node});
      return;
    }
    place_[node] = kNowhere;
    const Head last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink_first(last);
  }

  /// The node's earliest event, which is taken out. Only for the node being worked on.
  AgendaEvent pop(NodeId node) {
    std::vector<AgendaEvent>& queue = queues_[index_of(node)];
    const AgendaEvent first = queue[0];
    const AgendaEvent last = queue.back();
    queue.pop_back();
    if (!queue.empty()) sink(queue, last);
    return first;
  }

 private:
  static constexpr std::uint32_t kNowhere = ~0u;
  static constexpr std::int64_t kBusy = INT64_MIN;  // the node stays first while it is worked on, whatever is added

  /// A node with the time of its earliest event.
  struct Head {
    std::int64_t time_ns = 0;
    std::uint32_t node = 0;
    friend bool operator<(const Head& a, const Head& b) {
      return a.time_ns != b.time_ns ? a.time_ns < b.time_ns : a.node < b.node;
    }
  };

  static void sink(std::vector<AgendaEvent>& queue, const AgendaEvent& event) {
    std::size_t at = 0;
    for (;;) {
      const std::size_t child = 4 * at + 1;
      if (child >= queue.size()) break;
      std::size_t least = child;
      const std::size_t end = std::min(child + 4, queue.size());
      for (std::size_t c = child + 1; c < end; ++c) least = queue[c] < queue[least] ? c : least;
      if (!(queue[least] < event)) break;
      queue[at] = queue[least];
      at = least;
    }
    queue[at] = event;
  }

  // The heap over nodes; place_ says where a node is in it.
  void raise(const Head& head) {
    if (place_[head.node] == kNowhere) {
      place_[head.node] = static_cast<std::uint32_t>(heap_.size());
      heap_.push_back(head);
    }
    std::uint32_t at = place_[head.node];
    for (; at > 0; at = (at - 1) / 4) {
      const Head& parent = heap_[(at - 1) / 4];
      if (!(head < parent)) break;
      put(at, parent);
    }
    put(at, head);
  }
  /// Puts what replaces the first into its place.
  void sink_first(const Head& head) {
    const auto size = static_cast<std::uint32_t>(heap_.size());
    std::uint32_t at = 0;
    for (;;) {
      const std::uint32_t child = 4 * at + 1;
      if (child >= size) break;
      const std::uint32_t end = std::min(child + 4, size);
      std::uint32_t least = child;
      for (std::uint32_t c = child + 1; c < end; ++c) least = heap_[c] < heap_[least] ? c : least;
      if (!(heap_[least] < head)) break;
      put(at, heap_[least]);
      at = least;
    }
    put(at, head);
  }
  void put(std::uint32_t at, const Head& head) {
    heap_[at] = head;
    place_[head.node] = at;
  }

  std::vector<std::vector<AgendaEvent>> queues_;
  std::vector<Head> heap_;
  std::vector<std::uint32_t> place_;
  NodeId busy_ = kNoNode;
};

}  // namespace pagetoken
