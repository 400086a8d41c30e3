#include "sim/base/progress.hpp"

#include <chrono>
#include <string>

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

TEST(ProgressLine, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line("checking", "states", 1'200'000, 5'000'000, 10, 79),
            "checking  1.2 M of 5 M states  24 %  120 k/s  0:32 left");
  EXPECT_EQ(progress_line("sweep", "runs", 1, 8000, 1, 79), "sweep  1 of 8 k runs  0 %  1/s  2:13:19 left");
}

TEST(ProgressLine, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(progress_line("checking", "states", 500, 0, 2, 79), "checking  500 states  250/s");
  EXPECT_EQ(progress_line("checking", "states", 0, 10, 0, 79), "checking  0 of 10 states  0 %");
  EXPECT_EQ(progress_line("checking", "states", 10, 10, 1, 79), "checking  10 of 10 states  100 %  10/s");
}

TEST(ProgressLine, FitsTheTerminal) { EXPECT_EQ(progress_line("checking", "states", 500, 0, 2, 20).size(), 20u); }

/// What `use` writes to a terminal of its own.
template <typename Use>
std::string written_to_terminal(Use use) {
  int controller = -1;
  int terminal = -1;
  EXPECT_EQ(openpty(&controller, &terminal, nullptr, nullptr, nullptr), 0);
  use(terminal);
  fcntl(controller, F_SETFL, O_NONBLOCK);
  // A read may return less than is there.
  std::string text;
  char part[512];
  for (ssize_t length; (length = read(controller, part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(length));
  close(terminal);
  close(controller);
  return text;
}

void work_for_250_ms(Progress& progress) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(250);
  std::uint64_t done = 0;
  while (std::chrono::steady_clock::now() < end) progress.update(++done);
}

TEST(Progress, WritesAtMostTenTimesASecondAndWipesItself) {
  const std::string text = written_to_terminal([](int terminal) {
    Progress progress{"fuzzing", "runs", 0, {.descriptor = terminal}};
    work_for_250_ms(progress);
  });
  std::size_t lines = 0;
  for (std::size_t at = text.find("fuzzing"); at != std::string::npos; at = text.find("fuzzing", at + 1)) ++lines;
  EXPECT_GE(lines, 1u);
  EXPECT_LE(lines, 2u);
  EXPECT_TRUE(text.ends_with("\r\x1b[K"));
}

TEST(Progress, IsSilentWhenQuietOrNoTerminal) {
  EXPECT_EQ(written_to_terminal([](int terminal) {
              Progress progress{"fuzzing", "runs", 0, {.quiet = true, .descriptor = terminal}};
              work_for_250_ms(progress);
            }),
            "");
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK), 0);
  {
    Progress progress{"fuzzing", "runs", 0, {.descriptor = ends[1]}};
    work_for_250_ms(progress);
  }
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), -1);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace pagetoken
