// TokenTable against a token per page, drawn at random: splitting, merging, and what a table of ranges looks like.

#include "sim/vm/token_table.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <gtest/gtest.h>

#include "protocols/api/fields.hpp"
#include "protocols/api/require.hpp"
#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

constexpr PageIndex kPages = 24;
constexpr FileId kFile{3};

/// Every page by itself; the last stands for all pages from there to infinity.
struct NaiveTable {
  std::array<Token, kPages> tokens{};

  static PageIndex last(Range range) { return std::min<PageIndex>(range.end, kPages); }
  void set(Range range, Mode mode) {
    for (PageIndex p = range.begin; p < last(range); ++p) tokens[p] = {mode, false};
  }
  void mark(Range range) {
    for (PageIndex p = range.begin; p < last(range); ++p) tokens[p].revoking = tokens[p].mode != Mode::none;
  }
  Mode usable(Range range) const {
    Mode weakest = Mode::exclusive;
    for (PageIndex p = range.begin; p < last(range); ++p)
      weakest = std::min(weakest, tokens[p].revoking ? Mode::none : tokens[p].mode);
    return weakest;
  }
  bool any_revoking(Range range) const {
    for (PageIndex p = range.begin; p < last(range); ++p)
      if (tokens[p].revoking) return true;
    return false;
  }
  PageIndex next_held(Range range) const {
    for (PageIndex p = range.begin; p < last(range); ++p)
      if (tokens[p].mode != Mode::none) return p;
    return range.end;
  }
};

Range draw_range(RandomStream& random) {
  const PageIndex begin = random.below(kPages);
  const PageIndex end = begin + 1 + random.below(kPages - begin);
  return {begin, end == kPages ? kToInfinity : end};
}

void expect_same(const TokenTable& table, const NaiveTable& naive, Range range) {
  const Resource file = file_resource(kFile);
  for (PageIndex p = 0; p < kPages; ++p) ASSERT_EQ(table.page(kFile, p), naive.tokens[p]) << "page " << p;
  ASSERT_EQ(table.page(kFile, kPages + 1000), naive.tokens[kPages - 1]);
  ASSERT_EQ(table.usable(kFile, range), naive.usable(range));
  ASSERT_EQ(table.any_revoking(file, range), naive.any_revoking(range));
  ASSERT_EQ(table.next_held(kFile, range), naive.next_held(range));
}

void expect_in_normal_form(const TokenTable& table) {
  std::optional<TokenRange> before;
  table.for_each_range(kFile, whole_file(), [&](Range range, Token token) {
    EXPECT_FALSE(range.empty());
    EXPECT_NE(token.mode, Mode::none);
    if (before) {
      EXPECT_LE(before->range.end, range.begin);
      EXPECT_FALSE(before->range.end == range.begin && before->token == token) << "neighbours that should be one";
    }
    before = TokenRange{range, token};
  });
}

class RangedTokens : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RangedTokens, AgreeWithATokenPerPage) {
  RandomStream random(GetParam(), 0, 0, Purpose::test);
  TokenTable table(true);
  NaiveTable naive;
  for (int i = 0; i < 2000; ++i) {
    const Range range = draw_range(random);
    const std::uint64_t choice = random.below(5);
    if (choice == 4) {
      table.mark_revoking(file_resource(kFile), range);
      naive.mark(range);
    } else {
      const Mode mode = choice == 0 ? Mode::none : choice == 1 ? Mode::exclusive : Mode::shared;
      table.set(file_resource(kFile), range, mode);
      naive.set(range, mode);
    }
    expect_same(table, naive, draw_range(random));
    expect_in_normal_form(table);
    if (HasFatalFailure()) FAIL() << "after change " << i << " of seed " << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RangedTokens, testing::Values(1, 2, 3, 4, 5, 6, 7, 8));

TEST(RangedTokens, EqualTablesHaveEqualBytesWhateverTheirHistory) {
  TokenTable split(true), whole(true);
  split.set(file_resource(kFile), {0, 4}, Mode::shared);
  split.set(file_resource(kFile), {8, kToInfinity}, Mode::shared);
  split.set(file_resource(kFile), {2, 6}, Mode::exclusive);
  split.set(file_resource(kFile), {2, 8}, Mode::shared);
  whole.set(file_resource(kFile), whole_file(), Mode::shared);
  Encoder a, b;
  a.put(split);
  b.put(whole);
  EXPECT_EQ(a.bytes(), b.bytes());
}

TEST(RangedTokens, DecodedTableIsTheOneEncoded) {
  TokenTable table(true);
  table.set(file_resource(kFile), {3, 9}, Mode::exclusive);
  table.mark_revoking(file_resource(kFile), {5, 6});
  table.set(size_resource(kFile), whole_file(), Mode::extend);
  Encoder out;
  out.put(table);
  TokenTable copy(true);
  Decoder in(out.bytes().data());
  in.get(copy);
  EXPECT_EQ(copy.page(kFile, 4), (Token{Mode::exclusive, false}));
  EXPECT_EQ(copy.page(kFile, 5), (Token{Mode::exclusive, true}));
  EXPECT_EQ(copy.page(kFile, 9), Token{});
  EXPECT_EQ(copy.size(kFile).mode, Mode::extend);
}

TEST(PageTokens, AreFoundByPageAndNotBesideIt) {
  TokenTable table;
  table.set(page_resource(kFile, 7), one_page(7), Mode::shared);
  table.set(size_resource(kFile), whole_file(), Mode::exclusive);
  table.set(page_resource(FileId{4}, 2), one_page(2), Mode::exclusive);
  EXPECT_EQ(table.page(kFile, 7).mode, Mode::shared);
  EXPECT_EQ(table.usable(kFile, one_page(7)), Mode::shared);
  EXPECT_EQ(table.usable(kFile, {7, 9}), Mode::none);
  EXPECT_EQ(table.next_held(kFile, {0, kToInfinity}), 7u);
  EXPECT_EQ(table.next_held(kFile, {8, kToInfinity}), kToInfinity) << "a size is no page";
  table.mark_revoking(page_resource(kFile, 7), one_page(7));
  EXPECT_EQ(table.usable(kFile, one_page(7)), Mode::none);
  EXPECT_EQ(table.page(kFile, 7).mode, Mode::shared) << "REVOKING is beside the mode";
  table.set(page_resource(kFile, 7), one_page(7), Mode::shared);
  EXPECT_FALSE(table.any_revoking(page_resource(kFile, 7), one_page(7)));
}

TEST(TokenTable, WeakensWhatIsHeldAndMakesNothing) {
  TokenTable table;
  const Resource page = page_resource(kFile, 3), size = size_resource(kFile);
  for (const Resource& what : {page, size}) {
    EXPECT_THROW(table.weaken(what, what.extent(), Mode::shared), ProtocolError);
    table.mark_revoking(what, what.extent());  // as a yield does, of none, too
    EXPECT_THROW(table.weaken(what, what.extent(), Mode::shared), ProtocolError);
    EXPECT_NO_THROW(table.weaken(what, what.extent(), Mode::none));
    table.set(what, what.extent(), Mode::shared);
    EXPECT_THROW(table.weaken(what, what.extent(), Mode::exclusive), ProtocolError);
    EXPECT_NO_THROW(table.weaken(what, what.extent(), Mode::shared));
  }
  EXPECT_EQ(table.page(kFile, 3).mode, Mode::shared);

  TokenTable ranges(true);
  const Resource file = file_resource(kFile);
  EXPECT_THROW(ranges.weaken(file, {0, 4}, Mode::shared), ProtocolError);
  ranges.set(file, {2, 6}, Mode::exclusive);
  EXPECT_THROW(ranges.weaken(file, {6, 8}, Mode::shared), ProtocolError);
  ranges.weaken(file, {0, 4}, Mode::shared);
  EXPECT_EQ(ranges.page(kFile, 1).mode, Mode::none);
  EXPECT_EQ(ranges.page(kFile, 3).mode, Mode::shared);
  EXPECT_EQ(ranges.page(kFile, 5).mode, Mode::exclusive);
}

}  // namespace
}  // namespace pagetoken
