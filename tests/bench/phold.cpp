#include "phold.hpp"

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

#include "sim/engine/agenda.hpp"

namespace pagetoken {
namespace {

constexpr std::int64_t kLookahead_ns = 100;      // no event comes sooner after the one that made it
constexpr std::uint64_t kSpread_ns = 1'000'000;  // nor later than this after that

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Which event follows, drawn from the one that makes it alone: whoever handles events in another order draws the same.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  std::uint64_t below(std::uint64_t n) {
    state_ ^= state_ >> 29;
    state_ *= 0xbf58476d1ce4e5b9u;
    state_ ^= state_ >> 32;
    return (state_ >> 32) * n >> 32;
  }

 private:
  std::uint64_t state_;
};

struct Next {
  std::uint32_t node;
  AgendaEvent event;
};
Next next_of(const Phold& phold, std::int64_t time_ns, std::uint64_t rank) {
  Draw draw(rank ^ static_cast<std::uint64_t>(time_ns));
  const auto node = static_cast<std::uint32_t>(draw.below(phold.nodes));
  const std::int64_t later = time_ns + kLookahead_ns + static_cast<std::int64_t>(draw.below(kSpread_ns));
  return {node, {later, rank * 0x9fb21c651e98df25u + node, 0, node}};
}
/// Nodes may take their turns in any order: a sum.
void count(PholdRun& run, const AgendaEvent& event) {
  run.digest += (static_cast<std::uint64_t>(event.time_ns) ^ event.rank) * 0x9fb21c651e98df25u;
  ++run.events;
}
/// When about as many events as asked for have been handled.
std::int64_t end_ns(const Phold& phold) {
  return static_cast<std::int64_t>(phold.events / phold.pending * (kLookahead_ns + kSpread_ns / 2));
}

/// A 4-ary heap of everything.
class PlainHeap {
 public:
  void push(const AgendaEvent& event) {
    std::size_t at = events_.size();
    events_.push_back(event);
    for (; at > 0 && event < events_[(at - 1) / 4]; at = (at - 1) / 4) events_[at] = events_[(at - 1) / 4];
    events_[at] = event;
  }
  const AgendaEvent& first() const { return events_.front(); }
  AgendaEvent pop() {
    const AgendaEvent first = events_.front();
    const AgendaEvent last = events_.back();
    events_.pop_back();
    std::size_t at = 0;
    for (std::size_t child; (child = 4 * at + 1) < events_.size();) {
      const std::size_t end = std::min(child + 4, events_.size());
      std::size_t least = child;
      for (std::size_t c = child + 1; c < end; ++c) least = events_[c] < events_[least] ? c : least;
      if (!(events_[least] < last)) break;
      events_[at] = events_[least];
      at = least;
    }
    if (!events_.empty()) events_[at] = last;
    return first;
  }

 private:
  std::vector<AgendaEvent> events_;
};

}  // namespace

PholdRun run_on_agenda(const Phold& phold) {
  Agenda agenda(phold.nodes);
  for (std::uint64_t i = 0; i < phold.pending; ++i) {
    const Next next = next_of(phold, 0, i);
    agenda.add(NodeId{next.node}, next.event);
  }
  PholdRun run;
  const double began_s = cpu_s();
  // In batches, as the loop works: what a node does reaches no other before the lookahead is over.
  for (const std::int64_t end = end_ns(phold); agenda.first_time() < end;) {
    const NodeId node = agenda.acquire();
    const std::int64_t bound_ns = std::min(agenda.others_first_time(), end - kLookahead_ns) + kLookahead_ns;
    while (agenda.next_time(node) < bound_ns) {
      const AgendaEvent event = agenda.pop(node);
      count(run, event);
      const Next next = next_of(phold, event.time_ns, event.rank);
      agenda.add(NodeId{next.node}, next.event);
    }
    agenda.release();
  }
  run.cpu_s = cpu_s() - began_s;
  return run;
}

PholdRun run_on_plain_heap(const Phold& phold) {
  PlainHeap heap;
  for (std::uint64_t i = 0; i < phold.pending; ++i) heap.push(next_of(phold, 0, i).event);
  PholdRun run;
  const double began_s = cpu_s();
  for (const std::int64_t end = end_ns(phold); heap.first().time_ns < end;) {
    const AgendaEvent event = heap.pop();
    count(run, event);
    heap.push(next_of(phold, event.time_ns, event.rank).event);
  }
  run.cpu_s = cpu_s() - began_s;
  return run;
}

}  // namespace pagetoken
