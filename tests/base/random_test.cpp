#include "sim/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

RandomStream stream(std::uint64_t seed = 1) { return {seed, 0, 0, Purpose::test}; }

/// Pearson's statistic of observed counts against one expectation for all.
double chi_square(const std::vector<std::uint64_t>& counts, double expected) {
  double sum = 0;
  for (const std::uint64_t count : counts)
    sum += (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected) / expected;
  return sum;
}

// The vectors of philox4x32, 10 rounds, in kat_vectors of the Random123 distribution.
TEST(Philox, YieldsTheKnownAnswersOfRandom123) {
  struct Vector {
    r123::Philox4x32::ctr_type counter;
    r123::Philox4x32::key_type key;
    r123::Philox4x32::ctr_type result;
  };
  const std::vector<Vector> vectors{
      {{{0, 0, 0, 0}}, {{0, 0}}, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}},
      {{{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}},
       {{0xffffffff, 0xffffffff}},
       {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}},
      {{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
       {{0xa4093822, 0x299f31d0}},
       {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}},
  };
  for (const Vector& vector : vectors) EXPECT_EQ(r123::Philox4x32{}(vector.counter, vector.key), vector.result);
}

TEST(RandomStream, LaysSeedAndNameIntoKeyAndCounter) {
  // Key (seed low, seed high), counter (block low, purpose << 24 | block high, thread, node): a golden number may
  // depend on it, so it does not change unnoticed.
  RandomStream random{0x0123456789abcdef, 7, 3, Purpose::think};
  for (std::uint32_t block = 0; block < 3; ++block) {
    const auto words = r123::Philox4x32{}({{block, 1u << 24, 3, 7}}, {{0x89abcdef, 0x01234567}});
    EXPECT_EQ(random.next(), words[0] | std::uint64_t{words[1]} << 32);
    EXPECT_EQ(random.next(), words[2] | std::uint64_t{words[3]} << 32);
  }
}

TEST(RandomStream, EveryPartOfTheNameMakesAnotherStream) {
  std::set<std::uint64_t> firsts;
  for (const std::uint64_t seed : {1ull, 2ull, 1ull << 32}) {
    for (std::uint32_t node = 0; node < 4; ++node) {
      for (std::uint32_t thread = 0; thread < 4; ++thread) {
        for (const Purpose purpose : {Purpose::access, Purpose::think, Purpose::test}) {
          firsts.insert(RandomStream(seed, node, thread, purpose).next());
        }
      }
    }
  }
  EXPECT_EQ(firsts.size(), 3u * 4 * 4 * 3);
}

TEST(RandomStream, CopyGoesOnFromTheSamePlace) {
  RandomStream original = stream();
  original.next();
  RandomStream copy = original;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(original.next(), copy.next());
}

TEST(RandomStream, BelowIsUniform) {
  constexpr std::uint64_t kDraws = 300'000;
  for (const std::uint64_t n : {2ull, 3ull, 10ull, 100ull}) {
    RandomStream random = stream(n);
    std::vector<std::uint64_t> counts(n);
    for (std::uint64_t i = 0; i < kDraws; ++i) ++counts.at(random.below(n));
    // Degrees of freedom f = n - 1: mean f, variance 2f; five standard deviations.
    const double freedom = static_cast<double>(n - 1);
    EXPECT_LT(chi_square(counts, static_cast<double>(kDraws) / static_cast<double>(n)),
              freedom + 5 * std::sqrt(2 * freedom))
        << n;
  }
}

TEST(RandomStream, BelowIsUnbiasedWhereAPlainProductWouldNotBe) {
  // For n = 3/4 of 2^64, taking the high half without rejection makes every third value twice as likely.
  constexpr std::uint64_t kN = std::uint64_t{3} << 62;
  RandomStream random = stream();
  std::vector<std::uint64_t> residues(3);
  constexpr std::uint64_t kDraws = 30'000;
  for (std::uint64_t i = 0; i < kDraws; ++i) ++residues[random.below(kN) % 3];
  EXPECT_LT(chi_square(residues, kDraws / 3.0), 2 + 5 * 2.0);
}

TEST(RandomStream, BelowOneIsZero) {
  RandomStream random = stream();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(random.below(1), 0u);
}

TEST(RandomStream, UniformExponentialAndNormalHaveTheirMoments) {
  constexpr int kDraws = 200'000;
  RandomStream random = stream();
  double uniform = 0;
  double exponential = 0;
  double exponential_square = 0;
  double normal = 0;
  double normal_square = 0;
  int within_one = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    uniform += u;
    const double e = random.exponential(5);
    ASSERT_GE(e, 0);
    exponential += e;
    exponential_square += e * e;
    const double z = random.normal();
    normal += z;
    normal_square += z * z;
    if (std::abs(z) < 1) ++within_one;
  }
  // Tolerances of five standard errors or so.
  EXPECT_NEAR(uniform / kDraws, 0.5, 0.0033);
  EXPECT_NEAR(exponential / kDraws, 5, 0.056);
  EXPECT_NEAR(exponential_square / kDraws, 50, 1.3);
  EXPECT_NEAR(normal / kDraws, 0, 0.011);
  EXPECT_NEAR(normal_square / kDraws, 1, 0.016);
  EXPECT_NEAR(static_cast<double>(within_one) / kDraws, 0.6827, 0.0053);
}

TEST(RandomStream, ChanceIsCertainAtItsEnds) {
  RandomStream random = stream();
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(random.chance(1));
    EXPECT_FALSE(random.chance(0));
  }
}

TEST(RandomStream, ACoinTakesSixteenBits) {
  // Four coins a number, its low bits first; other draws take numbers of their own meanwhile.
  RandomStream numbers = stream();
  RandomStream coins = stream();
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t word = numbers.next();
    for (int c = 0; c < 4; ++c) {
      EXPECT_EQ(coins.chance(0.5), (word >> 16 * c & 0xffff) < 0x8000);
      if (c == 1) {
        EXPECT_EQ(coins.next(), numbers.next());
      }
    }
  }
}

TEST(RandomStream, ChanceIsExactBelowTheResolutionOfACoin) {
  // 2^-18 is a quarter of the least that 16 bits can tell: 4 in a million draws, and 16 without the second look.
  constexpr int kDraws = 8 << 20;
  RandomStream random = stream();
  for (const double p : {0x1p-18, 0.25 + 0x1p-18, 1 - 0x1p-18, 0.1}) {
    int hits = 0;
    for (int i = 0; i < kDraws; ++i) hits += random.chance(p) ? 1 : 0;
    const double expected = p * kDraws;
    EXPECT_NEAR(hits, expected, 5 * std::sqrt(expected * (1 - p))) << p;
  }
}

TEST(PortableMath, AgreesWithTheLibraryWithinAFewUnitsOfTheLastPlace) {
  RandomStream random = stream();
  for (int i = 0; i < 100'000; ++i) {
    const double x = -700 + 1400 * random.uniform();
    const double power = portable::exp(x);
    ASSERT_NEAR(power / std::exp(x), 1, 1e-15) << x;
    ASSERT_NEAR(portable::log(power), x, 1e-15 * std::max(1.0, std::abs(x))) << x;
    const double near_one = 0.5 + random.uniform();
    ASSERT_NEAR(portable::log(near_one), std::log(near_one), 4e-16) << near_one;
  }
  EXPECT_EQ(portable::log(1), 0);
  EXPECT_EQ(portable::exp(0), 1);
  static_assert(portable::log(2) > 0.6931471805599453 - 1e-16 && portable::log(2) < 0.6931471805599453 + 1e-16);
}

}  // namespace
}  // namespace pagetoken
