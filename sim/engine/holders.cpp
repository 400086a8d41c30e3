#include "sim/engine/holders.hpp"

#include <algorithm>

namespace pagetoken {

Holders::Others Holders::holding_ranges(NodeId self, FileId file, Range range) const {
  Others found;
  const NodeSet* users = file_users_.find(index_of(file));
  if (!users) return found;
  users->for_each([&](NodeId node) {
    if (node == self || (found.exclusive != kNoNode && found.reader != kNoNode)) return;
    cluster_.vm(node).tokens.for_each_range(file, range, [&](Range, Token token) {
      NodeId& first = token.mode == Mode::exclusive ? found.exclusive : found.reader;
      if (first == kNoNode && token.mode != Mode::none) first = node;
    });
  });
  return found;
}

Holders::Others Holders::others(NodeId self, const Resource& resource, Range range) const {
  Others found = holding(self, resource, range);
  if (found.exclusive != kNoNode) return found;
  if (resource.kind == ResourceKind::file) {
    if (const std::vector<Asked>* asked = asked_.find(index_of(resource.file)))
      for (const Asked& a : *asked)
        if (a.node != self && a.range.overlaps(range)) found.exclusive = a.node;
  } else if (const Record* record = records_.find(resource.key()); record && record->next_exclusive != self) {
    found.exclusive = record->next_exclusive;
  }
  return found;
}

Holders::Others Holders::holding(NodeId self, const Resource& resource, Range range) const {
  if (resource.kind == ResourceKind::file) return holding_ranges(self, resource.file, range);
  const Record* record = records_.find(resource.key());
  if (!record) return {};
  return {record->exclusive == self ? kNoNode : record->exclusive, record->shared.first_but(self)};
}

std::optional<NodeId> Holders::conflict(NodeId self, const Resource& resource, Range range, Mode mode) const {
  const Others found = holding(self, resource, range);
  if (found.exclusive != kNoNode) return found.exclusive;
  if (found.reader == kNoNode) return std::nullopt;
  if (resource.kind == ResourceKind::size)  // readers and extenders are in one set: ask the node itself
    return compatible(cluster_.vm(found.reader).tokens.size(resource.file).mode, mode)
               ? std::nullopt
               : std::optional<NodeId>{found.reader};
  return mode == Mode::exclusive ? std::optional<NodeId>{found.reader} : std::nullopt;
}

void Holders::needed(NodeId node, const Resource& resource, Range range, Mode mode) {
  if (mode != Mode::exclusive) return;
  if (resource.kind != ResourceKind::file) {
    records_[resource.key()].next_exclusive = node;
    return;
  }
  std::vector<Asked>& asked = asked_[index_of(resource.file)];
  const bool again =
      std::any_of(asked.begin(), asked.end(), [&](const Asked& a) { return a.node == node && a.range == range; });
  if (!again) asked.push_back({node, range});
}

void Holders::granted(NodeId node, const Resource& resource, Range range, Mode mode) {
  if (resource.kind == ResourceKind::file) {
    file_users_[index_of(resource.file)].add(node);
    if (std::vector<Asked>* asked = asked_.find(index_of(resource.file)); asked && mode == Mode::exclusive)
      std::erase_if(*asked, [&](const Asked& a) { return a.node == node && range.covers(a.range); });
    return;
  }
  Record& record = records_[resource.key()];
  if (mode == Mode::exclusive) {
    record.exclusive = node;
    if (record.next_exclusive == node) record.next_exclusive = kNoNode;
    record.shared.remove(node);
  } else {
    record.shared.add(node);
  }
}

void Holders::yielded(NodeId node, const Resource& resource, Mode keep) {
  if (resource.kind == ResourceKind::file) return;
  Record& record = records_[resource.key()];
  if (record.exclusive == node) record.exclusive = kNoNode;
  record.shared.remove(node);
  if (keep != Mode::none) record.shared.add(node);
}

}  // namespace pagetoken
