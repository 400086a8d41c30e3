// Verdicts say within what they hold, which switches had no part in them, and end in the exit code that is theirs.

#include <map>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;

constexpr const char* kCases = PAGETOKEN_SOURCE_DIR "/tests/cases/";
constexpr const char* kProtocol = "check " PAGETOKEN_SOURCE_DIR "/configs/checks/protocol.json ";

std::string temporary(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + "bounds_" + std::to_string(::getpid()) + "_" + name;
  std::ofstream(path) << content;
  return path;
}
Json result_of(const std::string& arguments) { return Json::parse(run_program(arguments + " --json -").out); }
Json checked(const std::string& file, const std::string& more = "") { return result_of("check " + file + " " + more); }

TEST(Bounds, ADeadlockOfTwoRevokesIsNoneOfOneAndTheVerdictSaysSo) {
  const std::string file = std::string(kCases) + "a6-gfs2-write-mmap.json";
  const Json two = checked(file);
  EXPECT_EQ(two["property"], "deadlock");
  EXPECT_EQ(two["bounds"], (Json{{"actors", 3},
                                 {"names", {"W", "R", "R2"}},
                                 {"rounds", 1},
                                 {"interferers", 2},
                                 {"operations", 1},
                                 {"states", two["states"]}}));
  const Json one = checked(file, "--set /interferers=1");
  EXPECT_EQ(one["verdict"], "ok");
  EXPECT_EQ(one["bounds"]["interferers"], 1);
  const Json twice = checked(file, "--set /interferers=1 --set /bounds/rounds=2");
  EXPECT_EQ(twice["property"], "deadlock");
  EXPECT_EQ(twice["bounds"]["rounds"], 2);
  EXPECT_EQ(twice["bounds"]["operations"], 2);
  EXPECT_EQ(checked(file, "--set /guard/copy_faults=disabled")["verdict"], "ok");
  const std::string text = run_program("check " + file + " --set /interferers=1").out;
  EXPECT_NE(text.find("within 2 actors (W, R), 1 round, 1 interferer, at most 1 operation each\n"), std::string::npos)
      << text;
}

TEST(Bounds, AProtocolsVerdictHasThemToo) {
  const Json found = result_of(kProtocol);
  EXPECT_EQ(found["bounds"]["actors"], 2);
  EXPECT_EQ(found["bounds"]["operations"], found["operations"]);
  EXPECT_EQ(found["bounds"]["states"], found["states"]);
  EXPECT_EQ(found["without_effect"], Json::array());
  const std::string two = temporary("two.json", R"({"scenario": "protocol", "protocol": "ivy-fixed",
    "guard": {"preset": "hook", "copy_faults": "enabled", "barriers": false},
    "scripts": [["load 0", "store 0"], ["load 0"]]})");
  const Json script = checked(two);
  EXPECT_EQ(script["bounds"]["actors"], 2);
  EXPECT_EQ(script["bounds"]["operations"], 2);
  EXPECT_EQ(script["without_effect"], (Json{"barriers", "copy_faults"}));  // nobody samples, nobody calls write(2)
  const Json worst = result_of("check --worst-case " + std::string(kProtocol + 6) +
                               R"(--set '/bounds={"alone": 0, "concurrent": 0, "menu": ["load 0"]}')");
  EXPECT_EQ(worst["bounds"]["operations"], "without end");
  EXPECT_EQ(worst["bounds"]["states"], worst["alone"]["states"]);
}

TEST(WithoutEffect, ASwitchThatNoActorRunsIsNamed) {
  const std::string file = std::string(kCases) + "a5-shmem-second-unmap.json";
  EXPECT_EQ(checked(file)["without_effect"], Json{"unmap_twice"});
  EXPECT_NE(run_program("check " + file).out.find("differs: unmap_twice\n"), std::string::npos);
  EXPECT_EQ(checked(file, "--set /scenario=fault-truncate")["without_effect"], Json::array());
}

TEST(WithoutEffect, WhatTheStepsThemselvesLookAtIsNotNamedWhereItActs) {
  const std::string fair =
      temporary("fair.json", R"({"scenario": "fault-write-mmap", "guard": {"preset": "frlock", "fair_rwsem": false}})");
  EXPECT_EQ(checked(fair)["without_effect"], Json::array());
  EXPECT_EQ(checked(fair, "--set /scenario=fault-truncate")["without_effect"], Json{"fair_rwsem"});
}

TEST(WithoutEffect, AGuardOfOnesOwnIsComparedWithTheDefaults) {
  const std::string own = temporary(
      "own.json", R"({"scenario": "fault-truncate", "guard": {"check": "frlock", "copy_faults": "enabled"}})");
  EXPECT_EQ(checked(own)["without_effect"], Json{"copy_faults"});
  EXPECT_EQ(checked(own, "--set /guard=page-lock")["without_effect"], Json::array());
}

TEST(Matrix, TakesAGuardOfOnesOwnAndRepeatsItDeeper) {
  const std::string guard = R"(--set '/guard={"preset": "hook", "copy_faults": "enabled"}')";
  const Json all = result_of("check --matrix --deep --max-states 300 " + guard);
  std::set<std::string> scenarios;
  std::map<std::tuple<std::string, std::string, Json>, int> defaults;
  std::set<std::pair<int, int>> bounds;
  for (const Json& element : all) {
    EXPECT_EQ(element["guard"], "hook, copy_faults=enabled");
    scenarios.insert(element["scenario"]);
    const Json& within = element["bounds"];
    if (!element["variant"].is_null()) continue;
    ++defaults[{element["scenario"].get<std::string>(), element["guard"].get<std::string>(), within}];
    bounds.insert({within["rounds"].get<int>(), within["interferers"].get<int>()});
  }
  EXPECT_EQ(scenarios.size(), 15u);
  EXPECT_EQ(defaults.size(), 30u) << "each scenario once, and once deeper";
  for (const auto& [key, count] : defaults) EXPECT_EQ(count, 1) << std::get<0>(key);
  EXPECT_EQ(bounds, (std::set<std::pair<int, int>>{{1, 1}, {2, 1}, {2, 2}}));
}

TEST(Matrix, RefusesWhatItWouldIgnore) {
  expect_refused("check --matrix --set /nodes=3", "--set: ");
  expect_refused("check --matrix --set /guard=hook --set /nodes=3", "--set: /nodes: ");
  expect_refused("check --matrix --set /guard=hoko", "--set: /guard: unknown guard");
  expect_refused("check --matrix --symmetry", "check: --symmetry with --matrix");
  expect_refused("check --deep " + std::string(kCases) + "a5-shmem-second-unmap.json",
                 "check: --deep without --matrix");
}

TEST(ExitCode, FourIsNoVerdict) {
  const std::string unexplored = temporary("big.json", R"({"scenario": "cross-node-write", "guard": "frlock"})");
  EXPECT_EQ(run_program("check " + unexplored + " --max-states 2000").code, 4);
  EXPECT_EQ(run_program(kProtocol + std::string("--max-states 50")).code, 4);
  EXPECT_EQ(run_program("check --worst-case " + std::string(kProtocol + 6) + "--max-states 50").code, 4);
  const std::string history = temporary("history.jsonl", [] {
    std::string lines;
    for (int i = 0; i < 12; ++i)
      lines += R"({"process": )" + std::to_string(i) + R"(, "op": "w", "key": "x", "value": )" + std::to_string(i) +
               R"(, "start_ns": 0, "end_ns": 9})" + "\n";
    return lines + R"({"process": 1, "op": "r", "key": "x", "value": 5, "start_ns": 20, "end_ns": 21})" + "\n" +
           R"({"process": 1, "op": "r", "key": "x", "value": 6, "start_ns": 22, "end_ns": 23})" + "\n";
  }());
  EXPECT_EQ(run_program("oracle " + history + " --max-configurations 1").code, 4);
  EXPECT_EQ(run_program("oracle " + history).code, 1);
  const std::string run = "run " PAGETOKEN_SOURCE_DIR
                          "/configs/runs/uniform.json --quiet --set /stop/accesses=200 "
                          "--set /warmup/accesses=100 ";
  EXPECT_EQ(run_program(run).code, 0);
  EXPECT_EQ(run_program(run + "--set /oracle=false").code, 4);
}

TEST(ExitCode, AViolationCountsMoreThanWhatIsUnknown) {
  const std::string file = temporary("none.json", R"({"scenario": "fault-revoke", "guard": "none"})");
  EXPECT_EQ(run_program("check " + file).code, 1);
  const Outcome both = run_program("check --matrix --max-states 300 --set /guard=none --json -");
  EXPECT_EQ(both.code, 1) << both.err;
  EXPECT_NE(both.out.find("\"unknown\""), std::string::npos);
}

}  // namespace
}  // namespace pagetoken
