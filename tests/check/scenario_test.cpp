// The VM scenarios of docs/vm-model.md, "Scenarios": the public anchor, the deadlocks and their remedies, checks that
// pass beside the change that makes them fail, and the whole matrix as a golden file. After a change that moves it:
// PAGETOKEN_UPDATE_GOLDEN=1 build/release/tests/check/test_scenarios

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/check/vm/verdict.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

ScenarioSpec spec_of(std::string_view scenario, std::string_view guard) {
  return default_spec(find_scenario(scenario)->id, find_guard_preset(guard)->scheme);
}

ScenarioResult explored(const ScenarioSpec& spec, std::uint32_t threads = 1) {
  return explore_scenario(spec, {.threads = threads});
}

/// "ok", or the property that is violated.
std::string verdict(const ScenarioResult& result) {
  return result.found.verdict == Exploration::Verdict::violated ? result.found.broken.property.name()
                                                                : name_of(result.found.verdict);
}
std::string verdict(const ScenarioSpec& spec) { return verdict(explored(spec)); }

const ChoiceText& critical_step(const ScenarioResult& result) { return result.steps.at(result.critical.value()).text; }

TEST(Scenario, WithoutAGuardATruncateLeavesAStalePte) {
  const ScenarioResult result = explored(spec_of("fault-truncate", "none"));
  EXPECT_EQ(result.found.verdict, Exploration::Verdict::violated);
  EXPECT_EQ(critical_step(result).name, "F9");
  EXPECT_EQ(critical_step(result).text, "set_pte");
  EXPECT_EQ(critical_step(result).actor, "F");
}

TEST(Scenario, WithoutAGuardARevokeLeavesAStalePte) {
  const ScenarioResult result = explored(spec_of("fault-revoke", "none"));
  EXPECT_EQ(verdict(result), "I3");
  EXPECT_EQ(critical_step(result).name, "F9");
  EXPECT_EQ(critical_step(result).text, "set_pte");
}

TEST(Scenario, FrlockClosesTheTruncateRaceUntilItsBarriersGo) {
  ScenarioSpec spec = spec_of("fault-truncate", "frlock");
  EXPECT_EQ(verdict(spec), "ok");
  spec.guard.barriers = false;
  EXPECT_NE(verdict(spec), "ok");
}

TEST(Scenario, WithoutBarriersALoadBeforeTheSampleIsBelievedUnderTheDfsLockToo) {
  for (const char* scenario : {"fault-truncate", "fault-revoke"}) {
    ScenarioSpec spec = spec_of(scenario, "frlock+hook");
    EXPECT_EQ(verdict(spec), "ok") << scenario;
    spec.guard.barriers = false;
    EXPECT_NE(verdict(spec), "ok") << scenario;
  }
}

TEST(Scenario, AWriteWhoseBufferIsTruncatedAwayEndsWithAnError) {
  for (const char* guard : {"none", "truncate-sem", "frlock", "hook", "page-lock", "notifier"}) {
    ScenarioSpec spec = spec_of("write-mmap-same-page", guard);
    spec.invalidator = Invalidator::truncate;
    EXPECT_EQ(verdict(spec), "ok") << guard;  // a retry for ever would be a livelock
  }
}

TEST(Scenario, AFaultARetryAWriteAndAQueuedMmapDeadlockUnderFrlock) {
  ScenarioSpec spec = spec_of("fault-write-mmap", "frlock");
  const ScenarioResult result = explored(spec);
  EXPECT_EQ(verdict(result), "deadlock");
  EXPECT_NE(result.found.broken.text.find("F (holds mmap_sem) waits for i_sem, held by W"), std::string::npos)
      << result.found.broken.text;
  EXPECT_FALSE(result.lock_order.cycles().empty());

  ScenarioSpec unfair = spec;
  unfair.guard.fair_rwsem = false;
  EXPECT_EQ(verdict(unfair), "ok");
  ScenarioSpec without_mmap = spec;
  without_mmap.mmap = false;
  EXPECT_EQ(verdict(without_mmap), "ok");
  ScenarioSpec dropped = spec;
  dropped.guard.mm_dropped_first = true;
  EXPECT_EQ(verdict(dropped), "ok");
}

TEST(Scenario, APageLockedBeforeItsTokenDeadlocksWithoutTheEscape) {
  for (const std::uint32_t rounds : {1u, 2u, 3u}) {
    ScenarioSpec spec = spec_of("page-lock-cluster-lock", "page-lock");
    spec.rounds = rounds;
    EXPECT_EQ(verdict(spec), "deadlock");
    spec.escape = true;
    EXPECT_EQ(verdict(spec), "ok") << rounds;
  }
}

TEST(Scenario, CopyingWithFaultsEnabledDeadlocksAcrossNodes) {
  ScenarioSpec spec = spec_of("cross-node-write", "page-lock");
  EXPECT_EQ(verdict(spec), "ok");
  spec.guard.copy_faults = CopyFaults::enabled;
  EXPECT_EQ(verdict(spec), "deadlock");
}

TEST(Scenario, CopyingWithFaultsEnabledDeadlocksWithTheSecondRevoke) {
  ScenarioSpec spec = spec_of("write-mmap-same-page", "hook");
  spec.guard.copy_faults = CopyFaults::enabled;
  EXPECT_EQ(verdict(spec), "ok");
  EXPECT_EQ(verdict(deepened(spec)), "deadlock");
  EXPECT_EQ(verdict(deepened(spec_of("write-mmap-same-page", "hook"))), "ok");
}

TEST(Scenario, WaitingForAGrantUnderTheDfsLockDeadlocks) {
  ScenarioSpec spec = spec_of("fault-revoke", "hook");
  spec.guard.revoke_lock_first = false;
  EXPECT_EQ(verdict(spec), "ok");
  spec.guard.grant_wait = GrantWait::under_lock;
  EXPECT_EQ(verdict(spec), "deadlock");
}

TEST(Scenario, MarkingTheTokenLastUndoesEveryCheckThatRevokesRelyOn) {
  for (const char* guard : {"frlock", "truncate-count", "seqschedlock", "notifier", "page-lock", "invalidate-lock"}) {
    ScenarioSpec spec = spec_of("fault-revoke", guard);
    EXPECT_EQ(verdict(spec), "ok") << guard;
    spec.guard.state_first = false;
    EXPECT_EQ(verdict(spec), "I3") << guard;
  }
}

TEST(Scenario, APageThatIsNotLookedAtAgainUnderItsLockIsStale) {
  for (const char* scenario : {"fault-truncate", "fault-invalidate"}) {
    ScenarioSpec spec = spec_of(scenario, "page-lock");
    EXPECT_EQ(verdict(spec), "ok") << scenario;
    spec.guard.recheck_mapping = false;
    EXPECT_NE(verdict(spec), "ok") << scenario;
  }
}

TEST(Scenario, OnlyOneOrderOfARevokesPartsLosesNothing) {
  const ScenarioSpec usual = spec_of("revoke-orders", "none");
  EXPECT_EQ(verdict(usual), "ok");
  std::vector<std::string> safe;
  for (const Variant& variant : variants_of(usual)) {
    const bool whole = std::find(variant.spec.revoke_order.begin(), variant.spec.revoke_order.end(),
                                 RevokePart::unmap_nodirty) == variant.spec.revoke_order.end();
    if (verdict(variant.spec) == "ok" && whole) safe.push_back(variant.name);
  }
  EXPECT_EQ(safe, std::vector<std::string>{"revoke_order=unmap writeback_nomkclean drop release"});
}

TEST(Scenario, TwoThreadsFindWhatOneFinds) {
  for (const char* scenario : {"fault-sibling", "two-truncates", "fault-write-mmap"}) {
    for (const char* guard : {"none", "frlock"}) {
      const ScenarioResult one = explored(spec_of(scenario, guard), 1), two = explored(spec_of(scenario, guard), 2);
      EXPECT_EQ(one.found.states, two.found.states);
      EXPECT_EQ(one.found.transitions, two.found.transitions);
      EXPECT_EQ(one.found.broken.text, two.found.broken.text);
      EXPECT_EQ(transcript(one.found), transcript(two.found));
      EXPECT_EQ(one.lock_order.edges(), two.lock_order.edges());
    }
  }
}

/// The reduced choices of cross-node-write, tried where both ways are affordable.
TEST(Scenario, ReducedChoicesChangeNoVerdict) {
  for (const ScenarioInfo& info : scenario_infos()) {
    if (info.name == "cross-node-write" || info.name == "fault-sibling" || info.name == "fault-write-mmap") continue;
    for (const GuardPreset& preset : guard_presets()) {
      ScenarioSpec spec = default_spec(info.id, preset.scheme);
      const ScenarioResult full = explored(spec);
      spec.reduced = true;
      const ScenarioResult reduced = explored(spec);
      EXPECT_EQ(full.found.verdict, reduced.found.verdict) << info.name << " under " << preset.name;
      if (full.found.verdict == Exploration::Verdict::ok) {
        EXPECT_LT(reduced.found.states, full.found.states);
      }
    }
  }
}

/// Whatever is said to have no effect has none: the same states, whichever way the switch stands.
TEST(Scenario, ASwitchWithoutEffectChangesNoVerdict) {
  std::size_t named = 0;
  for (const char* scenario : {"fault-punch", "fault-revoke", "wp-revoke", "write-mmap-same-page", "cow-truncate"}) {
    for (const char* guard : {"none", "frlock+hook", "seqschedlock", "invalidate-lock"}) {
      const ScenarioSpec usual = spec_of(scenario, guard);
      const ScenarioResult before = explored(usual);
      const auto judge_switch = [&](const auto& field) {
        ScenarioSpec turned = usual;
        auto& value = turned.guard.*(field.member);
        using Switch = std::remove_reference_t<decltype(value)>;
        value = value == Switch{} ? static_cast<Switch>(1) : Switch{};
        if (switches_without_effect(turned, usual.guard).empty()) return;
        ++named;
        const ScenarioResult after = explored(turned);
        EXPECT_EQ(verdict(after), verdict(before)) << scenario << " under " << guard << ", " << field.name;
        EXPECT_EQ(after.found.states, before.found.states) << scenario << " under " << guard << ", " << field.name;
      };
      std::apply([&](const auto&... field) { (judge_switch(field), ...); }, GuardScheme::fields());
    }
  }
  EXPECT_GT(named, 50u);
}

TEST(Scenario, AFaultsRetriesAreBoundedPerInterference) {
  for (const char* guard : {"isize-recheck", "frlock", "truncate-count", "seqschedlock", "page-lock", "notifier"}) {
    const ScenarioResult result = explored(spec_of("fault-truncate", guard));
    ASSERT_TRUE(result.retries) << guard;
    EXPECT_TRUE(result.retries->bounded) << guard;
  }
}

/// Verdict, length of the shortest path and states of every scenario under every preset, as this program finds them.
TEST(Scenario, TheMatrixIsTheGoldenOne) {
  std::ostringstream found;
  for (const ScenarioInfo& info : scenario_infos()) {
    for (const GuardPreset& preset : guard_presets()) {
      // Two hundred thousand states each; `check --matrix` has them.
      if (info.name == "cross-node-write" && preset.scheme.check == Check::frlock) continue;
      const ScenarioResult r = explored(default_spec(info.id, preset.scheme));
      found << info.name << ' ' << preset.name << ": " << verdict(r);
      if (r.found.verdict == Exploration::Verdict::violated) {
        found << ", " << r.steps.size() << " steps";
        if (r.critical) found << ", critical " << critical_step(r).actor << ' ' << critical_step(r).name;
      } else {
        found << ", " << r.found.states << " states, " << r.found.transitions << " transitions";
      }
      found << '\n';
    }
  }
  const std::string path = PAGETOKEN_SOURCE_DIR "/tests/golden/check/matrix.txt";
  if (std::getenv("PAGETOKEN_UPDATE_GOLDEN")) std::ofstream(path) << found.str();
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(found.str(), golden);
}

}  // namespace
}  // namespace pagetoken
