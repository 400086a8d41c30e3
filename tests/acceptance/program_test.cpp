// The program as its users meet it: mistakes, full disks, Ctrl-C.

#include "tests/support/program.hpp"

#include <csignal>

#include <sys/wait.h>

#include "tests/support/simulation.hpp"

namespace pagetoken {
namespace {

struct Mistake {
  std::string name;
  std::string text;  ///< of the configuration
  std::string says;  ///< after the file's name
};
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }
class BadConfiguration : public testing::TestWithParam<Mistake> {};

TEST_P(BadConfiguration, IsOneLineThatNamesThePlaceAndLeavesNoFile) {
  const ScratchFile config("bad.json", GetParam().text);
  const ScratchFile summary("summary.json");
  const ScratchFile trace("trace.jsonl");
  expect_refused("run " + config.path() + " -o " + summary.path() + " --trace " + trace.path(),
                 config.path() + ": " + GetParam().says);
  EXPECT_FALSE(std::filesystem::exists(summary.path()));
  EXPECT_FALSE(std::filesystem::exists(trace.path()));
}

INSTANTIATE_TEST_SUITE_P(
    , BadConfiguration,
    testing::Values(
        Mistake{"broken", "{\"protocol\": \"ivy-fixed\",\n", "line 2"},
        Mistake{"unknown_key", R"({"protocl": "ivy-fixed", "workload": {"pattern": "uniform"}})", "/protocl: "},
        Mistake{"wrong_type", R"({"protocol": "ivy-fixed", "workload": {"pattern": "uniform", "pages": "many"}})",
                "/workload/pages: "},
        Mistake{"out_of_range",
                R"({"protocol": "ivy-fixed", "workload": {"pattern": "uniform", "write_fraction": 1.5}})",
                "/workload/write_fraction: "},
        Mistake{"unknown_name", R"({"protocol": "ivy-fxied", "workload": {"pattern": "uniform"}})",
                "/protocol: unknown protocol \"ivy-fxied\"; did you mean \"ivy-fixed\"?"}),
    [](const auto& test) { return test.param.name; });

std::string run_of_trace(const std::string& trace) {
  return R"({"protocol": "ivy-fixed", "workload": {"trace": ")" + trace + R"(", "format": "csv", "order": "serial"}})";
}

TEST(BadTrace, LineIsNamed) {
  const ScratchFile trace("bad.csv", "# t_us,client,op,file,page\n0,0,r,0,1\n1,0,x,0,1\n");
  const ScratchFile config("run.json", run_of_trace(trace.path()));
  expect_refused("run " + config.path(), trace.path() + ": line 3");
}

TEST(BadTrace, MissingFileIsNamed) {
  const ScratchFile config("run.json", run_of_trace("/no/such.csv"));
  expect_refused("run " + config.path(), "/no/such.csv: ");
}

TEST(BadTrace, TruncatedGzipIsNoTrace) {
  const std::string whole = content_of(PAGETOKEN_SOURCE_DIR "/configs/workloads/pg15_tpcb_c8.csv.gz");
  const ScratchFile trace("cut.csv.gz", whole.substr(0, whole.size() / 2));
  const ScratchFile config("run.json", run_of_trace(trace.path()));
  expect_refused("run " + config.path(), trace.path() + ": ");
}

TEST(BadTrace, LineOfAGigabyteIsRefused) {
  const ScratchFile trace("line.csv", "x");
  std::filesystem::resize_file(trace.path(), std::uintmax_t{1} << 30);  // a hole: it takes no space
  const ScratchFile config("run.json", run_of_trace(trace.path()));
  expect_refused("run " + config.path(), trace.path() + ": line 1");
}

TEST(BadFile, DirectoryAndMissingFileAreNamed) {
  const std::string folder = PAGETOKEN_SOURCE_DIR "/configs";
  expect_refused("run " + folder, folder + ": ");
  expect_refused("run /no/such.json", "/no/such.json: ");
  expect_refused("run " + shipped("uniform") + " -o " + folder, folder + ": is a directory");
  expect_refused("run " + shipped("uniform") + " --trace /no/such/folder/t.jsonl", "/no/such/folder/t.jsonl: ");
  expect_refused("run " + shipped("uniform") + " -o /tmp/same --trace /tmp/same",
                 "--trace: \"/tmp/same\" is the file of -o already");
  expect_refused("run " + shipped("uniform") + " -o /tmp/same --trace /tmp/./same",
                 "--trace: \"/tmp/./same\" is the file of -o already");
  expect_refused("run " + shipped("uniform") + " -o " + shipped("uniform"),
                 "-o: \"" + shipped("uniform") + "\" is the file of CONFIG already");
  expect_refused("run " + shipped("uniform") + " -o ''", "run: --output: the name of a file is empty");
  expect_refused("run ''", "run: CONFIG: the name of a file is empty");
  expect_refused("demo -o " + shipped("uniform"), shipped("uniform") + ": ");
}

TEST(BadSeed, NumberThatDoesNotFitIsRefused) {
  for (const std::string seed : {"99999999999999999999", "-1", "x", "1.5", "7x"})
    expect_refused("run " + shipped("uniform") + " --seed=" + seed, "run: --seed: found ");
}

TEST(FullDisk, IsAMistakeThatLeavesNothing) {
  expect_refused("run " + shipped("ping-pong") + " --trace /dev/full", "/dev/full: ");
  // A limit on the size of files stands for the full disk.
  const ScratchFile folder("full");
  std::filesystem::create_directory(folder.path());
  const std::string trace = folder.path() + "/t.jsonl";
  const std::string line =
      "ulimit -f 100; '" PAGETOKEN_PROGRAM "' run " + shipped("ping-pong") + " --trace " + trace + " >/dev/null 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 2);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Violation, IsExitCodeOne) {
  EXPECT_EQ(run_program("run " + shipped("revoke-race")).code, 1);
  EXPECT_EQ(run_program("run " + shipped("revoke-race") + " --set /guard=hook").code, 0);
}

/// Starts a run that would take years, waits until its trace grows, and interrupts it.
int interrupted_run(const std::string& folder) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);  // whoever runs the tests in the background has had it ignored
    const std::string config = shipped("uniform");
    const std::string summary = folder + "/summary.json";
    const std::string trace = folder + "/trace.jsonl";
    ::execl(PAGETOKEN_PROGRAM, "pagetoken", "--quiet", "run", config.c_str(), "--set", "/stop/accesses=1000000000000",
            "-o", summary.c_str(), "--trace", trace.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  const auto bytes = [&] {
    std::uintmax_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) sum += entry.file_size();
    return sum;
  };
  int status = 0;
  while (bytes() == 0 && ::waitpid(child, &status, WNOHANG) == 0) ::usleep(1000);
  ::kill(child, SIGINT);
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Interrupt, KeepsWhatWasDoneAndMarksItPartial) {
  const ScratchFile folder("interrupted");
  std::filesystem::create_directory(folder.path());
  EXPECT_EQ(interrupted_run(folder.path()), 130);
  const Json summary = Json::parse(content_of(folder.path() + "/summary.json"));
  EXPECT_EQ(summary["partial"], true);
  EXPECT_EQ(summary["verdict"]["oracle"], "unknown");
  EXPECT_GT(at(summary, "/counts/accesses"), 0);
  const std::string trace = content_of(folder.path() + "/trace.jsonl");
  ASSERT_TRUE(trace.ends_with("}\n"));
  const Json last = Json::parse(trace.substr(trace.rfind('\n', trace.size() - 2) + 1));
  EXPECT_EQ(last["kind"], "finish");
  EXPECT_EQ(last["partial"], true);
}

TEST(Demo, WorksFromAnyFolderAndWritesWhatItSays) {
  const ScratchFile folder("demo");
  const Outcome outcome = run_program("demo -o " + folder.path());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const std::string protocol : {"nocache", "dlm-file", "gpfs-range", "ivy-fixed", "ivy-dynamic"}) {
    EXPECT_NE(outcome.out.find("\n" + protocol + " "), std::string::npos) << outcome.out;
    const Json summary = Json::parse(content_of(folder.path() + "/" + protocol + ".json"));
    EXPECT_EQ(summary["counts"]["accesses"], 65'861) << protocol;
    EXPECT_EQ(summary["config"]["cluster"]["page_bytes"], 8192) << protocol;
    EXPECT_EQ(summary["verdict"]["oracle"], "ok") << protocol;
  }
  EXPECT_NE(content_of(folder.path() + "/report.html").find("Where each wins"), std::string::npos);
  EXPECT_NE(content_of(folder.path() + "/comparison.md").find("| ivy-fixed | 8192 | 1 | 1.009 |"), std::string::npos);
}

}  // namespace
}  // namespace pagetoken
