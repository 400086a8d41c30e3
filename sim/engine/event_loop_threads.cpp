// Threads: they take accesses from their source, run through hits in a tight loop and start a task for the rest.

#include <algorithm>

#include "sim/engine/event_loop.hpp"
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

/// Takes the thread's next access; false when its share or its source is at its end, or the time is over.
bool EventLoop::next_access(Thread& thread) {
  if (thread.quota == 0 || stop_ || now_ns_ >= deadline_ns_) return false;
  if (thread.next == thread.filled) {
    thread.filled = static_cast<std::uint32_t>(thread.source->fill(thread.batch));
    thread.next = 0;
    if (thread.filled == 0) return false;
  }
  thread.access = thread.batch[thread.next++];
  --thread.quota;
  return true;
}

void EventLoop::thread_stops(Thread& thread) {
  thread.quota = 0;
  thread.busy = thread.waits = false;
  --busy_threads_;
}

void EventLoop::run_thread(NodeId id, std::uint32_t index) {
  Thread& thread = node(id).threads[index];
  // What begins at the instant of this event is this event's turn; only what comes later may belong to another.
  const std::int64_t event_ns = now_ns_;
  for (;;) {
    if (!thread.busy) {
      const bool loaded = std::exchange(thread.waits, false);
      if (!loaded) {
        if (!next_access(thread)) return thread_stops(thread);
        const std::int64_t start = workload_.order() == Order::recorded ? std::max(now_ns_, thread.access.at_ns())
                                                                        : now_ns_ + thread.access.think_ns;
        if (start > event_ns && start >= limit(id)) {
          thread.waits = true;
          add_local(id, start, kThread, index);
          return;
        }
        now_ns_ = start;
      }
      begin_access(id, thread);
    }
    if (now_ns_ > event_ns && now_ns_ >= limit(id)) {
      add_local(id, now_ns_, kThread, index);
      return;
    }
    if (!begin_page(id, index)) return;
  }
}

void EventLoop::begin_access(NodeId, Thread& thread) {
  const Access& a = thread.access;
  thread.busy = true;
  thread.extended = false;
  const std::uint64_t mask = options_.page_bytes - 1;
  if (has_range(a.op)) {
    thread.page = a.offset >> page_shift_;
    thread.end_page = std::max(thread.page + 1, (a.end() + mask) >> page_shift_);
  } else {
    thread.page = 0;
    thread.end_page = 1;
  }
}

/// Performs hits for as long as they last, then starts the next task. False if the thread now waits for it, or stops.
bool EventLoop::begin_page(NodeId id, std::uint32_t index) {
  Thread& thread = node(id).threads[index];
  const Access& a = thread.access;
  Vm& vm = cluster_.vm(id);
  const bool page_access = touches_pages(a.op) && (a.op != Op::append || thread.extended);
  if (page_access && a.via == Via::mmap && vm.paths().options().caching) {
    const std::int64_t before_ns = now_ns_;
    run_hits(id, thread);
    if (!thread.busy) return true;
    if (now_ns_ > before_ns && now_ns_ >= limit(id)) return true;  // the loop puts the thread back
  }
  if (page_access) cluster_.note_access(id, a.file, thread.page);
  if (trace_) trace_use(id, a.file);
  Task task = task_for(thread);
  task.notes.value.operation = OperationId::of(id, index, thread.operations++);
  if (a.op == Op::truncate) task.notes.value.event = static_cast<std::uint8_t>(ElementaryEvent::truncate);
  if (a.op == Op::extend) task.notes.value.event = static_cast<std::uint8_t>(ElementaryEvent::extend);
  if (a.op == Op::append && !thread.extended)
    task.notes.value.event = static_cast<std::uint8_t>(ElementaryEvent::extend);
  if (a.op == Op::fsync) task.notes.value.event = static_cast<std::uint8_t>(ElementaryEvent::writeback);
  thread.started_ns = now_ns_;
  thread.costs.settle(settled_ns_, stats_);
  thread.costs.begin(task.notes.value.operation);
  const TaskIndex slot = cluster_.start(id, task);
  Node& n = node(id);
  if (n.task_thread.size() <= slot) n.task_thread.resize(slot + 1u);
  n.task_thread[slot] = index + 1;
  if (trace_)
    trace_->begin({now_ns_, id, task.notes.value.operation},
                  kOperationKindNames[static_cast<std::size_t>(kind_of(a.op))],
                  page_access ? page_resource(a.file, thread.page) : size_resource(a.file),
                  {name_of(a.op), name_of(a.via), a.offset, a.length});
  run_task(id, slot);
  return false;
}

/// The tight loop: hits on present PTEs cost no event. It ends at a miss, or where another event may touch the node.
void EventLoop::run_hits(NodeId id, Thread& thread) {
  Vm& vm = cluster_.vm(id);
  const std::int64_t hit_ns = options_.costs.hit_ns;
  const std::int64_t until = std::max(limit(id), now_ns_ + 1);
  const bool paced = workload_.order() == Order::recorded;
  const bool evicts = vm.use_order() != nullptr;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  PageIndex last_page = 0;
  FileId last_file{};
  while (now_ns_ < until) {
    const Access& a = thread.access;
    const bool is_write = a.op != Op::read;
    const std::uint64_t key = page_resource(a.file, thread.page).key();
    PageObject* page = vm.hit(0, key, is_write);
    if (!page) break;
    if (options_.oracle) {
      if (page->record.value == 0) page->record.value = versions_.record(key) + 1;
      const VersionOracle::Record record = page->record.value - 1;
      if (is_write)
        versions_.wrote(record, page->version = cluster_.new_version());
      else if (!versions_.is_latest(record, page->version)) [[unlikely]]
        judge_access(id, a.file, thread.page, page->version, false);
    } else if (is_write) {
      page->version = cluster_.new_version();
    }
    if (is_write) page->written = ~CellMask{0};
    if (evicts) vm.used(static_cast<std::uint32_t>(page - vm.objects().data()));
    if (trace_) trace_hit(id, a, thread.page, *page, is_write);
    ++(is_write ? writes : reads);
    last_file = a.file;
    last_page = thread.page;
    now_ns_ += hit_ns;
    if (++thread.page < thread.end_page) continue;
    if (serial_ || thread.next == thread.filled || thread.quota == 0 || now_ns_ >= deadline_ns_ || paced) {
      thread.busy = false;
      break;
    }
    const Access& next = thread.batch[thread.next];
    if (next.think_ns != 0 || next.via != Via::mmap || (next.op != Op::read && next.op != Op::write)) {
      thread.busy = false;
      break;
    }
    thread.access = next;
    ++thread.next;
    --thread.quota;
    begin_access(id, thread);
  }
  const std::uint64_t hits = reads + writes;
  if (hits == 0) return;
  cluster_.note_access(id, last_file, last_page);
  stats_.accesses += hits;
  stats_.hits += hits;
  outcome_.total_accesses += hits;
  if (reads != 0) stats_.latency_ns[static_cast<std::size_t>(OperationKind::read)].add(hit_ns, reads);
  if (writes != 0) stats_.latency_ns[static_cast<std::size_t>(OperationKind::write)].add(hit_ns, writes);
  Node& n = node(id);
  n.fingerprint = (n.fingerprint ^ (hits << 1) ^ static_cast<std::uint64_t>(now_ns_)) * 0x9fb21c651e98df25u;
}

Task EventLoop::task_for(const Thread& thread) const {
  const Access& a = thread.access;
  Task task;
  task.file = a.file;
  const bool append = a.op == Op::append && !thread.extended;
  const std::uint64_t mask = options_.page_bytes - 1;
  const PageIndex new_size = (a.offset + mask) >> page_shift_;
  switch (a.op) {
    case Op::read:
    case Op::write:
    case Op::append:
      task.kind = a.via == Via::mmap || append ? TaskKind::access : a.op == Op::read ? TaskKind::read : TaskKind::write;
      task.range = one_page(thread.page);
      task.at.page = thread.page;
      task.is_write = a.op != Op::read && task.kind == TaskKind::access;
      task.ships = a.op == Op::read ? AccessKind::read : AccessKind::write;
      break;
    case Op::truncate:
      task.kind = TaskKind::truncate;
      task.range = {new_size, kToInfinity};
      task.ships = AccessKind::truncate;
      break;
    case Op::extend:
      task.kind = TaskKind::extend;
      task.range = {0, new_size};
      task.ships = AccessKind::extend;
      break;
    case Op::punch:
      task.kind = TaskKind::punch;
      task.range = {thread.page, thread.end_page};
      break;
    case Op::fsync:
      task.kind = TaskKind::fsync;
      task.range = whole_file();
      break;
  }
  if (append) {
    task.kind = TaskKind::extend;
    task.append = true;
    task.is_write = false;
    task.range = {0, std::max<PageIndex>(1, (a.length + mask) >> page_shift_)};
    task.ships = AccessKind::append;
  }
  const bool caches = cluster_.machine().declaration().caching != Caching::none;
  if (!caches && a.op != Op::fsync && a.op != Op::punch) task.kind = TaskKind::uncached;
  return task;
}

void EventLoop::operation_ended(NodeId id, std::uint32_t index, const Task& task) {
  Thread& thread = node(id).threads[index];
  const Op op = thread.access.op;
  if (trace_)
    trace_->end({now_ns_, id, task.notes.value.operation}, kOperationKindNames[static_cast<std::size_t>(kind_of(op))],
                name_of(task.result), kElementaryEventNames[task.notes.value.event], now_ns_ - thread.started_ns,
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
    if (serial_) return thread_stops(thread);
  }
  add_local(id, now_ns_, kThread, index);
}

void EventLoop::account(Thread& thread, const Task& task) {
  const TaskNotes& notes = task.notes.value;
  const Op op = thread.access.op;
  const std::int64_t latency = now_ns_ - thread.started_ns;
  const bool place_of_append = op == Op::append && !thread.extended;
  stats_.retries += notes.retries;
  if (task.result == Result::sigbus) ++stats_.sigbus;
  const bool has_failed = task.result != Result::done;
  const auto event = has_failed ? ElementaryEvent::none : static_cast<ElementaryEvent>(notes.event);
  // As with messages, the size's are no part of a fault's.
  const int hops = notes.hops - (counts(event, size_resource(task.file)) ? 0 : notes.size_hops);
  thread.costs.end(event, static_cast<std::uint32_t>(hops), now_ns_, stats_);
  if (event != ElementaryEvent::none) stats_.events[static_cast<std::size_t>(event)].latency_ns.add(latency);
  if (place_of_append && !has_failed) {
    stats_.latency_ns[static_cast<std::size_t>(OperationKind::extend)].add(latency);
    return;
  }
  ++stats_.accesses;
  ++outcome_.total_accesses;
  stats_.latency_ns[static_cast<std::size_t>(kind_of(op))].add(latency);
  if (has_failed) {
    ++(task.result == Result::refused ? stats_.refused : stats_.errors);
    return;
  }
  if (!notes.needed_page) {
    ++stats_.hits;
    if (notes.faulted) ++stats_.minor_faults;
    return;
  }
  stats_.latency_ns[static_cast<std::size_t>(OperationKind::fault)].add(latency);
  stats_.timeline.add(std::max<std::int64_t>(0, now_ns_ - stats_.start_ns), latency);
  if (op == Op::read)
    ++stats_.read_faults;
  else if (notes.had_shared)
    ++stats_.upgrades;
  else
    ++stats_.write_faults;
}

/// Starts the eviction of the page that was used least recently, if there are more than the limit.
void EventLoop::evict_beyond_limit(NodeId id) {
  Vm& vm = cluster_.vm(id);
  if (options_.shape.cache_pages == 0 || vm.cached_pages() <= options_.shape.cache_pages) return;
  for (TaskIndex t = 0; t < vm.task_slots(); ++t)
    if (vm.task(t).alive && vm.task(t).kind == TaskKind::evict) return;  // one at a time
  const PageObject* victim = vm.eviction_victim();
  if (!victim) return;
  const Resource page = Resource::from_key(victim->key);
  const Cause cause{OperationId::of_evictions(id), static_cast<std::uint8_t>(ElementaryEvent::evict), 0};
  ++stats_.events[cause.event].count;
  if (trace_) {
    trace_use(id, page.file);
    trace_->evict({now_ns_, id, cause.operation}, page);
    trace_->because({});
  }
  cluster_.evict(id, page.file, page.page, cause);
  wake_tasks(id);
}

}  // namespace pagetoken
