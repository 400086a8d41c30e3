// What comes from files and plugins stays text, and what goes wrong in them is told as theirs.

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

namespace fs = std::filesystem;

class Hostile : public testing::Test {
 protected:
  Hostile() : folder_(fs::path(testing::TempDir()) / ("hostile_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Hostile() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

TEST_F(Hostile, ReportsOfOtherPeoplesSweepsAreText) {
  std::ofstream(path("s.json")) << R"json({"title": "<script>alert(1)</script> \u001b[31m =HYPERLINK(\"x\")",
    "base": {"protocol": "nocache", "guard": {"name": "mine", "page_lock_across": true}, "workload": {"pattern": "uniform", "pages": 4},
             "cluster": {"clients": 2}, "warmup": {"accesses": 0}, "stop": {"accesses": 20}},
    "vary": {"/guard/name": ["=HYPERLINK(\"http://x\",\"y\")", "<script>\u001b[31m", "@SUM(1)", "[a](http://x)"]}})json";
  ASSERT_EQ(run_program("--quiet sweep '" + path("s.json") + "' -j 1 -o '" + path("r") + "'").code, 0);
  ASSERT_EQ(run_program("report '" + path("r") + "' --markdown '" + path("r.md") + "' --csv '" + path("r.csv") +
                        "' -o '" + path("r.html") + "'")
                .code,
            0);
  const std::string markdown = content_of(path("r.md")), csv = content_of(path("r.csv")),
                    page = content_of(path("r.html"));
  for (const std::string& text : {markdown, csv, page}) EXPECT_EQ(text.find('\x1b'), text.npos);
  EXPECT_EQ(markdown.find("<script"), markdown.npos) << markdown;
  EXPECT_NE(markdown.find("# &lt;script&gt;alert(1)&lt;/script&gt; \\\\x1b\\[31m"), markdown.npos) << markdown;
  EXPECT_EQ(markdown.find("[a](http"), markdown.npos) << markdown;
  EXPECT_NE(csv.find("\n\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\","), csv.npos) << csv;
  EXPECT_NE(csv.find("\n'@SUM(1),"), csv.npos) << csv;
  EXPECT_EQ(csv.find("\n="), csv.npos) << csv;
}

TEST_F(Hostile, TruncatedPluginIsRefused) {
  const std::string whole = content_of(PLUGIN_MUTE);
  for (const double part : {0.999, 0.9, 0.5, 0.1, 0.01}) {
    std::ofstream(path("cut.so"), std::ios::binary)
        << whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size())));
    expect_refused("list --plugin '" + path("cut.so") + "'", path("cut.so") + ": cannot be loaded: its ");
  }
}

TEST_F(Hostile, PluginThatEndsTheProcessIsRefused) {
  // Its code is gone, its tables are not.
  std::string broken = content_of(PLUGIN_MUTE);
  const std::size_t middle = broken.size() / 8;
  std::fill(broken.begin() + static_cast<std::ptrdiff_t>(middle),
            broken.begin() + static_cast<std::ptrdiff_t>(2 * middle), '\xcc');
  std::ofstream(path("broken.so"), std::ios::binary) << broken;
  const Outcome outcome = run_program("list --plugin '" + path("broken.so") + "'");
  EXPECT_EQ(outcome.code, 2) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

TEST_F(Hostile, PluginThatAbortsAtTheEndIsRefusedAtTheBeginning) {
  expect_refused("list --plugin '" PLUGIN_ABORTING "'",
                 PLUGIN_ABORTING ": cannot be used: it ends the process that loads it; ");
}

TEST_F(Hostile, ExceptionOfAHandlerNamesProtocolAndHandler) {
  const std::string workload = "{\"workload\": {\"pattern\": \"uniform\"}, \"protocol\": ";
  std::ofstream(path("run.json")) << workload << R"("throws"})";
  const std::string plugin = " --plugin '" PLUGIN_THROWING "'";
  const Outcome run = run_program("run '" + path("run.json") + "' --json" + plugin);
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_NE(run.out.find("throws: on_need at node "), run.out.npos) << run.out;

  std::ofstream(path("check.json")) << R"({"scenario": "protocol", "protocol": "throws", "operations": 1})";
  const Outcome check = run_program("check '" + path("check.json") + "'" + plugin);
  EXPECT_EQ(check.code, 1) << check.err;
  EXPECT_NE(check.out.find("throws an exception: oops"), check.out.npos) << check.out;

  std::ofstream(path("nine.json")) << workload << R"({"name": "throws", "params": {"term_ns": 9}}})";
  expect_refused("run '" + path("nine.json") + "'" + plugin,
                 "the constructor of protocol \"throws\" threw an exception: nine");
}

TEST_F(Hostile, TooFewDescriptorsIsTheUsersMistake) {
  std::ofstream(path("s.json")) << R"({"base": {"protocol": "nocache", "workload": {"pattern": "uniform"},
    "stop": {"accesses": 20}}, "vary": {"/cluster/clients": [2, 3]}})";
  for (int limit = 4; limit < 16; ++limit) {  // with 3 the system cannot even load the program
    const std::string err = path("err");
    // The shell itself needs more of them to redirect; what it inherited from whoever started this test is not counted.
    const std::string line = "exec >/dev/null 2>'" + err + "' 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit -n " +
                             std::to_string(limit) + "; exec '" PAGETOKEN_PROGRAM "' sweep '" + path("s.json") +
                             "' -j 3 -o '" + path("r") + "'";
    const int status = std::system(line.c_str());
    const std::string said = content_of(err);
    EXPECT_TRUE(WEXITSTATUS(status) == 2 || (limit > 6 && WEXITSTATUS(status) == 0)) << limit << ": " << said;
    if (WEXITSTATUS(status) == 0) continue;
    EXPECT_TRUE(said.starts_with("pagetoken: ")) << said;
    EXPECT_NE(said.find("oo many open files"), said.npos) << said;
  }
}

}  // namespace
}  // namespace pagetoken
