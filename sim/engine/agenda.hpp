#pragma once
// The events to come: a small heap for each node, and a heap over nodes by their earliest event.
//
// Two levels, because nodes meet only through messages: what one node does in the next `latency` nanoseconds cannot
// touch another, so that a node works through its own events in a batch. Ties are broken by who sent an event and its
// number there, never by the order of execution: batches change no result.

#include <cstdint>
#include <vector>

#include "protocols/api/ids.hpp"

namespace pagetoken {

struct AgendaEvent {
  std::int64_t time_ns = 0;
  std::uint64_t rank = 0;     ///< among events of one instant: 0 to 2^32 - 1 local, then by sender and its number
  std::uint32_t kind = 0;     ///< the engine's
  std::uint32_t payload = 0;

  friend bool operator<(const AgendaEvent& a, const AgendaEvent& b) {
    return a.time_ns != b.time_ns ? a.time_ns < b.time_ns : a.rank < b.rank;
  }
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
    if (at == 0 && node != busy_) raise(index_of(node));
  }

  bool empty() const { return heap_.empty(); }
  NodeId first() const { return NodeId{heap_[0]}; }
  std::int64_t first_time() const { return heap_.empty() ? kNever : time_of(heap_[0]); }
  std::int64_t next_time(NodeId node) const { return time_of(index_of(node)); }

  /// Takes the node with the earliest event out of the order until `release`; the caller works on it.
  NodeId acquire() {
    const std::uint32_t node = heap_[0];
    remove_first();
    busy_ = NodeId{node};
    return busy_;
  }
  void release() {
    const NodeId node = busy_;
    busy_ = kNoNode;
    if (!queues_[index_of(node)].empty()) raise(index_of(node));
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

  std::int64_t time_of(std::uint32_t node) const { return queues_[node].empty() ? kNever : queues_[node][0].time_ns; }
  bool before(std::uint32_t a, std::uint32_t b) const {
    const std::int64_t ta = time_of(a);
    const std::int64_t tb = time_of(b);
    return ta != tb ? ta < tb : a < b;
  }
  static void sink(std::vector<AgendaEvent>& queue, const AgendaEvent& event) {
    std::size_t at = 0;
    for (;;) {
      const std::size_t child = 4 * at + 1;
      if (child >= queue.size()) break;
      std::size_t least = child;
      for (std::size_t c = child + 1; c < child + 4 && c < queue.size(); ++c)
        if (queue[c] < queue[least]) least = c;
      if (!(queue[least] < event)) break;
      queue[at] = queue[least];
      at = least;
    }
    queue[at] = event;
  }

  // The heap over nodes; place_ says where a node is in it.
  void raise(std::uint32_t node) {
    if (place_[node] == kNowhere) {
      place_[node] = static_cast<std::uint32_t>(heap_.size());
      heap_.push_back(node);
    }
    std::uint32_t at = place_[node];
    for (; at > 0; at = (at - 1) / 4) {
      const std::uint32_t parent = heap_[(at - 1) / 4];
      if (!before(node, parent)) break;
      put(at, parent);
    }
    put(at, node);
  }
  void remove_first() {
    place_[heap_[0]] = kNowhere;
    const std::uint32_t last = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return;
    std::uint32_t at = 0;
    for (;;) {
      const std::uint32_t child = 4 * at + 1;
      if (child >= heap_.size()) break;
      std::uint32_t least = child;
      for (std::uint32_t c = child + 1; c < child + 4 && c < heap_.size(); ++c)
        if (before(heap_[c], heap_[least])) least = c;
      if (!before(heap_[least], last)) break;
      put(at, heap_[least]);
      at = least;
    }
    put(at, last);
  }
  void put(std::uint32_t at, std::uint32_t node) {
    heap_[at] = node;
    place_[node] = at;
  }

  std::vector<std::vector<AgendaEvent>> queues_;
  std::vector<std::uint32_t> heap_;
  std::vector<std::uint32_t> place_;
  NodeId busy_ = kNoNode;
};

}  // namespace pagetoken
