// Storage's block map against one entry a page, and the work that it takes.

#include "sim/cluster/storage.hpp"

#include <map>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

constexpr FileId kFile{0};

/// What a page holds: a number that two pages of one file never share, and that changes when a block is freed and
/// allocated again.
class PlainStorage {
 public:
  explicit PlainStorage(PageIndex size) {
    for (PageIndex p = 0; p < size; ++p) pages_[p] = {++blocks_, 0};
  }
  void write(PageIndex page, std::uint64_t version) {
    if (const auto at = pages_.find(page); at != pages_.end()) at->second.version = version;
  }
  void free_blocks(Range range) {
    for (PageIndex p = range.begin; p < range.end; ++p) pages_.erase(p);
  }
  void allocate(Range range) {
    for (PageIndex p = range.begin; p < range.end; ++p)
      if (!pages_.contains(p)) pages_[p] = {++blocks_, 0};
  }
  std::uint64_t block(PageIndex page) const { return pages_.contains(page) ? pages_.at(page).block : 0; }
  std::uint64_t version(PageIndex page) const { return pages_.contains(page) ? pages_.at(page).version : 0; }

 private:
  struct Page {
    std::uint64_t block = 0;
    std::uint64_t version = 0;
  };
  std::map<PageIndex, Page> pages_;
  std::uint64_t blocks_ = 0;
};

/// Compares every page: whether it has a block, whether it is the block that it had when it was compared last, and what
/// it holds.
class Comparison {
 public:
  Comparison(const Storage& storage, const PlainStorage& plain) : storage_(storage), plain_(plain) {}
  void compare(PageIndex pages) {
    for (PageIndex p = 0; p < pages; ++p) {
      const std::uint64_t block = storage_.block_of(kFile, p).value;
      ASSERT_EQ(block != 0, plain_.block(p) != 0) << p;
      ASSERT_EQ(storage_.content(kFile, p).value, plain_.version(p)) << p;
      const auto seen = seen_.find(p);
      if (seen != seen_.end() && block != 0 && seen->second.first != 0) {
        ASSERT_EQ(block == seen->second.first, plain_.block(p) == seen->second.second) << p;
      }
      seen_[p] = {block, plain_.block(p)};
    }
  }

 private:
  const Storage& storage_;
  const PlainStorage& plain_;
  std::map<PageIndex, std::pair<std::uint64_t, std::uint64_t>> seen_;  // page -> block, and the plain one's
};

TEST(Storage, AgreesWithOneEntryAPage) {
  constexpr PageIndex kPages = 3000;  // so that some of what is allocated at once becomes an extent
  RandomStream random(1, 0, 0, Purpose::test);
  Storage storage;
  storage.create(kFile, kPages / 2);
  PlainStorage plain(kPages / 2);
  Comparison comparison(storage, plain);
  for (int i = 0; i < 100; ++i) {
    const PageIndex begin = random.below(kPages);
    const PageIndex length = 1 + random.below(random.below(2) == 0 ? 4 : kPages - begin);
    const Range range{begin, std::min(kPages, begin + length)};
    switch (random.below(4)) {
      case 0: storage.free_blocks(kFile, range), plain.free_blocks(range); break;
      case 1: storage.free_blocks(kFile, {begin, kToInfinity}), plain.free_blocks({begin, kPages}); break;
      case 2: storage.allocate(kFile, range), plain.allocate(range); break;
      default:
        for (int w = 0; w < 20; ++w) {
          const PageIndex page = random.below(kPages);
          const auto version = static_cast<std::uint64_t>(i + 1);
          storage.write(kFile, page, {version});
          plain.write(page, version);
        }
    }
    comparison.compare(kPages);
    if (testing::Test::HasFatalFailure()) FAIL() << "after step " << i;
  }
}

TEST(Storage, TruncatesAndPunchesLookAtEachPageThatIsKeptOnce) {
  // Quadratic before: each page freed was searched from the first on, past all that were gone already.
  for (const bool punch : {false, true}) {
    constexpr PageIndex kPages = 20'000;
    Storage storage;
    storage.create(kFile, kPages);
    for (int round = 0; round < 5; ++round) {
      for (PageIndex p = 0; p < kPages; ++p) storage.write(kFile, p, {p + 1});
      const std::uint64_t before = storage.looks();
      storage.free_blocks(kFile, punch ? Range{0, kPages - 1} : Range{0, kToInfinity});
      EXPECT_LE(storage.looks() - before, 3 * kPages);
      const std::uint64_t freed = storage.looks();
      for (int i = 0; i < 100; ++i) storage.free_blocks(kFile, {0, kPages - 1});  // nothing is left to be freed
      storage.allocate(kFile, {0, kPages});
      EXPECT_LE(storage.looks() - freed, 3'000u);
    }
  }
}

TEST(Storage, TheLengthOfARangeCostsNothing) {
  Storage storage;
  storage.create(kFile, kMaxPages / 2);
  storage.allocate(kFile, {0, kMaxPages});
  storage.write(kFile, kMaxPages - 1, {1});
  storage.free_blocks(kFile, {1, kMaxPages - 2});
  storage.allocate(kFile, {0, kMaxPages});
  EXPECT_EQ(storage.content(kFile, kMaxPages - 1).value, 1u);
  EXPECT_NE(storage.block_of(kFile, kMaxPages / 2).value, 0u);
  EXPECT_LE(storage.looks(), 12u);
}

}  // namespace
}  // namespace pagetoken
