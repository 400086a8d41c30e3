// check and replay: verdicts, exit codes, and files that are not what they should be.

#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;

class CheckCommand : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = testing::TempDir() + "check_" + std::to_string(::getpid()) + "_" + name;
    std::ofstream(path) << content;
    files_.push_back(path);
    return path;
  }
  void TearDown() override {
    for (const std::string& path : files_) std::filesystem::remove(path);
  }

 private:
  std::vector<std::string> files_;
};

/// An SVG names its name space by an address that nobody fetches.
bool asks_the_network(std::string page) {
  const std::string name_space = "xmlns=\"http://www.w3.org/2000/svg\"";
  for (std::size_t at; (at = page.find(name_space)) != std::string::npos;) page.erase(at, name_space.size());
  return page.find("http") != std::string::npos;
}

TEST_F(CheckCommand, FindsTheStalePteAndPlaysItAgain) {
  const std::string config = file("none.json", R"({"scenario": "fault-revoke", "guard": "none"})");
  const std::string path = file("race.json", "");
  const Outcome found = run_program("check " + config + " --json - --counterexample " + path);
  EXPECT_EQ(found.code, 1) << found.err;
  const Json result = Json::parse(found.out.substr(0, found.out.rfind('}') + 1));
  EXPECT_EQ(result["verdict"], "violated");
  EXPECT_EQ(result["property"], "I3");
  EXPECT_EQ(result["variant"], nullptr);
  const std::size_t critical = result["critical_step"].get<std::size_t>();
  EXPECT_EQ(result["counterexample"][critical - 1]["name"], "F9");
  EXPECT_EQ(result["steps"], result["counterexample"].size());

  const std::string html = file("race.html", "");
  const Outcome played = run_program("replay " + path + " --html " + html);
  EXPECT_EQ(played.code, 1) << played.err;
  EXPECT_NE(played.out.find("race window: F takes"), std::string::npos) << played.out;
  EXPECT_NE(content_of(html).find("<svg"), std::string::npos);
  EXPECT_FALSE(asks_the_network(content_of(html)));
  EXPECT_EQ(run_program("replay " + path + " --json -").out, run_program("replay " + path + " --json -").out);
}

TEST_F(CheckCommand, SaysOkOfAGuardOfOnesOwn) {
  const std::string guard = file("mine.json", R"({"check": "frlock", "section_spans_free": true})");
  const std::string config = file("own.json", R"({"scenario": "fault-truncate", "guard": ")" + guard + "\"}");
  const Outcome ok = run_program("check " + config);
  EXPECT_EQ(ok.code, 0) << ok.err;
  EXPECT_NE(ok.out.find(": ok\n"), std::string::npos) << ok.out;
  EXPECT_EQ(run_program("check " + config + " --set /guard/barriers=false").code, 2) << "a path has no members";
}

TEST_F(CheckCommand, AStateLimitEndsInUnknown) {
  const std::string config = file("big.json", R"({"scenario": "cross-node-write", "guard": "frlock"})");
  const Outcome outcome = run_program("check " + config + " --max-states 2000 --json -");
  EXPECT_EQ(outcome.code, 4) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out)["verdict"], "unknown");
}

TEST_F(CheckCommand, RefusesWhatItDoesNotKnow) {
  const auto refused = [&](const std::string& content, const std::string& says) {
    const std::string path = file("bad.json", content);
    expect_refused("check " + path, path + ": " + says);
  };
  refused(R"({"scenario": "fault-trunctae"})", "/scenario: ");
  refused(R"({"scenario": "fault-truncate", "guard": {"preset": "frlock", "bariers": false}})", "/guard/bariers: ");
  refused(R"({"scenario": "fault-truncate", "guard": {"recheck_mapping": true}})",
          "/guard/recheck_mapping: contradictory");
  refused(R"({"scenario": "fault-truncate", "guard": {"preset": "hook", "fs_lock_across": false}})",
          "/guard: contradictory");
  refused(R"({"scenario": "two-truncates", "invalidator": "revoke"})", "/invalidator: ");
  refused(R"({"scenario": "fault-truncate", "interferers": 3})", "/interferers: ");
  refused(R"({"scenario": "revoke-orders", "revoke_order": ["unmap", "drop"]})", "/revoke_order: ");
  refused(R"({"scenario": "fault-truncate", "rounds": 2})", "/rounds: ");
  refused(R"([])", "found an array of 0; expected an object");
  refused(R"({"scenario": )", "");
  expect_refused("check", "check: no CONFIG");
  expect_refused("check --matrix x.json", "check: both CONFIG and --matrix");
  expect_refused("check /nowhere/x.json", "/nowhere/x.json");
}

TEST_F(CheckCommand, TellsTheWorstCaseOfAProtocol) {
  const std::string config = file("ivy.json", R"({"scenario": "protocol", "protocol": "ivy-fixed", "nodes": 3,
    "bounds": {"alone": 0, "concurrent": 0, "menu": ["load 0", "store 0"]}})");
  const Outcome outcome = run_program("check --worst-case " + config + " --json -");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json worst = Json::parse(outcome.out);
  EXPECT_EQ(worst["verdict"], "ok");
  EXPECT_TRUE(worst["alone"]["certified"].get<bool>());
  EXPECT_EQ(worst["alone"]["operations"], "without end");
  EXPECT_EQ(worst["concurrent"], nullptr);
  const Json& seed_event = worst["events"]["WMISS_EXCL"]["alone"];
  EXPECT_EQ(seed_event["messages"], 3);
  EXPECT_EQ(seed_event["hops"], 3);
  const Outcome table = run_program("check --worst-case " + config);
  EXPECT_NE(table.out.find("WMISS_SHARED(2)      5     5     5"), std::string::npos) << table.out;
  const Json cut = Json::parse(run_program("check --worst-case " + config + " --max-states 100 --json -").out);
  EXPECT_EQ(cut["verdict"], "unknown");
  EXPECT_FALSE(cut["alone"]["certified"].get<bool>());
}

TEST_F(CheckCommand, TellsWhatWasMetAndAuditsHandlers) {
  const std::string config =
      file("gpfs.json", R"({"scenario": "protocol", "protocol": "gpfs-range", "scripts": [["store 0"]]})");
  const Outcome covered = run_program("check " + config + " --coverage --json -");
  EXPECT_EQ(covered.code, 0) << covered.err;
  const Json coverage = Json::parse(covered.out)["coverage"];
  EXPECT_NE(std::find(coverage["never_handled"].begin(), coverage["never_handled"].end(), "TOK_DENY"),
            coverage["never_handled"].end());
  EXPECT_FALSE(coverage["node"]["observed"].empty());
  EXPECT_NE(run_program("check " + config + " --coverage").out.find("never handled: "), std::string::npos);
  const Outcome audited = run_program("check " + config + " --audit");
  EXPECT_EQ(audited.code, 0) << audited.err;
  EXPECT_NE(audited.out.find("audit: "), std::string::npos) << audited.out;
}

TEST_F(CheckCommand, LosesMessagesAndNodesWithinABound) {
  const std::string config =
      file("lossy.json", R"({"scenario": "protocol", "protocol": "ivy-fixed", "scripts": [["store 0"]]})");
  EXPECT_EQ(run_program("check " + config).code, 0);
  const std::string path = file("lost.json", "");
  const Outcome lost = run_program("check " + config + " --set /losses=1 --json - --counterexample " + path);
  EXPECT_EQ(lost.code, 1) << lost.err;
  const Json result = Json::parse(lost.out.substr(0, lost.out.rfind('}') + 1));
  EXPECT_EQ(result["property"], "deadlock");
  EXPECT_EQ(result["losses"], 1);
  const Outcome played = run_program("replay " + path);
  EXPECT_EQ(played.code, 1) << played.err;
  EXPECT_NE(played.out.find("is lost: "), std::string::npos) << played.out;
}

TEST_F(CheckCommand, ReplayTimesAShippedPageOnItsWay) {
  // The request of a store under nocache has the page with it: 64 and 4096 bytes at 1.25 GB/s, after 15 us.
  const std::string config =
      file("shipped.json", R"({"scenario": "protocol", "protocol": "nocache", "losses": 1, "scripts": [["store 0"]]})");
  const std::string path = file("shipped_path.json", "");
  ASSERT_EQ(run_program("check " + config + " --counterexample " + path).code, 1);
  const Json steps = Json::parse(run_program("replay " + path + " --json -").out)["steps"];
  const auto lost = std::find_if(steps.begin(), steps.end(), [](const Json& step) { return step.contains("from"); });
  ASSERT_NE(lost, steps.end());
  EXPECT_EQ((*lost)["name"], "TOK_REQ");
  EXPECT_EQ((*lost)["start_ns"].get<std::int64_t>() - (*(lost - 1))["end_ns"].get<std::int64_t>(), 15'000 + 3'328);
}

TEST_F(CheckCommand, AYieldOfWhatIsNotHeldMakesNoToken) {
  const std::string plugin = " --plugin '" PLUGIN_YIELDER "' --json -";
  const std::string config =
      file("yielder.json", R"({"scenario": "protocol", "protocol": "yielder", "scripts": [["load 0"]]})");
  const Outcome checked = run_program("check " + config + plugin);
  EXPECT_EQ(checked.code, 1) << checked.err;
  EXPECT_TRUE(Json::parse(checked.out)["text"].get<std::string>().ends_with("a yield keeps a token that is not held"));

  const std::string run = file("run.json", R"({"protocol": "yielder", "cluster": {"clients": 1}, "oracle": true,
    "workload": {"pattern": "uniform", "pages": 2, "write_fraction": 0.0}, "stop": {"accesses": 10}})");
  const Outcome ran = run_program("run " + run + " --plugin '" PLUGIN_YIELDER "' --json");
  EXPECT_EQ(ran.code, 1) << ran.err;
  const Json verdict = Json::parse(ran.out)["verdict"];
  EXPECT_EQ(verdict["oracle"], "violated");
  EXPECT_TRUE(verdict["violations"][0]["text"].get<std::string>().ends_with("a yield keeps a token that is not held"));
}

/// A graph that a limit cuts short lacks the continuations that avoid the violation.
TEST_F(CheckCommand, NamesNoCriticalStepThatALimitMadeUp) {
  const std::string check =
      "check " PAGETOKEN_SOURCE_DIR "/configs/checks/protocol.json --set /losses=1 --json - --max-states ";
  const Json whole = Json::parse(run_program(check + "1000000").out);
  ASSERT_TRUE(whole["critical_step"].is_number());
  EXPECT_FALSE(whole.contains("critical_step_reason"));
  bool some_unknown = false;
  for (const char* limit : {"100", "500", "2000"}) {
    const Json cut = Json::parse(run_program(check + limit).out);
    if (cut["verdict"] != "violated") continue;
    some_unknown = some_unknown || cut["critical_step"].is_null();
    if (cut["critical_step"].is_null())
      EXPECT_EQ(cut["critical_step_reason"], "max_states");
    else
      EXPECT_EQ(cut["critical_step"], whole["critical_step"]) << "within " << limit << " states";
  }
  EXPECT_TRUE(some_unknown);
}

TEST_F(CheckCommand, RefusesBoundsThatMeanNothing) {
  const auto refused = [&](const std::string& more, const std::string& says) {
    const std::string path = file("bad.json", R"({"scenario": "protocol", "protocol": "nocache", )" + more + "}");
    expect_refused("check " + path, path + ": " + says);
  };
  refused(R"("losses": -1)", "/losses: ");
  refused(R"("crashes": 5)", "/crashes: ");
  refused(R"("crash_managers": 1)", "/crash_managers: ");
  refused(R"("bounds": {"alone": 17})", "/bounds/alone: ");
  refused(R"("bounds": {"menu": ["stare 0"]})", "/bounds/menu/0: ");
  refused(R"("bounds": {"losses": 1})", "/bounds/losses: ");
  refused(R"("losses": 1, "symmetry": true)", "/symmetry: ");
  const std::string vm = file("vm.json", R"({"scenario": "fault-truncate"})");
  for (const char* option : {"--worst-case", "--coverage", "--audit"})
    expect_refused("check " + vm + " " + option, std::string("check: ") + option + " of a VM scenario");
  expect_refused("check " + vm + " --coverage --audit", "check: options that exclude each other");
}

TEST_F(CheckCommand, ReplayRefusesAFileThatIsCutOrOfAnotherProgram) {
  const std::string config = file("none.json", R"({"scenario": "fault-truncate", "guard": "none"})");
  const std::string path = file("race.json", "");
  ASSERT_EQ(run_program("check " + config + " --counterexample " + path).code, 1);
  const std::string whole = content_of(path);
  for (const double part : {0.0, 0.2, 0.5, 0.9}) {
    const std::string cut =
        file("cut.json", whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size()))));
    expect_refused("replay " + cut, cut + ": ");
  }
  Json other = Json::parse(whole);
  other["steps"][3]["name"] = "F4";
  const std::string changed = file("changed.json", other.dump());
  expect_refused("replay " + changed, changed + ": /choices: the path is not one that this program takes: step 4");
  other = Json::parse(whole);
  other["choices"][2] = 60;
  const std::string impossible = file("impossible.json", other.dump());
  expect_refused("replay " + impossible, impossible + ": /choices: ");
  other = Json::parse(whole);
  other["schema_version"] = 7;
  const std::string newer = file("newer.json", other.dump());
  expect_refused("replay " + newer, newer + ": /schema_version: version 7");
  other = Json::parse(whole);
  other["version"] = "99.0";
  const std::string later = file("later.json", other.dump());
  expect_refused("replay " + later, later + ": /version: recorded by pagetoken 99.0");
  other = Json::parse(whole);
  other["choices"].erase(other["choices"].size() - 1);
  other["steps"].erase(other["steps"].size() - 1);
  other["property"] = "I5";
  const std::string harmless = file("harmless.json", other.dump());
  expect_refused("replay " + harmless, harmless + ": /choices: ");
}

TEST_F(CheckCommand, AProtocolsCounterexampleIsPlayedAgain) {
  // A revoke overtakes the grant that it wants back: the lock master says so on a link that reorders.
  const std::string config = file("dlm.json", R"({"scenario": "protocol", "protocol": "dlm-file", "links": "unordered",
                                                  "scripts": [["load 0", "store 0"], ["store 0"]]})");
  const std::string path = file("dlm_path.json", "");
  const Outcome found = run_program("check " + config + " --counterexample " + path);
  EXPECT_EQ(found.code, 1) << found.err;
  EXPECT_NE(found.out.find("unordered links: deadlock\n"), std::string::npos) << found.out;
  EXPECT_NE(found.out.find("play it again: pagetoken replay " + path), std::string::npos) << found.out;

  const std::string html = file("dlm.html", "");
  const Outcome played = run_program("replay " + path + " --html " + html);
  EXPECT_EQ(played.code, 1) << played.err;
  EXPECT_NE(played.out.find("race window: "), std::string::npos) << played.out;
  EXPECT_NE(content_of(html).find("<line class=\"arrow\""), std::string::npos) << "no message is an arrow";
  EXPECT_FALSE(asks_the_network(content_of(html)));
  const Json steps = Json::parse(run_program("replay " + path + " --json -").out)["steps"];
  std::int64_t before = 0;
  for (const Json& step : steps) {
    EXPECT_GE(step["start_ns"].get<std::int64_t>(), before) << "a step before the one before it";
    EXPECT_GE(step["slack_ns"].get<std::int64_t>(), 0);
    before = step["start_ns"].get<std::int64_t>();
  }
  const Json recorded = Json::parse(content_of(path));
  const Json& last = steps[recorded["critical_step"].get<std::size_t>() - 1];
  EXPECT_EQ(last["name"], "TOK_REVOKE") << "the step that settles it";
}

TEST_F(CheckCommand, ReplayRefusesAProtocolsFileThatIsCutOrTellsOtherwise) {
  const std::string config = file("none.json", R"({"scenario": "protocol", "protocol": "ivy-fixed", "guard": "none",
                                                   "scripts": [["truncate 0"], ["load 0"]]})");
  const std::string path = file("path.json", "");
  ASSERT_EQ(run_program("check " + config + " --counterexample " + path).code, 1);
  const std::string whole = content_of(path);
  for (const double part : {0.3, 0.6, 0.95}) {
    const std::string cut =
        file("cut.json", whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size()))));
    expect_refused("replay " + cut, cut + ": ");
  }
  const auto refused = [&](const std::function<void(Json&)>& change, const std::string& says) {
    Json other = Json::parse(whole);
    change(other);
    const std::string changed = file("changed.json", other.dump());
    expect_refused("replay " + changed, changed + ": " + says);
  };
  refused([](Json& j) { j["schema_version"] = 2; }, "/schema_version: version 2");
  refused([](Json& j) { j["steps"][3]["text"] = "?"; },
          "/choices: the path is not one that this program takes: step 4");
  refused([](Json& j) { j["choices"][5] = 900; }, "/choices: ");
  refused([](Json& j) { j["property"] = "I4"; }, "/choices: the path is not one that this program takes: I3 is what");
  refused([](Json& j) { j["check"]["protocol"] = "ivy-fixde"; }, "/protocol: ");
  refused([](Json& j) { j["check"].erase("scripts"); }, "/check: no \"scripts\"");
  refused([](Json& j) { j["check"]["scripts"][0][0] = "lode 0"; }, "/scripts/0/0: ");
}

TEST_F(CheckCommand, SymmetryTellsOrbitsBesideStates) {
  const std::string config = file("alike.json", R"({"scenario": "protocol", "protocol": "nocache", "symmetry": true,
                                                    "scripts": [["store 0"], ["store 0"]]})");
  const Outcome found = run_program("check " + config + " --json -");
  EXPECT_EQ(found.code, 0) << found.err;
  const Json result = Json::parse(found.out);
  EXPECT_EQ(result["symmetry"], true);
  EXPECT_LT(result["orbits"], result["states"]);
  const Outcome text = run_program("check " + config);
  EXPECT_NE(text.out.find("clients 0, 1 are interchangeable"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("livelock were not judged"), std::string::npos) << text.out;
  EXPECT_EQ(Json::parse(run_program("check " + config + " --set /symmetry=false --json -").out)["orbits"], nullptr);
}

TEST_F(CheckCommand, SymmetryExploresOneOfAlikePrograms) {
  const std::string check =
      "check " PAGETOKEN_SOURCE_DIR "/configs/checks/protocol.json --set /pages=2 --set /evictions=0 ";
  const auto found = [&](const std::string& options) {
    return Json::parse(run_program(check + "--json - " + options).out);
  };
  for (const std::string guard : {"page-lock", "none"}) {
    const Json all = found("--set /guard=" + guard);
    const Json one = found("--set /guard=" + guard + " --symmetry");
    EXPECT_EQ(all["programs"], 25);
    EXPECT_EQ(one["programs"], 25);
    EXPECT_EQ(one["verdict"], all["verdict"]);
    EXPECT_EQ(one["property"], all["property"]);
    EXPECT_EQ(one["steps"], all["steps"]);
    EXPECT_LT(one["orbits"].get<int>(), all["states"].get<int>() / 2);
  }
  // A token of all pages from one on is not the same as one of the pages up to it.
  const std::string by_range = run_program(check + "--set /protocol=gpfs-range --symmetry").out;
  EXPECT_EQ(by_range.find("pages 0, 1"), std::string::npos) << by_range;
  EXPECT_NE(by_range.find("clients 0, 1 are interchangeable"), std::string::npos) << by_range;
}

TEST_F(CheckCommand, SymmetryIsForProtocols) {
  const std::string config = file("scene.json", R"({"scenario": "fault-truncate"})");
  const Outcome refused = run_program("check --symmetry " + config);
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("in the scenario protocol only"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace pagetoken
