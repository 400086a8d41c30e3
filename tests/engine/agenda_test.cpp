// The agenda against an ordered set of all events.

#include "sim/engine/agenda.hpp"

#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

/// Works as the loop does: takes the first node, some of its events, and adds others for it and for anybody meanwhile.
TEST(Agenda, GivesEachNodesEventsInOrderAndTheEarliestNodeFirst) {
  constexpr std::uint32_t kNodes = 37;
  RandomStream random(1, 0, 0, Purpose::test);
  Agenda agenda(kNodes);
  std::set<std::tuple<std::int64_t, std::uint32_t, std::uint64_t>> model;  // time, node, rank
  std::uint64_t rank = 0;
  const auto add = [&](std::int64_t not_before_ns) {
    const auto node = static_cast<std::uint32_t>(random.below(kNodes));
    const auto time_ns = not_before_ns + static_cast<std::int64_t>(random.below(20));  // with many ties
    agenda.add(NodeId{node}, {time_ns, rank, 0, node});
    model.insert({time_ns, node, rank++});
  };
  for (int i = 0; i < 200; ++i) add(0);
  for (int batch = 0; batch < 20'000 && !agenda.empty(); ++batch) {
    ASSERT_EQ(agenda.first_time(), std::get<0>(*model.begin()));
    const NodeId node = agenda.acquire();
    ASSERT_EQ(index_of(node), std::get<1>(*model.begin()));
    std::int64_t others = Agenda::kNever;
    for (const auto& [time_ns, of, unused] : model)
      if (of != index_of(node)) others = std::min(others, time_ns);
    ASSERT_EQ(agenda.others_first_time(), others);
    for (std::uint64_t events = 1 + random.below(3); events > 0 && agenda.next_time(node) != Agenda::kNever; --events) {
      const AgendaEvent event = agenda.pop(node);
      std::tuple<std::int64_t, std::uint32_t, std::uint64_t> expected{INT64_MAX, 0, 0};
      for (const auto& e : model)
        if (std::get<1>(e) == index_of(node)) expected = std::min(expected, e);
      ASSERT_EQ(std::tuple(event.time_ns, event.payload, event.rank), expected);
      model.erase(expected);
      for (std::uint64_t more = random.below(3); more > 0 && model.size() < 300; --more) add(event.time_ns);
    }
    agenda.release();
  }
  EXPECT_EQ(agenda.empty(), model.empty());
}

}  // namespace
}  // namespace pagetoken
