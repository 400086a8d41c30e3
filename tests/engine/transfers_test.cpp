// Between the loop and a carrier: order of beginning, order on a channel, order within an instant.

#include "sim/engine/transfers.hpp"

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

/// Carries nothing by itself: the test says when what ends.
class ByHand final : public Carrier {
 public:
  void run(Timeline&) override {}
  void send(std::uint32_t transfer, NodeId, NodeId, std::uint64_t bytes) override {
    begun.emplace_back(transfer, bytes);
  }
  bool has_disks() const override { return true; }
  void access_disk(std::uint32_t transfer, NodeId, bool, std::uint64_t bytes) override {
    begun.emplace_back(transfer, bytes);
  }
  std::int64_t latency_ns(NodeId, NodeId) override { return 10; }
  std::int64_t least_latency_ns() const override { return 10; }

  std::vector<std::pair<std::uint32_t, std::uint64_t>> begun;
};

struct Bench {
  explicit Bench(bool keeps_order = true) : transfers(carrier, agenda, 3, keeps_order) {}

  ByHand carrier;
  Agenda agenda{3};
  Transfers transfers;
  std::uint64_t sent = 0;

  void add(std::int64_t time_ns, std::uint32_t from, std::uint32_t to, std::uint64_t bytes, bool small = false,
           std::int64_t delay_ns = 0) {
    transfers.add({.latency_alone = small,
                   .from = NodeId{from},
                   .to = NodeId{to},
                   .bytes = bytes,
                   .begins_ns = time_ns,
                   .delay_ns = delay_ns,
                   .event = {0, (std::uint64_t{from} + 1) << 32 | sent++, 0, static_cast<std::uint32_t>(bytes)}});
  }
  /// Payloads (the bytes) and times of a node's events, in their order.
  std::vector<std::pair<std::uint64_t, std::int64_t>> arrived(std::uint32_t node) {
    std::vector<std::pair<std::uint64_t, std::int64_t>> events;
    while (agenda.next_time(NodeId{node}) != Agenda::kNever) {
      const AgendaEvent event = agenda.pop(NodeId{node});
      events.emplace_back(event.payload, event.time_ns);
    }
    return events;
  }
};

using Events = std::vector<std::pair<std::uint64_t, std::int64_t>>;

TEST(Transfers, BeginInTheOrderOfTimeAndAtOneInstantOfTheirSenders) {
  Bench b;
  b.add(20, 1, 2, 201);
  b.add(10, 1, 2, 101);
  b.add(20, 0, 2, 200);
  EXPECT_EQ(b.transfers.next_ns(), 10);
  b.transfers.begin_until(20);
  ASSERT_EQ(b.carrier.begun.size(), 3u);
  EXPECT_EQ(b.carrier.begun[0].second, 101u);
  EXPECT_EQ(b.carrier.begun[1].second, 200u);
  EXPECT_EQ(b.carrier.begun[2].second, 201u);
}

TEST(Transfers, OneThatOvertakesOnItsChannelWaitsForTheFirst) {
  Bench b;
  b.add(0, 0, 1, 4000);
  b.add(1, 0, 1, 64);
  b.transfers.begin_until(1);
  b.transfers.ended(b.carrier.begun[1].first, 50);
  EXPECT_EQ(b.agenda.next_time(NodeId{1}), Agenda::kNever);
  b.transfers.ended(b.carrier.begun[0].first, 90);
  EXPECT_EQ(b.arrived(1), (Events{{4000, 90}, {64, 90}}));
}

TEST(Transfers, OneThatIsDelayedHoldsUpItsChannel) {
  Bench b;
  b.add(0, 0, 1, 4000, false, 100);
  b.add(1, 0, 1, 64, true, 7);
  b.add(2, 2, 1, 65, true, 0);
  b.transfers.begin_until(2);
  b.transfers.ended(b.carrier.begun[0].first, 20);
  EXPECT_EQ(b.arrived(1), (Events{{65, 12}, {4000, 120}, {64, 120}}));
}

TEST(Transfers, WhereNoOrderIsKeptTheyArriveAsTheyEndAndAreDelayed) {
  Bench b(false);
  b.add(0, 0, 1, 4000, false, 100);
  b.add(1, 0, 1, 64, true, 7);
  b.transfers.begin_until(1);
  b.transfers.ended(b.carrier.begun[0].first, 20);
  EXPECT_EQ(b.arrived(1), (Events{{64, 18}, {4000, 120}}));
  EXPECT_FALSE(b.transfers.any());
  EXPECT_EQ(b.transfers.bound_ns(NodeId{1}), Agenda::kNever);
}

TEST(Transfers, SmallMessageDoesNotOvertakeItsChannelEither) {
  Bench b;
  b.add(0, 0, 1, 4000);
  b.add(5, 0, 1, 64, true);
  b.add(5, 2, 1, 65, true);  // of another channel
  b.transfers.begin_until(5);
  b.transfers.ended(b.carrier.begun[0].first, 90);
  EXPECT_EQ(b.arrived(1), (Events{{65, 15}, {4000, 90}, {64, 90}}));
}

TEST(Transfers, ThoseOfOneInstantArriveByTheirSendersWhoeverEndsFirst) {
  Bench b;
  b.add(0, 0, 1, 10);
  b.add(0, 2, 1, 30);
  b.transfers.begin_until(0);
  b.transfers.ended(b.carrier.begun[1].first, 40);
  b.transfers.ended(b.carrier.begun[0].first, 40);
  EXPECT_EQ(b.arrived(1), (Events{{10, 40}, {30, 40}}));
}

TEST(Transfers, NodeIsBoundByWhatIsUnderWayToItAndByNothingElse) {
  Bench b;
  b.add(100, 0, 1, 10);
  EXPECT_TRUE(b.transfers.any());
  EXPECT_EQ(b.transfers.bound_ns(NodeId{1}), 110);
  EXPECT_EQ(b.transfers.bound_ns(NodeId{2}), Agenda::kNever);
  b.transfers.begin_until(100);
  b.transfers.ended(b.carrier.begun[0].first, 500);
  EXPECT_EQ(b.transfers.bound_ns(NodeId{1}), Agenda::kNever);
  EXPECT_FALSE(b.transfers.any());
}

}  // namespace
}  // namespace pagetoken
