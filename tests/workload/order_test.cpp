// Orders in which one access is made at a time in the whole cluster.

#include <map>

#include "workload_fixture.hpp"

namespace pagetoken {
namespace {

std::vector<std::uint32_t> clients_of(const Workload& workload, std::size_t count) {
  std::vector<std::uint32_t> clients;
  for (const auto& [client, access] : take_serial(workload, count)) clients.push_back(client);
  return clients;
}

// Counting rule 2.
TEST(Serial, TheClientOfEachAccessIsDrawnUniformlyAndItsOwnSourceSuppliesIt) {
  WorkloadSpec spec = default_spec(Pattern::uniform);
  spec.serial = true;
  const Workload workload = make(spec, 4);
  EXPECT_EQ(workload.order(), Order::serial);
  std::map<std::uint32_t, std::vector<Access>> of_client;
  for (const auto& [client, access] : take_serial(workload, 40'000)) of_client[client].push_back(access);
  ASSERT_EQ(of_client.size(), 4u);
  for (const auto& [client, accesses] : of_client) {
    EXPECT_NEAR(static_cast<double>(accesses.size()), 10'000, 400);
    EXPECT_EQ(accesses, take(workload, client, accesses.size()));
  }
}

TEST(Serial, PingPongAlternatesStrictlyAndHasTwoClientsByDefault) {
  const Workload workload(default_spec(Pattern::ping_pong), {});
  EXPECT_EQ(workload.clients(), 2u);
  EXPECT_EQ(workload.order(), Order::serial);
  const auto accesses = take_serial(workload, 10);
  for (std::size_t i = 0; i < accesses.size(); ++i) {
    EXPECT_EQ(accesses[i].first, i % 2);
    EXPECT_EQ(accesses[i].second.op, Op::write);
    EXPECT_EQ(accesses[i].second.offset, 0u);
  }
  EXPECT_EQ(clients_of(make(Pattern::ping_pong, 3), 6), (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2}));
}

TEST(Serial, SegmentsBeginOneAfterTheOther) {
  WorkloadSpec spec = default_spec(Pattern::sequential_segments);
  spec.serial = true;
  EXPECT_EQ(clients_of(make(spec, 3), 9), (std::vector<std::uint32_t>{0, 0, 1, 0, 1, 2, 0, 1, 2}));
  own_value(spec, "head_start") = 2;
  EXPECT_EQ(clients_of(make(spec, 3), 9), (std::vector<std::uint32_t>{0, 0, 0, 1, 0, 1, 0, 1, 2}));
  own_value(spec, "head_start") = 0;
  EXPECT_EQ(clients_of(make(spec, 3), 6), (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2}));
}

TEST(Serial, MigratoryMayTakeTurnsOfAReadAndAWrite) {
  WorkloadSpec spec = default_spec(Pattern::migratory);
  spec.serial = true;
  own_value(spec, "in_turns") = true;
  spec.pages = 1;
  const auto accesses = take_serial(make(spec, 2), 8);
  for (std::size_t i = 0; i < accesses.size(); ++i) {
    EXPECT_EQ(accesses[i].first, i / 2 % 2);
    EXPECT_EQ(accesses[i].second.op, i % 2 == 0 ? Op::read : Op::write);
  }
}

TEST(Serial, OtherPatternsAreClosedUnlessTold) { EXPECT_EQ(make(Pattern::migratory, 2).order(), Order::closed); }

}  // namespace
}  // namespace pagetoken
