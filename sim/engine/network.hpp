#pragma once
// From when something is sent to the event of its arrival.

#include <cstdint>
#include <memory>
#include <vector>

#include "protocols/api/table.hpp"
#include "sim/base/random.hpp"
#include "sim/engine/calendar.hpp"
#include "sim/engine/engine.hpp"
#include "sim/engine/topology/graph.hpp"
#include "sim/engine/transfers.hpp"

namespace pagetoken {

class Network {
 public:
  /// `needs_fifo`: the protocol says that its links must keep order. `carrier` may be null where the network has no
  /// contention.
  Network(const EngineOptions& options, bool needs_fifo, Calendar& calendar, Statistics& statistics, Carrier* carrier);

  /// Puts an event into the receiver's agenda, when the bytes have arrived there.
  void send(NodeId from, NodeId to, std::uint64_t bytes, EventKind kind, std::uint32_t payload);
  void count_bytes(NodeId from, NodeId to, std::uint64_t bytes) {
    statistics_.nodes[index_of(from)].bytes_out += bytes;
    statistics_.nodes[index_of(to)].bytes_in += bytes;
  }

  /// No node reaches another in less.
  std::int64_t lookahead_ns() const { return lookahead_ns_; }
  Transfers* transfers() const { return transfers_.get(); }  ///< null without a carrier

 private:
  std::int64_t arrival_ns(NodeId from, NodeId to, std::uint64_t bytes, std::int64_t delay_ns);
  std::int64_t route_ns(NodeId from, NodeId to, std::uint64_t bytes);
  std::int64_t draw_delay_ns(NodeId from);

  const NetworkSpec& spec_;
  Calendar& calendar_;
  Statistics& statistics_;
  std::unique_ptr<Transfers> transfers_;  // if there is a carrier
  std::unique_ptr<NetworkGraph> graph_;   // if there is none, and the network is no star
  std::int64_t lookahead_ns_ = 0;
  bool keeps_order_ = true;                        // of what one node sends another
  std::vector<Table<std::int64_t>> last_arrival_;  // sender -> receiver, where order is kept
  std::vector<RandomStream> delays_;               // of each sender, where there is jitter
};

}  // namespace pagetoken
