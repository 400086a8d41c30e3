// The invariants of docs/vm-model.md, "Invariants", over a scenario's state.

#include "sim/check/vm/vm_model.hpp"

namespace pagetoken {

std::optional<Finding> VmModel::check() {
  for (std::uint32_t n = 0; n < vms_.size(); ++n) {
    for (std::uint32_t f = 0; f < info_.files; ++f) {
      if (auto broken = check_tokens(n, FileId{f})) return broken;
      if (invalidates_here()) continue;
      if (auto broken = check_versions(n, FileId{f})) return broken;
    }
  }
  if (!ended()) return std::nullopt;
  for (std::uint32_t n = 0; n < vms_.size(); ++n)
    for (std::uint32_t f = 0; f < info_.files; ++f)
      if (auto broken = check_rest(n, FileId{f}, properties_)) return broken;
  return std::nullopt;
}

bool VmModel::is_mapped(NodeId node, const Resource& page) const {
  for (const Process& process : vm(node).processes())
    for (const bool is_private : {false, true})
      if (process.ptes.find(pte_key(page.file, page.page, is_private))) return true;
  return false;
}

std::optional<Finding> VmModel::fact(const Property& property) const {
  const Properties at_rest{.i1 = properties_.i1 && property == PropertyId::i1,
                           .i2 = properties_.i2 && property == PropertyId::i2,
                           .i5 = properties_.i5 && property == PropertyId::i5,
                           .i6 = properties_.i6 && property == PropertyId::i6};
  for (std::uint32_t n = 0; n < vms_.size(); ++n)
    for (std::uint32_t f = 0; f < info_.files; ++f) {
      std::optional<Finding> broken;
      if (property == PropertyId::i3) broken = check_tokens(n, FileId{f});
      if (property == PropertyId::i4) broken = check_versions(n, FileId{f});
      if (property != PropertyId::i3 && property != PropertyId::i4 && ended())
        broken = check_rest(n, FileId{f}, at_rest);
      if (broken && broken->property == property) return broken;
    }
  return std::nullopt;
}

std::vector<std::string> VmModel::all_broken() const {
  std::vector<std::string> broken;
  for (const Property property :
       {PropertyId::i1, PropertyId::i2, PropertyId::i3, PropertyId::i4, PropertyId::i5, PropertyId::i6})
    if (fact(property)) broken.push_back(property.name());
  return broken;
}

/// I3. A page that is in the cache and not up to date holds nothing that a token would have to cover.
std::optional<Finding> VmModel::check_tokens(std::uint32_t node, FileId file) const {
  if (!properties_.i3) return std::nullopt;
  const Vm& vm = vms_[node];
  const Mode held = vm.tokens.page(file, kScenarioPage).mode;
  const auto broken = [&](const char* does) {
    return Finding{PropertyId::i3,
                   text_of(NodeId{node}) + " " + does + " " + text_of(page_of(file)) + ", and holds " +
                       (held == Mode::none ? "no token" : std::string("only a token that is ") + name_of(held)),
                   NodeId{node}, page_of(file)};
  };
  for (const Process& process : vm.processes())
    for (const bool is_private : {false, true})
      if (const Pte* pte = process.ptes.find(pte_key(file, kScenarioPage, is_private)); pte && !pte->is_copy)
        if (!satisfies(held, pte->writable ? Mode::exclusive : Mode::shared))
          return broken(pte->writable ? "has a stale writable PTE for" : "has a stale PTE for");
  if (const PageObject* page = vm.cached(file, kScenarioPage); page && page->uptodate && held == Mode::none)
    return broken("caches");
  return std::nullopt;
}

/// I4, where a token is held.
std::optional<Finding> VmModel::check_versions(std::uint32_t node, FileId file) const {
  const Vm& vm = vms_[node];
  if (!properties_.i4 || vm.tokens.page(file, kScenarioPage).mode == Mode::none) return std::nullopt;
  const Version latest = truth_[index_of(file)].latest;
  const auto broken = [&](const char* does) {
    return Finding{
        PropertyId::i4,
        text_of(NodeId{node}) + " " + does + " " + text_of(page_of(file)) + ", which a committed write has replaced",
        NodeId{node}, page_of(file)};
  };
  for (const Process& process : vm.processes())
    for (const bool is_private : {false, true})
      if (const Pte* pte = process.ptes.find(pte_key(file, kScenarioPage, is_private)); pte && !pte->is_copy)
        if (vm.objects()[pte->object].version != latest) return broken("maps an old version of");
  if (const PageObject* page = vm.cached(file, kScenarioPage); page && page->uptodate && page->version != latest)
    return broken("caches an old version of");
  return std::nullopt;
}

/// I1, I2, I5 and I6 of a node whose actors have all ended.
std::optional<Finding> VmModel::check_rest(std::uint32_t node, FileId file, const Properties& properties) const {
  const Vm& vm = vms_[node];
  const FileState* state = vm.find_file(file);
  const Block block = storage_.block_of(file, kScenarioPage);
  const auto broken = [&](PropertyId property, const std::string& does, const std::string& but) {
    return Finding{property, text_of(NodeId{node}) + " " + does + " " + text_of(page_of(file)) + ", " + but,
                   NodeId{node}, page_of(file)};
  };
  const auto freed = [&](const PageObject& page) { return page.block.value != 0 && page.block != block; };
  for (const Process& process : vm.processes()) {
    for (const bool is_private : {false, true}) {
      const Pte* pte = process.ptes.find(pte_key(file, kScenarioPage, is_private));
      if (!pte) continue;
      const PageObject& page = vm.objects()[pte->object];
      if (properties.i1 && !pte->is_copy && !page.in_cache)
        return broken(PropertyId::i1, "has a stale PTE for", "which points to an orphan: the page has left the cache");
      if (properties.i2 && kScenarioPage >= state->i_size)
        return broken(PropertyId::i2, pte->is_copy ? "maps a private copy of" : "has a stale PTE for",
                      "which is beyond i_size (" + std::to_string(state->i_size) + " pages)");
      if (properties.i5 && !pte->is_copy && freed(page)) return broken(PropertyId::i5, "maps", "whose block was freed");
    }
  }
  if (invalidates_here())
    if (auto old = check_versions(node, file)) return old;
  const PageObject* cached = vm.cached(file, kScenarioPage);
  if (properties.i5 && cached && freed(*cached)) return broken(PropertyId::i5, "caches", "whose block was freed");
  const Version store = truth_[index_of(file)].last_store;
  if (!properties.i6 || store.value == 0 || storage_.content(file, kScenarioPage) == store) return std::nullopt;
  for (const Vm& any : vms_)
    if (const PageObject* page = any.cached(file, kScenarioPage);
        page && page->version == store && (page->writeback || any.is_dirty(*page)))
      return std::nullopt;
  return broken(PropertyId::i6, "has lost the last store to", "which is neither in storage nor dirty in a cache");
}

}  // namespace pagetoken
