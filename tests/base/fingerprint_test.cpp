#include "sim/base/fingerprint.hpp"

#include <bit>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

// Answers of the reference implementation, as other implementations publish them.
TEST(Fingerprint, YieldsTheKnownAnswersOfMurmur3) {
  EXPECT_EQ(digest_of({}).hex(), "00000000000000000000000000000000");
  EXPECT_EQ(digest_of(bytes_of("hello")).hex(), "cbd8a7b341bd9b025b1e906a48ae1d19");
  EXPECT_EQ(digest_of(bytes_of("The quick brown fox jumps over the lazy dog")).hex(),
            "e34bbc7bbc071b6c7a433ca9c49a9347");
}

TEST(Fingerprint, CutsDoNotMatter) {
  RandomStream random{3, 0, 0, Purpose::test};
  std::vector<std::byte> bytes(200);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  for (int round = 0; round < 200; ++round) {
    Fingerprint fingerprint;
    std::span<const std::byte> rest = bytes;
    while (!rest.empty()) {
      if (rest.size() >= 8 && random.chance(0.5)) {
        std::uint64_t word;
        std::memcpy(&word, rest.data(), 8);
        fingerprint.add(word);
        rest = rest.subspan(8);
      } else {
        const std::size_t taken = 1 + random.below(rest.size());
        fingerprint.add_bytes(rest.first(taken));
        rest = rest.subspan(taken);
      }
    }
    ASSERT_EQ(fingerprint.digest(), digest_of(bytes));
  }
}

TEST(Fingerprint, OneBitOfManyChangesHalfOfTheResult) {
  std::array<std::uint64_t, 6> words{1, 2, 3, 4, 5, 6};
  const Digest before = digest_of(std::as_bytes(std::span{words}));
  std::set<std::string> seen{before.hex()};
  int changed = 0;
  for (std::uint64_t& word : words) {
    for (int bit = 0; bit < 64; ++bit) {
      word ^= std::uint64_t{1} << bit;
      const Digest after = digest_of(std::as_bytes(std::span{words}));
      word ^= std::uint64_t{1} << bit;
      seen.insert(after.hex());
      changed += std::popcount(before.high ^ after.high) + std::popcount(before.low ^ after.low);
    }
  }
  EXPECT_EQ(seen.size(), 1u + 6 * 64);
  EXPECT_NEAR(changed / (6 * 64.0), 64, 1.5);
}

TEST(Fingerprint, TextsThatRunTogetherAreToldApart) {
  Fingerprint one;
  one.add_text("ab");
  one.add_text("c");
  Fingerprint two;
  two.add_text("a");
  two.add_text("bc");
  EXPECT_NE(one.digest(), two.digest());
}

TEST(Fingerprint, ReadingItDoesNotChangeIt) {
  Fingerprint fingerprint;
  fingerprint.add(1);
  const std::string once = fingerprint.hex();
  EXPECT_EQ(fingerprint.hex(), once);
  EXPECT_EQ(fingerprint.value(), fingerprint.digest().high);
  fingerprint.add(2);
  EXPECT_NE(fingerprint.hex(), once);
}

}  // namespace
}  // namespace pagetoken
