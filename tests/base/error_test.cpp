#include "sim/base/error.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

constexpr std::array<std::string_view, 5> kNames{"ivy-central", "ivy-improved", "ivy-fixed", "lrc", "lease"};

TEST(ConfigError, ReadsAsOneLineInTheOrderOfThePromise) {
  const ConfigError error{"run.json", "/cluster/clients", "0 is too small", "1 to 1000000"};
  EXPECT_STREQ(error.what(), "run.json: /cluster/clients: 0 is too small; 1 to 1000000");
  EXPECT_EQ(error.file(), "run.json");
  EXPECT_EQ(error.place(), "/cluster/clients");
  EXPECT_EQ(error.wrong(), "0 is too small");
  EXPECT_EQ(error.allowed(), "1 to 1000000");
}

TEST(ConfigError, LeavesOutWhatIsEmpty) {
  EXPECT_STREQ(ConfigError("run.json", "", "no such file").what(), "run.json: no such file");
  EXPECT_STREQ(ConfigError("", "/seed", "is a string", "an integer").what(), "/seed: is a string; an integer");
  EXPECT_STREQ(ConfigError("", "", "nothing to do").what(), "nothing to do");
  EXPECT_STREQ(ConfigError("t.csv", "line 7, column 3", "not a number").what(),
               "t.csv: line 7, column 3: not a number");
}

TEST(ConfigError, StaysOnOneShortLineWhateverItIsGiven) {
  const std::string line =
      ConfigError("a\nb", "/x\x1b[31m", std::string(100'000, 'y'), std::string(100'000, 'z')).what();
  EXPECT_EQ(line.find_first_of("\n\x1b"), std::string::npos);
  EXPECT_LT(line.size(), 1300u);
  EXPECT_EQ(line.substr(0, 8), "a\\nb: /x");
}

TEST(NearestName, ForgivesSlips) {
  EXPECT_EQ(nearest_name("ivy-fixd", kNames), "ivy-fixed");
  EXPECT_EQ(nearest_name("ivyfixed", kNames), "ivy-fixed");
  EXPECT_EQ(nearest_name("IVY_Fixed", kNames), "ivy-fixed");
  EXPECT_EQ(nearest_name("lcr", kNames), "lrc") << "swapped neighbours are one slip";
  EXPECT_EQ(nearest_name("leases", kNames), "lease");
}

TEST(NearestName, SaysNothingWhenNoneIsNear) {
  EXPECT_EQ(nearest_name("paxos", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("x", std::array<std::string_view, 1>{"y"}), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(1'000'000, 'a'), kNames), std::nullopt);
  EXPECT_EQ(nearest_name("lease", std::vector<std::string>{}), std::nullopt);
}

TEST(NearestName, TakesTheFirstOfEquals) {
  EXPECT_EQ(nearest_name("cat", std::vector<std::string>{"bat", "rat"}), "bat");
  EXPECT_EQ(nearest_name("rat", std::vector<std::string>{"bat", "rat"}), "rat");
}

TEST(DescribeAllowed, AsksAndLists) {
  EXPECT_EQ(describe_allowed("leas", std::vector<std::string>{"lrc", "lease"}),
            "did you mean \"lease\"? allowed: lrc, lease");
  EXPECT_EQ(describe_allowed("paxos", std::vector<std::string>{"lrc", "lease"}), "allowed: lrc, lease");
}

}  // namespace
}  // namespace pagetoken
