// check and replay: verdicts, exit codes, and files that are not what they should be.

#include <nlohmann/json.hpp>

#include "program.hpp"

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
  EXPECT_EQ(content_of(html).find("http"), std::string::npos) << "the page needs the network";
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
  EXPECT_EQ(Json::parse(outcome.out)["verdict"], "unknown");
}

TEST_F(CheckCommand, RefusesWhatItDoesNotKnow) {
  const auto refused = [&](const std::string& content, const std::string& says) {
    const std::string path = file("bad.json", content);
    expect_refused("check " + path, path + ": " + says);
  };
  refused(R"({"scenario": "fault-trunctae"})", "/scenario: ");
  refused(R"({"scenario": "fault-truncate", "guard": {"preset": "frlock", "bariers": false}})", "/guard/bariers: ");
  refused(R"({"scenario": "fault-truncate", "guard": {"recheck_mapping": true}})", "/guard/recheck_mapping: contradictory");
  refused(R"({"scenario": "fault-truncate", "guard": {"preset": "hook", "fs_lock_across": false}})", "/guard: contradictory");
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

TEST_F(CheckCommand, ReplayRefusesAFileThatIsCutOrOfAnotherProgram) {
  const std::string config = file("none.json", R"({"scenario": "fault-truncate", "guard": "none"})");
  const std::string path = file("race.json", "");
  ASSERT_EQ(run_program("check " + config + " --counterexample " + path).code, 1);
  const std::string whole = content_of(path);
  for (const double part : {0.0, 0.2, 0.5, 0.9}) {
    const std::string cut = file("cut.json", whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size()))));
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
  other["choices"].erase(other["choices"].size() - 1);
  other["steps"].erase(other["steps"].size() - 1);
  other["property"] = "I5";
  const std::string harmless = file("harmless.json", other.dump());
  expect_refused("replay " + harmless, harmless + ": /choices: ");
}

}  // namespace
}  // namespace pagetoken
