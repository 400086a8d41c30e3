// The order of use against a plain list, and the work that it takes.

#include "sim/vm/use_order.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

constexpr auto any = [](std::uint32_t) { return true; };

TEST(UseOrder, AgreesWithAPlainList) {
  RandomStream random(1, 0, 0, Purpose::test);
  UseOrder order;
  std::vector<std::uint32_t> plain;  // least recently used first
  for (int i = 0; i < 50'000; ++i) {
    const auto slot = static_cast<std::uint32_t>(random.below(40));
    const bool uses = random.below(3) != 0;
    std::erase(plain, slot);
    if (uses) {
      order.use(slot);
      plain.push_back(slot);
    } else {
      order.remove(slot);
    }
    const std::uint32_t passed = static_cast<std::uint32_t>(random.below(3));
    const auto may_go = [&](std::uint32_t s) { return s % 3 != passed; };
    const auto first = std::find_if(plain.begin(), plain.end(), may_go);
    ASSERT_EQ(order.oldest(may_go), first == plain.end() ? UseOrder::kNone : *first);
  }
}

TEST(UseOrder, TheOldestIsFoundAtOnceHoweverManyThereAre) {
  constexpr std::uint32_t kSlots = 100'000;
  UseOrder order;
  for (std::uint32_t s = 0; s < kSlots; ++s) order.use(s);
  for (std::uint32_t s = 0; s < kSlots; ++s) {
    ASSERT_EQ(order.oldest(any), s);
    order.remove(s);
    order.use(kSlots + s);
  }
  EXPECT_EQ(order.looks(), kSlots);
}

}  // namespace
}  // namespace pagetoken
