// What each scenario begins with: paths, actors and their scripts, the state of pages and tokens.

#include <algorithm>

#include "sim/check/vm/vm_model.hpp"

namespace pagetoken {

PathOptions VmModel::options_of(const ScenarioSpec& spec) { return {.tokens = has_token(spec), .size_tokens = false}; }

VmModel::VmModel(const ScenarioSpec& spec)
    : spec_(spec), properties_(properties_of(spec)), token_(has_token(spec)), paths_(spec.guard, options_of(spec)) {
  make_paths();
  make_actors();
  initial(0);
}

VmModel::VmModel(const VmModel& other) : VmModel(other.spec_) {}
VmModel::~VmModel() = default;

void VmModel::make_paths() {
  const PathOptions options = options_of(spec_);
  Program access = single_fault_path(spec_.guard, options);
  switch (spec_.id) {
    case ScenarioId::wp_revoke: access = single_write_protect_path(spec_.guard, options); break;
    case ScenarioId::revoke_orders:
      access = store_if_writable_path(spec_.guard, options);
      paths_.replace(TaskKind::revoke, ordered_revoke_path(spec_.guard, options, spec_.revoke_order));
      break;
    case ScenarioId::page_lock_cluster_lock: access = page_lock_first_path(spec_.guard, options, spec_.escape); break;
    case ScenarioId::fault_truncate:
    case ScenarioId::fault_revoke:
    case ScenarioId::fault_punch:
    case ScenarioId::fault_invalidate:
    case ScenarioId::cow_truncate:
    case ScenarioId::cow_truncate_extend:
    case ScenarioId::truncate_extend:
    case ScenarioId::two_truncates:
    case ScenarioId::fault_sibling:
    case ScenarioId::write_mmap_same_page:
    case ScenarioId::cross_node_write:
    case ScenarioId::fault_write_mmap: break;
  }
  paths_.replace(TaskKind::access, std::move(access));
}

void VmModel::add_actor(std::string name, std::uint32_t node, std::vector<Task> script, bool revokes) {
  const bool repeats = spec_.id != ScenarioId::page_lock_cluster_lock || revokes;
  const std::vector<Task> once = script;
  for (std::uint32_t round = 1; repeats && round < spec_.rounds; ++round)
    script.insert(script.end(), once.begin(), once.end());
  actors_.push_back({std::move(name), node, std::move(script), revokes});
}

void VmModel::make_actors() {
  const auto access = [&](bool is_write) {
    Task task;
    task.is_write = is_write;
    task.is_private = spec_.is_private;
    task.range = kOnePage;
    return task;
  };
  const auto call = [](TaskKind kind) {
    Task task;
    task.kind = kind;
    task.range = kOnePage;
    return task;
  };
  const auto writes_from = [&](std::uint32_t file, std::uint32_t buffer) {
    Task task = call(TaskKind::write);
    task.file = FileId{file};
    task.has_buffer = true;
    task.other.file = FileId{buffer};
    return task;
  };
  const auto invalidators = [&](std::vector<Task> after = {}) {
    for (std::uint32_t i = 0; i < spec_.interferers; ++i) {
      const std::string number = i == 0 ? "" : std::to_string(i + 1);
      std::vector<Task> script = after;
      switch (spec_.invalidator) {
        case Invalidator::truncate: script.insert(script.begin(), call(TaskKind::truncate)); break;
        case Invalidator::punch: script.insert(script.begin(), call(TaskKind::punch)); break;
        case Invalidator::invalidate: script.insert(script.begin(), call(TaskKind::invalidate)); break;
        case Invalidator::revoke: add_actor("R" + number, 0, {call(TaskKind::revoke)}, true); continue;
      }
      const char* names[] = {"T", "P", "I"};
      add_actor(names[static_cast<std::size_t>(spec_.invalidator)] + number, 0, std::move(script));
    }
  };
  starts_ = {{"page cached, clean"}, {"page not cached", false}};
  switch (spec_.id) {
    case ScenarioId::fault_truncate:
    case ScenarioId::fault_revoke:
    case ScenarioId::fault_punch:
    case ScenarioId::fault_invalidate:
      add_actor("F", 0, {access(false)});
      invalidators();
      break;
    case ScenarioId::cow_truncate:
      add_actor("F", 0, {access(true)});
      invalidators();
      break;
    case ScenarioId::cow_truncate_extend:
      add_actor("F", 0, {access(true)});
      invalidators({call(TaskKind::extend)});
      break;
    case ScenarioId::truncate_extend:
      add_actor("F", 0, {access(false)});
      invalidators({call(TaskKind::extend)});
      break;
    case ScenarioId::two_truncates:
      add_actor("F", 0, {access(false)});
      invalidators({call(TaskKind::extend)});
      add_actor("T" + std::to_string(spec_.interferers + 1), 0, {call(TaskKind::truncate)});
      break;
    case ScenarioId::fault_sibling:
      add_actor("F", 0, {access(false)});
      add_actor("F2", 0, {access(false)});
      invalidators();
      break;
    case ScenarioId::wp_revoke:
      starts_ = {{"page cached, clean, PTE read-only"}};
      add_actor("F", 0, {access(true)});
      invalidators();
      break;
    case ScenarioId::revoke_orders:
      starts_ = {{"page cached, clean, PTE writable"}};
      add_actor("U", 0, {access(true), access(true)});
      invalidators();
      break;
    case ScenarioId::write_mmap_same_page:
      add_actor("W", 0, {writes_from(0, 0)});
      invalidators();
      break;
    case ScenarioId::cross_node_write:
      starts_ = {{"both pages cached where they are held, clean"}, {"neither page cached", false}};
      files_ = 2;
      add_actor("A", 0, {writes_from(0, 1)});
      add_actor("B", 1, {writes_from(1, 0)});
      break;
    case ScenarioId::fault_write_mmap: {
      add_actor("F", 0, {access(false)});
      invalidators();
      for (Task& task : actors_.back().script) task.mm = 1;
      Task write = call(TaskKind::write);
      write.absent_buffer = true;
      add_actor("W", 0, {write});
      if (spec_.mmap) add_actor("M", 0, {call(TaskKind::mmap)});
      break;
    }
    case ScenarioId::page_lock_cluster_lock:
      starts_ = {{"page cached, not up to date", true, false}};
      add_actor("F", 0, {access(false)});
      invalidators();
      break;
  }
}

void VmModel::initial(std::size_t which) {
  const Start& start = starts_[which];
  const std::uint32_t nodes = actors_.back().node + 1;
  const std::uint32_t processes = spec_.id == ScenarioId::fault_write_mmap ? 2 : 1;
  vms_.assign(nodes, Vm(paths_, processes));
  storage_ = {};
  requests_.clear();
  wanted_.clear();
  broken_.reset();
  last_version_ = Version{1};
  truth_.assign(files_, Truth{.latest = last_version_});
  for (std::uint32_t f = 0; f < files_; ++f) {
    const FileId file{f};
    storage_.create(file, 1);
    storage_.write(file, kScenarioPage, last_version_);
    for (Vm& vm : vms_) {
      FileState& state = vm.file(file);
      state.i_size = 1;
      state.pre = state.post = state.count = state.sequence = Sample{1};
    }
    Vm& holder = vms_[f % nodes];
    if (start.cached)
      holder.preload(file, kScenarioPage, start.uptodate ? last_version_ : Version{},
                     storage_.block_of(file, kScenarioPage), start.uptodate);
    if (!token_ || spec_.id == ScenarioId::page_lock_cluster_lock) continue;
    const bool shared = spec_.id != ScenarioId::revoke_orders && spec_.id != ScenarioId::write_mmap_same_page &&
                        spec_.id != ScenarioId::cross_node_write;
    holder.tokens.set(page_of(file), kOnePage, shared ? Mode::shared : Mode::exclusive);
  }
  if (spec_.id == ScenarioId::wp_revoke) vms_[0].map(0, FileId{0}, kScenarioPage, false);
  if (spec_.id == ScenarioId::revoke_orders) vms_[0].map(0, FileId{0}, kScenarioPage, true);
  progress_.assign(actors_.size(), {});
  for (std::size_t a = 0; a < actors_.size(); ++a)
    if (!actors_[a].revokes) begin_next(actors_[a], progress_[a]);
  choices_.clear();
}

std::string VmModel::initial_text(std::size_t which) const { return starts_[which].text; }

Disposition VmModel::disposition_of_revokes() const {
  const bool dirty = spec_.id == ScenarioId::wp_revoke || spec_.id == ScenarioId::write_mmap_same_page;
  return dirty ? Disposition::write_back : Disposition::discard;
}

Bounds VmModel::bounds() const {
  Bounds bounds{.rounds = spec_.rounds, .interferers = spec_.interferers};
  for (const Actor& actor : actors_) {
    bounds.actors.push_back(actor.name);
    bounds.operations = std::max(bounds.operations, static_cast<std::uint32_t>(actor.script.size()));
  }
  return bounds;
}

std::vector<Program> VmModel::programs() const {
  std::vector<Program> programs;
  for (const Actor& actor : actors_) {
    for (Task task : actor.script) {
      task.disposition = disposition_of_revokes();
      programs.push_back(paths_.of(task));
    }
  }
  if (vms_.size() > 1) programs.push_back(paths_.of(TaskKind::revoke));  // of one node's token, for another
  return programs;
}

std::vector<std::string_view> switches_without_effect(const ScenarioSpec& spec, const GuardScheme& base) {
  return switches_without_effect(spec.guard, base, [&](const GuardScheme& guard) {
    ScenarioSpec under = spec;
    under.guard = guard;
    return VmModel(under).programs();
  });
}

}  // namespace pagetoken
