#include "sim/base/time.hpp"

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

static_assert(Time{5} + nanoseconds(3) == Time{8});
static_assert(Time{8} - Time{5} == Duration{3});
static_assert(milliseconds(2) == microseconds(2000) && seconds(1) == milliseconds(1000));
static_assert(seconds(1) / milliseconds(300) == 3 && seconds(1) / 4 == milliseconds(250));
static_assert(Time{} < Time::never() && -nanoseconds(1) < Duration{});

TEST(Time, PrintsThreeDigitsInTheUnitThatSuits) {
  EXPECT_EQ(format_duration(0), "0 ns");
  EXPECT_EQ(format_duration(850), "850 ns");
  EXPECT_EQ(format_duration(23'400), "23.4 us");
  EXPECT_EQ(format_duration(1'500'000), "1.5 ms");
  EXPECT_EQ(format_duration(seconds(90)), "90 s");
  EXPECT_EQ(format_duration(seconds(12'345)), "12345 s");
  EXPECT_EQ(format_duration(-2'000), "-2 us");
}

TEST(Time, NeverPrintsAThousandOfAUnitThatHasANext) {
  EXPECT_EQ(format_duration(999'499), "999 us");
  EXPECT_EQ(format_duration(999'500), "1 ms");
  EXPECT_EQ(format_duration(999'999'999), "1 s");
}

}  // namespace
}  // namespace pagetoken
