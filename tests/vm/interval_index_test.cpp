// The index of intervals and the holders of ranges against plain lists; what their searches look at.

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "protocols/api/range_holders.hpp"
#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

using Item = IntervalIndex::Item;

Range draw_range(RandomStream& random, PageIndex pages) {
  const PageIndex begin = random.below(pages);
  const std::uint64_t kind = random.below(8);
  if (kind == 0) return {begin, kToInfinity};
  return {begin, begin + 1 + (kind < 3 ? random.below(pages / 4) : 0)};
}

TEST(IntervalIndex, AgreesWithAList) {
  constexpr PageIndex kPages = 60;
  RandomStream random(1, 0, 0, Purpose::test);
  IntervalIndex index;
  std::vector<Item> list;
  for (std::uint64_t i = 1; i < 20'000; ++i) {
    if (list.size() < 40 && random.below(2) == 0) {
      list.push_back({draw_range(random, kPages), i, NodeId{static_cast<std::uint32_t>(random.below(5))}});
      index.insert(list.back());
    } else if (!list.empty()) {
      const auto at = list.begin() + static_cast<std::ptrdiff_t>(random.below(list.size()));
      index.erase(at->range.begin, at->id);
      list.erase(at);
    }
    const Range range = draw_range(random, kPages);
    const NodeId but{static_cast<std::uint32_t>(random.below(6))};
    const std::uint64_t limit = random.below(i + 10);
    std::uint64_t latest = 0;
    PageIndex reach = 0;
    PageIndex first = kToInfinity;
    std::vector<std::uint64_t> overlapping;
    for (const Item& item : list) {
      if (item.range.overlaps(range)) overlapping.push_back(item.id);
      if (item.owner == but) continue;
      if (item.range.overlaps(range) && item.id < limit) latest = std::max(latest, item.id);
      if (item.range.begin < range.begin) reach = std::max(reach, std::min(item.range.end, range.begin));
      if (item.range.end > range.begin) first = std::min(first, std::max(item.range.begin, range.begin));
    }
    std::vector<std::uint64_t> found;
    index.for_each(range, [&](const Item& item) { found.push_back(item.id); });
    std::sort(found.begin(), found.end());
    std::sort(overlapping.begin(), overlapping.end());
    ASSERT_EQ(found, overlapping);
    ASSERT_EQ(index.latest(range, limit, but), latest);
    ASSERT_EQ(index.reach_before(range.begin, but), reach);
    ASSERT_EQ(index.first_after(range.begin, but), first);
    ASSERT_EQ(index.empty(), list.empty());
  }
}

TEST(IntervalIndex, ASearchLooksAtFewHoweverManyThereAre) {
  constexpr PageIndex kMany = 100'000;
  IntervalIndex index;
  for (PageIndex p = 0; p < kMany; ++p) index.insert({one_page(p), p + 1, NodeId{static_cast<std::uint32_t>(p)}});
  const std::uint64_t before = index.looks();
  for (PageIndex p = 100; p < 1100; ++p) {
    index.for_each(one_page(p), [](const Item&) {});
    EXPECT_EQ(index.latest(one_page(p), kMany + 1, kNoNode), p + 1);
    EXPECT_EQ(index.reach_before(p, kNoNode), p);
    EXPECT_EQ(index.first_after(p, kNoNode), p);
  }
  EXPECT_LT(index.looks() - before, 1000u * 4 * 60);
  const std::uint64_t changing = index.looks();
  for (PageIndex p = 0; p < 1000; ++p) index.erase(p * 97, p * 97 + 1);
  EXPECT_LT(index.looks() - changing, 1000u * 200);
}

/// One mode a node and page.
using PlainHolders = std::map<std::pair<std::uint32_t, PageIndex>, Mode>;

TEST(RangeHolders, AgreeWithAnEntryAPage) {
  constexpr PageIndex kPages = 30;
  RandomStream random(2, 0, 0, Purpose::test);
  RangeHolders holders;
  PlainHolders plain;
  const auto draw_mode = [&] { return random.below(2) == 0 ? Mode::shared : Mode::exclusive; };
  for (int i = 0; i < 20'000; ++i) {
    const auto n = static_cast<std::uint32_t>(random.below(6));
    const NodeId node{n};
    const Range range = draw_range(random, kPages);
    const Range inside{range.begin, std::min(range.end, kPages)};
    const Mode mode = draw_mode();
    const std::uint64_t what = random.below(3);
    if (what == 0) holders.strengthen(node, range, mode);
    if (what == 1) holders.weaken(node, range, Mode::none);
    if (what == 2) holders.lower(node, range, Mode::exclusive, Mode::shared);
    for (PageIndex p = inside.begin; p < inside.end; ++p) {
      Mode& held = plain[{n, p}];
      if (what == 0) held = std::max(held, mode);
      if (what == 1) held = Mode::none;
      if (what == 2 && held == Mode::exclusive) held = Mode::shared;
    }
    const NodeId self{static_cast<std::uint32_t>(random.below(6))};
    const PageIndex page = random.below(kPages);
    const Mode wanted = draw_mode();
    NodeSet conflicting;
    PageIndex left = 0;
    PageIndex right = kPages;
    for (const auto& [at, held] : plain) {
      const auto& [who, where] = at;
      if (NodeId{who} == self || compatible(held, wanted)) continue;
      if (where == page) conflicting.add(NodeId{who});
      if (where < page) left = std::max(left, where + 1);
      if (where > page) right = std::min(right, where);
    }
    ASSERT_EQ(holders.conflicting(self, one_page(page), wanted), conflicting);
    ASSERT_EQ(holders.clear_around({0, kPages}, one_page(page), self, wanted), (Range{left, right}));
    if (random.below(100) == 0) {  // a state that is read has no index yet
      Encoder out;
      out.put(holders);
      Decoder in(out.bytes().data());
      in.get(holders);
    }
  }
}

}  // namespace
}  // namespace pagetoken
