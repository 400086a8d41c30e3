#include "sim/base/output_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sim/base/error.hpp"

namespace pagetoken {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "pagetoken-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(directory_), {}); }

  fs::path directory_;
};

TEST_F(OutputFileTest, AppearsOnlyWhenCommitted) {
  OutputFile file{path("a")};
  file.write("one ");
  file.write("two");
  EXPECT_FALSE(fs::exists(path("a")));
  file.commit();
  EXPECT_EQ(content(path("a")), "one two");
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputFileTest, LeavesNoTraceWithoutCommit) {
  {
    OutputFile file{path("a")};
    file.write(std::string(1 << 20, 'x'));
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(OutputFileTest, KeepsTheOldContentAndPermissionsUntilAndAfter) {
  std::ofstream(path("a")) << "old";
  ASSERT_EQ(chmod(path("a").c_str(), 0600), 0);
  OutputFile file{path("a")};
  file.write("new");
  EXPECT_EQ(content(path("a")), "old");
  file.commit();
  EXPECT_EQ(content(path("a")), "new");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(OutputFileTest, TwoWritersOfOneFileDoNotMeet) {
  OutputFile first{path("a")};
  OutputFile second{path("a")};
  first.write("first");
  second.write("second");
  first.commit();
  second.commit();
  EXPECT_EQ(content(path("a")), "second");
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputFileTest, WritesBehindALink) {
  std::ofstream(path("target")) << "old";
  fs::create_symlink("target", path("link"));
  OutputFile file{path("link")};
  file.write("new");
  file.commit();
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(content(path("target")), "new");
}

TEST_F(OutputFileTest, WritesBehindALinkToNothing) {
  fs::create_directory(path("d"));
  fs::create_symlink("../there", path("d/second"));
  fs::create_symlink("d/second", path("first"));
  OutputFile file{path("first")};
  file.write("new");
  EXPECT_FALSE(fs::exists(path("there")));
  file.commit();
  EXPECT_TRUE(fs::is_symlink(path("first")));
  EXPECT_TRUE(fs::is_symlink(path("d/second")));
  EXPECT_EQ(content(path("there")), "new");
}

TEST_F(OutputFileTest, LinkThatLeadsNowhereStays) {
  fs::create_symlink("no-such-folder/there", path("link"));
  EXPECT_THROW(OutputFile{path("link")}, ConfigError);
  fs::create_symlink("ring", path("ring"));
  EXPECT_THROW(OutputFile{path("ring")}, ConfigError);
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_TRUE(fs::is_symlink(path("ring")));
}

TEST_F(OutputFileTest, MistakesNameTheFileAndTheReason) {
  const auto message_of = [](const std::string& name) -> std::string {
    try {
      const OutputFile file{name};
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message_of(directory_.string()), directory_.string() + ": is a directory; the name of a file");
  EXPECT_EQ(message_of(path("no/file")), path("no/file") + ": cannot be written: No such file or directory");
  EXPECT_EQ(message_of(""), "the name of an output file is empty");
  std::ofstream(path("plain")) << "x";
  EXPECT_EQ(message_of(path("plain/file")), path("plain/file") + ": cannot be written: Not a directory");
}

TEST_F(OutputFileTest, AFullDeviceIsAnError) {
  OutputFile file{"/dev/full"};
  file.write("x");
  EXPECT_THROW(file.commit(), ConfigError);
}

TEST_F(OutputFileTest, DevicesAndTheStandardOutputAreWrittenDirectly) {
  OutputFile null{"/dev/null"};
  null.write("x");
  null.commit();
  testing::internal::CaptureStdout();
  for (const char* name : {"-", "/dev/stdout"}) {
    OutputFile file{name};
    file.write("text ");
    file.commit();
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "text text ");
}

}  // namespace
}  // namespace pagetoken
