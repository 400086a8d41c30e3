// Who asks for which ranges, against a plain list, and what a question looks at.

#include "sim/oracle/range_wishes.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

TEST(RangeWishes, AgreeWithAList) {
  struct Wish {
    NodeId node{};
    Range range{};
  };
  RandomStream random(1, 0, 0, Purpose::test);
  RangeWishes wishes;
  std::vector<Wish> list;
  const auto draw_range = [&] {
    const PageIndex begin = random.below(20);
    return random.below(4) == 0 ? Range{begin, kToInfinity} : Range{begin, begin + 1 + random.below(2)};
  };
  for (int i = 0; i < 20'000; ++i) {
    const NodeId node{static_cast<std::uint32_t>(random.below(8))};
    const Range range = draw_range();
    if (random.below(2) == 0) {
      wishes.add(node, range);
      const auto same = [&](const Wish& w) { return w.node == node && w.range == range; };
      if (std::none_of(list.begin(), list.end(), same)) list.push_back({node, range});
    } else {
      wishes.granted(node, range);
      std::erase_if(list, [&](const Wish& w) { return w.node == node && range.covers(w.range); });
    }
    const Range asked = draw_range();
    std::set<NodeId> expected;
    for (const Wish& w : list)
      if (w.range.overlaps(asked)) expected.insert(w.node);
    std::set<NodeId> found;
    ASSERT_FALSE(wishes.any(asked, [&](NodeId n) { return found.insert(n), false; }));
    ASSERT_EQ(found, expected);
  }
}

TEST(RangeWishes, AskNobodyMoreOnceOneIsFound) {
  RangeWishes wishes;
  for (std::uint32_t n = 0; n < 1000; ++n) wishes.add(NodeId{n}, whole_file());
  int asked = 0;
  EXPECT_TRUE(wishes.any(one_page(5), [&](NodeId) { return ++asked == 2; }));
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace pagetoken
