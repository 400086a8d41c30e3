// Sweeps that are interrupted again and again, or whose ranks are held: the bytes are those of one that was left alone.

#include <csignal>
#include <filesystem>

#include "sim/base/interrupt.hpp"
#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

const std::string kCases = PAGETOKEN_SOURCE_DIR "/tests/cases/";

class LongSweep : public testing::Test {
 protected:
  LongSweep() : folder_(std::filesystem::path(testing::TempDir()) / ("long_sweep_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~LongSweep() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string file(const std::string& directory, const std::string& name) const {
    return content_of(folder_ / directory / name);
  }
  /// A command's exit code. What it says is kept.
  int code_of(const std::string& line) const {
    const int status = std::system((line + " >" + path("said") + " 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string said() const { return content_of(path("said")); }
  void expect_same(const std::string& a, const std::string& b) const {
    EXPECT_FALSE(file(a, "results.jsonl").empty());
    EXPECT_EQ(file(a, "results.jsonl"), file(b, "results.jsonl"));
    EXPECT_EQ(file(a, "sweep.json"), file(b, "sweep.json"));
  }
  /// Ten times a second, then to the end.
  void interrupt_ten_times(const std::string& launcher) const {
    // So many that none of the ten comes to the end, and so short that each makes some.
    const std::string sweep = "'" PAGETOKEN_PROGRAM "' sweep " + kCases +
                              "rel-sweep-32.json --set /repetitions=20 --set /stop/accesses=40000 -o ";
    ASSERT_EQ(code_of(sweep + path("calm")), 0) << said();
    for (int i = 0; i < 10; ++i) {
      code_of("timeout 1 " + launcher + sweep + path("disturbed"));
      EXPECT_EQ(file("disturbed", "results.jsonl").find("\"error\""), std::string::npos) << "after " << i + 1;
    }
    EXPECT_NE(file("disturbed", "sweep.json"), file("calm", "sweep.json")) << "nothing was interrupted";
    // Ranks of before may be about to end.
    int code = 2;
    for (int i = 0; i < 50 && code == 2; ++i) {
      code = code_of("timeout 200 " + launcher + sweep + path("disturbed"));
      if (code == 2 && said().find("another sweep is writing here") == std::string::npos) break;
    }
    EXPECT_EQ(code, 0) << said();
    expect_same("calm", "disturbed");
  }
  static bool has_mpi() {
    return !std::string(PAGETOKEN_MPI_RELAY).empty() && std::system("command -v mpirun >/dev/null") == 0;
  }

  std::filesystem::path folder_;
};

constexpr const char* kNoMpi = "built without MPI, or no mpirun";
constexpr const char* kMpirun = "mpirun --allow-run-as-root --oversubscribe -n 4 ";

TEST_F(LongSweep, InterruptedTenTimesIsAsUndisturbed) { interrupt_ten_times(""); }

TEST_F(LongSweep, InterruptedTenTimesUnderMpirunIsAsUndisturbed) {
  if (!has_mpi()) GTEST_SKIP() << kNoMpi;
  interrupt_ten_times(kMpirun);
}

// Rank 1 reads its tasks together with what MPI says first.
TEST_F(LongSweep, RankThatIsHeldLosesNoTask) {
  if (!has_mpi()) GTEST_SKIP() << kNoMpi;
  EXPECT_EQ(
      code_of("sh " + kCases + "rel-mpi-hang.sh '" PAGETOKEN_PROGRAM "' " + kCases + "rel-sweep.json " + path("held")),
      0)
      << said();
  ASSERT_EQ(code_of("'" PAGETOKEN_PROGRAM "' sweep " + kCases + "rel-sweep.json -o " + path("calm")), 0) << said();
  expect_same("calm", "held");
}

TEST(InterruptDeathTest, WhatNobodyNoticesEndsAllTheSame) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        std::raise(SIGTERM);
        for (;;) ::pause();
      },
      testing::ExitedWithCode(130), "pagetoken: interrupted; what was under way is lost\n");
}

class ManySweeps : public LongSweep, public testing::WithParamInterface<int> {};

TEST_P(ManySweeps, FiftyOfFourRanksEnd) {
  if (!has_mpi()) GTEST_SKIP() << kNoMpi;
  const std::string sweep = "'" PAGETOKEN_PROGRAM "' sweep " + kCases + "rel-sweep.json -o ";
  ASSERT_EQ(code_of(sweep + path("calm")), 0) << said();
  for (int i = 0; i < 50; ++i) {
    std::filesystem::remove_all(path("mpi"));
    ASSERT_EQ(code_of("timeout -k 2 30 " + std::string(kMpirun) + sweep + path("mpi")), 0) << "sweep " << i << said();
    expect_same("calm", "mpi");
  }
}
INSTANTIATE_TEST_SUITE_P(TwoHundred, ManySweeps, testing::Range(0, 4));

}  // namespace
}  // namespace pagetoken
