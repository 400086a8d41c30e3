#include "sim/base/interrupt.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sim/base/input_file.hpp"
#include "sim/base/output_file.hpp"

namespace pagetoken {
namespace {

// Each in a child process of its own, because a signal's state is the whole process's.

TEST(InterruptDeathTest, FirstSignalSetsTheFlag) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        const bool before = interrupted();
        std::raise(SIGINT);
        std::_Exit(!before && interrupted() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(InterruptDeathTest, SecondSignalKillsWhicheverItIs) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        std::raise(SIGINT);
        std::raise(SIGTERM);
      },
      testing::KilledBySignal(SIGTERM), "");
}

TEST(InterruptDeathTest, IgnoredSignalStaysIgnored) {
  EXPECT_EXIT(
      {
        std::signal(SIGINT, SIG_IGN);
        watch_interrupts();
        std::raise(SIGINT);
        std::_Exit(interrupted() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(InterruptDeathTest, HangUpAsksToStop) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        std::raise(SIGHUP);
        std::_Exit(interrupted() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

// timeout(1) signals its child, then the group that the child is in.
TEST(InterruptDeathTest, SignalToldTwiceAtOnceIsOneRequest) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        for (const int number : {SIGTERM, SIGTERM, SIGHUP}) std::raise(number);
        std::_Exit(interrupted() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(InterruptDeathTest, ChildLeavesItToItsParent) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        std::raise(SIGTERM);
        leave_interrupts_to_parent();
        const bool asked = interrupted();
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGINT, SIGTERM, SIGHUP}) std::raise(number);
        std::_Exit(!asked && !interrupted() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(InterruptDeathTest, WhoWritesToNobodyOrTooMuchIsToldAndLives) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        for (const int number : {SIGPIPE, SIGXFSZ}) std::raise(number);
        std::_Exit(interrupted() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

/// Signals this process from another one, at an unknown time.
void be_interrupted_soon() {
  const pid_t self = ::getpid();
  if (::fork() != 0) return;
  ::kill(self, SIGTERM);
  std::_Exit(0);
}

TEST(InterruptDeathTest, WaitForAPipeEnds) {
  const std::string pipe = testing::TempDir() + "interrupt_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EXIT(
      {
        watch_interrupts();
        be_interrupted_soon();
        try {
          const InputFile file(pipe);
        } catch (const Interrupted&) {
          std::_Exit(7);
        }
      },
      testing::ExitedWithCode(7), "")
      << "while it is opened";
  const int writer = ::open(pipe.c_str(), O_RDWR);
  EXPECT_EXIT(
      {
        watch_interrupts();
        InputFile file(pipe);
        be_interrupted_soon();
        try {
          char byte = 0;
          file.read(&byte, 1);
        } catch (const Interrupted&) {
          std::_Exit(7);
        }
      },
      testing::ExitedWithCode(7), "")
      << "while it is read";
  ::close(writer);
  std::filesystem::remove(pipe);
}

TEST(InterruptDeathTest, WaitForWhoReadsNothingEnds) {
  const std::string pipe = testing::TempDir() + "interrupt_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDWR);
  EXPECT_EXIT(
      {
        watch_interrupts();
        OutputFile file(pipe);
        be_interrupted_soon();
        try {
          for (;;) file.write(std::string(4096, 'x'));
        } catch (const Interrupted&) {
        }
        try {
          file.write(std::string(1 << 17, 'x'));  // whoever ends a run in order tries again
        } catch (const Interrupted&) {
          std::_Exit(7);
        }
      },
      testing::ExitedWithCode(7), "");
  ::close(reader);
  std::filesystem::remove(pipe);
}

TEST(InterruptDeathTest, KillLeavesNoTemporaryFile) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("interrupt_" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  EXPECT_EXIT(
      {
        watch_interrupts();
        const OutputFile file((folder / "out").string());
        if (std::filesystem::is_empty(folder)) std::_Exit(1);
        std::raise(SIGTERM);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace pagetoken
