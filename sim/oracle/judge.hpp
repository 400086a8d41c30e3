#pragma once
// Judges a timed run as it goes: every read returns the last completed write, tokens exclude each other, and nothing is
// mapped or cached that ought not to be. It is told what a Driver is told.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/finding.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/oracle/holders.hpp"
#include "sim/oracle/version_oracle.hpp"

namespace pagetoken {

/// So many findings are kept; the rest are counted.
inline constexpr std::size_t kMaxFindings = 20;

class Judge {
 public:
  /// `now_ns`: the time, read when something is found. `judges`: false: it only knows who holds what.
  Judge(const Cluster& cluster, const std::int64_t& now_ns, bool judges)
      : cluster_(cluster), now_ns_(now_ns), judges_(judges), holders_(cluster) {}

  void needed(NodeId node, const Resource& resource, const Need& need) {
    holders_.needed(node, resource, need.required, need.mode);
  }
  /// What other nodes than `node` have of a range, or are about to.
  OtherHolders others(NodeId node, const Resource& resource, Range range) const {
    return holders_.others(node, resource, range);
  }
  void granted(NodeId node, const Resource& resource, Range range, Mode mode);
  void yielded(NodeId node, const Resource& resource, Range range, Mode keep);
  void accessed(NodeId node, FileId file, PageIndex page, Version version, bool is_write);
  void applied(NodeId node, const Resource& page, Version version, bool is_write);
  /// A truncate or punch has freed its blocks: what was read there is zeros from now on, and nobody else may keep it.
  void blocks_freed(NodeId node, FileId file, Range range);
  /// A task that changes what is mapped has ended: its pages are at rest, unless another works on them.
  void ended(NodeId node, const Task& task);
  /// The run has ended: every node is at rest.
  void judge_rest();
  void violate(std::optional<Finding> finding);

  bool judges() const { return judges_; }
  /// For hits, which a page's own record makes cheap.
  VersionOracle& versions() { return versions_; }

  /// The first of what was found, and how much it was.
  std::vector<Finding> take_findings() { return std::move(findings_); }
  std::uint64_t count() const { return count_; }

 private:
  void judge_version(NodeId node, FileId file, PageIndex page, Version version, bool is_write);

  const Cluster& cluster_;
  const std::int64_t& now_ns_;
  bool judges_;
  Holders holders_;
  VersionOracle versions_;
  std::vector<Finding> findings_;
  std::uint64_t count_ = 0;
};

}  // namespace pagetoken
