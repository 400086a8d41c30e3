#pragma once
// Runs the built program and keeps what it said.

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace pagetoken {

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

inline std::string content_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// `arguments` is a piece of shell; the program has a minute.
inline Outcome run_program(const std::string& arguments) {
  const std::filesystem::path folder = testing::TempDir();
  const std::string stem = (folder / ("cli_" + std::to_string(::getpid()))).string();
  const std::string line =
      "ulimit -f 200000; timeout 60 '" PAGETOKEN_PROGRAM "' " + arguments + " >" + stem + ".out 2>" + stem + ".err";
  const int status = std::system(line.c_str());
  const Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(stem + ".out"),
                        content_of(stem + ".err")};
  std::filesystem::remove(stem + ".out");
  std::filesystem::remove(stem + ".err");
  return outcome;
}

/// The program refused: exit code 2, nothing on stdout, one line on stderr that begins with `says`.
inline void expect_refused(const std::string& arguments, const std::string& says) {
  const Outcome outcome = run_program(arguments);
  EXPECT_EQ(outcome.code, 2) << arguments;
  EXPECT_EQ(outcome.out, "") << arguments;
  EXPECT_TRUE(outcome.err.starts_with("pagetoken: " + says))
      << arguments << "\nsaid:   " << outcome.err << "wanted: " << says;
  EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
}

}  // namespace pagetoken
