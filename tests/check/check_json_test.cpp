// Each protocol's check.json: what was explored, with exact counts; what must be found where the network breaks its
// promise; and mutants, small planted bugs in a copy of its source, that must be caught by a check that it passes.

#include <algorithm>
#include <fstream>

#include <dlfcn.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "protocols/registry/registry.hpp"
#include "sim/check/cluster/cluster_model.hpp"
#include "sim/check/cluster/packed_cluster.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::ordered_json;

#ifdef PAGETOKEN_LONG_TESTS
constexpr bool kLong = true;
#else
constexpr bool kLong = false;
#endif

struct Case {
  std::string protocol;
  Json check;
  Json mutant;  ///< null: the protocol itself
  std::size_t number = 0;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.protocol << ", " << (c.mutant.is_null() ? c.check["name"] : c.mutant["name"]).get<std::string>();
}

Exploration run(const Factory& factory, const Json& check, const ExploreOptions& how = {.progress = true}) {
  const Declaration& declaration = factory.declaration();
  ClusterModel::Options options;
  for (const Json& script : check["scripts"]) {
    options.scripts.emplace_back();
    for (const Json& operation : script)
      options.scripts.back().push_back(operation_called(operation.get<std::string>()).value());
  }
  const std::uint32_t threads = check.value("threads", 1u);
  for (std::uint32_t s = 0; s < options.scripts.size(); ++s) options.client_of.push_back(s / threads);
  const std::uint32_t clients = options.client_of.back() + 1;
  options.shape.clients = clients;
  options.sizes = {check.value("pages", PageIndex{1})};
  options.fifo = check.value("links", "fifo") == "fifo";
  options.losses = check.value("losses", 0u);
  options.crashes = check.value("crashes", 0u);
  options.crash_managers = check.value("crash_managers", true);
  Setup setup{clients, {}};
  for (const Parameter& p : declaration.parameters) setup.parameters.push_back(p.default_value);
  const auto machine = factory.make(setup);
  const bool tokens = declaration.caching == Caching::tokens;
  const Paths paths(find_guard_preset(check.value("guard", "page-lock"))->scheme, path_options(declaration));
  ClusterModel model(options, *machine, paths);
  Exploration e = explore_cluster(model, how);
  EXPECT_TRUE(model.lock_order().cycles().empty()) << "local locks are taken in a cycle";
  // Where a failure ends everything soon, no lock may have been taken under another; an extension takes but one.
  bool nests = false;
  for (const auto& script : options.scripts)
    for (const Operation& operation : script) nests = nests || operation.kind != TaskKind::extend;
  if (!model.fails() && nests) {
    EXPECT_TRUE(tokens == !model.lock_order().edges().empty());
  }
  return e;
}

/// The number-th mutant of a protocol, built by tests/check/CMakeLists.txt; stays loaded.
const Factory& mutant_of(const Case& c) {
  const std::string file =
      std::string(PAGETOKEN_MUTANTS) + "/libmutant_" + c.protocol + "_" + std::to_string(c.number) + ".so";
  void* library = dlopen(file.c_str(), RTLD_NOW);
  if (!library) throw std::runtime_error(dlerror());
  return *reinterpret_cast<const Factory* (*)()>(dlsym(library, "pagetoken_protocol"))();
}

class CheckJson : public testing::TestWithParam<Case> {};

TEST_P(CheckJson, IsAsFound) {
  const Case& c = GetParam();
  const Exploration e = run(*find_protocol(c.protocol), c.check);
  std::printf("%s: %s: %s %s states %lu transitions %lu depth %zu\n", c.protocol.c_str(),
              c.check["name"].get<std::string>().c_str(), name_of(e.verdict), e.broken.property.name().c_str(),
              e.states, e.transitions, e.path.size());
  EXPECT_EQ(name_of(e.verdict), c.check["verdict"].get<std::string>()) << transcript(e);
  if (e.verdict == Exploration::Verdict::violated) {
    EXPECT_EQ(e.broken.property.name(), c.check["property"].get<std::string>()) << transcript(e);
    EXPECT_EQ(e.path.size(), c.check["steps"].get<std::size_t>()) << transcript(e);
  } else {
    EXPECT_EQ(e.states, c.check["states"].get<std::uint64_t>());
    EXPECT_EQ(e.transitions, c.check["transitions"].get<std::uint64_t>());
  }
}

/// Safety is judged alike on one state of each orbit; livelocks are not, and so left out on both sides.
void expect_same_with_symmetry(const Factory& factory, const Json& check) {
  const Exploration all = run(factory, check, {});
  const Exploration one = run(factory, check, {.symmetry = true});
  std::printf("%s: %lu of %lu states; %s\n", check["name"].get<std::string>().c_str(), one.states, all.states,
              one.symmetry_text.c_str());
  EXPECT_EQ(one.verdict, all.verdict) << transcript(one);
  EXPECT_EQ(one.broken.property.name(), all.broken.property.name()) << transcript(one);
  EXPECT_EQ(one.path.size(), all.path.size()) << transcript(one);
  if (all.verdict == Exploration::Verdict::ok) {
    EXPECT_LE(one.states, all.states);
    EXPECT_EQ(one.orbits_states, all.states);
    EXPECT_EQ(one.orbits_transitions, all.transitions);
  }
}

TEST_P(CheckJson, IsTheSameWithSymmetry) {
  if (GetParam().check.contains("losses") || GetParam().check.contains("crashes"))
    return;  // no renaming knows failures
  expect_same_with_symmetry(*find_protocol(GetParam().protocol), GetParam().check);
}

class Mutant : public testing::TestWithParam<Case> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Mutant);  // none need be caught by a check that takes long

TEST_P(Mutant, IsCaughtByACheckThatTheProtocolPasses) {
  const Case& c = GetParam();
  EXPECT_EQ(run(*find_protocol(c.protocol), c.check).verdict, Exploration::Verdict::ok);
  const Exploration e = run(mutant_of(c), c.check);
  std::printf("%s: %s: %s %s depth %zu\n", c.protocol.c_str(), c.mutant["name"].get<std::string>().c_str(),
              name_of(e.verdict), e.broken.property.name().c_str(), e.path.size());
  EXPECT_EQ(e.verdict, Exploration::Verdict::violated);
  EXPECT_EQ(e.broken.property.name(), c.mutant["property"].get<std::string>()) << transcript(e);
}

TEST_P(Mutant, IsCaughtWithSymmetryToo) { expect_same_with_symmetry(mutant_of(GetParam()), GetParam().check); }

const Json& check_called(const Json& checks, const std::string& name) {
  for (const Json& check : checks)
    if (check["name"] == name) return check;
  throw std::runtime_error("no check is called \"" + name + '"');
}

/// Those that take long, or those that do not: there is a program for each.
std::vector<Case> cases(const char* list) {
  std::vector<Case> all;
  for (const Factory* factory : built_in_protocols()) {
    const std::string name(factory->declaration().name);
    std::ifstream file(std::string(PAGETOKEN_SOURCE_DIR) + "/protocols/" + name + "/check.json");
    if (!file) throw std::runtime_error(name + " has no check.json");
    const Json json = Json::parse(file);
    std::size_t number = 0;
    for (const Json& entry : json[list]) {
      const bool is_mutant = entry.contains("check");
      const Json& check = is_mutant ? check_called(json["checks"], entry["check"]) : entry;
      if (check.value("long", false) == kLong) all.push_back({name, check, is_mutant ? entry : Json(), number});
      ++number;
    }
  }
  return all;
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.protocol + "_" + std::to_string(info.param.number);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Protocols, CheckJson, testing::ValuesIn(cases("checks")), name_of_case);
INSTANTIATE_TEST_SUITE_P(Protocols, Mutant, testing::ValuesIn(cases("mutants")), name_of_case);

}  // namespace
}  // namespace pagetoken
