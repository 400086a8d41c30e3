#include "sim/engine/holders.hpp"

namespace pagetoken {

Holders::Others Holders::holding_ranges(NodeId self, FileId file, Range range) const {
  const File* known = files_.find(index_of(file));
  if (!known) return {};
  return {known->held.any_other(self, range, Mode::exclusive), known->held.any_other(self, range, Mode::shared)};
}

Holders::Others Holders::others(NodeId self, const Resource& resource, Range range) const {
  Others found = holding(self, resource, range);
  if (found.exclusive != kNoNode) return found;
  if (resource.kind == ResourceKind::file) {
    if (const File* file = files_.find(index_of(resource.file)))
      file->wishes.any(range, [&](NodeId node) {
        if (node != self) found.exclusive = node;
        return node != self;
      });
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
  files_[index_of(resource.file)].wishes.add(node, range);
}

void Holders::granted(NodeId node, const Resource& resource, Range range, Mode mode) {
  if (resource.kind == ResourceKind::file) {
    File& file = files_[index_of(resource.file)];
    file.held.strengthen(node, range, mode);
    if (mode == Mode::exclusive) file.wishes.granted(node, range);
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

void Holders::yielded(NodeId node, const Resource& resource, Range range, Mode keep) {
  if (resource.kind == ResourceKind::file) return files_[index_of(resource.file)].held.weaken(node, range, keep);
  Record& record = records_[resource.key()];
  if (record.exclusive == node) record.exclusive = kNoNode;
  record.shared.remove(node);
  if (keep != Mode::none) record.shared.add(node);
}

}  // namespace pagetoken
