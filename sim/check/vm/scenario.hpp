#pragma once
// The VM scenarios of docs/vm-model.md, "Scenarios": who acts, what is there at the beginning, and what must hold.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/check/vm/scenario_paths.hpp"
#include "sim/vm/guard.hpp"

namespace pagetoken {

/// The number of a row of scenario_infos().
enum class ScenarioId : std::uint8_t {};

/// What the other side does to the page that a fault looks up.
enum class Invalidator : std::uint8_t { truncate, punch, invalidate, revoke };
inline constexpr std::array<std::string_view, 4> kInvalidatorNames{"truncate", "punch", "invalidate", "revoke"};

/// The invariants of docs/vm-model.md, "Invariants", as a set. Deadlock is always looked for; `livelock` is the rest of
/// I7.
struct Properties {
  bool i1 = false, i2 = false, i3 = false, i4 = false, i5 = false, i6 = false, livelock = false;
};

struct ScenarioSpec;
class Cast;
class VariantList;

/// Where the exploration begins; a scenario may have several such states.
struct ScenarioStart {
  std::string_view text;  ///< "page cached, clean"
  bool cached = true;
  bool uptodate = true;
};

inline constexpr ScenarioStart kCachedOrNot[] = {{"page cached, clean"}, {"page not cached", false}};

/// A scenario is a row of the table in scenario.cpp, and nothing else.
struct ScenarioInfo {
  std::string_view name;
  std::string_view summary;
  std::string_view start;   ///< what differs from one file of one page, one process, no PTE, no token
  std::string_view actors;  ///< who they are and what they do; steps are those of the model
  Invalidator invalidator = Invalidator::revoke;  ///< by default
  bool invalidator_is_free = false;               ///< any of the four may take its place
  std::uint32_t most_interferers = 2;             ///< actors that may invalidate at once
  bool may_be_private = false;                    ///< the mapping of F can be chosen
  bool is_private = false;                        ///< ... and is this by default
  bool has_order = false;                         ///< the revoke is ScenarioSpec::revoke_order
  bool has_escape = false;                        ///< ScenarioSpec::escape can be chosen
  bool has_mmap = false;                          ///< ScenarioSpec::mmap can be chosen
  bool reduced = false;                           ///< ScenarioSpec::reduced, by default
  Properties properties{};
  std::string_view decided{};  ///< where the norm leaves a doubt: what was decided, and why

  // The world at the beginning.
  std::span<const ScenarioStart> starts = kCachedOrNot;
  std::uint32_t files = 1;
  std::uint32_t processes = 1;
  bool always_has_token = false;  ///< otherwise where the invalidator is a revoke
  Mode held = Mode::shared;       ///< of each page at its holder, where there are tokens
  enum class Mapped : std::uint8_t { nowhere, read_only, writable } mapped = Mapped::nowhere;  ///< by node 0

  // What its actors do.
  void (*cast)(Cast& cast) = nullptr;
  Program (*access_path)(const ScenarioSpec& spec, const PathOptions& options) = nullptr;
  Disposition revokes = Disposition::discard;  ///< of the revokes that actors begin; where pages get dirty, write_back
  bool revokes_what_is_not_held = false;       ///< a cluster lock is asked back whether it is held here or not
  bool only_revokes_repeat = false;            ///< the others run once, whatever `rounds` says

  void (*variants)(VariantList& list) = nullptr;  ///< of variants_of
  ScenarioId id{};                                ///< set by scenario_infos()
};

std::span<const ScenarioInfo> scenario_infos();
const ScenarioInfo& scenario_info(ScenarioId id);
const ScenarioInfo* find_scenario(std::string_view name);

/// A scenario with everything that a user can choose.
struct ScenarioSpec {
  ScenarioId id{};
  GuardScheme guard{};
  Invalidator invalidator = Invalidator::truncate;
  std::uint32_t interferers = 1;  ///< how many actors invalidate, 1 or 2
  bool is_private = false;
  std::vector<RevokePart> revoke_order{RevokePart::unmap, RevokePart::writeback, RevokePart::drop, RevokePart::release};
  std::uint32_t rounds = 1;  ///< times each actor runs; page-lock-cluster-lock: the revoker alone
  bool escape = false;       ///< page-lock-cluster-lock: F only tries for the token under the page lock
  bool mmap = true;          ///< fault-write-mmap: M takes part
  /// Steps that commute with those of all others (unlocking, unpinning, what is seen by its own task alone) are taken
  /// together with the one before them: the same verdict from fewer states, but a path that is shortest in choices
  /// only.
  bool reduced = false;
  friend bool operator==(const ScenarioSpec&, const ScenarioSpec&) = default;
};

/// The scenario's defaults under a scheme.
ScenarioSpec default_spec(ScenarioId id, const GuardScheme& guard);
/// The page's tokens are in play: I3, I4 and I6 are checked where the scenario lists them.
bool has_token(const ScenarioSpec& spec);
/// What is to hold in this spec: the scenario's properties, without those that need tokens where there are none.
Properties properties_of(const ScenarioSpec& spec);

/// A spec that `check --matrix` explores beside the default, and what differs in it ("barriers=false").
struct Variant {
  std::string name;
  ScenarioSpec spec;
};
/// The listed variants of a scenario under a scheme: every switch that can change what its actors do, turned the other
/// way; the other invalidators, a second one, the other mapping; every order of a revoke's parts.
std::vector<Variant> variants_of(const ScenarioSpec& spec);

/// The same with two rounds, and two interferers where the scenario takes so many.
ScenarioSpec deepened(ScenarioSpec spec);
/// Whether the two differ in nothing but one switch of the guard.
bool differ_in_one_switch(const ScenarioSpec& a, const ScenarioSpec& b);

}  // namespace pagetoken
