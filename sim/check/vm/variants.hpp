#pragma once
// The variants that scenarios choose from: what `check --matrix` explores beside each default.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/check/vm/scenario.hpp"

namespace pagetoken {

/// Collects variants: a copy of the default with one thing changed, and its name.
class VariantList {
 public:
  explicit VariantList(const ScenarioSpec& spec) : spec_(spec), guard_(spec.guard) {}

  std::vector<Variant> take() { return std::move(variants_); }

  void guard_switches() {
    const bool token = has_token(spec_);
    const bool samples = guard_.check != Check::none && guard_.check != Check::isize;
    const bool locks = guard_.fs_lock_across || guard_.invalidate_lock == InvalidateLock::whole;
    const bool section = guard_.check == Check::frlock || guard_.check == Check::notifier ||
                         guard_.invalidate_lock != InvalidateLock::none || guard_.fs_lock_in_truncate;
    const bool frees = !token && spec_.invalidator != Invalidator::invalidate;
    if (token) flag("state_first", &GuardScheme::state_first);
    if (token && locks) flag("revoke_lock_first", &GuardScheme::revoke_lock_first);
    if (frees && section) flag("section_spans_free", &GuardScheme::section_spans_free);
    if (samples) flag("barriers", &GuardScheme::barriers);
    if (spec_.invalidator == Invalidator::truncate) flag("unmap_twice", &GuardScheme::unmap_twice);
    if (!token && guard_.fs_lock_across) flag("fs_lock_in_truncate", &GuardScheme::fs_lock_in_truncate);
    if (guard_.page_lock_across) flag("recheck_mapping", &GuardScheme::recheck_mapping);
    if (!token) return;
    choices("pin_scope", &GuardScheme::pin_scope);
    choices("grant_wait", &GuardScheme::grant_wait);
    if (locks) {
      ScenarioSpec& both = add("grant_wait=under_lock, revoke_lock_first=false");
      both.guard.grant_wait = GrantWait::under_lock;
      both.guard.revoke_lock_first = false;
    }
  }

  void writes_to_read_only() {
    choices("mkwrite", &GuardScheme::mkwrite);
    if (guard_.mkwrite != Mkwrite::none) flag("dirty_before_unpin", &GuardScheme::dirty_before_unpin);
  }

  void copy_faults() { choices("copy_faults", &GuardScheme::copy_faults); }

  void interference() {
    if (scenario_info(spec_.id).invalidator_is_free) add("interferers=2").interferers = 2;
  }

  void invalidators() {
    for (const Invalidator other :
         {Invalidator::truncate, Invalidator::punch, Invalidator::invalidate, Invalidator::revoke})
      if (other != spec_.invalidator)
        add("invalidator=" + std::string(kInvalidatorNames[static_cast<std::size_t>(other)])).invalidator = other;
  }

  void mappings() { add(spec_.is_private ? "mapping=shared" : "mapping=private").is_private = !spec_.is_private; }

  void cross_locking() {
    add("invalidator=punch").invalidator = Invalidator::punch;
    flag("fair_rwsem", &GuardScheme::fair_rwsem);
    add("mmap=false").mmap = false;
    if (guard_.check == Check::frlock) flag("mm_dropped_first", &GuardScheme::mm_dropped_first);
  }

  void cluster_lock() {
    for (const bool escape : {false, true})
      for (const std::uint32_t rounds : {1u, 2u, 3u}) {
        if (!escape && rounds == 1) continue;
        ScenarioSpec& spec = add(std::string(escape ? "escape=true, " : "") + "rounds=" + std::to_string(rounds));
        spec.escape = escape;
        spec.rounds = rounds;
      }
  }

  void orders() {
    using P = RevokePart;
    for (const P unmap : {P::unmap, P::unmap_nodirty}) {
      for (const P writeback : {P::writeback, P::writeback_nomkclean}) {
        std::vector<P> order{unmap, writeback, P::drop, P::release};
        std::sort(order.begin(), order.end());
        do {
          if (order == spec_.revoke_order) continue;
          std::string name = "revoke_order=";
          for (const P part : order)
            name += (part == order.front() ? "" : " ") + std::string(kRevokePartNames[static_cast<std::size_t>(part)]);
          add(std::move(name)).revoke_order = order;
        } while (std::next_permutation(order.begin(), order.end()));
      }
    }
  }

 private:
  ScenarioSpec& add(std::string name) {
    variants_.push_back({std::move(name), spec_});
    return variants_.back().spec;
  }
  void flag(std::string_view name, bool GuardScheme::*member) {
    const bool turned = !(guard_.*member);
    add(std::string(name) + "=" + (turned ? "true" : "false")).guard.*member = turned;
  }
  template <class E>
  void choices(std::string_view name, E GuardScheme::*member) {
    for (std::size_t i = 0; i < SwitchNames<E>::names.size(); ++i)
      if (static_cast<E>(i) != guard_.*member)
        add(std::string(name) + "=" + std::string(SwitchNames<E>::names[i])).guard.*member = static_cast<E>(i);
  }

  const ScenarioSpec spec_;
  const GuardScheme& guard_;
  std::vector<Variant> variants_;
};

}  // namespace pagetoken
