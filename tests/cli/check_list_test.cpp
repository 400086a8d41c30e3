// A file with a list of checks and what each must find.

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

constexpr const char* kList = R"({
  "protocol": "nocache",  // of all
  "checks": [
    {"name": "two write", "scripts": [["write 0"], ["write 0"]], "verdict": "ok", "states": 170, "transitions": 314},
    {"name": "a race", "scenario": "fault-truncate", "guard": "none", "verdict": "violated", "steps": 1}
  ]
})";

class CheckListCommand : public testing::Test {
 protected:
  std::string file(const std::string& text) {
    const std::string path = testing::TempDir() + "list_" + std::to_string(::getpid()) + ".json";
    std::ofstream(path) << text;
    return path;
  }
};

TEST_F(CheckListCommand, TellsWhatDiffersAndPutsItRight) {
  const std::string wrong = file(kList);
  const Outcome first = run_program("check '" + wrong + "' --json '" + wrong + ".out'");
  EXPECT_EQ(first.code, 1) << first.err;
  EXPECT_NE(first.out.find("differs   steps: "), first.out.npos) << first.out;
  EXPECT_NE(first.out.find(", expected 1\n"), first.out.npos) << first.out;
  EXPECT_NE(first.out.find(" of 2 find what the file expects\n"), first.out.npos) << first.out;
  const auto results = nlohmann::json::parse(content_of(wrong + ".out"));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0]["name"], "two write");
  EXPECT_EQ(results[0]["protocol"], "nocache");
  EXPECT_EQ(results[1]["expected"]["steps"], 1);
  EXPECT_EQ(results[1]["scenario"], "fault-truncate");
  EXPECT_FALSE(results[1]["differs"].empty());

  const Outcome update = run_program("check '" + wrong + "' --update");
  EXPECT_EQ(update.code, 0) << update.err;
  EXPECT_NE(update.out.find("\"protocol\": \"nocache\",  // of all\n"), update.out.npos) << "the rest stays as it is";
  const std::string right = file(update.out);
  const Outcome second = run_program("check '" + right + "'");
  EXPECT_EQ(second.code, 0) << second.out << second.err;
  EXPECT_EQ(second.out.find("differs"), second.out.npos) << second.out;
  EXPECT_NE(second.out.find(" steps, as expected\n2 of 2 find what the file expects\n"), second.out.npos) << second.out;
  EXPECT_EQ(run_program("check '" + right + "' --update").out, update.out);
}

TEST_F(CheckListCommand, WithoutExpectationsAViolationIsOne) {
  const Outcome outcome = run_program("check '" + file(R"({"checks": [{"name": "a race", "scenario": "fault-truncate",
    "guard": "none"}]})") + "'");
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  const Outcome cut = run_program("check '" + file(R"({"checks": [{"name": "cut", "scenario": "protocol",
    "protocol": "ivy-fixed", "scripts": [["store 0"], ["store 0"]]}]})") +
                                  "' --max-states 10");
  EXPECT_EQ(cut.code, 4) << cut.err;
}

TEST_F(CheckListCommand, MistakesNameTheirPlace) {
  const auto refused = [&](const std::string& text, const std::string& place, const std::string& options = "") {
    const Outcome outcome = run_program("check '" + file(text) + "'" + options);
    EXPECT_EQ(outcome.code, 2) << text;
    EXPECT_NE(outcome.err.find(place), outcome.err.npos) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  };
  refused(R"({"checks": []})", "/checks");
  refused(R"({"checks": {}})", "/checks");
  refused(R"({"checks": [{"scenario": "fault-truncate"}]})", "/checks/0: ");
  refused(R"({"checks": [{"name": "a", "scenario": "fault-trunc"}]})", "/checks/0/scenario");
  refused(R"({"guard": "hok", "checks": [{"name": "a", "scenario": "fault-truncate"}]})", ": /guard: ");
  refused(R"({"checks": [{"name": "a", "scenario": "fault-truncate", "verdict": "fine"}]})", "/checks/0/verdict");
  refused(R"({"checks": [{"name": "a", "scenario": "fault-truncate", "states": "many"}]})", "/checks/0/states");
  const std::string guard = testing::TempDir() + "guard_of_list.json";
  std::ofstream(guard) << R"({"chek": "frlock"})";
  refused(R"({"checks": [{"name": "a", "scenario": "fault-truncate", "guard": "guard_of_list.json"}]})",
          "guard_of_list.json: /chek");
  refused(kList, "--counterexample", " --counterexample x.json");
  refused(R"({"scenario": "fault-truncate"})", "--update", " --update");
}

}  // namespace
}  // namespace pagetoken
