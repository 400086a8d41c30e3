// The network, the storage servers and the timers.

#include <algorithm>

#include "protocols/api/wire.hpp"
#include "sim/engine/event_loop.hpp"
#include "sim/engine/operation_id.hpp"
#include "sim/engine/transfer_time.hpp"

namespace pagetoken {

namespace {
constexpr std::uint64_t kDiskHeaderBytes = 64;
}  // namespace

/// Without jitter a network keeps the order of what one node sends another. With it, only links that serve one message
/// after the other do, and the transport of a protocol that says it needs that.
bool EventLoop::keeps_order() const {
  return options_.network.jitter_ns == 0 || options_.network.contention == Contention::fifo || declaration_.needs_fifo;
}

/// Puts an event into the receiver's agenda, when the bytes have arrived there.
void EventLoop::send(NodeId from, NodeId to, std::uint64_t bytes, EventKind kind, std::uint32_t payload) {
  const std::uint64_t rank = (std::uint64_t{index_of(from)} + 1) << 32 | (node(from).sent++ & 0xffffffffu);
  ++live_events_;
  const bool is_delayed = options_.network.jitter_ns > 0 && from != to;
  const std::int64_t delay_ns = is_delayed ? static_cast<std::int64_t>(node(from).delays->below(
                                                 static_cast<std::uint64_t>(options_.network.jitter_ns) + 1))
                                           : 0;
  if (!transfers_ || from == to) {
    agenda_.add(to, {arrival_ns(from, to, bytes, delay_ns), rank, kind, payload});
    return;
  }
  transfers_->add({.latency_alone = bytes < static_cast<std::uint64_t>(options_.network.small_message_bytes),
                   .from = from,
                   .to = to,
                   .bytes = bytes,
                   .begins_ns = now_ns_,
                   .delay_ns = delay_ns,
                   .event = {0, rank, kind, payload}});
  bound_ns_ = std::min(bound_ns_, now_ns_ + 2 * lookahead_ns_);
}

/// Route latency, transfer and delay, and where order is kept not before what was sent to the same node earlier. An
/// answer may come a latency after that: the batch must not go beyond.
std::int64_t EventLoop::arrival_ns(NodeId from, NodeId to, std::uint64_t bytes, std::int64_t delay_ns) {
  if (from == to) return now_ns_;
  std::int64_t arrival = now_ns_ + route_ns(from, to, bytes) + delay_ns;
  if (keeps_order_) {
    std::int64_t& last = node(from).last_arrival[index_of(to)];
    arrival = last = std::max(last, arrival);
  }
  bound_ns_ = std::min(bound_ns_, arrival + lookahead_ns_);
  return arrival;
}

void EventLoop::count_bytes(NodeId from, NodeId to, std::uint64_t bytes) {
  stats_.nodes[index_of(from)].bytes_out += bytes;
  stats_.nodes[index_of(to)].bytes_in += bytes;
}

/// Charges a message to the operation that caused it, wherever it is sent.
void EventLoop::charge(const Envelope& envelope) {
  const Cause& cause = envelope.message.cause.value;
  if (cause.operation == 0) return;
  const auto event = static_cast<ElementaryEvent>(cause.event);
  const bool is_counted = envelope.from != envelope.to && counts(event, envelope.resource);
  const OperationId id(cause.operation);
  if (const auto thread = id.thread())
    node(id.node()).threads[*thread].costs.caused(cause.operation, now_ns_, is_counted, stats_);
  else if (is_counted)
    ++stats_.events[cause.event].messages;
}

std::int64_t EventLoop::route_ns(NodeId from, NodeId to, std::uint64_t bytes) {
  const NetworkSpec& network = options_.network;
  const bool small = bytes < static_cast<std::uint64_t>(network.small_message_bytes);
  if (!graph_) [[likely]]
    return network.latency_ns + (small ? 0 : transfer_ns(bytes, network.bandwidth_bytes_per_s));
  const NetworkGraph::Route& route = graph_->route(from, to);
  return route.latency_ns + (small ? 0 : transfer_ns(bytes, route.bandwidth_bytes_per_s));
}

void EventLoop::transmit(Envelope&& envelope) {
  const NodeId from = envelope.from;
  const NodeId to = envelope.to;
  const Message& message = envelope.message;
  const bool size = envelope.resource.kind == ResourceKind::size;
  const std::uint64_t bytes = wire_bytes(declaration_.messages[message.type], envelope.resource, message,
                                         {options_.shape.clients, options_.page_bytes});
  if (from != to) {
    const std::size_t types = stats_.by_type.size() / 2;
    MessageCount& count = stats_.by_type[message.type + (size ? types : 0)];
    ++count.count;
    count.bytes += bytes;
    ++stats_.messages;
    stats_.message_bytes += bytes;
    if (carries_page(envelope.resource, message)) ++stats_.data_messages;
    ++stats_.nodes[index_of(from)].messages_out;
    count_bytes(from, to, bytes);
  }
  charge(envelope);
  const std::uint64_t id = ++next_message_;
  if (trace_)
    trace_->send({now_ns_, from, message.cause.value.operation}, id, to, declaration_.messages[message.type].name,
                 envelope.resource, bytes);
  const std::uint32_t slot = flights_.reuse();
  flights_[slot].envelope = std::move(envelope);
  flights_[slot].id = id;
  send(from, to, bytes, kArrive, slot);
}

void EventLoop::read_storage(NodeId id, FileId file, PageIndex page, const Cause& cause) {
  send_disk_request({false, id, cluster_.storage_of(file, page), file, page, {}, cause});
}

void EventLoop::write_storage(NodeId id, FileId file, PageIndex page, Version version, const Cause& cause) {
  send_disk_request({true, id, cluster_.storage_of(file, page), file, page, version, cause});
}

void EventLoop::send_disk_request(const DiskRequest& request) {
  ++stats_.storage_messages;
  const std::uint64_t bytes = kDiskHeaderBytes + (request.is_write ? options_.page_bytes : 0);
  count_bytes(request.node, request.server, bytes);
  const std::uint32_t slot = disk_requests_.add(DiskRequest(request));
  disk_requests_[slot].id = ++next_request_;
  if (trace_)
    trace_->storage({now_ns_, request.node, request.cause.operation}, next_request_, request.server, request.is_write,
                    page_resource(request.file, request.page), "send", 0, 0);
  send(request.node, request.server, bytes, kDiskArrive, slot);
}

/// The disk transfers one request after another, or shares itself among them where the carrier has it; its latency is
/// pipelined, as a drive with a deep queue has it.
void EventLoop::disk_arrived(NodeId id, std::uint32_t slot) {
  Node& n = node(id);
  DiskRequest& request = disk_requests_[slot];
  const std::int64_t transfer = transfer_ns(
      options_.page_bytes, request.is_write ? options_.storage_write_bytes_per_s : options_.storage_read_bytes_per_s);
  request.service_ns = transfer + disk_latency_ns(request);
  ++stats_.nodes[index_of(id)].messages_in;
  if (transfers_ && transfers_->has_disks()) {
    if (n.disk_transfers++ == 0) n.disk_busy_since_ns = now_ns_;
    request.arrived_ns = now_ns_;
    ++live_events_;
    transfers_->add({.kind = request.is_write ? Transfer::Kind::disk_write : Transfer::Kind::disk_read,
                     .from = id,
                     .to = id,
                     .bytes = options_.page_bytes,
                     .begins_ns = now_ns_,
                     .event = {0, n.local_rank++ & 0xffffffffu, kDiskMoved, slot}});
    bound_ns_ = std::min(bound_ns_, now_ns_);
    return;
  }
  request.waited_ns = std::max<std::int64_t>(0, n.server_free_ns - now_ns_);
  n.server_free_ns = std::max(now_ns_, n.server_free_ns) + transfer;
  stats_.nodes[index_of(id)].busy_ns += transfer;
  add_local(id, n.server_free_ns + disk_latency_ns(request), kDiskDone, slot);
}

/// A transfer that the carrier had is over; what it took more than it would have alone, it waited for others.
void EventLoop::disk_moved(NodeId id, std::uint32_t slot) {
  Node& n = node(id);
  DiskRequest& request = disk_requests_[slot];
  const std::int64_t latency = disk_latency_ns(request);
  request.waited_ns = std::max<std::int64_t>(0, now_ns_ - request.arrived_ns - (request.service_ns - latency));
  if (--n.disk_transfers == 0) stats_.nodes[index_of(id)].busy_ns += now_ns_ - n.disk_busy_since_ns;
  add_local(id, now_ns_ + latency, kDiskDone, slot);
}

std::int64_t EventLoop::disk_latency_ns(const DiskRequest& request) const {
  return request.is_write ? options_.storage_write_ns : options_.storage_read_ns;
}

void EventLoop::disk_done(NodeId id, std::uint32_t slot) {
  DiskRequest& request = disk_requests_[slot];
  if (request.is_write)
    cluster_.write_served(request.file, request.page, request.version);
  else
    request.version = cluster_.storage().content(request.file, request.page);
  ++stats_.storage_messages;
  ++stats_.nodes[index_of(id)].messages_out;
  const std::uint64_t bytes = kDiskHeaderBytes + (request.is_write ? 0 : options_.page_bytes);
  if (trace_)
    trace_->storage({now_ns_, request.node, request.cause.operation}, request.id, id, request.is_write,
                    page_resource(request.file, request.page), "served", request.waited_ns, request.service_ns);
  count_bytes(id, request.node, bytes);
  send(id, request.node, bytes, kDiskReply, slot);
}

void EventLoop::disk_replied(NodeId id, std::uint32_t slot) {
  const DiskRequest request = disk_requests_[slot];
  disk_requests_.free(slot);
  if (trace_) {
    trace_->storage({now_ns_, id, request.cause.operation}, request.id, request.server, request.is_write,
                    page_resource(request.file, request.page), "done", 0, 0);
    trace_->because({TraceSink::By::Kind::request, request.id});
  }
  if (request.is_write)
    cluster_.write_done(id, request.file, request.page);
  else
    cluster_.read_done(id, request.file, request.page, request.version);
  wake_tasks(id);
}

void EventLoop::arm(NodeId id, const Resource& resource, std::uint8_t timer, std::int64_t delay_ns) {
  add_local(id, now_ns_ + delay_ns, kTimer, timers_.arm({id, resource, timer}));
}

void EventLoop::cancel(NodeId id, const Resource& resource, std::uint8_t timer) {
  timers_.cancel({id, resource, timer});
}

void EventLoop::fire_timer(NodeId id, std::uint32_t slot) {
  const std::optional<Timers::Timer> timer = timers_.fire(slot);
  if (!timer) return;
  if (trace_) {
    trace_use(id, timer->resource.file);
    trace_->timer({now_ns_, id, 0}, timer->resource, cluster_.machine().declaration().timers[timer->number].name);
    trace_->because({TraceSink::By::Kind::timer, timer->number});
  }
  cluster_.timer(id, timer->resource, timer->number);
  wake_tasks(id);
}

}  // namespace pagetoken
