#pragma once
// The event loop's network with contention "fifo": each link of a route lets one message through after the other.

#include <queue>
#include <vector>

#include "sim/engine/carrier.hpp"
#include "sim/engine/topology/graph.hpp"

namespace pagetoken {

/// A message occupies each link for bytes / bandwidth, and enters the next one as soon as its head arrives and that one
/// is free: alone, it takes latency + bytes / smallest bandwidth. Links serve in the order in which heads arrive.
class FifoLinks final : public Carrier {
 public:
  FifoLinks(const NetworkSpec& spec, std::uint32_t nodes) : graph_(spec, nodes), free_ns_(graph_.links().size()) {}

  void run(Timeline& timeline) override;
  void send(std::uint32_t transfer, NodeId from, NodeId to, std::uint64_t bytes) override;
  bool has_disks() const override { return false; }
  void access_disk(std::uint32_t, NodeId, bool, std::uint64_t) override {}
  std::int64_t latency_ns(NodeId from, NodeId to) override { return graph_.route(from, to).latency_ns; }
  std::int64_t least_latency_ns() const override { return graph_.least_latency_ns(); }

 private:
  /// A message's head at a link.
  struct Hop {
    std::int64_t time_ns = 0;
    std::uint64_t order = 0;   // among those of one instant: as they were sent
    std::int64_t tail_ns = 0;  // when the last byte is here
    NodeId from{};
    NodeId to{};
    std::uint32_t transfer = 0;
    std::uint32_t hop = 0;  // of the route
    std::uint64_t bytes = 0;
    friend bool operator>(const Hop& a, const Hop& b) {
      return a.time_ns != b.time_ns ? a.time_ns > b.time_ns : a.order > b.order;
    }
  };

  void enter(Hop hop, Timeline& timeline);

  NetworkGraph graph_;
  std::vector<std::int64_t> free_ns_;  // each link
  std::priority_queue<Hop, std::vector<Hop>, std::greater<>> hops_;
  std::int64_t now_ns_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace pagetoken
