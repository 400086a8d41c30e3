// Shell completions: what bash offers after a part of a line, and that every command and option is in every script.

#include <algorithm>
#include <vector>

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

/// What bash would offer for the last of `words`.
std::string offered(const std::string& words) {
  const std::filesystem::path folder = testing::TempDir();
  const std::string stem = (folder / ("completion_" + std::to_string(::getpid()))).string();
  const Outcome script = run_program("completion bash");
  EXPECT_EQ(script.code, 0) << script.err;
  std::ofstream(stem) << script.out << "COMP_WORDS=(pagetoken " << words << ")\n"
                      << "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_pagetoken\necho \"${COMPREPLY[*]}\"\n";
  const int status =
      std::system(("cd '" PAGETOKEN_SOURCE_DIR "' && bash --norc " + stem + " >" + stem + ".out").c_str());
  EXPECT_EQ(status, 0) << words;
  std::string out = content_of(stem + ".out");
  std::filesystem::remove(stem);
  std::filesystem::remove(stem + ".out");
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

TEST(Completion, BashOffersCommandsOptionsAndTheirValues) {
  EXPECT_EQ(offered("des"), "describe");
  EXPECT_EQ(offered("run --eng"), "--engine");
  EXPECT_EQ(offered("run --engine s"), "simgrid");
  EXPECT_EQ(offered("--color al"), "always");
  EXPECT_EQ(offered("list g"), "guards");
  EXPECT_EQ(offered("describe ivy-f"), "ivy-fixed");
  EXPECT_EQ(offered("import bl"), "blkparse");
}

TEST(Completion, BashOffersFilesWhereFilesAreMeant) {
  EXPECT_EQ(offered("run configs/runs/dis"), "configs/runs/disjoint-writers.json");
  EXPECT_EQ(offered("--quiet run --seed 3 configs/runs/dis"), "configs/runs/disjoint-writers.json");
  EXPECT_EQ(offered("import csv READ"), "README.md");
  EXPECT_EQ(offered("run x --seed 1"), "");
}

TEST(Completion, EveryScriptHasEveryCommandAndLongOption) {
  std::vector<std::string> commands;
  const std::string help = run_program("--help").out;
  std::istringstream lines(help.substr(help.find("Subcommands:")));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line.starts_with("  ")) {
    std::istringstream words(line);
    words >> commands.emplace_back();
  }
  ASSERT_GE(commands.size(), 5u);
  EXPECT_EQ(std::count(commands.begin(), commands.end(), "completion"), 0);  // hidden
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Outcome script = run_program("completion " + shell);
    EXPECT_EQ(script.code, 0);
    for (const std::string& command : commands) {
      EXPECT_NE(script.out.find(command), std::string::npos) << shell << " does not know " << command;
      std::istringstream words(run_program(command + " --help").out);
      for (std::string word; words >> word;) {
        if (!word.starts_with("--")) continue;
        const std::string option =
            word.substr(shell == "fish" ? 2 : 0, word.find_first_of(",= ") - (shell == "fish" ? 2 : 0));
        EXPECT_NE(script.out.find(option), std::string::npos) << shell << " does not know " << command << " " << option;
      }
    }
  }
}

TEST(Completion, ScriptsAreWellFormed) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    if (std::system(("command -v " + shell + " >/dev/null 2>&1").c_str()) != 0) continue;
    const std::string line = "'" PAGETOKEN_PROGRAM "' completion " + shell + " | " + shell + " -n /dev/stdin";
    EXPECT_EQ(std::system(line.c_str()), 0) << line;
  }
}

TEST(Completion, UnknownShellIsNamed) {
  expect_refused("completion tcsh", "completion: unknown value \"tcsh\"; allowed: bash, zsh, fish");
}

}  // namespace
}  // namespace pagetoken
