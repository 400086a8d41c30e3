// Bugs planted in the VM, in the cluster and in the timed engine: vm.json, cluster.json and engine.json say what must
// find each of them. Without the bug the same scenario, check or run is as it should be.

#include <algorithm>

#include "sim/check/vm/verdict.hpp"
#include "sim/config/guards.hpp"
#include "tests/check/listed.hpp"
#include "tests/mutants/planted.hpp"
#include "tests/support/simulation.hpp"

int pagetoken_planted = -1;

namespace pagetoken {
namespace {

struct Case {
  std::string module;
  Json mutant;
  int row = 0;
  int number = 0;  ///< by which it is switched: CMakeLists.txt gives each module a thousand
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.module << ": " << c.mutant["name"].get<std::string>(); }

/// "ok", the property that is violated, or what else is not as it should be.
std::string found_by_scenario(const Json& by) {
  const GuardScheme& guard = find_guard_preset(by.at("guard").get<std::string>())->scheme;
  const ScenarioResult result =
      explore_scenario(default_spec(find_scenario(by.at("scenario").get<std::string>())->id, guard), {});
  if (result.found.verdict != Exploration::Verdict::violated) return name_of(result.found.verdict);
  return result.found.broken.property.name();
}

/// A check of the protocol's check.json, or "scripts" of its own.
std::string found_by_check(const Json& by) {
  const std::string protocol = by.at("protocol");
  if (by.contains("scripts")) {
    Json check = by;
    check["scenario"] = "protocol";
    ListedCheck own;
    own.check = bind_protocol_check(check, "caught_by", protocols());
    const Exploration e = run_listed_check(own, *find_protocol(protocol));
    return e.verdict == Exploration::Verdict::violated ? e.broken.property.name() : name_of(e.verdict);
  }
  const Exploration e = run_listed_check(check_called(protocol, by.at("check")), *find_protocol(protocol));
  return e.verdict == Exploration::Verdict::violated ? e.broken.property.name() : name_of(e.verdict);
}

/// In a process of its own: a bug may end it.
std::string found_by_run(const Json& by) {
  const Forked run = run_forked([&] { return run_config(by.at("run")).dump(); }, 60);
  if (!run.done) return "no summary";
  const Json summary = Json::parse(run.result);
  for (const auto& [pointer, expected] : by.at("expects").items()) {
    const Json::json_pointer at(pointer);
    if (!summary.contains(at)) return pointer + ": not there";
    if (summary.at(at) != expected) return pointer + ": " + summary.at(at).dump();
  }
  return "ok";
}

std::string found(const Case& c) {
  const Json& by = c.mutant.at("caught_by");
  if (by.contains("scenario")) return found_by_scenario(by);
  return by.contains("run") ? found_by_run(by) : found_by_check(by);
}

class CoreMutant : public testing::TestWithParam<Case> {
  void TearDown() override { pagetoken_planted = -1; }
};

TEST_P(CoreMutant, IsCaught) {
  const Case& c = GetParam();
  EXPECT_EQ(found(c), "ok");
  pagetoken_planted = c.number;
  const std::string finding = found(c);
  std::printf("%s %d: %s: %s\n", c.module.c_str(), c.row, c.mutant["name"].get<std::string>().c_str(), finding.c_str());
  EXPECT_NE(finding, "ok");
  if (c.mutant.contains("property")) {
    EXPECT_EQ(finding, c.mutant["property"].get<std::string>());
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  int first = 0;
  for (const std::string module : {"vm", "cluster", "engine"}) {
    const Json json = read_json_file(PAGETOKEN_SOURCE_DIR "/tests/mutants/" + module + ".json");
    int row = 0;
    for (const Json& mutant : json.at("mutants")) {
      all.push_back({module, mutant, row, first + row});
      ++row;
    }
    first += 1000;
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Modules, CoreMutant, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param.module + "_" + std::to_string(one.param.row); });

}  // namespace
}  // namespace pagetoken
