#include "sim/check/vm/scenario.hpp"

#include <algorithm>
#include <tuple>

#include "sim/check/vm/cast.hpp"
#include "sim/check/vm/variants.hpp"

namespace pagetoken {

namespace {

constexpr std::string_view kAlone = "no token; explored from the page cached and clean, and from the page not cached";
constexpr Properties kLocal{.i1 = true, .i2 = true, .i5 = true, .livelock = true};
constexpr std::string_view kRetriesEnd =
    "A fault that finds the PTE set by another returns, and is not repeated here: a "
    "second one would be a fault that starts later, which is explored already.";

constexpr ScenarioStart kReadOnly[] = {{"page cached, clean, PTE read-only"}};
constexpr ScenarioStart kWritable[] = {{"page cached, clean, PTE writable"}};
constexpr ScenarioStart kBothOrNeither[] = {{"both pages cached where they are held, clean"},
                                            {"neither page cached", false}};
constexpr ScenarioStart kNotUptodate[] = {{"page cached, not up to date", true, false}};

Program fault_path(const ScenarioSpec& spec, const PathOptions& options) {
  return single_fault_path(spec.guard, options);
}
void fault_and_invalidate(Cast& cast) {
  cast.add("F", {cast.load()});
  cast.add_invalidators();
}
void vary_fault(VariantList& list) {
  list.guard_switches();
  list.interference();
  list.mappings();
}

constexpr ScenarioInfo kInfos[] = {
    {.name = "fault-truncate",
     .summary = "A read fault against a truncate to 0.",
     .start = kAlone,
     .actors = "F: F1-F10. T: truncate to 0, T1-T6",
     .invalidator = Invalidator::truncate,
     .invalidator_is_free = true,
     .may_be_private = true,
     .properties = kLocal,
     .decided = kRetriesEnd,
     .cast = fault_and_invalidate,
     .access_path = fault_path,
     .variants = vary_fault},
    {.name = "fault-revoke",
     .summary = "A read fault against a remote revoke of a SHARED token, after which another node writes the page.",
     .start = "SHARED held, no pins",
     .actors = "F wants SHARED. R: SHARED to NONE once, with a remote write at R7",
     .invalidator_is_free = true,
     .may_be_private = true,
     .properties = {.i1 = true, .i3 = true, .i4 = true, .livelock = true},
     .decided = "The token is pinned in the step that grants it. Under grant_wait before_lock a token that is held "
                "already is not "
                "pinned before the scheme's lock: a revoke that holds the lock would wait for the pin for ever.",
     .cast = fault_and_invalidate,
     .access_path = fault_path,
     .variants = vary_fault},
    {.name = "fault-punch",
     .summary = "A read fault against a hole punch of the page.",
     .start = kAlone,
     .actors = "F: F1-F10. P: punch page 0",
     .invalidator = Invalidator::punch,
     .invalidator_is_free = true,
     .may_be_private = true,
     .properties = kLocal,
     .decided = kRetriesEnd,
     .cast = fault_and_invalidate,
     .access_path = fault_path,
     .variants = vary_fault},
    {.name = "fault-invalidate",
     .summary = "A read fault against an invalidate inside i_size, as O_DIRECT and NFS do, without a token.",
     .start = kAlone,
     .actors = "F: F1-F10. I: T2-T5 once",
     .invalidator = Invalidator::invalidate,
     .invalidator_is_free = true,
     .may_be_private = true,
     .properties = {.i1 = true, .livelock = true},
     .decided = kRetriesEnd,
     .cast = fault_and_invalidate,
     .access_path = fault_path,
     .variants = vary_fault},
    {.name = "cow-truncate",
     .summary = "A write fault on a private mapping (early COW) against a truncate to 0.",
     .start = kAlone,
     .actors = "F: a write fault on MAP_PRIVATE, copying at F6. T: truncate to 0",
     .invalidator = Invalidator::truncate,
     .invalidator_is_free = true,
     .may_be_private = true,
     .is_private = true,
     .properties = kLocal,
     .decided = kRetriesEnd,
     .cast =
         [](Cast& cast) {
           cast.add("F", {cast.store()});
           cast.add_invalidators();
         },
     .access_path = fault_path,
     .variants =
         [](VariantList& list) {
           list.guard_switches();
           list.invalidators();
           list.interference();
           list.mappings();
         }},
    {.name = "cow-truncate-extend",
     .summary = "A write fault on a private mapping against a truncate to 0 and an extend to 1 page.",
     .start = kAlone,
     .actors = "F: a write fault on MAP_PRIVATE, copying at F6. T: truncate to 0, i_sem dropped and retaken, extend to "
               "1 page",
     .invalidator = Invalidator::truncate,
     .may_be_private = true,
     .is_private = true,
     .properties = kLocal,
     .decided = kRetriesEnd,
     .cast =
         [](Cast& cast) {
           cast.add("F", {cast.store()});
           cast.add_invalidators({Cast::call(TaskKind::extend)});
         },
     .access_path = fault_path,
     .variants =
         [](VariantList& list) {
           list.guard_switches();
           list.mappings();
         }},
    {.name = "truncate-extend",
     .summary = "A read fault against a truncate to 0 and an extend to 1 page.",
     .start = kAlone,
     .actors = "F: F1-F10. T: truncate to 0, i_sem dropped and retaken, extend to 1 page",
     .invalidator = Invalidator::truncate,
     .may_be_private = true,
     .properties = kLocal,
     .decided = kRetriesEnd,
     .cast =
         [](Cast& cast) {
           cast.add("F", {cast.load()});
           cast.add_invalidators({Cast::call(TaskKind::extend)});
         },
     .access_path = fault_path,
     .variants =
         [](VariantList& list) {
           list.guard_switches();
           list.mappings();
         }},
    {.name = "two-truncates",
     .summary = "A read fault against a truncate and extend, and a second truncate at the same time.",
     .start = kAlone,
     .actors = "F: F1-F10. T: as in truncate-extend. T2: truncate to 0",
     .invalidator = Invalidator::truncate,
     .may_be_private = true,
     .properties = kLocal,
     .decided = kRetriesEnd,
     .cast =
         [](Cast& cast) {
           cast.add("F", {cast.load()});
           cast.add_invalidators({Cast::call(TaskKind::extend)});
           cast.add("T" + std::to_string(cast.spec.interferers + 1), {Cast::call(TaskKind::truncate)});
         },
     .access_path = fault_path,
     .variants =
         [](VariantList& list) {
           list.guard_switches();
           list.mappings();
         }},
    {.name = "fault-sibling",
     .summary = "Two read faults of one process against a truncate to 0.",
     .start = kAlone,
     .actors = "F, F2: F1-F10 in one process. T: truncate to 0",
     .invalidator = Invalidator::truncate,
     .invalidator_is_free = true,
     .may_be_private = true,
     .properties = kLocal,
     .decided = kRetriesEnd,
     .cast =
         [](Cast& cast) {
           cast.add("F", {cast.load()});
           cast.add("F2", {cast.load()});
           cast.add_invalidators();
         },
     .access_path = fault_path,
     .variants =
         [](VariantList& list) {
           list.guard_switches();
           list.invalidators();
           list.interference();
           list.mappings();
         }},
    {.name = "wp-revoke",
     .summary = "A write to a read-only PTE against a remote revoke.",
     .start = "SHARED held; page cached and clean, PTE read-only",
     .actors = "F: W1-W3, then one store; gives up if the PTE changed. R: R1-R7 once",
     .invalidator_is_free = true,
     .properties = {.i1 = true, .i3 = true, .i4 = true, .i6 = true, .livelock = true},
     .decided = "The revoke has R4 and R5 throughout, since F may hold the token EXCLUSIVE by the time it gets there; "
                "over clean "
                "pages they do nothing.",
     .starts = kReadOnly,
     .always_has_token = true,
     .mapped = ScenarioInfo::Mapped::read_only,
     .cast =
         [](Cast& cast) {
           cast.add("F", {cast.store()});
           cast.add_invalidators();
         },
     .access_path = [](const ScenarioSpec& spec,
                       const PathOptions& options) { return single_write_protect_path(spec.guard, options); },
     .revokes = Disposition::write_back,
     .variants =
         [](VariantList& list) {
           list.guard_switches();
           list.writes_to_read_only();
           list.invalidators();
           list.interference();
         }},
    {.name = "revoke-orders",
     .summary = "Two stores through a writable PTE against a revoke whose parts come in any order.",
     .start = "EXCLUSIVE held; page cached and clean, PTE writable",
     .actors = "U: two stores, each skipped when the PTE is not writable. R: the steps of revoke_order",
     .most_interferers = 1,
     .has_order = true,
     .properties = {.i3 = true, .i4 = true, .i6 = true},
     .decided = "The revoke is its listed parts and nothing else: no guard, no marking, no second look; `drop` takes "
                "the page out "
                "of the cache as it is.",
     .starts = kWritable,
     .held = Mode::exclusive,
     .mapped = ScenarioInfo::Mapped::writable,
     .cast =
         [](Cast& cast) {
           cast.add("U", {cast.store(), cast.store()});
           cast.add_invalidators();
         },
     .access_path = [](const ScenarioSpec& spec,
                       const PathOptions& options) { return store_if_writable_path(spec.guard, options); },
     .variants = [](VariantList& list) { list.orders(); }},
    {.name = "write-mmap-same-page",
     .summary = "write(2) to a page from a buffer that maps the same page, against a remote revoke.",
     .start = "EXCLUSIVE held, PTE none",
     .actors = "W: write(2) to page 0 from a buffer that maps page 0. R: revoke once",
     .invalidator_is_free = true,
     .properties = {.i4 = true, .i6 = true, .livelock = true},
     .decided = "Where a revoke takes i_sem (frlock), write(2) under grant_wait before_lock takes i_sem after its "
                "token: no lock "
                "that a revoke takes is held while waiting for a grant.",
     .always_has_token = true,
     .held = Mode::exclusive,
     .cast =
         [](Cast& cast) {
           cast.add("W", {Cast::write_from(0, 0)});
           cast.add_invalidators();
         },
     .access_path = fault_path,
     .revokes = Disposition::write_back,
     .variants =
         [](VariantList& list) {
           list.guard_switches();
           list.copy_faults();
           list.invalidators();
           list.interference();
         }},
    {.name = "cross-node-write",
     .summary = "Two nodes write(2) each its own file, from a buffer that maps the other's.",
     .start = "2 nodes, 2 files: A holds X and B holds Y EXCLUSIVE, PTEs none",
     .actors = "A: write(X, buffer maps Y). B: write(Y, buffer maps X). A request makes the holder run R1-R7",
     .most_interferers = 1,
     .reduced = true,
     .properties = {.i4 = true},
     .decided = "Judged on deadlock only: two nodes may take the pages from each other without end. The order of i_sem "
                "and token "
                "is that of write-mmap-same-page.",
     .starts = kBothOrNeither,
     .files = 2,
     .held = Mode::exclusive,
     .cast =
         [](Cast& cast) {
           cast.add("A", {Cast::write_from(0, 1)});
           cast.add("B", {Cast::write_from(1, 0)}, 1);
         },
     .access_path = fault_path,
     .variants = [](VariantList& list) { list.copy_faults(); }},
    {.name = "fault-write-mmap",
     .summary = "A fault, a write(2) with an absent buffer and an mmap(2) of one process, and a truncate by another.",
     .start = "no token",
     .actors = "F on X. T: truncate X, another process. W: write(2) to X from an absent anonymous buffer, i_sem "
               "before mmap_sem. M: queues for mmap_sem as a writer. F, W and M share mmap_sem",
     .invalidator = Invalidator::truncate,
     .invalidator_is_free = true,
     .has_mmap = true,
     .properties = {.livelock = true},
     .processes = 2,
     .cast =
         [](Cast& cast) {
           cast.add("F", {cast.load()});
           cast.add_invalidators();
           cast.is_of_another_process();
           cast.add("W", {Cast::write_from_nowhere()});
           if (cast.spec.mmap) cast.add("M", {Cast::call(TaskKind::mmap)});
         },
     .access_path = fault_path,
     .variants = [](VariantList& list) { list.cross_locking(); }},
    {.name = "page-lock-cluster-lock",
     .summary = "A read that locks the page first and then wants its token, against a remote revoke.",
     .start = "no token held; page cached, not up to date",
     .actors = "F: page lock, then the token inside the read. R: revoke",
     .has_escape = true,
     .properties = {.i3 = true, .livelock = true},
     .decided = "A page that is in the cache and holds nothing yet needs no token (I3). R marks the token REVOKING "
                "even though it "
                "is held by nobody here, as a request from elsewhere does.",
     .starts = kNotUptodate,
     .held = Mode::none,
     .cast = fault_and_invalidate,
     .access_path = [](const ScenarioSpec& spec,
                       const PathOptions& options) { return page_lock_first_path(spec.guard, options, spec.escape); },
     .revokes_what_is_not_held = true,
     .only_revokes_repeat = true,
     .variants = [](VariantList& list) { list.cluster_lock(); }},
};

}  // namespace

std::span<const ScenarioInfo> scenario_infos() {
  static const std::vector<ScenarioInfo> all = [] {
    std::vector<ScenarioInfo> numbered(std::begin(kInfos), std::end(kInfos));
    for (std::size_t i = 0; i < numbered.size(); ++i) numbered[i].id = static_cast<ScenarioId>(i);
    return numbered;
  }();
  return all;
}

const ScenarioInfo& scenario_info(ScenarioId id) { return scenario_infos()[static_cast<std::size_t>(id)]; }

const ScenarioInfo* find_scenario(std::string_view name) {
  for (const ScenarioInfo& info : scenario_infos())
    if (info.name == name) return &info;
  return nullptr;
}

ScenarioSpec default_spec(ScenarioId id, const GuardScheme& guard) {
  const ScenarioInfo& info = scenario_info(id);
  ScenarioSpec spec;
  spec.id = id;
  spec.guard = guard;
  spec.invalidator = info.invalidator;
  spec.is_private = info.is_private;
  spec.reduced = info.reduced;
  return spec;
}

bool has_token(const ScenarioSpec& spec) {
  return spec.invalidator == Invalidator::revoke || scenario_info(spec.id).always_has_token;
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

std::vector<Variant> variants_of(const ScenarioSpec& spec) {
  VariantList list(spec);
  scenario_info(spec.id).variants(list);
  return list.take();
}

ScenarioSpec deepened(ScenarioSpec spec) {
  spec.rounds = 2;
  spec.interferers = scenario_info(spec.id).most_interferers;
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
