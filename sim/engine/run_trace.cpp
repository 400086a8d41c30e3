#include "sim/engine/run_trace.hpp"

#include <algorithm>
#include <utility>

namespace pagetoken {

namespace {
/// What the task waits for, which it has a place for in `on`.
TraceSink::Waiting waiting_of(const Vm& vm, const Task& task, Resource& on) {
  TraceSink::Waiting waiting{.what = name_of(task.wait), .on = &on};
  on = page_resource(task.at.file, task.at.page);
  switch (task.wait) {
    case Wait::none: return {};
    case Wait::lock: {
      waiting.lock = name_of(task.wait_lock.kind);
      const TaskIndex owner = vm.lock(task.wait_lock).owner;
      if (owner != kNoTask) waiting.holder = vm.task(owner).notes.value.operation;
      if (task.wait_lock.kind == LockKind::page_lock) break;
      waiting.on = nullptr;
      break;
    }
    case Wait::token:
    case Wait::sync: on = task.need_of; break;
    case Wait::pins:
      on = task.revokes == ResourceKind::size         ? size_resource(task.file)
           : task.range == one_page(task.range.begin) ? page_resource(task.file, task.range.begin)
                                                      : file_resource(task.file);
      break;
    case Wait::page:
    case Wait::writeback:
    case Wait::guard:
    case Wait::reply: break;
  }
  return waiting;
}
}  // namespace

RunTrace::RunTrace(TraceSink* sink, const Cluster& cluster, std::uint64_t page_bytes, const std::int64_t& now_ns)
    : sink_(sink),
      cluster_(cluster),
      page_bytes_(page_bytes),
      now_ns_(now_ns),
      nodes_(sink ? cluster.node_count() : 0) {}

void RunTrace::step(NodeId id, Stepped& stepped, const Step& step, std::int64_t cost_ns) {
  const Vm& vm = cluster_.vm(id);
  const Task& task = vm.task(stepped.index);
  Resource on{};
  const bool blocked = step.outcome == Step::Outcome::blocked;
  const bool retried = std::exchange(stepped.retries, task.notes.value.retries) != task.notes.value.retries;
  sink_->step({now_ns_, id, stepped.operation}, stepped.index, name_of(stepped.kind), step.instruction->step,
              step.instruction->text, blocked ? waiting_of(vm, task, on) : TraceSink::Waiting{}, retried, cost_ns);
}

void RunTrace::hit(NodeId id, const Access& access, PageIndex page, const PageObject& object, bool is_write) {
  const std::uint64_t first = page * page_bytes_;
  const std::uint64_t begin = std::max(access.offset, first) - first;
  const std::uint64_t end = std::min(access.end(), first + page_bytes_) - first;
  const auto slot = static_cast<std::uint32_t>(&object - cluster_.vm(id).objects().data());
  nodes_[index_of(id)].hit_runs.hit(*sink_, {now_ns_, id, 0}, slot, page_resource(access.file, page).key(), is_write,
                                    begin, std::max(end, begin + 1), page_bytes_);
}

void RunTrace::lost(NodeId id, const Resource& resource, Range range) {
  if (resource.kind == ResourceKind::size) return;
  const Table<std::uint32_t>& cache = cluster_.vm(id).cache();
  const std::uint64_t end = page_resource(resource.file, std::min(range.end, kMaxPages)).key();
  std::uint64_t key = page_resource(resource.file, range.begin).key();
  while ((key = cache.next_key(key, end)) != end)
    nodes_[index_of(id)].hit_runs.tell(*sink_, {now_ns_, id, 0}, *cache.find(key++));
}

void RunTrace::use(NodeId id, FileId file) {
  if (!cluster_.vm(id).paths().options().ranged) return;
  const FileUse use = cluster_.use(id, file);
  FileUse& told = nodes_[index_of(id)].told_uses[index_of(file)];
  const bool same = use.open_count == told.open_count && use.last_access_end == told.last_access_end &&
                    use.sequential == told.sequential;
  if (same) return;
  told = use;
  sink_->use({now_ns_, id, 0}, file, use.open_count, use.last_access_end, use.sequential);
}

void RunTrace::finish(std::int64_t latest_ns) {
  for (std::uint32_t n = 0; n < nodes_.size(); ++n) nodes_[n].hit_runs.tell_all(*sink_, {latest_ns, NodeId{n}, 0});
}

}  // namespace pagetoken
