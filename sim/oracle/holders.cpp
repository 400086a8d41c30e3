#include "sim/oracle/holders.hpp"

namespace pagetoken {

Holders::Holding Holders::holding_ranges(NodeId self, FileId file, Range range) const {
  const File* known = files_.find(index_of(file));
  if (!known) return {};
  return {known->held.any_other(self, range, Mode::exclusive), known->held.any_other(self, range, Mode::shared)};
}

OtherHolders Holders::others(NodeId self, const Resource& resource, Range range) const {
  const Holding found = holding(self, resource, range);
  const bool writer = found.exclusive != kNoNode || anyone_asks(self, resource, range);
  return {writer, writer || found.reader != kNoNode};
}

/// Who asked may have been refused, or have lost its wish with its access: the node itself knows.
bool Holders::anyone_asks(NodeId self, const Resource& resource, Range range) const {
  const auto asks = [&](NodeId node) { return node != self && asks_to_write(cluster_.vm(node), resource.file, range); };
  if (resource.kind == ResourceKind::file) {
    const File* file = files_.find(index_of(resource.file));
    return file && file->wishes.any(range, asks);
  }
  const Record* record = records_.find(resource.key());
  bool any = false;
  if (record) record->asked.for_each([&](NodeId node) { any = any || asks(node); });
  return any;
}

Holders::Holding Holders::holding(NodeId self, const Resource& resource, Range range) const {
  if (resource.kind == ResourceKind::file) return holding_ranges(self, resource.file, range);
  const Record* record = records_.find(resource.key());
  if (!record) return {};
  return {record->exclusive == self ? kNoNode : record->exclusive, record->shared.first_but(self)};
}

std::optional<NodeId> Holders::conflict(NodeId self, const Resource& resource, Range range, Mode mode) const {
  const Holding found = holding(self, resource, range);
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
    records_[resource.key()].asked.add(node);
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
    record.asked.remove(node);
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
