#include "sim/engine/network.hpp"

#include <algorithm>

#include "sim/engine/transfer_time.hpp"

namespace pagetoken {

namespace {
/// Without jitter a network keeps the order of what one node sends another. With it, only links that serve one message
/// after the other do, and the transport of a protocol that says it needs that.
bool keeps_order(const NetworkSpec& spec, bool needs_fifo) {
  return spec.jitter_ns == 0 || spec.contention == Contention::fifo || needs_fifo;
}
}  // namespace

Network::Network(const EngineOptions& options, bool needs_fifo, Calendar& calendar, Statistics& statistics,
                 Carrier* carrier)
    : spec_(options.network),
      calendar_(calendar),
      statistics_(statistics),
      lookahead_ns_(spec_.latency_ns),
      keeps_order_(keeps_order(spec_, needs_fifo)),
      last_arrival_(options.shape.roles().count()) {
  const std::uint32_t nodes = options.shape.roles().count();
  if (carrier) {
    transfers_ = std::make_unique<Transfers>(*carrier, calendar.agenda, nodes, keeps_order_);
    lookahead_ns_ = transfers_->lookahead_ns();
  } else if (spec_.topology.kind != TopologyKind::star) {
    graph_ = std::make_unique<NetworkGraph>(spec_, nodes);
    lookahead_ns_ = graph_->least_latency_ns();
  }
  if (spec_.jitter_ns > 0)
    for (std::uint32_t n = 0; n < nodes; ++n) delays_.emplace_back(options.seed, n, 0, Purpose::network);
}

std::int64_t Network::draw_delay_ns(NodeId from) {
  return static_cast<std::int64_t>(delays_[index_of(from)].below(static_cast<std::uint64_t>(spec_.jitter_ns) + 1));
}

void Network::send(NodeId from, NodeId to, std::uint64_t bytes, EventKind kind, std::uint32_t payload) {
  const AgendaEvent event{0, calendar_.sent_rank(from), static_cast<std::uint32_t>(kind), payload};
  ++calendar_.live;
  const std::int64_t delay_ns = spec_.jitter_ns > 0 && from != to ? draw_delay_ns(from) : 0;
  if (!transfers_ || from == to) {
    calendar_.agenda.add(to, {arrival_ns(from, to, bytes, delay_ns), event.rank, event.kind, event.payload});
    return;
  }
  transfers_->add({.latency_alone = bytes < static_cast<std::uint64_t>(spec_.small_message_bytes),
                   .from = from,
                   .to = to,
                   .bytes = bytes,
                   .begins_ns = calendar_.now_ns,
                   .delay_ns = delay_ns,
                   .event = event});
  calendar_.bound(calendar_.now_ns + 2 * lookahead_ns_);
}

/// Route latency, transfer and delay, and where order is kept not before what was sent to the same node earlier. An
/// answer may come a latency after that: the batch must not go beyond.
std::int64_t Network::arrival_ns(NodeId from, NodeId to, std::uint64_t bytes, std::int64_t delay_ns) {
  if (from == to) return calendar_.now_ns;
  std::int64_t arrival = calendar_.now_ns + route_ns(from, to, bytes) + delay_ns;
  if (keeps_order_) {
    std::int64_t& last = last_arrival_[index_of(from)][index_of(to)];
    arrival = last = std::max(last, arrival);
  }
  calendar_.bound(arrival + lookahead_ns_);
  return arrival;
}

std::int64_t Network::route_ns(NodeId from, NodeId to, std::uint64_t bytes) {
  const bool small = bytes < static_cast<std::uint64_t>(spec_.small_message_bytes);
  if (!graph_) [[likely]]
    return spec_.latency_ns + (small ? 0 : transfer_ns(bytes, spec_.bandwidth_bytes_per_s));
  const NetworkGraph::Route& route = graph_->route(from, to);
  return route.latency_ns + (small ? 0 : transfer_ns(bytes, route.bandwidth_bytes_per_s));
}

}  // namespace pagetoken
