#include "sim/base/interrupt.hpp"

#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace pagetoken
