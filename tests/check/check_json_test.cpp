// Each protocol's check.json: what was explored, with exact counts; what must be found where the network breaks its
// promise; and mutants, small planted bugs in a copy of its source, that must be caught by a check that it passes.

#include <algorithm>

#include <dlfcn.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "protocols/registry/registry.hpp"
#include "sim/check/cluster/packed_cluster.hpp"
#include "sim/check/report/check_list.hpp"

namespace pagetoken {
namespace {

#ifdef PAGETOKEN_LONG_TESTS
constexpr bool kLong = true;
#else
constexpr bool kLong = false;
#endif

struct Case {
  std::string protocol;
  ListedCheck check;
  Json mutant;  ///< null: the protocol itself
  std::size_t number = 0;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.protocol << ", " << (c.mutant.is_null() ? c.check.name : c.mutant["name"].get<std::string>());
}

/// Of the protocol, or of a mutant in its place.
Exploration run(const ListedCheck& listed, const Factory& factory, const ExploreOptions& how = {.progress = true}) {
  ProtocolSpec spec = std::get<ProtocolCheck>(listed.check).spec;
  spec.factory = &factory;
  const ProtocolWorld world(spec);
  const std::unique_ptr<ClusterModel> model = world.model(spec.scripts);
  Exploration e = explore_cluster(*model, how);
  EXPECT_TRUE(model->lock_order().cycles().empty()) << "local locks are taken in a cycle";
  // Where a failure ends everything soon, no lock may have been taken under another; an extension takes but one.
  bool nests = false;
  for (const auto& script : spec.scripts)
    for (const Operation& operation : script) nests = nests || operation.kind != TaskKind::extend;
  if (!model->fails() && nests) {
    const bool tokens = factory.declaration().caching == Caching::tokens;
    EXPECT_TRUE(tokens == !model->lock_order().edges().empty());
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
  const Exploration e = run(c.check, *find_protocol(c.protocol));
  const Expectation& expected = c.check.expected;
  std::printf("%s: %s: %s %s states %lu transitions %lu depth %zu\n", c.protocol.c_str(), c.check.name.c_str(),
              name_of(e.verdict), e.broken.property.name().c_str(), e.states, e.transitions, e.path.size());
  EXPECT_EQ(name_of(e.verdict), expected.verdict) << transcript(e);
  if (e.verdict == Exploration::Verdict::violated) {
    EXPECT_EQ(e.broken.property.name(), expected.property) << transcript(e);
    EXPECT_EQ(e.path.size(), expected.steps) << transcript(e);
  } else {
    EXPECT_EQ(e.states, expected.states);
    EXPECT_EQ(e.transitions, expected.transitions);
  }
}

/// Safety is judged alike on one state of each orbit; livelocks are not, and so left out on both sides.
void expect_same_with_symmetry(const Factory& factory, const ListedCheck& check) {
  const Exploration all = run(check, factory, {});
  const Exploration one = run(check, factory, {.symmetry = true});
  std::printf("%s: %lu of %lu states; %s\n", check.name.c_str(), one.states, all.states, one.symmetry_text.c_str());
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
  const ProtocolSpec& spec = std::get<ProtocolCheck>(GetParam().check.check).spec;
  if (spec.losses + spec.crashes > 0) return;  // no renaming knows failures
  expect_same_with_symmetry(*find_protocol(GetParam().protocol), GetParam().check);
}

class Mutant : public testing::TestWithParam<Case> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Mutant);  // none need be caught by a check that takes long

TEST_P(Mutant, IsCaughtByACheckThatTheProtocolPasses) {
  const Case& c = GetParam();
  EXPECT_EQ(run(c.check, *find_protocol(c.protocol)).verdict, Exploration::Verdict::ok);
  const Exploration e = run(c.check, mutant_of(c));
  std::printf("%s: %s: %s %s depth %zu\n", c.protocol.c_str(), c.mutant["name"].get<std::string>().c_str(),
              name_of(e.verdict), e.broken.property.name().c_str(), e.path.size());
  EXPECT_EQ(e.verdict, Exploration::Verdict::violated);
  EXPECT_EQ(e.broken.property.name(), c.mutant["property"].get<std::string>()) << transcript(e);
}

TEST_P(Mutant, IsCaughtWithSymmetryToo) { expect_same_with_symmetry(mutant_of(GetParam()), GetParam().check); }

const ListedCheck& check_called(const std::vector<ListedCheck>& checks, const std::string& name) {
  for (const ListedCheck& check : checks)
    if (check.name == name) return check;
  throw std::runtime_error("no check is called \"" + name + '"');
}

/// Those that take long, or those that do not: there is a program for each.
std::vector<Case> cases(bool of_mutants) {
  static const ProtocolSet protocols;
  std::vector<Case> all;
  for (const Factory* factory : built_in_protocols()) {
    const std::string name(factory->declaration().name);
    const std::string file = std::string(PAGETOKEN_SOURCE_DIR) + "/protocols/" + name + "/check.json";
    const Json json = read_json_file(file);
    const std::vector<ListedCheck> checks = bind_check_list(json, file, protocols);
    const std::size_t count = of_mutants ? json["mutants"].size() : checks.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Json mutant = of_mutants ? json["mutants"][i] : Json();
      const ListedCheck& check = of_mutants ? check_called(checks, mutant["check"]) : checks[i];
      if (check.is_long == kLong) all.push_back({name, check, mutant, i});
    }
  }
  return all;
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.protocol + "_" + std::to_string(info.param.number);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Protocols, CheckJson, testing::ValuesIn(cases(false)), name_of_case);
INSTANTIATE_TEST_SUITE_P(Protocols, Mutant, testing::ValuesIn(cases(true)), name_of_case);

}  // namespace
}  // namespace pagetoken
