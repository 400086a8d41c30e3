#pragma once
// Who holds which runs of a file's pages in which mode.

#include <array>
#include <cstdint>

#include "protocols/api/interval_index.hpp"
#include "protocols/api/node_set.hpp"
#include "protocols/api/page_runs.hpp"
#include "protocols/api/table.hpp"

namespace pagetoken {

/// The runs of every node, and an index of them by pages: a question about a range takes time for who is in its way,
/// whatever else is held by whomever. As a state it is the runs; the index is made anew when it is first asked.
class RangeHolders {
 public:
  bool empty() const { return runs_.empty(); }
  /// Null if the node holds nothing.
  const PageRuns* of(NodeId node) const { return runs_.find(index_of(node)); }

  /// Holds at least `mode` over the range: what is stronger stays.
  void strengthen(NodeId node, Range range, Mode mode) {
    change(node, range, [&](PageRuns& runs) { runs.strengthen(range, mode); });
  }
  /// Down from `from` to `to` over the range: what is held there in another mode stays.
  void lower(NodeId node, Range range, Mode from, Mode to) {
    change(node, range, [&](PageRuns& runs) { runs.lower(range, from, to); });
  }
  /// Down to `mode` at most.
  void weaken(NodeId node, Range range, Mode mode) {
    change(node, range, [&](PageRuns& runs) { runs.weaken(range, mode); });
  }

  /// The other nodes that hold something of the range in a mode that is not compatible with `mode`.
  NodeSet conflicting(NodeId self, Range range, Mode mode) const {
    index();
    NodeSet found;
    for_each_conflicting_mode(mode, [&](const IntervalIndex& held) {
      held.for_each(range, [&](const IntervalIndex::Item& item) {
        if (item.owner != self) found.add(item.owner);
      });
    });
    return found;
  }
  /// Some other node that holds something of the range in this mode; kNoNode if there is none.
  NodeId any_other(NodeId self, Range range, Mode mode) const {
    index();
    const std::uint64_t found = by_mode_[static_cast<std::size_t>(mode)].latest(range, kNoLimit, self);
    return found == 0 ? kNoNode : NodeId{static_cast<std::uint32_t>(found - 1)};
  }
  /// The part of `wide` around `core` in which no other node holds what is not compatible with `mode`; `core` itself is
  /// never cut.
  Range clear_around(Range wide, Range core, NodeId self, Mode mode) const {
    index();
    for_each_conflicting_mode(mode, [&](const IntervalIndex& held) {
      wide.begin = std::max(wide.begin, held.reach_before(core.begin, self));
      wide.end = std::min(wide.end, held.first_after(core.end, self));
    });
    return wide;
  }

  std::uint64_t looks() const {
    std::uint64_t looks = 0;
    for (const IntervalIndex& held : by_mode_) looks += held.looks();
    return looks;
  }

  friend void encode(Encoder& out, const RangeHolders& holders) { out.put(holders.runs_); }
  friend void decode(Decoder& in, RangeHolders& holders) {
    in.get(holders.runs_);
    holders.indexed_ = false;
  }

 private:
  static constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

  static IntervalIndex::Item item_of(NodeId node, const PageRun& run) {
    return {run.range, std::uint64_t{index_of(node)} + 1, node};
  }
  template <class Visitor>
  void for_each_conflicting_mode(Mode mode, Visitor&& visit) const {
    for (const Mode other : {Mode::shared, Mode::extend, Mode::exclusive})
      if (!compatible(other, mode)) visit(by_mode_[static_cast<std::size_t>(other)]);
  }
  /// Runs that touch the range may become one with what changes: they are taken out of the index, too.
  template <class Change>
  void change(NodeId node, Range range, Change&& change) {
    if (range.empty()) return;
    const Range around{range.begin == 0 ? 0 : range.begin - 1, range.end + 1};
    PageRuns& runs = runs_[index_of(node)];
    if (indexed_)
      runs.for_each(around, [&](const PageRun& run) {
        by_mode_[static_cast<std::size_t>(run.mode)].erase(run.range.begin, item_of(node, run).id);
      });
    change(runs);
    if (indexed_) insert(node, runs, around);
    if (runs.empty()) runs_.erase(index_of(node));
  }
  void insert(NodeId node, const PageRuns& runs, Range range) const {
    runs.for_each(range,
                  [&](const PageRun& run) { by_mode_[static_cast<std::size_t>(run.mode)].insert(item_of(node, run)); });
  }
  void index() const {
    if (indexed_) return;
    indexed_ = true;
    by_mode_ = {};
    runs_.for_each([&](std::uint64_t node, const PageRuns& runs) {
      insert(NodeId{static_cast<std::uint32_t>(node)}, runs, {0, kToInfinity + 1});
    });
  }

  Table<PageRuns> runs_;  // by node; one that holds nothing has no entry
  mutable bool indexed_ = false;
  mutable std::array<IntervalIndex, 4> by_mode_;  // by Mode
};

}  // namespace pagetoken
