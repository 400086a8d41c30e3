#include "sim/check/vm/scenario.hpp"

#include <algorithm>
#include <tuple>

namespace pagetoken {

namespace {

constexpr std::string_view kAlone = "no token; explored from the page cached and clean, and from the page not cached";
constexpr Properties kLocal{.i1 = true, .i2 = true, .i5 = true, .livelock = true};
constexpr std::string_view kRetriesEnd =
    "A fault that finds the PTE set by another returns, and is not repeated here: a "
    "second one would be a fault that starts later, which is explored already.";

constexpr ScenarioInfo kInfos[] = {
    {ScenarioId::fault_truncate, "fault-truncate", "A read fault against a truncate to 0.", kAlone,
     "F: F1-F10. T: truncate to 0, T1-T6", Invalidator::truncate, true, true, false, kLocal, kRetriesEnd},
    {ScenarioId::fault_revoke,
     "fault-revoke",
     "A read fault against a remote revoke of a SHARED token, after which another node writes the page.",
     "SHARED held, no pins",
     "F wants SHARED. R: SHARED to NONE once, with a remote write at R7",
     Invalidator::revoke,
     true,
     true,
     false,
     {.i1 = true, .i3 = true, .i4 = true, .livelock = true},
     "The token is pinned in the step that grants it. Under grant_wait before_lock a token that is held already is not "
     "pinned before the scheme's lock: a revoke that holds the lock would wait for the pin for ever."},
    {ScenarioId::fault_punch, "fault-punch", "A read fault against a hole punch of the page.", kAlone,
     "F: F1-F10. P: punch page 0", Invalidator::punch, true, true, false, kLocal, kRetriesEnd},
    {ScenarioId::fault_invalidate,
     "fault-invalidate",
     "A read fault against an invalidate inside i_size, as O_DIRECT and NFS do, without a token.",
     kAlone,
     "F: F1-F10. I: T2-T5 once",
     Invalidator::invalidate,
     true,
     true,
     false,
     {.i1 = true, .livelock = true},
     kRetriesEnd},
    {ScenarioId::cow_truncate, "cow-truncate",
     "A write fault on a private mapping (early COW) against a truncate to 0.", kAlone,
     "F: a write fault on MAP_PRIVATE, copying at F6. T: truncate to 0", Invalidator::truncate, true, true, true,
     kLocal, kRetriesEnd},
    {ScenarioId::cow_truncate_extend, "cow-truncate-extend",
     "A write fault on a private mapping against a truncate to 0 and an extend to 1 page.", kAlone,
     "F: a write fault on MAP_PRIVATE, copying at F6. T: truncate to 0, i_sem dropped and retaken, "
     "extend to 1 page",
     Invalidator::truncate, false, true, true, kLocal, kRetriesEnd},
    {ScenarioId::truncate_extend, "truncate-extend", "A read fault against a truncate to 0 and an extend to 1 page.",
     kAlone, "F: F1-F10. T: truncate to 0, i_sem dropped and retaken, extend to 1 page", Invalidator::truncate, false,
     true, false, kLocal, kRetriesEnd},
    {ScenarioId::two_truncates, "two-truncates",
     "A read fault against a truncate and extend, and a second truncate at the same time.", kAlone,
     "F: F1-F10. T: as in truncate-extend. T2: truncate to 0", Invalidator::truncate, false, true, false, kLocal,
     kRetriesEnd},
    {ScenarioId::fault_sibling, "fault-sibling", "Two read faults of one process against a truncate to 0.", kAlone,
     "F, F2: F1-F10 in one process. T: truncate to 0", Invalidator::truncate, true, true, false, kLocal, kRetriesEnd},
    {ScenarioId::wp_revoke,
     "wp-revoke",
     "A write to a read-only PTE against a remote revoke.",
     "SHARED held; page cached and clean, PTE read-only",
     "F: W1-W3, then one store; gives up if the PTE changed. R: R1-R7 once",
     Invalidator::revoke,
     true,
     false,
     false,
     {.i1 = true, .i3 = true, .i4 = true, .i6 = true, .livelock = true},
     "The revoke has R4 and R5 throughout, since F may hold the token EXCLUSIVE by the time it gets there; over clean "
     "pages they do nothing."},
    {ScenarioId::revoke_orders,
     "revoke-orders",
     "Two stores through a writable PTE against a revoke whose parts come in any order.",
     "EXCLUSIVE held; page cached and clean, PTE writable",
     "U: two stores, each skipped when the PTE is not writable. R: the steps of revoke_order",
     Invalidator::revoke,
     false,
     false,
     false,
     {.i3 = true, .i4 = true, .i6 = true},
     "The revoke is its listed parts and nothing else: no guard, no marking, no second look; `drop` takes the page out "
     "of the cache as it is."},
    {ScenarioId::write_mmap_same_page,
     "write-mmap-same-page",
     "write(2) to a page from a buffer that maps the same page, against a remote revoke.",
     "EXCLUSIVE held, PTE none",
     "W: write(2) to page 0 from a buffer that maps page 0. R: revoke once",
     Invalidator::revoke,
     true,
     false,
     false,
     {.i4 = true, .i6 = true, .livelock = true},
     "Where a revoke takes i_sem (frlock), write(2) under grant_wait before_lock takes i_sem after its token: no lock "
     "that a revoke takes is held while waiting for a grant."},
    {ScenarioId::cross_node_write,
     "cross-node-write",
     "Two nodes write(2) each its own file, from a buffer that maps the other's.",
     "2 nodes, 2 files: A holds X and B holds Y EXCLUSIVE, PTEs none",
     "A: write(X, buffer maps Y). B: write(Y, buffer maps X). A request makes the holder run R1-R7",
     Invalidator::revoke,
     false,
     false,
     false,
     {.i4 = true},
     "Judged on deadlock only: two nodes may take the pages from each other without end. The order of i_sem and token "
     "is that of write-mmap-same-page."},
    {ScenarioId::fault_write_mmap,
     "fault-write-mmap",
     "A fault, a write(2) with an absent buffer and an mmap(2) of one process, and a truncate by another.",
     "no token",
     "F on X. T: truncate X, another process. W: write(2) to X from an absent anonymous buffer, i_sem "
     "before mmap_sem. M: queues for mmap_sem as a writer. F, W and M share mmap_sem",
     Invalidator::truncate,
     true,
     false,
     false,
     {.livelock = true},
     ""},
    {ScenarioId::page_lock_cluster_lock,
     "page-lock-cluster-lock",
     "A read that locks the page first and then wants its token, against a remote revoke.",
     "no token held; page cached, not up to date",
     "F: page lock, then the token inside the read. R: revoke",
     Invalidator::revoke,
     false,
     false,
     false,
     {.i3 = true, .livelock = true},
     "A page that is in the cache and holds nothing yet needs no token (I3). R marks the token REVOKING even though it "
     "is held by nobody here, as a request from elsewhere does."},
};

constexpr std::string_view name_in(auto names, auto value) { return names[static_cast<std::size_t>(value)]; }

}  // namespace

std::span<const ScenarioInfo> scenario_infos() { return kInfos; }

const ScenarioInfo& scenario_info(ScenarioId id) { return kInfos[static_cast<std::size_t>(id)]; }

const ScenarioInfo* find_scenario(std::string_view name) {
  const auto found = std::find_if(std::begin(kInfos), std::end(kInfos), [&](const auto& i) { return i.name == name; });
  return found == std::end(kInfos) ? nullptr : found;
}

ScenarioSpec default_spec(ScenarioId id, const GuardScheme& guard) {
  const ScenarioInfo& info = scenario_info(id);
  ScenarioSpec spec;
  spec.id = id;
  spec.guard = guard;
  spec.invalidator = info.invalidator;
  spec.is_private = info.is_private;
  spec.reduced = id == ScenarioId::cross_node_write;
  return spec;
}

bool has_token(const ScenarioSpec& spec) {
  return spec.invalidator == Invalidator::revoke || spec.id == ScenarioId::wp_revoke ||
         spec.id == ScenarioId::write_mmap_same_page;
}

Properties properties_of(const ScenarioSpec& spec) {
  Properties p = scenario_info(spec.id).properties;
  if (spec.invalidator != scenario_info(spec.id).invalidator) {  // what its own scenario would check
    switch (spec.invalidator) {
      case Invalidator::truncate:
      case Invalidator::punch: p.i1 = p.i2 = p.i5 = true; break;
      case Invalidator::invalidate: p.i1 = true; break;
      case Invalidator::revoke: p.i1 = p.i3 = p.i4 = true; break;
    }
  }
  if (!has_token(spec)) p.i3 = p.i4 = p.i6 = false;
  return p;
}

namespace {

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
        add("invalidator=" + std::string(name_in(kInvalidatorNames, other))).invalidator = other;
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
            name += (part == order.front() ? "" : " ") + std::string(name_in(kRevokePartNames, part));
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

}  // namespace

std::vector<Variant> variants_of(const ScenarioSpec& spec) {
  VariantList list(spec);
  switch (spec.id) {
    case ScenarioId::fault_truncate:
    case ScenarioId::fault_revoke:
    case ScenarioId::fault_punch:
    case ScenarioId::fault_invalidate:
      list.guard_switches();
      list.interference();
      list.mappings();
      break;
    case ScenarioId::cow_truncate:
    case ScenarioId::fault_sibling:
      list.guard_switches();
      list.invalidators();
      list.interference();
      list.mappings();
      break;
    case ScenarioId::cow_truncate_extend:
    case ScenarioId::truncate_extend:
    case ScenarioId::two_truncates:
      list.guard_switches();
      list.mappings();
      break;
    case ScenarioId::wp_revoke:
      list.guard_switches();
      list.writes_to_read_only();
      list.invalidators();
      list.interference();
      break;
    case ScenarioId::write_mmap_same_page:
      list.guard_switches();
      list.copy_faults();
      list.invalidators();
      list.interference();
      break;
    case ScenarioId::cross_node_write: list.copy_faults(); break;
    case ScenarioId::revoke_orders: list.orders(); break;
    case ScenarioId::fault_write_mmap: list.cross_locking(); break;
    case ScenarioId::page_lock_cluster_lock: list.cluster_lock(); break;
  }
  return list.take();
}

std::uint32_t most_interferers(ScenarioId id) {
  return id == ScenarioId::cross_node_write || id == ScenarioId::revoke_orders ? 1 : 2;
}

ScenarioSpec deepened(ScenarioSpec spec) {
  spec.rounds = 2;
  spec.interferers = most_interferers(spec.id);
  return spec;
}

bool differ_in_one_switch(const ScenarioSpec& a, const ScenarioSpec& b) {
  ScenarioSpec under_one_guard = a;
  under_one_guard.guard = b.guard;
  if (under_one_guard != b) return false;
  const auto differing = [&](const auto&... field) {
    return (int{a.guard.*(field.member) != b.guard.*(field.member)} + ...);
  };
  return std::apply(differing, GuardScheme::fields()) == 1;
}

}  // namespace pagetoken
