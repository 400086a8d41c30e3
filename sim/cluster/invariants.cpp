#include "sim/cluster/invariants.hpp"

#include <algorithm>

namespace pagetoken {

namespace {

std::string token_text(Mode mode) {
  return mode == Mode::none ? "no token" : std::string("only a token that is ") + name_of(mode);
}

/// Calls visit(page, value) for the entries of a table keyed by page over a range, until it returns something.
template <class Map, class Visitor>
std::optional<Finding> first_broken(const Map& map, FileId file, Range range, std::uint64_t space, Visitor&& visit) {
  const std::uint64_t end = page_resource(file, std::min(range.end, kMaxPages)).key() | space;
  std::uint64_t key = page_resource(file, range.begin).key() | space;
  while ((key = map.next_key(key, end)) != end) {
    if (auto broken = visit(Resource::from_key(key & ~kPrivate).page, *map.find(key))) return broken;
    ++key;
  }
  return std::nullopt;
}

template <class Visitor>
std::optional<Finding> first_broken_pte(const Vm& vm, FileId file, Range range, Visitor&& visit) {
  for (const Process& process : vm.processes())
    for (const std::uint64_t space : {std::uint64_t{0}, kPrivate})
      if (auto broken = first_broken(process.ptes, file, range, space, visit)) return broken;
  return std::nullopt;
}

Finding broken(PropertyId property, NodeId node, FileId file, PageIndex page, const std::string& does,
               const std::string& but) {
  const Resource resource = page_resource(file, page);
  return {property, text_of(node) + " " + does + " " + text_of(resource) + ", " + but, node, resource};
}

}  // namespace

bool tokens_cover(const Vm& vm, FileId file, PageIndex page) {
  const Mode held = vm.tokens.page(file, page).mode;
  if (held == Mode::exclusive) return true;
  for (const Process& process : vm.processes())
    for (const bool is_private : {false, true}) {
      const Pte* pte = process.ptes.find(pte_key(file, page, is_private));
      if (pte && !pte->is_copy && !satisfies(held, pte->writable ? Mode::exclusive : Mode::shared)) return false;
    }
  return held != Mode::none || !vm.cached(file, page);
}

std::optional<Finding> check_tokens(const Vm& vm, NodeId node, FileId file, Range range) {
  auto pte = first_broken_pte(vm, file, range, [&](PageIndex page, const Pte& p) -> std::optional<Finding> {
    const Mode held = vm.tokens.page(file, page).mode;
    if (p.is_copy || satisfies(held, p.writable ? Mode::exclusive : Mode::shared)) return std::nullopt;
    return broken(PropertyId::i3, node, file, page, p.writable ? "has a stale writable PTE for" : "has a stale PTE for",
                  "and holds " + token_text(held));
  });
  if (pte) return pte;
  return first_broken(vm.cache(), file, range, 0, [&](PageIndex page, std::uint32_t) -> std::optional<Finding> {
    if (vm.tokens.page(file, page).mode != Mode::none) return std::nullopt;
    return broken(PropertyId::i3, node, file, page, "caches", "and holds no token");
  });
}

std::optional<Finding> check_rest(const Vm& vm, NodeId node, FileId file, Range range, const Storage& storage,
                                  bool all_at_rest) {
  const FileState* state = vm.find_file(file);
  const auto at_rest = [&](PageIndex page) { return all_at_rest || !vm.in_progress(file, page); };
  const bool knows_size = !vm.paths().options().size_tokens || vm.tokens.size(file).mode != Mode::none;
  auto pte = first_broken_pte(vm, file, range, [&](PageIndex page, const Pte& p) -> std::optional<Finding> {
    const PageObject& object = vm.objects()[p.object];
    if (!p.is_copy && !object.in_cache && at_rest(page))
      return broken(PropertyId::i1, node, file, page, "has a stale PTE for",
                    "which points to an orphan: the page has left the cache");
    if (state && knows_size && page >= state->i_size && at_rest(page))
      return broken(PropertyId::i2, node, file, page, "has a stale PTE for",
                    "which is beyond i_size (" + std::to_string(state->i_size) + " pages)");
    return std::nullopt;
  });
  if (pte) return pte;
  return first_broken(vm.cache(), file, range, 0, [&](PageIndex page, std::uint32_t index) -> std::optional<Finding> {
    const PageObject& object = vm.objects()[index];
    if (object.block.value == 0 || object.block == storage.block_of(file, page) || !at_rest(page)) return std::nullopt;
    return broken(PropertyId::i5, node, file, page, "caches", "whose block was freed");
  });
}

namespace {

std::string what_it_waits_for(const Vm& vm, const Task& task) {
  if (task.wait == Wait::none) return " can run";
  if (task.wait != Wait::lock) return " waits for " + std::string(name_of(task.wait)) + " of " + text_of(task.need_of);
  const Lock& lock = vm.lock(task.wait_lock);
  return std::string(" waits for ") + name_of(task.wait_lock.kind) + ", held by " +
         (lock.owner == kNoTask ? std::to_string(lock.readers) + " readers"
                                : std::string(name_of(vm.task(lock.owner).kind)) + "#" + std::to_string(lock.owner));
}

}  // namespace

std::optional<Finding> check_applied(NodeId node, const Resource& page, const Storage& storage) {
  if (page.page < storage.size(page.file)) return std::nullopt;
  return Finding{PropertyId::i2,
                 "an access of " + text_of(node) + " to " + text_of(page) + " was performed beyond the end of the file",
                 node, page};
}

std::string who_waits(const Cluster& cluster) {
  constexpr std::size_t kShown = 6;
  std::string text;
  std::size_t tasks = 0;
  // Queues for a lock are long and say little: what a lock's owner waits for comes first.
  for (const bool locks : {false, true}) {
    for (std::uint32_t n = 0; n < cluster.shape().clients; ++n) {
      const Vm& vm = cluster.vm(NodeId{n});
      for (TaskIndex t = 0; t < vm.task_slots(); ++t) {
        const Task& task = vm.task(t);
        if (!task.alive || (task.wait == Wait::lock) != locks) continue;
        if (++tasks > kShown) continue;
        if (tasks > 1) text += "; ";
        text += text_of(NodeId{n}) + " " + name_of(task.kind) + "#" + std::to_string(t) + what_it_waits_for(vm, task);
      }
    }
  }
  if (tasks > kShown) text += "; and " + std::to_string(tasks - kShown) + " more";
  return tasks == 0 ? "no task is left" : text;
}

}  // namespace pagetoken
