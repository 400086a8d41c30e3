#pragma once
// Who holds which token, seen from above: to sort faults into elementary events and to judge exclusion. No node knows
// it.

#include <cstdint>
#include <optional>

#include "protocols/api/node_set.hpp"
#include "protocols/api/range_holders.hpp"
#include "protocols/api/table.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/cluster/event_kind.hpp"
#include "sim/oracle/range_wishes.hpp"

namespace pagetoken {

class Holders {
 public:
  explicit Holders(const Cluster& cluster) : cluster_(cluster) {}

  /// What other nodes than `self` have of a range, or are about to: right_over of each, found without asking them all.
  OtherHolders others(NodeId self, const Resource& resource, Range range) const;
  /// A node whose token is incompatible with `mode` for `self`.
  std::optional<NodeId> conflict(NodeId self, const Resource& resource, Range range, Mode mode) const;

  void needed(NodeId node, const Resource& resource, Range range, Mode mode);
  void granted(NodeId node, const Resource& resource, Range range, Mode mode);
  void yielded(NodeId node, const Resource& resource, Range range, Mode keep);

 private:
  struct Record {
    NodeId exclusive = kNoNode;
    NodeSet shared{};
    NodeSet asked{};  ///< for EXCLUSIVE, and were not granted it since; some may have given up
  };
  struct File {
    RangeHolders held{};
    RangeWishes wishes{};
  };
  /// Nodes whose tokens those are.
  struct Holding {
    NodeId exclusive = kNoNode;  ///< a writer, if there is one
    NodeId reader = kNoNode;     ///< some reader
  };
  Holding holding(NodeId self, const Resource& resource, Range range) const;
  Holding holding_ranges(NodeId self, FileId file, Range range) const;
  bool anyone_asks(NodeId self, const Resource& resource, Range range) const;

  const Cluster& cluster_;
  Table<Record> records_;  // pages and sizes
  Table<File> files_;      // whose tokens are ranges
};

}  // namespace pagetoken
