#pragma once
// Who holds which token, seen from above: to sort faults into elementary events and to judge exclusion. No node knows it.

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/api/node_set.hpp"
#include "protocols/api/table.hpp"
#include "sim/cluster/cluster.hpp"

namespace pagetoken {

class Holders {
 public:
  /// What other nodes than the asking one hold of a range.
  struct Others {
    NodeId exclusive = kNoNode;   ///< a writer, if there is one
    NodeId reader = kNoNode;      ///< some reader
    bool any() const { return exclusive != kNoNode || reader != kNoNode; }
  };

  explicit Holders(const Cluster& cluster) : cluster_(cluster) {}

  Others others(NodeId self, const Resource& resource, Range range) const;
  /// A node whose token is incompatible with `mode` for `self`.
  std::optional<NodeId> conflict(NodeId self, const Resource& resource, Range range, Mode mode) const;

  void granted(NodeId node, const Resource& resource, Mode mode);
  void yielded(NodeId node, const Resource& resource, Mode keep);

 private:
  struct Record {
    NodeId exclusive = kNoNode;
    NodeSet shared{};
  };
  /// The first other node that holds any of the range in one of the modes.
  template <class Wanted>
  NodeId first_in_ranges(NodeId self, const Resource& resource, Range range, Wanted&& wanted) const;

  const Cluster& cluster_;
  Table<Record> records_;      // pages and sizes
  Table<NodeSet> file_users_;  // of files whose tokens are ranges: who was ever granted one
};

}  // namespace pagetoken
