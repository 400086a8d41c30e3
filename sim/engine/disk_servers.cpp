#include "sim/engine/disk_servers.hpp"

#include <algorithm>

#include "sim/engine/transfer_time.hpp"

namespace pagetoken {

namespace {
constexpr std::uint64_t kHeaderBytes = 64;
}  // namespace

DiskServers::DiskServers(const EngineOptions& options, Cluster& cluster, Calendar& calendar, Network& network,
                         Statistics& statistics, TraceSink* trace)
    : options_(options),
      cluster_(cluster),
      calendar_(calendar),
      network_(network),
      statistics_(statistics),
      trace_(trace),
      servers_(cluster.node_count()) {}

void DiskServers::tell(const DiskRequest& request, std::string_view phase) {
  if (!trace_) return;
  const bool is_served = phase == "served";
  trace_->storage({calendar_.now_ns, request.node, request.cause.operation}, request.id, request.server,
                  request.is_write, page_resource(request.file, request.page), phase, is_served ? request.waited_ns : 0,
                  is_served ? request.service_ns : 0);
}

void DiskServers::send(const DiskRequest& request) {
  ++statistics_.storage_messages;
  const std::uint64_t bytes = kHeaderBytes + (request.is_write ? options_.page_bytes : 0);
  network_.count_bytes(request.node, request.server, bytes);
  const std::uint32_t slot = requests_.add(DiskRequest(request));
  requests_[slot].id = ++next_id_;
  tell(requests_[slot], "send");
  network_.send(request.node, request.server, bytes, EventKind::disk_arrive, slot);
}

/// The disk transfers one request after another, or shares itself among them where the carrier has it; its latency is
/// pipelined, as a drive with a deep queue has it.
void DiskServers::arrived(NodeId id, std::uint32_t slot) {
  Server& server = servers_[index_of(id)];
  DiskRequest& request = requests_[slot];
  const std::int64_t now_ns = calendar_.now_ns;
  const std::int64_t transfer = transfer_ns(
      options_.page_bytes, request.is_write ? options_.storage.write_bytes_per_s : options_.storage.read_bytes_per_s);
  request.service_ns = transfer + latency_ns(request);
  ++statistics_.nodes[index_of(id)].messages_in;
  if (Transfers* transfers = network_.transfers(); transfers && transfers->has_disks()) {
    if (server.transfers++ == 0) server.busy_since_ns = now_ns;
    request.arrived_ns = now_ns;
    ++calendar_.live;
    transfers->add({.kind = request.is_write ? Transfer::Kind::disk_write : Transfer::Kind::disk_read,
                    .from = id,
                    .to = id,
                    .bytes = options_.page_bytes,
                    .begins_ns = now_ns,
                    .event = {0, calendar_.local_rank(id), static_cast<std::uint32_t>(EventKind::disk_moved), slot}});
    calendar_.bound(now_ns);
    return;
  }
  request.waited_ns = std::max<std::int64_t>(0, server.free_ns - now_ns);
  server.free_ns = std::max(now_ns, server.free_ns) + transfer;
  statistics_.nodes[index_of(id)].busy_ns += transfer;
  calendar_.add(id, server.free_ns + latency_ns(request), EventKind::disk_done, slot);
}

/// A transfer that the carrier had is over; what it took more than it would have alone, it waited for others.
void DiskServers::moved(NodeId id, std::uint32_t slot) {
  Server& server = servers_[index_of(id)];
  DiskRequest& request = requests_[slot];
  const std::int64_t latency = latency_ns(request);
  const std::int64_t took = calendar_.now_ns - request.arrived_ns;
  request.waited_ns = std::max<std::int64_t>(0, took - (request.service_ns - latency));
  if (--server.transfers == 0) statistics_.nodes[index_of(id)].busy_ns += calendar_.now_ns - server.busy_since_ns;
  calendar_.add(id, calendar_.now_ns + latency, EventKind::disk_done, slot);
}

std::int64_t DiskServers::latency_ns(const DiskRequest& request) const {
  return request.is_write ? options_.storage.write_ns : options_.storage.read_ns;
}

void DiskServers::done(NodeId id, std::uint32_t slot) {
  DiskRequest& request = requests_[slot];
  if (request.is_write)
    cluster_.write_served(request.file, request.page, request.version);
  else
    request.version = cluster_.storage().content(request.file, request.page);
  ++statistics_.storage_messages;
  ++statistics_.nodes[index_of(id)].messages_out;
  const std::uint64_t bytes = kHeaderBytes + (request.is_write ? 0 : options_.page_bytes);
  tell(request, "served");
  network_.count_bytes(id, request.node, bytes);
  network_.send(id, request.node, bytes, EventKind::disk_reply, slot);
}

DiskRequest DiskServers::replied(std::uint32_t slot) {
  const DiskRequest request = requests_[slot];
  requests_.free(slot);
  tell(request, "done");
  return request;
}

}  // namespace pagetoken
