#include "sim/engine/transfers.hpp"

#include <algorithm>

namespace pagetoken {

Transfers::Transfers(Carrier& carrier, Agenda& agenda, std::uint32_t nodes, bool keeps_order)
    : carrier_(carrier),
      agenda_(agenda),
      lookahead_ns_(carrier.least_latency_ns()),
      has_disks_(carrier.has_disks()),
      keeps_order_(keeps_order),
      channels_(nodes),
      incoming_(nodes) {}

void Transfers::add(const Transfer& transfer) {
  const std::uint32_t slot = pool_.add({transfer, kNone, Agenda::kNever});
  Incoming& incoming = incoming_[index_of(transfer.to)];
  ++incoming.count;
  const bool travels = transfer.kind == Transfer::Kind::message;
  incoming.bound_ns = std::min(incoming.bound_ns, transfer.begins_ns + (travels ? lookahead_ns_ : 0));
  if (travels && keeps_order_) {
    Channel& channel = channels_[index_of(transfer.from)][index_of(transfer.to)];
    if (channel.first == kNone)
      channel.first = slot;
    else
      pool_[channel.last].next = slot;
    channel.last = slot;
  }
  waiting_.push({transfer.begins_ns, transfer.event.rank, slot});
}

void Transfers::begin_until(std::int64_t now_ns) {
  while (!waiting_.empty() && waiting_.top().time_ns <= now_ns) {
    const Waiting next = waiting_.top();
    waiting_.pop();
    const Transfer& t = pool_[next.slot].transfer;
    if (t.kind != Transfer::Kind::message)
      carrier_.access_disk(next.slot, t.to, t.kind == Transfer::Kind::disk_write, t.bytes);
    else if (t.latency_alone)
      ended(next.slot, next.time_ns + carrier_.latency_ns(t.from, t.to));
    else
      carrier_.send(next.slot, t.from, t.to, t.bytes);
  }
}

void Transfers::ended(std::uint32_t slot, std::int64_t time_ns) {
  const Transfer& t = pool_[slot].transfer;
  if (t.kind != Transfer::Kind::message || !keeps_order_) return give(slot, time_ns + t.delay_ns);
  pool_[slot].ended_ns = time_ns + t.delay_ns;
  Channel& channel = channels_[index_of(t.from)][index_of(t.to)];
  while (channel.first != kNone && pool_[channel.first].ended_ns != Agenda::kNever) {
    const std::uint32_t first = channel.first;
    channel.given_ns = std::max(channel.given_ns, pool_[first].ended_ns);
    channel.first = pool_[first].next;
    give(first, channel.given_ns);
  }
}

void Transfers::give(std::uint32_t slot, std::int64_t time_ns) {
  const Transfer& t = pool_[slot].transfer;
  AgendaEvent event = t.event;
  event.time_ns = time_ns;
  agenda_.add(t.to, event);
  Incoming& incoming = incoming_[index_of(t.to)];
  if (--incoming.count == 0) incoming.bound_ns = Agenda::kNever;
  pool_.free(slot);
}

}  // namespace pagetoken
