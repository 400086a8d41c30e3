#include "sim/engine/threads.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "sim/engine/operation_id.hpp"

namespace pagetoken {

namespace {
OperationKind kind_of(Op op) {
  switch (op) {
    case Op::read: return OperationKind::read;
    case Op::write:
    case Op::append: return OperationKind::write;
    case Op::truncate: return OperationKind::truncate;
    case Op::extend: return OperationKind::extend;
    case Op::punch: return OperationKind::punch;
    case Op::fsync: return OperationKind::fsync;
  }
  return OperationKind::read;
}
bool touches_pages(Op op) { return op == Op::read || op == Op::write || op == Op::append; }
/// The event that an operation is, whatever it meets; a fault's shows when it needs a token.
ElementaryEvent event_of(Op op, bool extended) {
  switch (op) {
    case Op::truncate: return ElementaryEvent::truncate;
    case Op::extend: return ElementaryEvent::extend;
    case Op::append: return extended ? ElementaryEvent::none : ElementaryEvent::extend;
    case Op::fsync: return ElementaryEvent::writeback;
    case Op::read:
    case Op::write:
    case Op::punch: return ElementaryEvent::none;
  }
  return ElementaryEvent::none;
}
/// An even split over `parts`, the remainder to the low ones.
std::uint64_t share(std::uint64_t total, std::uint64_t parts, std::uint64_t part) {
  return total / parts + (part < total % parts ? 1 : 0);
}
std::string_view name_of(Result result) {
  switch (result) {
    case Result::running: return "running";
    case Result::done: return "done";
    case Result::sigbus: return "sigbus";
    case Result::gave_up: return "gave_up";
    case Result::refused: return "refused";
  }
  return "?";
}
}  // namespace

Threads::Threads(const Surroundings& around, const Workload& workload, Tasks& tasks)
    : options_(around.options),
      workload_(workload),
      cluster_(around.cluster),
      calendar_(around.calendar),
      history_(around.history),
      judge_(around.judge),
      trace_(around.trace),
      statistics_(around.statistics),
      tasks_(tasks),
      clients_(around.options.shape.clients),
      page_shift_(static_cast<std::uint32_t>(std::countr_zero(around.options.page_bytes))) {
  if (workload.order() == Order::serial) serial_ = workload.serial();
  const std::size_t batch = clients_.size() > 1024 ? 8 : 128;
  for (std::uint32_t c = 0; c < clients_.size(); ++c) {
    std::vector<Thread>& threads = clients_[c].threads;
    threads.resize(serial_ ? 1 : workload.threads());
    for (std::uint32_t t = 0; t < threads.size() && !serial_; ++t) {
      threads[t].source = workload.source(c, t);
      threads[t].batch.resize(batch);
    }
  }
}

void Threads::begin(std::uint64_t accesses, std::int64_t deadline_ns) {
  deadline_ns_ = deadline_ns;
  if (serial_) {
    serial_left_ = accesses;
    begin_next();
    return;
  }
  const bool endless = accesses == UINT64_MAX;
  for (std::uint32_t c = 0; c < clients_.size(); ++c) {
    std::vector<Thread>& threads = clients_[c].threads;
    const std::uint64_t of_client = endless ? accesses : share(accesses, clients_.size(), c);
    for (std::uint32_t t = 0; t < threads.size(); ++t) {
      threads[t].quota = endless ? accesses : share(of_client, threads.size(), t);
      if (threads[t].quota == 0) continue;
      ++busy_;
      calendar_.add(NodeId{c}, calendar_.latest_ns, EventKind::thread, t);
    }
  }
}

bool Threads::begin_next() {
  if (!serial_ || serial_ended_ || serial_left_ == 0 || calendar_.latest_ns >= deadline_ns_) return false;
  std::uint32_t client = 0;
  Access access;
  if (!serial_->next(client, access)) {
    serial_ended_ = true;
    return false;
  }
  --serial_left_;
  Thread& thread = clients_[client].threads[0];
  thread.access = access;
  thread.quota = 0;
  thread.waits = true;  // it is loaded: no other is fetched
  ++busy_;
  calendar_.add(NodeId{client}, calendar_.latest_ns + access.think_ns, EventKind::thread, 0);
  return true;
}

void Threads::settle_costs(std::int64_t time_ns) {
  for (Client& client : clients_)
    for (Thread& thread : client.threads) thread.costs.settle(time_ns, statistics_);
}

void Threads::charge(const Envelope& envelope) {
  const Cause& cause = envelope.message.cause.value;
  if (cause.operation == 0) return;
  const auto event = static_cast<ElementaryEvent>(cause.event);
  const bool is_counted = envelope.from != envelope.to && counts(event, envelope.resource);
  const OperationId id(cause.operation);
  if (const auto thread = id.thread())
    thread_of(id.node(), *thread).costs.caused(cause.operation, calendar_.now_ns, is_counted, statistics_);
  else if (is_counted)
    ++statistics_.events[cause.event].messages;
}

/// Takes the thread's next access; false when its share or its source is at its end, or the time is over.
bool Threads::next_access(Thread& thread) {
  if (thread.quota == 0 || calendar_.now_ns >= deadline_ns_) return false;
  if (thread.next == thread.filled) {
    thread.filled = static_cast<std::uint32_t>(thread.source->fill(thread.batch));
    thread.next = 0;
    if (thread.filled == 0) return false;
  }
  thread.access = thread.batch[thread.next++];
  --thread.quota;
  return true;
}

void Threads::stop(Thread& thread) {
  thread.quota = 0;
  thread.busy = thread.waits = false;
  --busy_;
}

void Threads::run(NodeId id, std::uint32_t index) {
  Thread& thread = thread_of(id, index);
  // What begins at the instant of this event is this event's turn; only what comes later may belong to another.
  std::int64_t& now_ns = calendar_.now_ns;
  const std::int64_t event_ns = now_ns;
  for (;;) {
    if (!thread.busy) {
      const bool loaded = std::exchange(thread.waits, false);
      if (!loaded) {
        if (!next_access(thread)) return stop(thread);
        const std::int64_t start = workload_.order() == Order::recorded ? std::max(now_ns, thread.access.at_ns())
                                                                        : now_ns + thread.access.think_ns;
        if (start > event_ns && start >= calendar_.limit(id)) {
          thread.waits = true;
          calendar_.add(id, start, EventKind::thread, index);
          return;
        }
        now_ns = start;
      }
      begin_access(thread);
    }
    if (now_ns > event_ns && now_ns >= calendar_.limit(id)) {
      calendar_.add(id, now_ns, EventKind::thread, index);
      return;
    }
    if (!begin_page(id, index)) return;
  }
}

/// Performs hits for as long as they last, then starts the next task. False if the thread now waits for it, or stops.
bool Threads::begin_page(NodeId id, std::uint32_t index) {
  Thread& thread = thread_of(id, index);
  const Access& a = thread.access;
  Vm& vm = cluster_.vm(id);
  const bool page_access = touches_pages(a.op) && (a.op != Op::append || thread.extended);
  if (page_access && a.via == Via::mmap && vm.paths().options().caching) {
    const std::int64_t before_ns = calendar_.now_ns;
    run_hits(id, thread);
    if (!thread.busy) return true;
    if (calendar_.now_ns > before_ns && calendar_.now_ns >= calendar_.limit(id))
      return true;  // the loop puts the thread back
  }
  if (page_access) cluster_.note_access(id, a.file, thread.page);
  if (trace_) trace_.use(id, a.file);
  Task task = task_of(operation_for(thread), vm.paths().options().caching);
  task.notes.value.operation = OperationId::of(id, index, thread.operations++);
  task.notes.value.event = static_cast<std::uint8_t>(event_of(a.op, thread.extended));
  thread.started_ns = calendar_.now_ns;
  thread.costs.settle(calendar_.settled_ns, statistics_);
  thread.costs.begin(task.notes.value.operation);
  const TaskIndex slot = cluster_.start(id, task);
  std::vector<std::uint32_t>& owners = clients_[index_of(id)].task_thread;
  if (owners.size() <= slot) owners.resize(slot + 1u);
  owners[slot] = index + 1;
  if (trace_)
    trace_->begin({calendar_.now_ns, id, task.notes.value.operation},
                  kOperationKindNames[static_cast<std::size_t>(kind_of(a.op))],
                  page_access ? page_resource(a.file, thread.page) : size_resource(a.file),
                  {name_of(a.op), name_of(a.via), a.offset, a.length});
  tasks_.run(id, slot);
  return false;
}

Operation Threads::operation_for(const Thread& thread) const {
  const Access& a = thread.access;
  const std::uint64_t mask = options_.page_bytes - 1;
  Operation operation{.file = a.file};
  switch (a.op) {
    case Op::read:
    case Op::write:
      operation.kind = a.via == Via::mmap ? TaskKind::access : a.op == Op::read ? TaskKind::read : TaskKind::write;
      operation.is_write = a.op == Op::write;
      operation.range = one_page(thread.page);
      break;
    case Op::append:
      if (thread.extended) {
        operation.kind = a.via == Via::mmap ? TaskKind::access : TaskKind::write;
        operation.is_write = true;
        operation.range = one_page(thread.page);
        break;
      }
      operation.kind = TaskKind::extend;
      operation.append = true;
      operation.range = {0, std::max<PageIndex>(1, (a.length + mask) >> page_shift_)};
      break;
    case Op::truncate:
      operation.kind = TaskKind::truncate;
      operation.range = {(a.offset + mask) >> page_shift_, kToInfinity};
      break;
    case Op::extend:
      operation.kind = TaskKind::extend;
      operation.range = {0, (a.offset + mask) >> page_shift_};
      break;
    case Op::punch:
      operation.kind = TaskKind::punch;
      operation.range = {thread.page, thread.end_page};
      break;
    case Op::fsync:
      operation.kind = TaskKind::fsync;
      operation.range = whole_file();
      break;
  }
  return operation;
}

void Threads::task_ended(NodeId id, TaskIndex slot, const Task& task) {
  std::vector<std::uint32_t>& owners = clients_[index_of(id)].task_thread;
  if (slot >= owners.size() || owners[slot] == 0) return;
  const std::uint32_t index = std::exchange(owners[slot], 0) - 1;
  Thread& thread = thread_of(id, index);
  const Op op = thread.access.op;
  if (trace_)
    trace_->end({calendar_.now_ns, id, task.notes.value.operation},
                kOperationKindNames[static_cast<std::size_t>(kind_of(op))], name_of(task.result),
                kElementaryEventNames[task.notes.value.event], calendar_.now_ns - thread.started_ns,
                task.notes.value.retries);
  account(thread, task);
  if (op == Op::append && !thread.extended && task.result == Result::done) {
    thread.extended = true;  // it has its place; now its pages are written
    thread.page = task.range.begin;
    thread.end_page = task.range.end;
  } else if (touches_pages(op) && (op != Op::append || thread.extended)) {
    ++thread.page;
  } else {
    thread.page = thread.end_page;
  }
  if (task.kind == TaskKind::access || task.kind == TaskKind::read || task.kind == TaskKind::write)
    evict_beyond_limit(id);
  if (thread.page >= thread.end_page) {
    thread.busy = false;
    if (serial_) return stop(thread);
  }
  calendar_.add(id, calendar_.now_ns, EventKind::thread, index);
}

void Threads::account(Thread& thread, const Task& task) {
  const TaskNotes& notes = task.notes.value;
  const Op op = thread.access.op;
  const std::int64_t latency = calendar_.now_ns - thread.started_ns;
  const bool place_of_append = op == Op::append && !thread.extended;
  statistics_.retries += notes.retries;
  if (task.result == Result::sigbus) ++statistics_.sigbus;
  const bool has_failed = task.result != Result::done;
  const auto event = has_failed ? ElementaryEvent::none : static_cast<ElementaryEvent>(notes.event);
  // As with messages, the size's are no part of a fault's.
  const int hops = notes.hops - (counts(event, size_resource(task.file)) ? 0 : notes.size_hops);
  thread.costs.end(event, static_cast<std::uint32_t>(hops), calendar_.now_ns, statistics_);
  if (event != ElementaryEvent::none) statistics_.events[static_cast<std::size_t>(event)].latency_ns.add(latency);
  if (place_of_append && !has_failed) {
    statistics_.latency_ns[static_cast<std::size_t>(OperationKind::extend)].add(latency);
    return;
  }
  ++statistics_.accesses;
  ++ended_;
  statistics_.latency_ns[static_cast<std::size_t>(kind_of(op))].add(latency);
  if (has_failed) {
    ++(task.result == Result::refused ? statistics_.refused : statistics_.errors);
    return;
  }
  if (!notes.needed_page) {
    ++statistics_.hits;
    if (notes.faulted) ++statistics_.minor_faults;
    return;
  }
  statistics_.latency_ns[static_cast<std::size_t>(OperationKind::fault)].add(latency);
  statistics_.timeline.add(std::max<std::int64_t>(0, calendar_.now_ns - statistics_.start_ns), latency);
  if (op == Op::read)
    ++statistics_.read_faults;
  else if (notes.had_shared)
    ++statistics_.upgrades;
  else
    ++statistics_.write_faults;
}

/// Starts the eviction of the page that was used least recently, if there are more than the limit.
void Threads::evict_beyond_limit(NodeId id) {
  Vm& vm = cluster_.vm(id);
  if (options_.shape.cache_pages == 0 || vm.cached_pages() <= options_.shape.cache_pages) return;
  for (TaskIndex t = 0; t < vm.task_slots(); ++t)
    if (vm.task(t).alive && vm.task(t).kind == TaskKind::evict) return;  // one at a time
  const PageObject* victim = vm.eviction_victim();
  if (!victim) return;
  const Resource page = Resource::from_key(victim->key);
  const Cause cause{OperationId::of_evictions(id), static_cast<std::uint8_t>(ElementaryEvent::evict), 0};
  ++statistics_.events[cause.event].count;
  if (trace_) {
    trace_.use(id, page.file);
    trace_->evict({calendar_.now_ns, id, cause.operation}, page);
    trace_->because({});
  }
  cluster_.evict(id, page.file, page.page, cause);
  tasks_.wake(id);
}

}  // namespace pagetoken
