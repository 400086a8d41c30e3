// The mutants of each protocol's check.json: each must be caught by the check that it names, which the protocol passes.

#include <algorithm>

#include <dlfcn.h>

#include "tests/check/listed.hpp"
#include "tests/mutants/planted.hpp"

int pagetoken_planted = -1;

namespace pagetoken {
namespace {

struct Case {
  std::string protocol;
  Json mutant;
  int row = 0;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.protocol << ", " << c.mutant["name"].get<std::string>(); }

/// The protocol with all its mutants, built by CMakeLists.txt; stays loaded.
const Factory& with_mutants(const std::string& protocol) {
  void* library = dlopen((std::string(PAGETOKEN_MUTANTS) + "/libmutants_" + protocol + ".so").c_str(), RTLD_NOW);
  if (!library) throw std::runtime_error(dlerror());
  return *reinterpret_cast<const Factory* (*)()>(dlsym(library, "pagetoken_protocol"))();
}

class Mutant : public testing::TestWithParam<Case> {
  void TearDown() override { pagetoken_planted = -1; }
};

TEST_P(Mutant, IsCaughtByACheckThatTheProtocolPasses) {
  const Case& c = GetParam();
  const ListedCheck check = check_called(c.protocol, c.mutant["check"]);
  const Factory& factory = with_mutants(c.protocol);
  EXPECT_EQ(run_listed_check(check, factory).verdict, Exploration::Verdict::ok);
  pagetoken_planted = c.row;
  const Exploration e = run_listed_check(check, factory);
  std::printf("%s: %s: %s %s depth %zu\n", c.protocol.c_str(), c.mutant["name"].get<std::string>().c_str(),
              name_of(e.verdict), e.broken.property.name().c_str(), e.path.size());
  EXPECT_EQ(e.verdict, Exploration::Verdict::violated);
  EXPECT_EQ(e.broken.property.name(), c.mutant["property"].get<std::string>()) << transcript(e);
  expect_same_with_symmetry(factory, check);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Factory* factory : built_in_protocols()) {
    const std::string name(factory->declaration().name);
    const Json json = read_json_file(check_file_of(name));
    for (const Json& mutant : json.at("mutants"))
      all.push_back({name, mutant, static_cast<int>(&mutant - &json.at("mutants")[0])});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Protocols, Mutant, testing::ValuesIn(cases()), [](const auto& one) {
  std::string name = one.param.protocol + "_" + std::to_string(one.param.row);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace pagetoken
