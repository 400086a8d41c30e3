// Which run is handed out when.

#include "sim/sweep/schedule.hpp"

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

std::vector<SweepTask> drain(Schedule& schedule) {
  std::vector<SweepTask> tasks;
  while (const auto task = schedule.next()) tasks.push_back(*task);
  return tasks;
}

TEST(Schedule, FirstRepetitionOfAllPointsComesFirst) {
  Schedule schedule({5, 9}, 2);
  EXPECT_EQ(drain(schedule), (std::vector<SweepTask>{{5, 0}, {9, 0}, {5, 1}, {9, 1}}));
  EXPECT_EQ(schedule.all(), (std::vector<SweepTask>{{5, 0}, {5, 1}, {9, 0}, {9, 1}}));
  EXPECT_EQ(schedule.total(), 4u);
  EXPECT_FALSE(schedule.finished());
  for (const SweepTask& task : schedule.all()) schedule.done(task);
  EXPECT_TRUE(schedule.finished());
}

TEST(Schedule, ShardsAreAPartition) {
  std::vector<SweepTask> all;
  for (std::size_t shard = 0; shard < 3; ++shard) {
    Schedule part({1, 2, 3, 4}, 5, [shard](const SweepTask& task, std::size_t position) {
      return (position * 5 + task.repetition) % 3 == shard;
    });
    EXPECT_NEAR(static_cast<double>(part.total()), 20.0 / 3, 1);
    for (const SweepTask& task : drain(part)) all.push_back(task);
  }
  ASSERT_EQ(all.size(), 20u);
  for (std::uint64_t point = 1; point <= 4; ++point)
    for (std::uint64_t r = 0; r < 5; ++r) EXPECT_EQ(std::count(all.begin(), all.end(), SweepTask{point, r}), 1);
}

TEST(Schedule, PointIsGivenMoreOnceItsRepetitionsAreThere) {
  std::uint64_t asked = 0;
  Schedule schedule({1, 2}, 2, {}, [&](std::uint64_t point, std::uint64_t made) {
    ++asked;
    return point == 2 && made < 5 ? made + 2 : made;
  });
  EXPECT_EQ(drain(schedule).size(), 4u);
  schedule.done({2, 1});
  EXPECT_EQ(asked, 0u);
  schedule.done({2, 0});
  EXPECT_EQ(drain(schedule), (std::vector<SweepTask>{{2, 2}, {2, 3}}));
  schedule.done({2, 2});
  schedule.done({2, 3});
  EXPECT_EQ(drain(schedule), (std::vector<SweepTask>{{2, 4}, {2, 5}}));
  schedule.done({2, 4});
  schedule.done({2, 5});
  schedule.done({1, 0});
  EXPECT_FALSE(schedule.finished());
  schedule.done({1, 1});
  EXPECT_TRUE(schedule.finished());
  EXPECT_EQ(schedule.total(), 8u);
}

}  // namespace
}  // namespace pagetoken
