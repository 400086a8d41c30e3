// What a timed run is judged by, and when.

#include "sim/engine/event_loop.hpp"

namespace pagetoken {

void EventLoop::violate(Violation violation) {
  ++outcome_.violation_count;
  if (outcome_.violations.size() < kMaxViolations) outcome_.violations.push_back(std::move(violation));
}

void EventLoop::violate(const std::optional<Broken>& broken) {
  if (broken) violate({broken->property, now_ns_, broken->node, broken->resource, broken->text});
}

void EventLoop::accessed(NodeId id, TaskIndex, FileId file, PageIndex page, Version version, bool is_write) {
  if (const PageObject* cached = cluster_.vm(id).cached(file, page))
    const_cast<PageObject*>(cached)->last_use.value = static_cast<std::uint32_t>(now_ns_ >> 10);
  if (options_.oracle) judge_access(id, file, page, version, is_write);
}

void EventLoop::applied(NodeId id, const Resource& page, Version version, CellMask, bool is_write) {
  if (options_.oracle) judge_version(id, page.file, page.page, version, is_write);
}

namespace {
/// What led to a stale read, where it shows: the cause is worth more to the reader than its consequence.
const char* by_way_of(const Vm& vm, FileId file, PageIndex page) {
  for (const Process& process : vm.processes()) {
    const Pte* pte = process.ptes.find(page_resource(file, page).key());
    if (pte && !vm.objects()[pte->object].in_cache) return " by a stale PTE, which points to an orphan";
  }
  return "";
}
}  // namespace

void EventLoop::judge_version(NodeId id, FileId file, PageIndex page, Version version, bool is_write) {
  const VersionOracle::Record record = versions_.record(page_resource(file, page).key());
  if (is_write)
    versions_.wrote(record, version);
  else if (!versions_.is_latest(record, version))
    violate({"I4", now_ns_, id, page_resource(file, page),
             describe(id) + " reads version " + std::to_string(version.value) + " of " +
                 describe(page_resource(file, page)) + by_way_of(cluster_.vm(id), file, page) +
                 ", and the last completed store wrote version " + std::to_string(versions_.latest(record).value)});
}

void EventLoop::judge_access(NodeId id, FileId file, PageIndex page, Version version, bool is_write) {
  judge_version(id, file, page, version, is_write);
  const Vm& vm = cluster_.vm(id);
  if (vm.paths().options().tokens && !tokens_cover(vm, file, page)) violate(check_tokens(vm, id, file, one_page(page)));
}

/// A truncate or punch has freed its blocks: what was read there is zeros from now on, and nobody else may keep it.
void EventLoop::blocks_freed(NodeId id, TaskIndex, FileId file, Range range) {
  if (!options_.oracle) return;
  versions_.forget(file, range);
  for (std::uint32_t c = 0; c < options_.shape.clients; ++c) {
    if (NodeId{c} == id) continue;
    violate(check_rest(cluster_.vm(NodeId{c}), NodeId{c}, file, range, cluster_.storage(), false));
  }
}

namespace {
/// I1, I2 and I5 of one page, whoever works on it. They nearly always hold; where not, check_rest says what is broken.
bool is_sound(const Vm& vm, FileId file, PageIndex page, const Storage& storage) {
  const FileState* state = vm.find_file(file);
  const bool knows_size = !vm.paths().options().size_tokens || vm.tokens.size(file).mode != Mode::none;
  const bool beyond = state && knows_size && page >= state->i_size;
  for (const Process& process : vm.processes())
    for (const bool is_private : {false, true}) {
      const Pte* pte = process.ptes.find(pte_key(file, page, is_private));
      if (pte && (beyond || (!pte->is_copy && !vm.objects()[pte->object].in_cache))) return false;
    }
  const PageObject* cached = vm.cached(file, page);
  return !cached || cached->block.value == 0 || cached->block == storage.block_of(file, page);
}
}  // namespace

/// A task that changes what is mapped has ended: its pages are at rest, unless another works on them.
void EventLoop::judge_ended(NodeId id, const Task& task) {
  if (!options_.oracle) return;
  const auto judge = [&](FileId file, Range range) {
    const Vm& vm = cluster_.vm(id);
    if (range == one_page(range.begin) && is_sound(vm, file, range.begin, cluster_.storage())) return;
    violate(check_rest(vm, id, file, range, cluster_.storage(), false));
  };
  switch (task.kind) {
    case TaskKind::access: judge(task.at.file, one_page(task.at.page)); return;
    case TaskKind::truncate:
    case TaskKind::punch:
    case TaskKind::invalidate:
    case TaskKind::revoke: judge(task.file, task.range); return;
    case TaskKind::extend:
    case TaskKind::read:
    case TaskKind::write:
    case TaskKind::fsync:
    case TaskKind::munmap:
    case TaskKind::mmap:
    case TaskKind::evict:
    case TaskKind::uncached:
    case TaskKind::sync: return;
  }
}

/// The run has ended: every node is at rest.
void EventLoop::judge_rest() {
  for (std::uint32_t c = 0; c < options_.shape.clients; ++c)
    for (std::uint32_t f = 0; f < workload_.initial_bytes().size(); ++f)
      violate(check_rest(cluster_.vm(NodeId{c}), NodeId{c}, FileId{f}, whole_file(), cluster_.storage(), true));
}

}  // namespace pagetoken
