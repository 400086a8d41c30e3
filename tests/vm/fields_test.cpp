// fields(), the encoder, and the ranks of fresh values.

#include "protocols/api/fields.hpp"

#include <array>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"
#include "sim/vm/state.hpp"
#include "sim/vm/token_table.hpp"

namespace pagetoken {
namespace {

struct Whole {
  std::uint8_t small = 0;
  std::vector<std::uint32_t> list{};
  Mode mode = Mode::none;
  static constexpr auto fields() {
    return std::tuple{field("small", &Whole::small), field("list", &Whole::list), field("mode", &Whole::mode)};
  }
};
struct Forgetful {
  std::uint8_t small = 0;
  std::uint32_t forgotten = 0;
  static constexpr auto fields() { return std::tuple{field("small", &Forgetful::small)}; }
};
struct Nested {
  Whole whole{};
  NodeSet nodes{};
  std::array<Range, 2> ranges{};
  static constexpr auto fields() {
    return std::tuple{field("whole", &Nested::whole), field("nodes", &Nested::nodes), field("ranges", &Nested::ranges)};
  }
};
struct Nothing {
  static constexpr auto fields() { return std::tuple{}; }
};

TEST(Fields, ACountThatDiffersFromTheMembersIsSeenAtCompileTime) {
  static_assert(fields_complete<Whole>());
  static_assert(fields_complete<Nested>());
  static_assert(fields_complete<Nothing>());
  static_assert(!fields_complete<Forgetful>());
  static_assert(kMemberCount<Forgetful> == 2);
}

TEST(Fields, TheVmsStructsNameEveryMember) {
  static_assert(fields_complete<PageObject>());
  static_assert(fields_complete<Pte>());
  static_assert(fields_complete<Process>());
  static_assert(fields_complete<FileState>());
  static_assert(fields_complete<Lock>());
  static_assert(fields_complete<LockRef>());
  static_assert(fields_complete<Target>());
  static_assert(fields_complete<Task>());
  static_assert(fields_complete<Token>());
  static_assert(fields_complete<TokenRange>());
  static_assert(fields_complete<Message>());
  static_assert(fields_complete<Deferred>());
}

TEST(Encoder, WhatWasPutIsGot) {
  RandomStream random(1, 0, 0, Purpose::test);
  for (int i = 0; i < 500; ++i) {
    Nested nested;
    nested.whole = {static_cast<std::uint8_t>(random.below(256)), {}, Mode::extend};
    for (std::uint64_t n = random.below(4); n > 0; --n)
      nested.whole.list.push_back(static_cast<std::uint32_t>(random.below(std::uint64_t{1} << (1 + random.below(31)))));
    nested.nodes.add(NodeId{static_cast<std::uint32_t>(random.below(200))});
    nested.ranges[1] = {random.below(100), kToInfinity};
    std::optional<Range> maybe, maybe_copy = whole_file();
    if (random.below(2) == 0) maybe = nested.ranges[1];
    Encoder out;
    out.put(nested);
    out.put(maybe);
    Nested copy;
    copy.whole.list = {7, 8, 9};
    Decoder in(out.bytes().data());
    in.get(copy);
    in.get(maybe_copy);
    EXPECT_EQ(in.position(), out.bytes().data() + out.bytes().size());
    EXPECT_EQ(copy.whole.small, nested.whole.small);
    EXPECT_EQ(copy.whole.list, nested.whole.list);
    EXPECT_EQ(copy.whole.mode, nested.whole.mode);
    EXPECT_EQ(copy.nodes, nested.nodes);
    EXPECT_EQ(copy.ranges, nested.ranges);
    EXPECT_EQ(maybe_copy, maybe);
  }
}

struct KindA;
struct KindB;

template <class Kind>
std::vector<Fresh<Kind>> ranked(const std::vector<Fresh<Kind>>& values) {
  Encoder out;
  out.put(values);
  out.rank_fresh();
  std::vector<Fresh<Kind>> ranks;
  Decoder in(out.bytes().data());
  in.get(ranks);
  return ranks;
}

TEST(RankFresh, KeepsOrderEqualityAndZero) {
  using V = std::vector<Fresh<KindA>>;
  EXPECT_EQ(ranked(V{{50}, {0}, {7}, {50}, {1000}}), (V{{2}, {0}, {1}, {2}, {3}}));
  EXPECT_EQ(ranked(V{{0}, {0}}), (V{{0}, {0}}));
  EXPECT_EQ(ranked(V{}), V{});
}

TEST(RankFresh, StatesThatDifferInFreshValuesOnlyHaveEqualBytes) {
  using V = std::vector<Fresh<KindA>>;
  EXPECT_EQ(ranked(V{{3}, {9}, {3}}), ranked(V{{100}, {101}, {100}}));
  EXPECT_NE(ranked(V{{3}, {9}, {3}}), ranked(V{{9}, {3}, {9}}));
}

TEST(RankFresh, KindsAreRankedApart) {
  Encoder out;
  out.put(Fresh<KindA>{100});
  out.put(Fresh<KindB>{5});
  out.put(Fresh<KindA>{50});
  out.rank_fresh();
  Decoder in(out.bytes().data());
  Fresh<KindA> first, third;
  Fresh<KindB> second;
  in.get(first);
  in.get(second);
  in.get(third);
  EXPECT_EQ(first.value, 2u);
  EXPECT_EQ(second.value, 1u);
  EXPECT_EQ(third.value, 1u);
}

TEST(RankFresh, MoreRanksThanAByteHolds) {
  std::vector<Fresh<KindA>> values;
  for (std::uint64_t i = 0; i < 300; ++i) values.push_back({10 * (300 - i)});
  const auto ranks = ranked(values);
  for (std::uint64_t i = 0; i < 300; ++i) EXPECT_EQ(ranks[i].value, 300 - i);
}

TEST(Encoder, UntrackedIsNoPartOfTheState) {
  Task a, b;
  b.notes.value.operation = 17;
  Encoder x, y;
  x.put(a);
  y.put(b);
  EXPECT_EQ(x.bytes(), y.bytes());
}

}  // namespace
}  // namespace pagetoken
