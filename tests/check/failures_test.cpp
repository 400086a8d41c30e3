// Messages that are lost and nodes that fail, within a bound, as choices of the cluster.

#include <algorithm>

#include <gtest/gtest.h>

#include "protocols/registry/registry.hpp"
#include "sim/check/cluster/protocol_check.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

struct Failing {
  std::string protocol;
  std::vector<std::vector<std::string>> scripts;
  std::uint32_t losses = 0;
  std::uint32_t crashes = 0;
  bool crash_managers = true;
};

ProtocolResult explore(const Failing& f) {
  ProtocolSpec spec;
  spec.factory = find_protocol(f.protocol);
  for (const Parameter& p : spec.factory->declaration().parameters) spec.parameters.push_back(p.default_value);
  spec.guard = find_guard_preset("page-lock")->scheme;
  for (const auto& script : f.scripts) {
    spec.scripts.emplace_back();
    for (const std::string& text : script) spec.scripts.back().push_back(operation_called(text).value());
  }
  spec.nodes = static_cast<std::uint32_t>(f.scripts.size());
  spec.losses = f.losses;
  spec.crashes = f.crashes;
  spec.crash_managers = f.crash_managers;
  ProtocolResult result = explore_protocol(spec, {});
  std::printf("%s: %s %s, %lu states, %zu steps\n", f.protocol.c_str(), name_of(result.found.verdict),
              result.found.broken.property.name().c_str(), result.found.states, result.steps.size());
  return result;
}

bool has(const ProtocolResult& result, ClusterChoice::Kind kind) {
  return std::any_of(result.steps.begin(), result.steps.end(),
                     [&](const ProtocolStep& s) { return s.what.kind == kind; });
}

/// Li and Hudak assume reliable messages and no failures. Nobody sends anything twice.
TEST(Losses, ALostMessageStopsEveryProtocolThatSendsOne) {
  for (const char* protocol : {"ivy-fixed", "gpfs-range", "dlm-file", "nocache"}) {
    const ProtocolResult result = explore({.protocol = protocol, .scripts = {{"store 0"}}, .losses = 1});
    EXPECT_EQ(result.found.broken.property.name(), "deadlock") << transcript(result.found);
    EXPECT_TRUE(has(result, ClusterChoice::Kind::lose));
    EXPECT_EQ(explore({.protocol = protocol, .scripts = {{"store 0"}}}).found.verdict, Exploration::Verdict::ok);
  }
}

/// Node 0 owns every page from the beginning, and asks nobody.
TEST(Losses, WhoSendsNothingLosesNothing) {
  const ProtocolResult result = explore({.protocol = "ivy-dynamic", .scripts = {{"store 0"}}, .losses = 1});
  EXPECT_EQ(result.found.verdict, Exploration::Verdict::ok) << transcript(result.found);
}

/// The home of an access keeps nothing about who asked: a client that fails is missed by nobody.
TEST(Crashes, NoCacheSurvivesItsClients) {
  const ProtocolResult result =
      explore({.protocol = "nocache", .scripts = {{"store 0"}, {"load 0"}}, .crashes = 1, .crash_managers = false});
  EXPECT_EQ(result.found.verdict, Exploration::Verdict::ok) << transcript(result.found);
}

TEST(Crashes, NoCacheWaitsForEverForAManagerThatForgot) {
  const ProtocolResult result = explore({.protocol = "nocache", .scripts = {{"store 0"}, {"load 0"}}, .crashes = 1});
  EXPECT_EQ(result.found.broken.property.name(), "deadlock") << transcript(result.found);
  EXPECT_TRUE(has(result, ClusterChoice::Kind::crash));
}

/// The page was where the owner was.
TEST(Crashes, IvyDoesNotSurviveAnOwner) {
  const ProtocolResult result =
      explore({.protocol = "ivy-fixed", .scripts = {{"store 0"}, {"load 0"}}, .crashes = 1, .crash_managers = false});
  EXPECT_EQ(result.found.verdict, Exploration::Verdict::violated);
  EXPECT_TRUE(has(result, ClusterChoice::Kind::crash));
}

}  // namespace
}  // namespace pagetoken
