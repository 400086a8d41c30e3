// Worker processes: every task is answered once, also when workers die or are spent.

#include <cstdlib>
#include <map>

#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sim/sweep/forked_workers.hpp"

namespace pagetoken {
namespace {

/// Gives tasks 0 to n - 1, and returns their replies by point.
std::map<std::uint64_t, SweepReply> answers(Workers& workers, std::uint64_t n) {
  std::map<std::uint64_t, SweepReply> found;
  std::uint64_t given = 0;
  while (found.size() < n) {
    while (given < n && workers.wants()) workers.give({given++, 7});
    for (SweepReply& reply : workers.wait(std::chrono::seconds(10))) {
      EXPECT_EQ(reply.task.repetition, 7u);
      const std::uint64_t point = reply.task.point;
      EXPECT_TRUE(found.emplace(point, std::move(reply)).second) << "answered twice";
    }
  }
  EXPECT_EQ(workers.unanswered(), 0u);
  return found;
}

TEST(ForkedWorkers, EveryTaskIsAnsweredOnce) {
  ForkedWorkers workers(3, [](const SweepTask& task, bool&) { return std::string(task.point * 1000, 'x'); });
  const auto found = answers(workers, 200);
  for (const auto& [point, reply] : found) EXPECT_EQ(reply.bytes.size(), point * 1000);
}

TEST(ForkedWorkers, DeathTakesOneTask) {
  ForkedWorkers workers(2, [](const SweepTask& task, bool&) {
    if (task.point == 5) ::kill(::getpid(), SIGKILL);
    if (task.point == 11) ::_exit(4);
    return std::to_string(task.point);
  });
  const auto found = answers(workers, 30);
  for (const auto& [point, reply] : found) {
    if (point == 5)
      EXPECT_EQ(reply.death, "the process was killed by signal 9 (Killed)");
    else if (point == 11)
      EXPECT_EQ(reply.death, "the process ended with exit code 4");
    else
      EXPECT_EQ(reply.bytes, std::to_string(point)) << reply.death;
  }
}

TEST(ForkedWorkers, SpentProcessIsReplaced) {
  ForkedWorkers workers(2, [](const SweepTask&, bool& spent) {
    static int runs = 0;
    spent = true;
    return std::to_string(++runs);
  });
  for (const auto& [point, reply] : answers(workers, 20)) EXPECT_EQ(reply.bytes, "1") << point;
}

}  // namespace
}  // namespace pagetoken
