#include "sim/base/line_file.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "sim/base/error.hpp"

namespace pagetoken {
namespace {

class Lines : public testing::Test {
 protected:
  ~Lines() override { std::filesystem::remove(path_); }
  const std::string& write(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }

  std::string path_ = testing::TempDir() + "/lines_" + std::to_string(::getpid());
};

TEST_F(Lines, AreHandedOutWithTheirNumbersAndBytes) {
  LineFile file(write("a\n\nlong " + std::string(1'000'000, 'x') + "\nend"), "lines");
  std::vector<std::size_t> sizes;
  for (std::string_view line; file.next(line);) {
    sizes.push_back(line.size());
    EXPECT_EQ(file.number(), sizes.size());
    EXPECT_EQ(file.ended_in_line(), sizes.size() == 4);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 0, 1'000'005, 3}));
  EXPECT_EQ(file.whole_bytes(), 2u + 1 + 1'000'006);
}

TEST_F(Lines, BeyondTheLimitAreRefusedWithTheirNumber) {
  LineFile file(write("a\n" + std::string(kMaxTextLine, 'b') + "\n" + std::string(kMaxTextLine + 1, 'c')), "a history");
  std::string_view line;
  EXPECT_TRUE(file.next(line));
  EXPECT_TRUE(file.next(line));
  EXPECT_EQ(line.size(), kMaxTextLine);
  try {
    file.next(line);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()), path_ + ": line 3: is longer than 16777216 bytes; a history");
  }
}

TEST_F(Lines, WhatIsNoFileIsRefused) {
  EXPECT_THROW(LineFile("/no/such", "lines"), ConfigError);
  EXPECT_THROW(LineFile(testing::TempDir(), "lines"), ConfigError);
}

}  // namespace
}  // namespace pagetoken
