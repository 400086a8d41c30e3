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

enum class ScenarioId : std::uint8_t {
  fault_truncate,
  fault_revoke,
  fault_punch,
  fault_invalidate,
  cow_truncate,
  cow_truncate_extend,
  truncate_extend,
  two_truncates,
  fault_sibling,
  wp_revoke,
  revoke_orders,
  write_mmap_same_page,
  cross_node_write,
  fault_write_mmap,
  page_lock_cluster_lock
};

/// What the other side does to the page that a fault looks up.
enum class Invalidator : std::uint8_t { truncate, punch, invalidate, revoke };
inline constexpr std::array<std::string_view, 4> kInvalidatorNames{"truncate", "punch", "invalidate", "revoke"};

/// The invariants of docs/vm-model.md, "Invariants", as a set. Deadlock is always looked for; `livelock` is the rest of
/// I7.
struct Properties {
  bool i1 = false, i2 = false, i3 = false, i4 = false, i5 = false, i6 = false, livelock = false;
};

struct ScenarioInfo {
  ScenarioId id;
  std::string_view name;
  std::string_view summary;
  std::string_view start;    ///< what differs from one file of one page, one process, no PTE, no token
  std::string_view actors;   ///< who they are and what they do; steps are those of the model
  Invalidator invalidator;   ///< by default
  bool invalidator_is_free;  ///< any of the four may take its place
  bool may_be_private;       ///< the mapping of F can be chosen
  bool is_private;           ///< ... and is this by default
  Properties properties;
  std::string_view decided;  ///< where the norm leaves a doubt: what was decided, and why
};

std::span<const ScenarioInfo> scenario_infos();
const ScenarioInfo& scenario_info(ScenarioId id);
const ScenarioInfo* find_scenario(std::string_view name);

/// A scenario with everything that a user can choose.
struct ScenarioSpec {
  ScenarioId id = ScenarioId::fault_truncate;
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

/// How many actors may invalidate at once, at most.
std::uint32_t most_interferers(ScenarioId id);
/// The same with two rounds, and two interferers where the scenario takes so many.
ScenarioSpec deepened(ScenarioSpec spec);
/// Whether the two differ in nothing but one switch of the guard.
bool differ_in_one_switch(const ScenarioSpec& a, const ScenarioSpec& b);

}  // namespace pagetoken
