// What a timed run is judged by, and when.

#include <set>

#include "sim/engine/event_loop.hpp"

namespace pagetoken {

void EventLoop::violate(std::optional<Finding> finding) {
  if (!finding) return;
  ++outcome_.violation_count;
  finding->time_ns = now_ns_;
  if (outcome_.violations.size() < kMaxViolations) outcome_.violations.push_back(std::move(*finding));
}

void EventLoop::accessed(NodeId id, TaskIndex, FileId file, PageIndex page, Version version, bool is_write) {
  Vm& vm = cluster_.vm(id);
  if (vm.use_order())
    if (const std::uint32_t* cached = vm.cache().find(page_resource(file, page).key())) vm.used(*cached);
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
    violate(Finding{PropertyId::i4,
                    text_of(id) + " reads version " + std::to_string(version.value) + " of " +
                        text_of(page_resource(file, page)) + by_way_of(cluster_.vm(id), file, page) +
                        ", and the last completed store wrote version " +
                        std::to_string(versions_.latest(record).value),
                    id, page_resource(file, page)});
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

namespace {
/// All that a size says something about: what is beyond it.
Range beyond_size(const Vm& vm, FileId file) {
  const FileState* state = vm.find_file(file);
  return {state ? state->i_size : 0, kToInfinity};
}

/// Calls visit(file) for each file of which the table, keyed by page, has an entry.
template <class T, class Visitor>
void for_each_file(const Table<T>& table, std::uint64_t space, Visitor&& visit) {
  const std::uint64_t end = space == 0 ? kPrivate : ~std::uint64_t{0};
  for (std::uint64_t key = table.next_key(space, end); key != end;) {
    const FileId file = Resource::from_key(key & ~kPrivate).file;
    visit(file);
    key = table.next_key((std::uint64_t{index_of(file)} + 1) << 40 | space, end);
  }
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
    case TaskKind::revoke:
      if (task.revokes == ResourceKind::size) return judge(task.file, beyond_size(cluster_.vm(id), task.file));
      return judge(task.file, task.range);
    case TaskKind::truncate:
    case TaskKind::punch:
    case TaskKind::invalidate: judge(task.file, task.range); return;
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
  for (std::uint32_t c = 0; c < options_.shape.clients; ++c) {
    const Vm& vm = cluster_.vm(NodeId{c});
    std::set<FileId> files;
    const auto add = [&](FileId file) { files.insert(file); };
    for_each_file(vm.cache(), 0, add);
    for (const Process& process : vm.processes())
      for (const std::uint64_t space : {std::uint64_t{0}, kPrivate}) for_each_file(process.ptes, space, add);
    for (const FileId file : files) violate(check_rest(vm, NodeId{c}, file, whole_file(), cluster_.storage(), true));
  }
}

}  // namespace pagetoken
