// Hits, which cost no event.

#include <algorithm>

#include "sim/engine/threads.hpp"

namespace pagetoken {

void Threads::begin_access(Thread& thread) {
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

/// Whether the thread's next access may be a hit that follows at once; then it is the one in progress.
bool Threads::goes_on_to_next_hit(Thread& thread) {
  if (serial_ || thread.next == thread.filled || thread.quota == 0 || calendar_.now_ns >= deadline_ns_ ||
      workload_.order() == Order::recorded)
    return false;
  const Access& next = thread.batch[thread.next];
  if (next.think_ns != 0 || next.via != Via::mmap || (next.op != Op::read && next.op != Op::write)) return false;
  thread.access = next;
  ++thread.next;
  --thread.quota;
  begin_access(thread);
  return true;
}

/// The tight loop: hits on present PTEs cost no event. It ends at a miss, or where another event may touch the node.
void Threads::run_hits(NodeId id, Thread& thread) {
  Vm& vm = cluster_.vm(id);
  const std::int64_t hit_ns = options_.costs.hit_ns;
  std::int64_t& now_ns = calendar_.now_ns;
  const std::int64_t until = std::max(calendar_.limit(id), now_ns + 1);
  const bool evicts = vm.use_order() != nullptr;
  const bool judges = judge_.judges();
  VersionOracle& versions = judge_.versions();
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  PageIndex last_page = 0;
  FileId last_file{};
  while (now_ns < until) {
    const Access& a = thread.access;
    const bool is_write = a.op != Op::read;
    const std::uint64_t key = page_resource(a.file, thread.page).key();
    PageObject* page = vm.hit(0, key, is_write);
    if (!page) break;
    if (judges) {
      if (page->record.value == 0) page->record.value = versions.record(key) + 1;
      const VersionOracle::Record record = page->record.value - 1;
      if (is_write)
        versions.wrote(record, page->version = cluster_.new_version());
      else if (!versions.is_latest(record, page->version)) [[unlikely]]
        judge_.accessed(id, a.file, thread.page, page->version, false);
    } else if (is_write) {
      page->version = cluster_.new_version();
    }
    if (is_write) page->written = ~CellMask{0};
    if (evicts) vm.used(static_cast<std::uint32_t>(page - vm.objects().data()));
    if (trace_) trace_.hit(id, a, thread.page, *page, is_write);
    ++(is_write ? writes : reads);
    last_file = a.file;
    last_page = thread.page;
    now_ns += hit_ns;
    if (++thread.page < thread.end_page) continue;
    if (!goes_on_to_next_hit(thread)) {
      thread.busy = false;
      break;
    }
  }
  const std::uint64_t hits = reads + writes;
  if (hits == 0) return;
  cluster_.note_access(id, last_file, last_page);
  statistics_.accesses += hits;
  statistics_.hits += hits;
  ended_ += hits;
  if (reads != 0) statistics_.latency_ns[static_cast<std::size_t>(OperationKind::read)].add(hit_ns, reads);
  if (writes != 0) statistics_.latency_ns[static_cast<std::size_t>(OperationKind::write)].add(hit_ns, writes);
  history_.add_hits(id, hits, now_ns);
}

}  // namespace pagetoken
