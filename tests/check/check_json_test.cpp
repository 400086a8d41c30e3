// Each protocol's check.json: what was explored, with exact counts; what must be found where the network breaks its
// promise. Its mutants are the business of tests/mutants.

#include <algorithm>

#include "tests/check/listed.hpp"

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
  std::size_t number = 0;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.protocol << ", " << c.check.name; }

class CheckJson : public testing::TestWithParam<Case> {};

TEST_P(CheckJson, IsAsFound) {
  const Case& c = GetParam();
  const Exploration e = run_listed_check(c.check, *find_protocol(c.protocol));
  const Expectation& expected = c.check.expected;
  std::printf("%s: %s: %s %s states %lu transitions %lu depth %zu\n", c.protocol.c_str(), c.check.name.c_str(),
              name_of(e.verdict), e.broken.property.name().c_str(), e.states, e.transitions, e.path.size());
  EXPECT_EQ(Json(name_of(e.verdict)), expected.verdict) << transcript(e);
  if (e.verdict == Exploration::Verdict::violated) {
    EXPECT_EQ(Json(e.broken.property.name()), expected.property) << transcript(e);
    EXPECT_EQ(e.path.size(), expected.steps) << transcript(e);
  } else {
    EXPECT_EQ(e.states, expected.states);
    EXPECT_EQ(e.transitions, expected.transitions);
  }
}

TEST_P(CheckJson, IsTheSameWithSymmetry) {
  const ProtocolSpec& spec = std::get<ProtocolCheck>(GetParam().check.check).spec;
  if (spec.losses + spec.crashes > 0) return;  // no renaming knows failures
  expect_same_with_symmetry(*find_protocol(GetParam().protocol), GetParam().check);
}

/// Those that take long, or those that do not: there is a program for each.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Factory* factory : built_in_protocols()) {
    const std::string name(factory->declaration().name);
    const std::vector<ListedCheck> checks = checks_of(name);
    for (std::size_t i = 0; i < checks.size(); ++i)
      if (checks[i].is_long == kLong) all.push_back({name, checks[i], i});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Protocols, CheckJson, testing::ValuesIn(cases()), [](const auto& one) {
  std::string name = one.param.protocol + "_" + std::to_string(one.param.number);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace pagetoken
