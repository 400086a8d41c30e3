#pragma once
// Who holds which token, seen from above: to sort faults into elementary events and to judge exclusion. No node knows
// it.

#include <cstdint>
#include <optional>

#include "protocols/api/node_set.hpp"
#include "protocols/api/range_holders.hpp"
#include "protocols/api/table.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/engine/range_wishes.hpp"

namespace pagetoken {

class Holders {
 public:
  /// What other nodes than the asking one hold of a range, or are about to.
  struct Others {
    NodeId exclusive = kNoNode;  ///< a writer, if there is one
    NodeId reader = kNoNode;     ///< some reader
    bool any() const { return exclusive != kNoNode || reader != kNoNode; }
  };

  explicit Holders(const Cluster& cluster) : cluster_(cluster) {}

  /// Who asked for EXCLUSIVE before counts as a writer: by the time that a request of `self` arrives, it will be one.
  Others others(NodeId self, const Resource& resource, Range range) const;
  /// A node whose token is incompatible with `mode` for `self`.
  std::optional<NodeId> conflict(NodeId self, const Resource& resource, Range range, Mode mode) const;

  void needed(NodeId node, const Resource& resource, Range range, Mode mode);
  void granted(NodeId node, const Resource& resource, Range range, Mode mode);
  void yielded(NodeId node, const Resource& resource, Range range, Mode keep);

 private:
  struct Record {
    NodeId exclusive = kNoNode;
    NodeId next_exclusive = kNoNode;  ///< who was the last to ask for EXCLUSIVE and has not been granted it
    NodeSet shared{};
  };
  struct File {
    RangeHolders held{};
    RangeWishes wishes{};
  };
  Others holding(NodeId self, const Resource& resource, Range range) const;
  Others holding_ranges(NodeId self, FileId file, Range range) const;

  const Cluster& cluster_;
  Table<Record> records_;  // pages and sizes
  Table<File> files_;      // whose tokens are ranges
};

}  // namespace pagetoken
