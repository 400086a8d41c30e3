// Which messages belong to an operation, whatever the order in which they are told.

#include "sim/engine/operation_costs.hpp"

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

constexpr ElementaryEvent kMiss = ElementaryEvent::wmiss_excl;

struct CostsBench {
  Statistics statistics;
  OperationCosts costs;

  void caused(std::uint64_t operation, std::int64_t time_ns, bool counts = true) {
    costs.caused(operation, time_ns, counts, statistics);
  }
  void end(std::uint32_t hops, std::int64_t time_ns, ElementaryEvent event = kMiss) {
    costs.end(event, hops, time_ns, statistics);
  }
  const EventCount& event() const { return statistics.events[static_cast<std::size_t>(kMiss)]; }
};

TEST(OperationCosts, MessagesMinAndMaxAreOverTheSameMessages) {
  CostsBench b;
  b.costs.begin(1);
  for (const std::int64_t t : {10, 20, 30}) b.caused(1, t);
  b.end(3, 40);
  b.costs.begin(2);
  for (const std::int64_t t : {50, 60}) b.caused(2, t);
  b.end(2, 70);
  b.costs.settle(INT64_MAX, b.statistics);
  EXPECT_EQ(b.event().count, 2u);
  EXPECT_EQ(b.event().messages, 5u);
  EXPECT_EQ(b.event().messages_min, 2u);
  EXPECT_EQ(b.event().messages_max, 3u);
  EXPECT_EQ(b.event().hops_min, 2u);
  EXPECT_EQ(b.event().hops_max, 3u);
  EXPECT_EQ(b.statistics.messages_after, 0u);
}

TEST(OperationCosts, WhatANodeThatIsAheadSendsAfterTheEndFollowsIt) {
  CostsBench b;
  b.costs.begin(1);
  b.caused(1, 10);
  b.caused(1, 45);  // told before the end, and later than it
  b.end(1, 40);
  b.costs.settle(INT64_MAX, b.statistics);
  EXPECT_EQ(b.event().messages, 1u);
  EXPECT_EQ(b.statistics.messages_after, 1u);
}

TEST(OperationCosts, WhatANodeThatIsBehindSendsBeforeTheEndBelongsToIt) {
  CostsBench b;
  b.costs.begin(1);
  b.caused(1, 10);
  b.end(1, 40);
  b.costs.settle(35, b.statistics);
  b.costs.begin(2);
  b.caused(1, 36);  // told after the end, and earlier than it
  b.caused(1, 41);
  b.costs.settle(41, b.statistics);
  EXPECT_EQ(b.event().count, 1u);
  EXPECT_EQ(b.event().messages, 2u);
  EXPECT_EQ(b.event().messages_max, 2u);
  EXPECT_EQ(b.statistics.messages_after, 1u);
}

TEST(OperationCosts, WhatIsNoPartOfAnEventIsNowhere) {
  CostsBench b;
  b.costs.begin(1);
  b.caused(1, 10, false);  // about a size, or to itself
  b.end(0, 20, ElementaryEvent::none);
  b.caused(1, 30, false);
  b.costs.settle(INT64_MAX, b.statistics);
  for (const EventCount& event : b.statistics.events) EXPECT_EQ(event.count, 0u);
  EXPECT_EQ(b.statistics.messages_after, 0u);
}

}  // namespace
}  // namespace pagetoken
