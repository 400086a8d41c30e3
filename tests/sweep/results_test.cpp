// Results files: what is found in them, also when they were damaged, and the order in which they end.

#include "sim/sweep/results.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/base/error.hpp"

namespace pagetoken {
namespace {

class Results : public testing::Test {
 protected:
  Results()
      : folder_(std::filesystem::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Results() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name), std::ios::binary).rdbuf();
    return text.str();
  }

  std::filesystem::path folder_;
};

const std::string kA = R"({"run":"a","summary":{"verdict":{"oracle":"ok"}}})";
const std::string kB = R"({"run":"b","summary":{"verdict":{"oracle":"violated"}}})";
const std::string kFailedA = R"({"run":"a","error":"no"})";

TEST_F(Results, LinesAreFoundByRun) {
  const ResultsIndex index(write("r", kA + "\n" + kB + "\n"));
  ASSERT_EQ(index.lines().size(), 2u);
  EXPECT_EQ(index.read(*index.find("b")), kB);
  EXPECT_TRUE(index.find("b")->violated);
  EXPECT_FALSE(index.find("a")->violated);
  EXPECT_EQ(index.find("c"), nullptr);
  EXPECT_TRUE(index.damaged().empty());
  EXPECT_EQ(index.whole_bytes(), index.bytes());
}

TEST_F(Results, NoFileIsNoResult) {
  const ResultsIndex index(path("missing"));
  EXPECT_TRUE(index.lines().empty());
  EXPECT_EQ(index.whole_bytes(), 0u);
}

TEST_F(Results, CutLineIsToldAndTheOthersKept) {
  const std::string half = kB.substr(0, kB.size() / 2);
  const ResultsIndex at_end(write("r", kA + "\n" + half));
  EXPECT_EQ(at_end.lines().size(), 1u);
  ASSERT_EQ(at_end.damaged().size(), 1u);
  EXPECT_EQ(at_end.damaged()[0].number, 2u);
  EXPECT_EQ(at_end.whole_bytes(), kA.size() + 1);

  const ResultsIndex inside(write("r2", half + "\n" + kA + "\n{\"run\":3}\n"));
  EXPECT_EQ(inside.lines().size(), 1u);
  ASSERT_EQ(inside.damaged().size(), 2u);
  EXPECT_EQ(inside.damaged()[0].number, 1u);
  EXPECT_EQ(inside.damaged()[1].number, 3u);
}

TEST_F(Results, SuccessCountsBeforeFailureAndLaterBeforeEarlier) {
  EXPECT_FALSE(ResultsIndex(write("1", kA + "\n" + kFailedA + "\n")).find("a")->failed);
  EXPECT_FALSE(ResultsIndex(write("2", kFailedA + "\n" + kA + "\n")).find("a")->failed);
  EXPECT_EQ(ResultsIndex(write("3", kFailedA + "\n" + kFailedA + "\n")).find("a")->offset, kFailedA.size() + 1);
}

TEST_F(Results, AppendingDropsTheCutLine) {
  write("r", kA + "\n{\"run\":\"b\",\"su");
  LineAppender lines(path("r"), kA.size() + 1);
  EXPECT_EQ(lines.append(kB + "\n"), kA.size() + 1);
  EXPECT_EQ(content("r"), kA + "\n" + kB + "\n");
}

TEST_F(Results, FullDeviceIsAnErrorWithTheReason) {
  LineAppender lines("/dev/full", 0);
  try {
    lines.append(kA + "\n");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("No space left on device"), std::string::npos) << error.what();
  }
}

TEST_F(Results, OrderIsThatOfTheSweepWhoeverHasTheLine) {
  const ResultsIndex first(write("1", kB + "\n" + kFailedA + "\n"));
  const ResultsIndex second(write("2", kA + "\n"));
  write_in_order(path("whole"), {"a", "missing", "b"}, {&first, &second});
  EXPECT_EQ(content("whole"), kA + "\n" + kB + "\n");
}

TEST_F(Results, DirectoryHasOneWriter) {
  const SweepDirectory held(path("d"));
  EXPECT_THROW(SweepDirectory{path("d")}, ConfigError);
}

}  // namespace
}  // namespace pagetoken
