#pragma once
// Ranges of pages, each with an owner, indexed by where they lie: what overlaps a range is found without looking at the
// others.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "protocols/api/ids.hpp"

namespace pagetoken {

/// A search tree by begin, in which each knot knows the furthest end and the least and greatest number below it: a
/// search takes logarithmic time, and time for what it finds. Its shape follows from what is in it (a treap with hashed
/// priorities), not from the order in which that came.
class IntervalIndex {
 public:
  struct Item {
    Range range{};         ///< not empty
    std::uint64_t id = 0;  ///< with the begin, names the item; at least 1 where latest() is asked
    NodeId owner = kNoNode;
  };

  bool empty() const { return root_ == kNone; }
  void clear() { *this = {}; }

  void insert(const Item& item) {
    std::uint32_t knot = static_cast<std::uint32_t>(knots_.size());
    if (free_.empty()) {
      knots_.emplace_back();
    } else {
      knot = free_.back();
      free_.pop_back();
    }
    knots_[knot] = {item, item.range.end, item.id, item.id, kNone, kNone, priority_of(item)};
    std::uint32_t before = kNone;
    std::uint32_t after = kNone;
    split(root_, item.range.begin, item.id, before, after);
    root_ = join(join(before, knot), after);
  }
  /// The item is there.
  void erase(PageIndex begin, std::uint64_t id) {
    std::uint32_t before = kNone;
    std::uint32_t rest = kNone;
    std::uint32_t after = kNone;
    split(root_, begin, id, before, rest);
    split(rest, begin, id + 1, rest, after);
    free_.push_back(rest);
    root_ = join(before, after);
  }

  /// Calls visit(Item) for each that overlaps the range, by begin and number.
  template <class Visitor>
  void for_each(Range range, Visitor&& visit) const {
    visit_below(root_, range, visit);
  }
  /// Whether `holds(Item)` is true for one that overlaps the range; it is not asked of the rest.
  template <class Holds>
  bool any(Range range, Holds&& holds) const {
    return any_below(root_, range, holds);
  }
  /// The greatest number below `limit` among what overlaps the range and has another owner; 0 if there is none.
  std::uint64_t latest(Range range, std::uint64_t limit, NodeId but) const {
    std::uint64_t best = 0;
    latest_below(root_, range, limit, but, best);
    return best;
  }
  /// How far those of other owners that begin before `page` reach, up to `page`; 0 if there is none.
  PageIndex reach_before(PageIndex page, NodeId but) const {
    PageIndex best = 0;
    reach_below(root_, page, but, best);
    return best;
  }
  /// Where the first of another owner begins that ends after `page`, and not before `page`; kToInfinity if there is
  /// none.
  PageIndex first_after(PageIndex page, NodeId but) const {
    const Item* first = first_below(root_, page, but);
    return first ? std::max(first->range.begin, page) : kToInfinity;
  }
  /// Knots that searches and changes have looked at so far.
  std::uint64_t looks() const { return looks_; }

 private:
  static constexpr std::uint32_t kNone = ~0u;

  struct Knot {
    Item item{};
    PageIndex furthest_end = 0;     // of those below, itself included
    std::uint64_t earliest_id = 0;  // likewise
    std::uint64_t latest_id = 0;
    std::uint32_t left = kNone;
    std::uint32_t right = kNone;
    std::uint64_t priority = 0;  // not below that of its children
  };

  static std::uint64_t priority_of(const Item& item) {
    std::uint64_t hash = (item.range.begin ^ item.id << 40 ^ item.id >> 24) * 0x9fb21c651e98df25u;
    hash ^= hash >> 32;
    return hash * 0x9e3779b97f4a7c15u;
  }

  void update(std::uint32_t at) {
    Knot& knot = knots_[at];
    knot.furthest_end = knot.item.range.end;
    knot.earliest_id = knot.latest_id = knot.item.id;
    for (const std::uint32_t child : {knot.left, knot.right}) {
      if (child == kNone) continue;
      knot.furthest_end = std::max(knot.furthest_end, knots_[child].furthest_end);
      knot.earliest_id = std::min(knot.earliest_id, knots_[child].earliest_id);
      knot.latest_id = std::max(knot.latest_id, knots_[child].latest_id);
    }
  }
  /// Those before (begin, id), and the others.
  void split(std::uint32_t at, PageIndex begin, std::uint64_t id, std::uint32_t& before, std::uint32_t& after) {
    if (at == kNone) {
      before = after = kNone;
      return;
    }
    ++looks_;
    const Item& item = knots_[at].item;
    std::uint32_t part = kNone;
    if (item.range.begin != begin ? item.range.begin < begin : item.id < id) {
      split(knots_[at].right, begin, id, part, after);
      knots_[at].right = part;
      before = at;
    } else {
      split(knots_[at].left, begin, id, before, part);
      knots_[at].left = part;
      after = at;
    }
    update(at);
  }
  /// One tree of two; all of the first lies before the second.
  std::uint32_t join(std::uint32_t a, std::uint32_t b) {
    if (a == kNone) return b;
    if (b == kNone) return a;
    ++looks_;
    const bool first = knots_[a].priority >= knots_[b].priority;
    if (first)
      knots_[a].right = join(knots_[a].right, b);
    else
      knots_[b].left = join(a, knots_[b].left);
    update(first ? a : b);
    return first ? a : b;
  }

  template <class Visitor>
  void visit_below(std::uint32_t at, Range range, Visitor& visit) const {
    if (at == kNone || knots_[at].furthest_end <= range.begin) return;
    ++looks_;
    const Knot& knot = knots_[at];
    visit_below(knot.left, range, visit);
    if (knot.item.range.begin >= range.end) return;
    if (knot.item.range.end > range.begin) visit(knot.item);
    visit_below(knot.right, range, visit);
  }
  template <class Holds>
  bool any_below(std::uint32_t at, Range range, Holds& holds) const {
    if (at == kNone || knots_[at].furthest_end <= range.begin) return false;
    ++looks_;
    const Knot& knot = knots_[at];
    if (any_below(knot.left, range, holds)) return true;
    if (knot.item.range.begin >= range.end) return false;
    return (knot.item.range.end > range.begin && holds(knot.item)) || any_below(knot.right, range, holds);
  }
  void latest_below(std::uint32_t at, Range range, std::uint64_t limit, NodeId but, std::uint64_t& best) const {
    if (at == kNone || knots_[at].furthest_end <= range.begin) return;
    if (knots_[at].latest_id <= best || knots_[at].earliest_id >= limit) return;
    ++looks_;
    const Knot& knot = knots_[at];
    const Item& item = knot.item;
    const bool reaches = item.range.begin < range.end;
    if (reaches && item.range.end > range.begin && item.id < limit && item.owner != but) best = std::max(best, item.id);
    if (reaches) latest_below(knot.right, range, limit, but, best);
    latest_below(knot.left, range, limit, but, best);
  }
  void reach_below(std::uint32_t at, PageIndex page, NodeId but, PageIndex& best) const {
    if (at == kNone || best >= page || knots_[at].furthest_end <= best) return;
    ++looks_;
    const Knot& knot = knots_[at];
    if (knot.item.range.begin < page) {
      if (knot.item.owner != but) best = std::max(best, std::min(knot.item.range.end, page));
      reach_below(knot.right, page, but, best);
    }
    reach_below(knot.left, page, but, best);
  }
  const Item* first_below(std::uint32_t at, PageIndex page, NodeId but) const {
    if (at == kNone || knots_[at].furthest_end <= page) return nullptr;
    ++looks_;
    const Knot& knot = knots_[at];
    if (const Item* first = first_below(knot.left, page, but)) return first;
    if (knot.item.range.end > page && knot.item.owner != but) return &knot.item;
    return first_below(knot.right, page, but);
  }

  std::vector<Knot> knots_;
  std::vector<std::uint32_t> free_;
  std::uint32_t root_ = kNone;
  mutable std::uint64_t looks_ = 0;
};

}  // namespace pagetoken
