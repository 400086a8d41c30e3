#include "sim/oracle/judge.hpp"

#include <set>
#include <string>

#include "sim/cluster/invariants.hpp"

namespace pagetoken {

namespace {

/// What led to a stale read, where it shows: the cause is worth more to the reader than its consequence.
const char* by_way_of(const Vm& vm, FileId file, PageIndex page) {
  for (const Process& process : vm.processes()) {
    const Pte* pte = process.ptes.find(page_resource(file, page).key());
    if (pte && !vm.objects()[pte->object].in_cache) return " by a stale PTE, which points to an orphan";
  }
  return "";
}

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

void Judge::violate(std::optional<Finding> finding) {
  if (!finding) return;
  ++count_;
  finding->time_ns = now_ns_;
  if (findings_.size() < kMaxFindings) findings_.push_back(std::move(*finding));
}

void Judge::granted(NodeId node, const Resource& resource, Range range, Mode mode) {
  if (judges_)
    if (const auto other = holders_.conflict(node, resource, range, mode))
      violate(Finding{Property::called("protocol:exclusion"),
                      text_of(node) + " is granted " + text_of(resource) + ", and " + text_of(*other) +
                          " still holds an incompatible token",
                      node, resource});
  holders_.granted(node, resource, range, mode);
}

void Judge::yielded(NodeId node, const Resource& resource, Range range, Mode keep) {
  holders_.yielded(node, resource, range, keep);
  if (!judges_ || resource.kind == ResourceKind::size) return;
  const Vm& vm = cluster_.vm(node);
  if (range != one_page(range.begin) || !tokens_cover(vm, resource.file, range.begin))
    violate(check_tokens(vm, node, resource.file, range));
}

void Judge::judge_version(NodeId id, FileId file, PageIndex page, Version version, bool is_write) {
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

void Judge::applied(NodeId node, const Resource& page, Version version, bool is_write) {
  if (!judges_) return;
  violate(check_applied(node, page, cluster_.storage()));
  judge_version(node, page.file, page.page, version, is_write);
}

void Judge::accessed(NodeId node, FileId file, PageIndex page, Version version, bool is_write) {
  if (!judges_) return;
  judge_version(node, file, page, version, is_write);
  const Vm& vm = cluster_.vm(node);
  if (vm.paths().options().tokens && !tokens_cover(vm, file, page))
    violate(check_tokens(vm, node, file, one_page(page)));
}

void Judge::blocks_freed(NodeId node, FileId file, Range range) {
  if (!judges_) return;
  versions_.forget(file, range);
  for (std::uint32_t c = 0; c < cluster_.shape().clients; ++c) {
    if (NodeId{c} == node) continue;
    violate(check_rest(cluster_.vm(NodeId{c}), NodeId{c}, file, range, cluster_.storage(), false));
  }
}

void Judge::ended(NodeId id, const Task& task) {
  if (!judges_) return;
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

void Judge::judge_rest() {
  if (!judges_) return;
  for (std::uint32_t c = 0; c < cluster_.shape().clients; ++c) {
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
