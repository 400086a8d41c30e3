// What the cluster asks of the event loop, and tells it.

#include "protocols/api/wire.hpp"
#include "sim/cluster/event_kind.hpp"
#include "sim/engine/event_loop.hpp"

namespace pagetoken {

void EventLoop::transmit(Envelope&& envelope) {
  const NodeId from = envelope.from;
  const NodeId to = envelope.to;
  const Message& message = envelope.message;
  const bool size = envelope.resource.kind == ResourceKind::size;
  const std::uint64_t bytes = wire_bytes(declaration_.messages[message.type], envelope.resource, message,
                                         {options_.shape.clients, options_.page_bytes});
  if (from != to) {
    const std::size_t types = statistics_.by_type.size() / 2;
    MessageCount& count = statistics_.by_type[message.type + (size ? types : 0)];
    ++count.count;
    count.bytes += bytes;
    ++statistics_.messages;
    statistics_.message_bytes += bytes;
    if (carries_page(envelope.resource, message)) ++statistics_.data_messages;
    ++statistics_.nodes[index_of(from)].messages_out;
    network_.count_bytes(from, to, bytes);
  }
  threads_.charge(envelope);
  const std::uint64_t id = ++next_message_;
  if (trace_)
    trace_->send({calendar_.now_ns, from, message.cause.value.operation}, id, to,
                 declaration_.messages[message.type].name, envelope.resource, bytes);
  const std::uint32_t slot = flights_.reuse();
  flights_[slot].envelope = std::move(envelope);
  flights_[slot].id = id;
  network_.send(from, to, bytes, EventKind::arrive, slot);
}

void EventLoop::read_storage(NodeId id, FileId file, PageIndex page, const Cause& cause) {
  disks_.send({false, id, cluster_.storage_of(file, page), file, page, {}, cause});
}

void EventLoop::write_storage(NodeId id, FileId file, PageIndex page, Version version, const Cause& cause) {
  disks_.send({true, id, cluster_.storage_of(file, page), file, page, version, cause});
}

void EventLoop::arm(NodeId id, const Resource& resource, std::uint8_t timer, std::int64_t delay_ns) {
  calendar_.add(id, calendar_.now_ns + delay_ns, EventKind::timer, timers_.arm({id, resource, timer}));
}

void EventLoop::cancel(NodeId id, const Resource& resource, std::uint8_t timer) {
  timers_.cancel({id, resource, timer});
}

void EventLoop::needed(NodeId id, TaskIndex index, const Resource& resource, const Need& need) {
  Task& task = cluster_.vm(id).task(index);
  TaskNotes& notes = task.notes.value;
  if (trace_) trace_.use(id, resource.file);
  if (trace_) trace_->need({calendar_.now_ns, id, notes.operation}, resource, need.required, name_of(need.mode));
  if (resource.kind == ResourceKind::size) return;
  const bool caches = task.kind != TaskKind::uncached;
  if (caches) judge_.needed(id, resource, need);
  const bool counts = task.kind == TaskKind::access || task.kind == TaskKind::read || task.kind == TaskKind::write ||
                      task.kind == TaskKind::uncached;
  if (!counts || notes.needed_page) return;
  notes.needed_page = true;
  const Mode own = caches ? cluster_.vm(id).tokens.usable(resource.file, need.required) : Mode::none;
  const ElementaryEvent event = classify(need.mode, own, judge_.others(id, resource, need.required));
  notes.had_shared = event == ElementaryEvent::upgrade;
  notes.event = static_cast<std::uint8_t>(event);
}

void EventLoop::granted(NodeId id, const Resource& resource, Range range, Mode mode) {
  if (trace_) trace_->grant({calendar_.now_ns, id, 0}, resource, range, name_of(mode));
  judge_.granted(id, resource, range, mode);
}

void EventLoop::yield_begun(NodeId id, TaskIndex task, const Resource& resource, Range range, Mode keep, bool by_peer) {
  if (trace_) {
    trace_.lost(id, resource, range);
    const std::uint64_t operation = cluster_.vm(id).task(task).notes.value.operation;
    trace_->yield({calendar_.now_ns, id, operation}, resource, range, name_of(keep));
  }
  calendar_.add(id, calendar_.now_ns, EventKind::step, task);
  if (!by_peer || resource.kind == ResourceKind::size) return;
  ++(keep == Mode::none ? statistics_.invalidations : statistics_.downgrades);
}

void EventLoop::yielded(NodeId id, TaskIndex task, const Resource& resource, Range range, Mode keep) {
  if (trace_) {
    trace_.use(id, resource.file);
    const std::uint64_t operation = cluster_.vm(id).task(task).notes.value.operation;
    trace_->yielded({calendar_.now_ns, id, operation}, resource, range, name_of(keep));
  }
  judge_.yielded(id, resource, range, keep);
}

void EventLoop::accessed(NodeId id, TaskIndex, FileId file, PageIndex page, Version version, bool is_write) {
  Vm& vm = cluster_.vm(id);
  if (vm.use_order())
    if (const std::uint32_t* cached = vm.cache().find(page_resource(file, page).key())) vm.used(*cached);
  judge_.accessed(id, file, page, version, is_write);
}

void EventLoop::applied(NodeId id, const Resource& page, Version version, CellMask, bool is_write) {
  judge_.applied(id, page, version, is_write);
}

void EventLoop::blocks_freed(NodeId id, TaskIndex, FileId file, Range range) { judge_.blocks_freed(id, file, range); }

}  // namespace pagetoken
