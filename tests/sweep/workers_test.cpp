// Worker processes: every task is answered once, also when workers die or are spent.

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sim/base/interrupt.hpp"
#include "sim/sweep/forked_workers.hpp"
#include "sim/sweep/relayed_workers.hpp"

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

TEST(ForkedWorkers, WhatAsksToStopIsForTheParent) {
  ForkedWorkers workers(1, [](const SweepTask&, bool&) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGTERM}) ::raise(number);
    return std::string("done");
  });
  EXPECT_EQ(answers(workers, 2).at(1).bytes, "done");
}

TEST(ForkedWorkersDeathTest, DeathAfterTheParentWasToldToStopIsNoResult) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        ForkedWorkers workers(1, [](const SweepTask&, bool&) {
          ::kill(::getpid(), SIGKILL);
          return std::string();
        });
        std::raise(SIGTERM);
        workers.give({0, 0});
        const std::vector<SweepReply> replies = workers.wait(std::chrono::seconds(10));
        std::_Exit(replies.empty() && workers.unanswered() == 1 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

// A lock would be held for as long as the worker lives, which may be longer than its parent.
TEST(ForkedWorkers, HaveNothingOpenThatTheirParentHas) {
  const int open = ::open("/dev/null", O_RDONLY);
  ForkedWorkers workers(
      1, [open](const SweepTask&, bool&) { return std::string(::fcntl(open, F_GETFD) < 0 ? "closed" : "open"); });
  EXPECT_EQ(answers(workers, 1).at(0).bytes, "closed");
  ::close(open);
}

/// What pagetoken-mpi says first.
std::string greeting(std::uint32_t rank, std::uint32_t ranks) {
  return wire_form({.peer = rank}, {reinterpret_cast<const char*>(&ranks), sizeof ranks});
}
std::string task_record(const SweepTask& task) {
  return wire_form({.flag = static_cast<std::uint32_t>(RelayFlag::payload)},
                   {reinterpret_cast<const char*>(&task), sizeof task});
}

/// Sends `text` in one piece to a rank, and returns the points of the first `count` replies; fewer if none comes in 10
/// s.
std::vector<std::uint64_t> replies_of_rank(const std::string& text, std::size_t count) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return {};
  EXPECT_EQ(::send(ends[0], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  std::thread rank([&] {
    const auto relay = Relay::over(ends[1]);
    EXPECT_EQ(relay->rank(), 1u);
    ForkedWorkers workers(1, [](const SweepTask&, bool&) { return std::string("x"); });
    serve_relay(*relay, workers);
  });
  std::vector<std::uint64_t> points;
  RecordReader reader;
  pollfd ready{ends[0], POLLIN, 0};
  while (points.size() < count && ::poll(&ready, 1, 10'000) > 0 && reader.fill(ends[0], false))
    while (const auto record = reader.next()) {
      SweepTask task;
      std::memcpy(&task, record->bytes.data(), sizeof task);
      points.push_back(task.point);
    }
  ::close(ends[0]);
  rank.join();
  return points;
}

// A rank that is held while MPI starts reads the greeting late, and the first tasks with it.
TEST(RelayedWorkers, TasksThatComeWithTheGreetingAreDone) {
  EXPECT_EQ(replies_of_rank(greeting(1, 3) + task_record({4, 0}) + task_record({5, 0}), 2),
            (std::vector<std::uint64_t>{4, 5}));
}

TEST(RelayedWorkers, RepliesThatCameWithTheGreetingAreTaken) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const SweepTask task{6, 0};
  const std::string text =
      greeting(0, 2) + wire_form({.peer = 1, .flag = static_cast<std::uint32_t>(RelayFlag::payload)},
                                 std::string(reinterpret_cast<const char*>(&task), sizeof task) + "reply");
  ASSERT_EQ(::send(ends[0], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  const auto relay = Relay::over(ends[1]);
  RelayedWorkers workers(*relay);
  workers.give(task);
  const std::vector<SweepReply> replies = workers.wait(std::chrono::milliseconds(0));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].bytes, "reply");
  EXPECT_EQ(workers.unanswered(), 0u);
  ::close(ends[0]);
}

// Neither side may wait for the other to read: both would, once there is no room in either direction.
TEST(RecordWriter, SlowReaderKeepsNobodyWaiting) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  RecordWriter writer;
  const std::string large(std::size_t{4} << 20, 'x');
  for (std::uint32_t i = 0; i < 3; ++i) writer.add({.peer = i}, large);
  ASSERT_TRUE(writer.flush(ends[0]));
  EXPECT_GT(writer.waiting(), 0u);
  RecordReader reader;
  std::uint32_t read = 0;
  while (read < 3) {
    ASSERT_TRUE(reader.fill(ends[1], false) && writer.flush(ends[0]));
    while (const auto record = reader.next()) {
      EXPECT_EQ(record->header.peer, read++);
      EXPECT_EQ(record->bytes, large);
    }
  }
  EXPECT_EQ(writer.waiting(), 0u);
  ::close(ends[1]);
  writer.add({}, "x");
  EXPECT_FALSE(writer.flush(ends[0]));
  ::close(ends[0]);
}

}  // namespace
}  // namespace pagetoken
