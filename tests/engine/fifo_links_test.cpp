// Links that let one message through after the other.

#include "sim/engine/fifo_links.hpp"

#include <gtest/gtest.h>

#include "script.hpp"

namespace pagetoken {
namespace {

constexpr std::int64_t kLinkBandwidth = 1'000'000'000;  // a byte a nanosecond

FifoLinks links(TopologySpec topology, std::uint32_t nodes) {
  return {
      fitted({.topology = std::move(topology), .latency_ns = 10'000, .bandwidth_bytes_per_s = kLinkBandwidth}, nodes),
      nodes};
}

TEST(FifoLinks, MessageAloneTakesLatencyAndItsBytesOnce) {
  FifoLinks star = links({}, 3);
  EXPECT_EQ(Script(star, {{100, 0, 1, 4'000}}).arrived.at(0), 100 + 10'000 + 4'000);
}

TEST(FifoLinks, MessagesForOneReceiverComeOneTransferAfterTheOther) {
  FifoLinks star = links({}, 6);
  const auto arrived = Script(star, {{0, 0, 5, 4'000}, {0, 1, 5, 4'000}, {0, 2, 5, 4'000}, {0, 3, 5, 4'000}}).arrived;
  for (std::uint32_t n = 0; n < 4; ++n) EXPECT_EQ(arrived.at(n), 10'000 + 4'000 * (n + 1));
}

TEST(FifoLinks, OppositeDirectionsDoNotMeet) {
  FifoLinks star = links({}, 2);
  const auto arrived = Script(star, {{0, 0, 1, 4'000}, {0, 1, 0, 4'000}}).arrived;
  EXPECT_EQ(arrived.at(0), 14'000);
  EXPECT_EQ(arrived.at(1), 14'000);
}

TEST(FifoLinks, LinkServesWhoeverArrivesThereFirst) {
  // Node 0 sends first, from another rack; node 4's message reaches the link to 5 before it.
  FifoLinks rack = links({.kind = TopologyKind::rack, .nodes_per_rack = 3}, 6);
  const auto arrived = Script(rack, {{0, 0, 5, 1'000'000}, {1, 4, 5, 4'000}}).arrived;
  EXPECT_EQ(arrived.at(1), 1 + 10'000 + 4'000);
  EXPECT_EQ(arrived.at(0), 20'000 + 1'000'000);
}

TEST(FifoLinks, OversubscribedUplinkIsWhatCrossingMessagesWaitFor) {
  FifoLinks rack =
      links({.kind = TopologyKind::rack, .nodes_per_rack = 4, .uplink_bandwidth_bytes_per_s = kLinkBandwidth}, 8);
  const auto arrived = Script(rack, {{0, 0, 4, 4'000}, {0, 1, 5, 4'000}, {0, 2, 6, 4'000}, {0, 3, 7, 4'000}}).arrived;
  for (std::uint32_t n = 0; n < 4; ++n) EXPECT_EQ(arrived.at(n), 20'000 + 4'000 * (n + 1));
  FifoLinks full = links({.kind = TopologyKind::rack, .nodes_per_rack = 4}, 8);
  // Four times as wide: four thousand bytes occupy it for a microsecond.
  const auto wide = Script(full, {{0, 0, 4, 4'000}, {0, 1, 5, 4'000}, {0, 2, 6, 4'000}, {0, 3, 7, 4'000}}).arrived;
  EXPECT_EQ(wide.at(3), 20'000 + 3 * 1'000 + 4'000);
}

}  // namespace
}  // namespace pagetoken
