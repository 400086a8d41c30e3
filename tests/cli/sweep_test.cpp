// pagetoken sweep and merge as a user meets them: the same bytes however the runs were made, and nothing lost.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;

class SweepCommand : public testing::Test {
 protected:
  SweepCommand()
      : folder_(std::filesystem::path(testing::TempDir()) /
                (std::string("sweep_") + testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    config(Json::object());
  }
  ~SweepCommand() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Writes s.json: a small sweep with `changes` merged in.
  void config(const Json& changes, int accesses = 400) const {
    Json json{{"base",
               {{"protocol", "ivy-fixed"},
                {"cluster", {{"clients", 4}}},
                {"workload", {{"pattern", "uniform"}, {"pages", 8}, {"write_fraction", 0.5}}},
                {"warmup", {{"accesses", 0}}},
                {"stop", {{"accesses", accesses}}}}},
              {"vary", {{"/protocol", {"ivy-fixed", "nocache", "gpfs-range"}}, {"/workload/pages", {4, 16}}}},
              {"repetitions", 3}};
    json.merge_patch(changes);
    std::ofstream(folder_ / "s.json") << json.dump(2);
  }
  Outcome sweep(const std::string& directory, const std::string& options = "") const {
    return run_program("sweep '" + path("s.json") + "' -o '" + path(directory) + "' " + options);
  }
  /// The same, not waited for. Returns its process.
  pid_t start_sweep(const std::string& directory) const {
    const std::string file = path("s.json");
    const std::string output = path(directory);
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::execl(PAGETOKEN_PROGRAM, PAGETOKEN_PROGRAM, "sweep", file.c_str(), "-j", "2", "-o", output.c_str(), nullptr);
    ::_exit(127);
  }
  std::size_t count_lines(const std::string& directory) const {
    const std::string text = results(directory);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  std::string results(const std::string& directory) const { return content_of(folder_ / directory / "results.jsonl"); }
  std::string record(const std::string& directory) const { return content_of(folder_ / directory / "sweep.json"); }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  std::filesystem::path folder_;
};

TEST_F(SweepCommand, LinesAreInTheSweepsOrderAndShareSeeds) {
  ASSERT_EQ(sweep("a", "-j 2").code, 0);
  const auto lines = lines_of(results("a"));
  ASSERT_EQ(lines.size(), 18u);
  std::vector<std::string> points;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Json line = Json::parse(lines[i]);
    EXPECT_EQ(line["repetition"], i % 3);
    EXPECT_EQ(line["summary"]["seed"], 1 + i % 3);
    EXPECT_EQ(line["summary"]["config"]["workload"]["pages"], line["point"]["/workload/pages"]);
    EXPECT_EQ(line["summary"]["perf"].size(), 1u) << "what a clock says would differ from time to time";
    if (i % 3 == 0)
      points.push_back(line["point"]["/protocol"].get<std::string>() + line["point"]["/workload/pages"].dump());
  }
  EXPECT_EQ(points, (std::vector<std::string>{"ivy-fixed4", "ivy-fixed16", "nocache4", "nocache16", "gpfs-range4",
                                              "gpfs-range16"}));
  // All protocols of a repetition meet the same accesses.
  EXPECT_EQ(Json::parse(lines[0])["summary"]["workload_digest"], Json::parse(lines[6])["summary"]["workload_digest"]);
  EXPECT_FALSE(Json::parse(record("a"))["partial"].get<bool>());
}

TEST_F(SweepCommand, BytesDoNotDependOnWhoDidWhat) {
  ASSERT_EQ(sweep("one", "-j 1").code, 0);
  ASSERT_EQ(sweep("four", "-j 4").code, 0);
  EXPECT_EQ(results("one"), results("four"));
  EXPECT_EQ(record("one"), record("four"));
  for (const int shards : {2, 7}) {
    std::string parts;
    for (int i = 1; i <= shards; ++i) {
      const std::string part = "part" + std::to_string(shards) + "_" + std::to_string(i);
      ASSERT_EQ(sweep(part, "-j 2 --shard " + std::to_string(i) + "/" + std::to_string(shards)).code, 0);
      parts = "'" + path(part) + "' " + parts;
    }
    const std::string whole = "whole" + std::to_string(shards);
    ASSERT_EQ(run_program("merge " + parts + "-o '" + path(whole) + "'").code, 0);
    EXPECT_EQ(results("one"), results(whole));
    EXPECT_EQ(record("one"), record(whole));
  }
}

TEST_F(SweepCommand, OnSimGridBytesAreTheSameWhoeverMadeThem) {
  config({{"base", {{"engine", "simgrid"}}}}, 200);
  ASSERT_EQ(sweep("one", "-j 1").code, 0);
  ASSERT_EQ(sweep("two", "-j 2").code, 0);
  EXPECT_EQ(lines_of(results("one")).size(), 18u);
  EXPECT_EQ(results("one"), results("two"));
  for (const std::string& line : lines_of(results("one"))) EXPECT_EQ(Json::parse(line)["summary"]["engine"], "simgrid");
}

TEST_F(SweepCommand, RanksOfMpirunMakeTheSame) {
  if (std::string(PAGETOKEN_MPI_RELAY).empty() || std::system("command -v mpirun >/dev/null") != 0)
    GTEST_SKIP() << "built without MPI, or no mpirun";
  ASSERT_EQ(sweep("one", "-j 1").code, 0);
  const std::string line = "timeout 60 mpirun --allow-run-as-root --oversubscribe -n 3 '" PAGETOKEN_PROGRAM
                           "' sweep '" +
                           path("s.json") + "' -o '" + path("mpi") + "' >'" + path("out") + "' 2>'" + path("err") + "'";
  ASSERT_EQ(std::system(line.c_str()), 0) << content_of(path("err"));
  EXPECT_EQ(results("one"), results("mpi"));
  EXPECT_EQ(record("one"), record("mpi"));
}

// Five kills at random times, each after at least one more run was written, and before the last one is.
TEST_F(SweepCommand, KilledFiveTimesItEndsAsIfUndisturbed) {
  config({{"repetitions", 12}}, 4000);
  ASSERT_EQ(sweep("calm").code, 0);
  const std::size_t runs = lines_of(results("calm")).size();
  ASSERT_EQ(runs, 72u);
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::size_t kept = 0;
  for (int kill = 0; kill < 5; ++kill) {
    const pid_t child = start_sweep("killed");
    ASSERT_GT(child, 0);
    const std::size_t enough = kept + 1 + random() % 10;
    int status = 0;
    while (count_lines("killed") < enough) {
      ASSERT_EQ(::waitpid(child, &status, WNOHANG), 0) << "it has ended, with " << count_lines("killed") << " lines";
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));  // in the middle of a run, or of a line
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it had ended before";
    const std::size_t now = count_lines("killed");
    EXPECT_GE(now, enough);
    EXPECT_LT(now, runs);
    kept = now;
  }
  // At once: nothing of the killed process may be in the way.
  const Outcome last = sweep("killed");
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_NE(last.out.find(std::to_string(runs - kept) + " made"), std::string::npos) << kept << ": " << last.out;
  EXPECT_EQ(results("calm"), results("killed"));
  EXPECT_EQ(record("calm"), record("killed"));
}

TEST_F(SweepCommand, HalfLineIsMadeAgain) {
  ASSERT_EQ(sweep("a").code, 0);
  const std::string whole = results("a");
  // As after a kill in the middle of a write, and with a line damaged inside.
  std::string damaged = whole.substr(0, whole.size() - 700);
  damaged.replace(0, 30, "?");
  std::ofstream(folder_ / "a" / "results.jsonl", std::ios::binary) << damaged;
  const Outcome again = sweep("a");
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.out.find("2 made"), std::string::npos) << again.out;
  EXPECT_NE(again.err.find("line 1: "), std::string::npos) << again.err;
  EXPECT_EQ(results("a"), whole);
}

TEST_F(SweepCommand, FullDiskIsToldAndWhatIsWrittenStays) {
  ASSERT_EQ(sweep("whole").code, 0);
  const std::string line = "ulimit -f 60; '" PAGETOKEN_PROGRAM "' sweep '" + path("s.json") + "' -o '" + path("full") +
                           "' 2>'" + path("err") + "'";
  const int status = std::system(("sh -c \"" + line + "\"").c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_NE(content_of(path("err")).find("cannot be written"), std::string::npos) << content_of(path("err"));
  const std::string kept = results("full");
  EXPECT_FALSE(kept.empty());
  EXPECT_EQ(kept.back(), '\n');
  ASSERT_EQ(sweep("full").code, 0);
  EXPECT_EQ(results("full"), results("whole"));
}

// A file system of its own that is full, then has room; in a mount namespace, so that nothing of it stays. Users have
// one for themselves (-r) where the kernel lets them; where it does not, FullDiskIsToldAndWhatIsWrittenStays has to do.
TEST_F(SweepCommand, FullFileSystemIsToldAndWithRoomItGoesOn) {
  const auto mounts = [](const std::string& unshare) {
    return std::system((unshare + " mount -t tmpfs tmpfs /mnt 2>/dev/null").c_str()) == 0;
  };
  const std::string unshare = mounts("unshare -m") ? "unshare -m" : "unshare -rm";
  if (!mounts(unshare)) GTEST_SKIP() << "no mount namespaces here";
  ASSERT_EQ(sweep("whole").code, 0);
  const std::string command = "\"" PAGETOKEN_PROGRAM "\" sweep \"" + path("s.json") + "\" -o /mnt/full -j 2";
  const std::string steps = "mount -t tmpfs -o size=60k tmpfs /mnt; " + command + " >/dev/null 2>\"" + path("err") +
                            "\"; echo $? >\"" + path("codes") + "\"; cp /mnt/full/results.jsonl \"" + path("kept") +
                            "\"; mount -o remount,size=10m /mnt; " + command + " >/dev/null; echo $? >>\"" +
                            path("codes") + "\"; cp /mnt/full/results.jsonl \"" + path("resumed") + "\"";
  ASSERT_EQ(std::system((unshare + " sh -c '" + steps + "'").c_str()), 0);
  EXPECT_EQ(content_of(path("codes")), "2\n0\n");
  EXPECT_NE(content_of(path("err")).find("cannot be written: No space left on device"), std::string::npos)
      << content_of(path("err"));
  const std::string kept = content_of(path("kept"));
  ASSERT_FALSE(kept.empty());
  EXPECT_EQ(kept.back(), '\n');
  EXPECT_LT(kept.size(), results("whole").size());
  EXPECT_EQ(content_of(path("resumed")), results("whole"));
}

TEST_F(SweepCommand, FailedPointsAreKeptAndRetriedOnRequest) {
  config({{"vary",
           {{"/workload/pages", nullptr},
            {"/workload",
             Json::array({Json{{"pattern", "uniform"}, {"pages", 4}}, Json{{"trace", "t.csv"}, {"format", "csv"}}})}}},
          {"repetitions", 1}});
  const Outcome first = sweep("a");
  EXPECT_EQ(first.code, 1);
  EXPECT_NE(first.out.find("3 failed"), std::string::npos) << first.out;
  EXPECT_NE(results("a").find("\"error\":"), std::string::npos);
  EXPECT_NE(sweep("a").out.find("0 made"), std::string::npos);
  std::ofstream(folder_ / "t.csv") << "# time_us client op file page\n0,0,r,0,1\n5,1,w,0,1\n";
  const Outcome retried = sweep("a", "--retry-failed");
  EXPECT_NE(retried.out.find("3 made"), std::string::npos) << retried.out;
}

TEST_F(SweepCommand, OneRunIsRepeatedFromItsLine) {
  ASSERT_EQ(sweep("a").code, 0);
  const std::string line = lines_of(results("a"))[4];
  std::ofstream(folder_ / "line.json") << line;
  const Outcome again = run_program("run --json '" + path("line.json") + "'");
  ASSERT_EQ(again.code, 0) << again.err;
  Json summary = Json::parse(again.out);
  summary["perf"] = {{"events", summary["perf"]["events"]}};
  EXPECT_EQ(summary, Json::parse(line)["summary"]);
}

TEST_F(SweepCommand, SubsetIsPartOfTheWhole) {
  ASSERT_EQ(sweep("whole").code, 0);
  ASSERT_EQ(sweep("part", "--only '/workload/pages < 10 && /protocol != \"nocache\"'").code, 0);
  EXPECT_EQ(lines_of(results("part")).size(), 6u);
  EXPECT_TRUE(Json::parse(record("part"))["partial"].get<bool>());
  ASSERT_EQ(sweep("part").code, 0);
  EXPECT_EQ(results("part"), results("whole"));
  EXPECT_EQ(record("part"), record("whole"));
}

TEST_F(SweepCommand, SweepMayGrowButNotChange) {
  ASSERT_EQ(sweep("a").code, 0);
  EXPECT_EQ(sweep("a", "--set /repetitions=4").code, 0);
  EXPECT_EQ(lines_of(results("a")).size(), 24u);
  expect_refused("sweep '" + path("s.json") + "' -o '" + path("a") + "' --set /stop/accesses=77",
                 path("a") + ": holds the results of another sweep, which differs at /");
}

TEST_F(SweepCommand, PrecisionAddsTheSameRepetitionsEverywhere) {
  config({{"repetitions", 1}}, 150);
  const std::string precise = "--precision 0.04 --max-repetitions 12 ";
  ASSERT_EQ(sweep("one", precise + "-j 1").code, 0);
  ASSERT_EQ(sweep("three", precise + "-j 3").code, 0);
  EXPECT_EQ(results("one"), results("three"));
  const std::size_t lines = lines_of(results("one")).size();
  EXPECT_GE(lines, 6 * 5u);
  EXPECT_LE(lines, 6 * 12u);
  for (int i = 1; i <= 2; ++i)
    ASSERT_EQ(sweep("p" + std::to_string(i), precise + "--shard " + std::to_string(i) + "/2").code, 0);
  ASSERT_EQ(run_program("merge '" + path("p1") + "' '" + path("p2") + "' -o '" + path("m") + "'").code, 0);
  EXPECT_EQ(results("one"), results("m"));
  EXPECT_EQ(record("one"), record("m"));
}

TEST_F(SweepCommand, VersionsAndMistakesGetOneLine) {
  ASSERT_EQ(sweep("a").code, 0);
  std::string other = record("a");
  other.replace(other.rfind("\"version\": \"") + 12, 3, "9.9");
  std::ofstream(folder_ / "a" / "sweep.json") << other;
  expect_refused("sweep '" + path("s.json") + "' -o '" + path("a") + "'",
                 path("a") + "/sweep.json: /version: these results were made by pagetoken 9.9");
  expect_refused("merge '" + path("a") + "' -o '" + path("m") + "'", path("a") + "/sweep.json: /version: ");
  expect_refused("merge '" + path("nowhere") + "' -o '" + path("m") + "'",
                 path("nowhere") + "/sweep.json: cannot be read");
  expect_refused("sweep '" + path("s.json") + "' -o '" + path("b") + "' --shard 3/2", "--shard: \"3/2\" is no part");
  expect_refused("sweep '" + path("s.json") + "' -o '" + path("b") + "' --shard 0/3", "--shard: \"0/3\" is no part");
  expect_refused("sweep '" + path("s.json") + "' -o '" + path("b") + "' --precision 0.1 --metric fault_p98_ns",
                 "--metric: unknown value \"fault_p98_ns\"; did you mean \"fault_p99_ns\"?");
  config({{"vary",
           {{"/cluster/clients", {{"from", 1}, {"to", 100}, {"steps", 100}}},
            {"/stop/accesses", {{"from", 1}, {"to", 100000}, {"steps", 100000}}}}}});
  expect_refused("sweep '" + path("s.json") + "' -o '" + path("b") + "' </dev/null",
                 path("s.json") + ": /vary: 1.8e+08 runs");
  EXPECT_FALSE(std::filesystem::exists(path("b")));
}

TEST_F(SweepCommand, DryRunListsAndMakesNothing) {
  const Outcome outcome = run_program("sweep '" + path("s.json") + "' --dry-run -j 2");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("6 points, 3 repetitions each: 18 runs"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("/protocol=nocache  /workload/pages=16"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("of CPU time"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace pagetoken
