#pragma once
// Transfers that a carrier carries: handed over in the order of time, given to their receivers in the order of their
// channel, or as they end. A node may work ahead of the clock, so that a transfer waits here for its instant.

#include <cstdint>
#include <queue>
#include <vector>

#include "protocols/api/ids.hpp"
#include "protocols/api/table.hpp"
#include "sim/base/pool.hpp"
#include "sim/engine/agenda.hpp"
#include "sim/engine/carrier.hpp"

namespace pagetoken {

struct Transfer {
  enum class Kind : std::uint8_t { message, disk_read, disk_write };

  Kind kind = Kind::message;
  bool latency_alone = false;  ///< a small message: it takes no bandwidth
  NodeId from{};
  NodeId to{};  ///< the storage node itself where it is one of its disk
  std::uint64_t bytes = 0;
  std::int64_t begins_ns = 0;
  std::int64_t delay_ns = 0;  ///< that it takes beyond what the carrier says
  AgendaEvent event{};        ///< the receiver's at its end; time_ns is filled in
};

class Transfers {
 public:
  /// `keeps_order`: what one node sends another arrives in the order in which it was sent, whatever the carrier and
  /// delays make of it.
  Transfers(Carrier& carrier, Agenda& agenda, std::uint32_t nodes, bool keeps_order = true);

  /// A transfer from `begins_ns` on, which is not before the clock.
  void add(const Transfer& transfer);
  /// The earliest that waits for its instant.
  std::int64_t next_ns() const { return waiting_.empty() ? Agenda::kNever : waiting_.top().time_ns; }
  /// Begins all that are due.
  void begin_until(std::int64_t now_ns);
  void ended(std::uint32_t transfer, std::int64_t time_ns);

  bool any() const { return pool_.used() != 0; }
  /// Before this, nothing that is not yet in the agenda reaches the node.
  std::int64_t bound_ns(NodeId node) const { return incoming_[index_of(node)].bound_ns; }
  std::int64_t lookahead_ns() const { return lookahead_ns_; }
  bool has_disks() const { return has_disks_; }

 private:
  static constexpr std::uint32_t kNone = ~0u;

  struct UnderWay {
    Transfer transfer{};
    std::uint32_t next = kNone;  // of the same channel
    std::int64_t ended_ns = Agenda::kNever;
  };
  /// From one node to another: what has not been given to the receiver, oldest first.
  struct Channel {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::int64_t given_ns = 0;  // the latest that was
  };
  struct Incoming {
    std::uint32_t count = 0;
    std::int64_t bound_ns = Agenda::kNever;
  };
  struct Waiting {
    std::int64_t time_ns = 0;
    std::uint64_t rank = 0;
    std::uint32_t slot = 0;
    friend bool operator>(const Waiting& a, const Waiting& b) {
      return a.time_ns != b.time_ns ? a.time_ns > b.time_ns : a.rank > b.rank;
    }
  };

  void give(std::uint32_t slot, std::int64_t time_ns);

  Carrier& carrier_;
  Agenda& agenda_;
  std::int64_t lookahead_ns_ = 0;
  bool has_disks_ = false;
  bool keeps_order_ = true;
  Pool<UnderWay> pool_;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
  std::vector<Table<Channel>> channels_;  // sender -> receiver
  std::vector<Incoming> incoming_;
};

}  // namespace pagetoken
