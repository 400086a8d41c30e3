// Every operation has an id of its own, which says where it began.

#include "sim/engine/operation_id.hpp"

#include <set>

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

TEST(OperationId, NoTwoThreadsOfAClusterShareOne) {
  std::set<std::uint64_t> seen;
  for (const std::uint32_t node : {0u, 1u, 7u, (1u << 20) - 1, 1u << 20}) {
    EXPECT_TRUE(seen.insert(OperationId::of_evictions(NodeId{node})).second);
    for (std::uint32_t thread = 0; thread < 1024; ++thread)
      for (const std::uint64_t number : {0u, 1u, ~0u})
        EXPECT_TRUE(seen.insert(OperationId::of(NodeId{node}, thread, number)).second) << node << " " << thread;
  }
  EXPECT_FALSE(seen.contains(0));
}

TEST(OperationId, SaysWhereItBegan) {
  for (const std::uint32_t node : {0u, 5u, 1u << 20})
    for (const std::uint32_t thread : {0u, 254u, 255u, 256u, 1023u}) {
      const OperationId id(OperationId::of(NodeId{node}, thread, 12));
      EXPECT_EQ(id.node(), NodeId{node});
      EXPECT_EQ(id.thread(), thread);
    }
  EXPECT_FALSE(OperationId(OperationId::of_evictions(NodeId{5})).thread());
}

}  // namespace
}  // namespace pagetoken
