#include "sim/engine/fifo_links.hpp"

#include <algorithm>

#include "sim/engine/transfer_time.hpp"

namespace pagetoken {

void FifoLinks::run(Timeline& timeline) {
  while (!timeline.over()) {
    const std::int64_t next = std::min(timeline.next_ns(), hops_.empty() ? Timeline::kNever : hops_.top().time_ns);
    if (next == Timeline::kNever) return;
    now_ns_ = std::max(now_ns_, next);
    while (!hops_.empty() && hops_.top().time_ns <= now_ns_) {
      const Hop hop = hops_.top();
      hops_.pop();
      enter(hop, timeline);
    }
    timeline.advance(now_ns_);
  }
}

void FifoLinks::send(std::uint32_t transfer, NodeId from, NodeId to, std::uint64_t bytes) {
  hops_.push({now_ns_, sent_++, now_ns_, from, to, transfer, 0, bytes});
}

void FifoLinks::enter(Hop hop, Timeline& timeline) {
  const NetworkGraph::Route& route = graph_.route(hop.from, hop.to);
  const std::uint32_t at = route.links[hop.hop];
  const NetworkGraph::Link& link = graph_.links()[at];
  const std::int64_t begins = std::max(hop.time_ns, free_ns_[at]);
  free_ns_[at] = begins + transfer_ns(hop.bytes, link.bandwidth_bytes_per_s);
  hop.tail_ns = std::max(hop.tail_ns, free_ns_[at]) + link.latency_ns;
  hop.time_ns = begins + link.latency_ns;
  if (++hop.hop < route.links.size())
    hops_.push(hop);
  else
    timeline.ended(hop.transfer, hop.tail_ns);
}

}  // namespace pagetoken
