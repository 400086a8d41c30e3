#include "sim/check/vm_model.hpp"

#include <algorithm>

#include "protocols/api/require.hpp"

namespace pagetoken {

namespace {
constexpr PageIndex kPage = 0;  // every file has one page
constexpr Range kOnePage{0, 1};
Resource page_of(FileId file) { return page_resource(file, kPage); }
}  // namespace

/// What one node's VM asks of the scenario's world.
class ScenarioOutside final : public Outside {
 public:
  ScenarioOutside(VmModel& model, std::uint32_t node) : m_(model), node_(node) {}

  void need(TaskIndex, const Resource& resource, const Need& need) override { m_.needed(node_, resource, need.mode); }
  void start_read(TaskIndex, FileId file, PageIndex) override { request({false, node_, file, {}}); }
  void start_write(TaskIndex, FileId file, PageIndex, Version version) override {
    request({true, node_, file, version});
  }
  Block block_of(FileId file, PageIndex page) override { return m_.storage_.block_of(file, page); }
  void free_blocks(FileId file, Range range) override { m_.storage_.free_blocks(file, range); }
  void allocate_blocks(FileId file, Range range) override { m_.storage_.allocate(file, range); }
  // A page is one cell here: whatever is written replaces it.
  Version written(Version, CellMask) override { return m_.last_version_ = m_.last_version_.next(); }
  Version merged(Version, Version other, CellMask) override { return other; }
  Version stored(FileId file, PageIndex page) override { return m_.storage_.content(file, page); }
  void sync(TaskIndex, FileId, SyncKind) override {}  // no scenario has a sync point
  PageIndex next_held_page(FileId file, Range range) override {
    PageIndex first = range.end;
    for (const Vm& vm : m_.vms_) first = std::min(first, vm.tokens.next_held(file, range));
    return first;
  }
  void accessed(TaskIndex, FileId file, PageIndex, Version version, bool is_write) override {
    if (is_write) m_.stored(node_, file, version);
  }
  void yielded(TaskIndex, const Resource& resource, Range, bool) override { m_.yielded(node_, resource); }
  void size_changed(TaskIndex, FileId, PageIndex, PageIndex) override {}
  void blocks_freed(TaskIndex, FileId file, Range) override { m_.freed(file); }
  void lock_taken(TaskIndex, LockKind kind, std::uint8_t held) override {
    for (held &= static_cast<std::uint8_t>(~bit(kind)); held != 0; held &= static_cast<std::uint8_t>(held - 1)) {
      const std::pair edge{static_cast<LockKind>(held & -held), kind};
      const auto at = std::lower_bound(m_.lock_order_.begin(), m_.lock_order_.end(), edge);
      if (at == m_.lock_order_.end() || *at != edge) m_.lock_order_.insert(at, edge);
    }
  }

 private:
  void request(VmModel::Request r) {
    m_.requests_.push_back(r);
    ++requests_;
  }
  VmModel& m_;
  std::uint32_t node_;

 public:
  std::uint32_t requests_ = 0;
};

PathOptions VmModel::options_of(const ScenarioSpec& spec) {
  return {.tokens = has_token(spec), .size_tokens = false};
}

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
    case ScenarioId::page_lock_cluster_lock:
      access = page_lock_first_path(spec_.guard, options, spec_.escape);
      break;
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
      add_actor("T2", 0, {call(TaskKind::truncate)});
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
    storage_.write(file, kPage, last_version_);
    for (Vm& vm : vms_) {
      FileState& state = vm.file(file);
      state.i_size = 1;
      state.pre = state.post = state.count = state.sequence = Sample{1};
    }
    Vm& holder = vms_[f % nodes];
    if (start.cached) holder.preload(file, kPage, start.uptodate ? last_version_ : Version{}, storage_.block_of(file, kPage), start.uptodate);
    if (!token_ || spec_.id == ScenarioId::page_lock_cluster_lock) continue;
    const bool shared = spec_.id != ScenarioId::revoke_orders && spec_.id != ScenarioId::write_mmap_same_page &&
                        spec_.id != ScenarioId::cross_node_write;
    holder.tokens.set(page_of(file), kOnePage, shared ? Mode::shared : Mode::exclusive);
  }
  if (spec_.id == ScenarioId::wp_revoke) vms_[0].map(0, FileId{0}, kPage, false);
  if (spec_.id == ScenarioId::revoke_orders) vms_[0].map(0, FileId{0}, kPage, true);
  progress_.assign(actors_.size(), {});
  for (std::size_t a = 0; a < actors_.size(); ++a)
    if (!actors_[a].revokes) begin_next(actors_[a], progress_[a]);
  choices_.clear();
}

std::string VmModel::initial_text(std::size_t which) const { return starts_[which].text; }

void VmModel::encode(Encoder& out) const {
  for (const Vm& vm : vms_) vm.encode_to(out);
  out.put(progress_);
  out.put(requests_);
  out.put(wanted_);
  out.put(truth_);
  out.put(storage_);
  out.put(last_version_);
}

void VmModel::decode(const std::uint8_t* bytes) {
  Decoder in(bytes);
  for (Vm& vm : vms_) vm.decode_from(in);
  in.get(progress_);
  in.get(requests_);
  in.get(wanted_);
  in.get(truth_);
  in.get(storage_);
  in.get(last_version_);
}

void VmModel::begin_next(Actor& actor, Progress& progress) {
  if (progress.done == actor.script.size()) return;
  Task task = actor.script[progress.done++];
  task.at.page = kPage;
  progress.task = vms_[actor.node].start(task);
}

/// There is something to revoke, and nobody does it. A cluster lock is asked back whether it is held here or not.
bool VmModel::may_revoke(const Actor& actor) const {
  const Vm& vm = vms_[actor.node];
  for (TaskIndex t = 0; t < vm.task_slots(); ++t)
    if (vm.task(t).alive && vm.task(t).kind == TaskKind::revoke) return false;
  return spec_.id == ScenarioId::page_lock_cluster_lock || vm.tokens.page(FileId{0}, kPage).mode != Mode::none;
}

bool VmModel::actor_ended(std::size_t index) const {
  const Actor& actor = actors_[index];
  const Progress& progress = progress_[index];
  if (progress.task != kNoTask) return false;
  if (progress.done == actor.script.size()) return true;
  return actor.revokes && vms_[actor.node].tokens.page(FileId{0}, kPage).mode == Mode::none &&
         spec_.id != ScenarioId::page_lock_cluster_lock;
}

bool VmModel::ended() const {
  if (!wanted_.empty() || !requests_.empty()) return false;
  for (std::size_t a = 0; a < actors_.size(); ++a)
    if (!actor_ended(a)) return false;
  for (const Vm& vm : vms_)
    for (TaskIndex t = 0; t < vm.task_slots(); ++t)
      if (vm.task(t).alive) return false;
  return true;
}

std::uint64_t VmModel::unfinished() const {
  std::uint64_t bits = 0;
  for (std::size_t a = 0; a < actors_.size(); ++a)
    if (!actor_ended(a)) bits |= std::uint64_t{1} << a;
  return bits;
}

std::size_t VmModel::choices() {
  choices_.clear();
  for (std::uint32_t a = 0; a < actors_.size(); ++a)
    if (actors_[a].revokes && progress_[a].task == kNoTask && progress_[a].done < actors_[a].script.size() &&
        may_revoke(actors_[a]))
      choices_.push_back({Choice::Kind::begin_revoke, a, 0});
  for (std::uint32_t n = 0; n < vms_.size(); ++n) {
    for (TaskIndex t = 0; t < vms_[n].task_slots(); ++t) {
      if (!vms_[n].runnable(t)) continue;
      choices_.push_back({Choice::Kind::step, n, t});
      if (optional(vms_[n].next_step(t).op)) choices_.push_back({Choice::Kind::step_without_optional, n, t});
    }
  }
  for (std::uint32_t i = 0; i < requests_.size(); ++i) choices_.push_back({Choice::Kind::storage, i, 0});
  return choices_.size();
}

void VmModel::take(std::size_t index) {
  const Choice choice = choices_[index];
  taken_ = {};
  taken_.actor = actor_of(index);
  switch (choice.kind) {
    case Choice::Kind::begin_revoke: {
      Actor& actor = actors_[choice.index];
      const bool clean = spec_.id == ScenarioId::page_lock_cluster_lock ||
                         (spec_.id != ScenarioId::wp_revoke && spec_.id != ScenarioId::write_mmap_same_page);
      Vm& vm = vms_[actor.node];
      const TaskIndex task = vm.begin_yield(page_of(FileId{0}), kOnePage, Mode::none,
                                            clean ? Disposition::discard : Disposition::write_back);
      ++progress_[choice.index].done;
      progress_[choice.index].task = task;
      run(actor.node, task, false);
      break;
    }
    case Choice::Kind::step:
    case Choice::Kind::step_without_optional:
      run(choice.index, choice.task, choice.kind == Choice::Kind::step_without_optional);
      break;
    case Choice::Kind::storage: {
      const Request r = requests_[choice.index];
      requests_.erase(requests_.begin() + choice.index);
      taken_.storage = true;
      taken_.is_write = r.is_write;
      taken_.node = NodeId{r.node};
      ScenarioOutside outside(*this, r.node);
      if (!r.is_write) {
        vms_[r.node].read_done(r.file, kPage, storage_.content(r.file, kPage), outside);
        break;
      }
      if (storage_.content(r.file, kPage) > r.version)
        broken_ = Broken{"I6", "a writeback that came late overwrites a newer version of " + describe(page_of(r.file)) +
                                   " in storage", NodeId{r.node}, page_of(r.file)};
      storage_.write(r.file, kPage, r.version);
      vms_[r.node].write_done(r.file, kPage);
      break;
    }
  }
  settle();
  begin_ended_actors();
  for (std::uint32_t n = 0; n < vms_.size(); ++n) {
    for (const TaskIndex task : vms_[n].woken()) taken_.woken.push_back(actor_at(n, task));
    vms_[n].woken().clear();
    for (TaskIndex t = 0; spec_.reduced && t < vms_[n].task_slots(); ++t)
      if (vms_[n].runnable(t) && vms_[n].task(t).handed) run(n, t, false);  // what it waited for is its own already
    vms_[n].normalize();
  }
  const auto before = [](const auto& a, const auto& b) { return std::pair{a.node, a.file} < std::pair{b.node, b.file}; };
  last_broken_ = broken_.has_value();
  std::stable_sort(requests_.begin(), requests_.end(), before);
  std::stable_sort(wanted_.begin(), wanted_.end(), before);
}

namespace {
/// Seen by nobody but the task, or only ever enabling others: it commutes to the left of every step of another task.
bool moves_left(const Instruction& i, const GuardScheme& guard) {
  switch (i.op) {
    case StepOp::unlock:
    case StepOp::unpin:
    case StepOp::first_process:
    case StepOp::next_process:
    case StepOp::advance_page: return true;
    case StepOp::sample: return guard.check == Check::none || guard.check == Check::isize;
    default: return false;
  }
}
}  // namespace

void VmModel::run(std::uint32_t node, TaskIndex task, bool without_optional) {
  ScenarioOutside outside(*this, node);
  Vm& vm = vms_[node];
  const std::uint32_t actor = actor_at(node, task);
  const auto step = [&](bool skip) {
    outside.requests_ = 0;
    const Step done = skip ? vm.step_without_optional(task, outside) : vm.step(task, outside);
    taken_.steps.push_back({done, actor, NodeId{node}, explaining_ ? locks_of_actor(actor) : "", outside.requests_});
  };
  step(without_optional);
  while (spec_.reduced && vm.runnable(task) && moves_left(vm.next_step(task), spec_.guard)) step(false);
}

void VmModel::begin_ended_actors() {
  for (std::size_t a = 0; a < actors_.size(); ++a) {
    Progress& progress = progress_[a];
    if (progress.task == kNoTask || vms_[actors_[a].node].task(progress.task).alive) continue;
    progress.task = kNoTask;
    if (!actors_[a].revokes) begin_next(actors_[a], progress);
  }
}

void VmModel::needed(std::uint32_t node, const Resource& resource, Mode mode) {
  for (Wanted& w : wanted_)
    if (w.node == node && w.file == resource.file) {
      w.mode = std::max(w.mode, mode);
      return;
    }
  wanted_.push_back({node, resource.file, mode});
}

/// The stub: grants what nobody else holds, at once; what another node holds it has revoked first.
void VmModel::settle() {
  for (std::size_t i = 0; i < wanted_.size();) {
    const Wanted w = wanted_[i];
    const Resource page = page_of(w.file);
    bool free = !vms_[w.node].tokens.any_revoking(page, kOnePage);
    for (std::uint32_t n = 0; n < vms_.size(); ++n) {
      const Token held = vms_[n].tokens.page(w.file, kPage);
      if (n == w.node || compatible(held.mode, w.mode)) continue;
      free = false;
      bool asked = held.revoking;
      for (TaskIndex t = 0; t < vms_[n].task_slots() && !asked; ++t)
        asked = vms_[n].task(t).alive && vms_[n].task(t).kind == TaskKind::revoke && vms_[n].task(t).file == w.file;
      if (!asked) vms_[n].begin_yield(page, kOnePage, Mode::none, Disposition::write_back);
    }
    if (!free) {
      ++i;
      continue;
    }
    wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(i));
    ScenarioOutside outside(*this, w.node);
    if (!satisfies(vms_[w.node].tokens.page(w.file, kPage).mode, w.mode))
      vms_[w.node].grant(page, kOnePage, w.mode, {}, Source::storage, outside);
  }
}

/// R7: where no other node is part of the scenario, one elsewhere writes the page, and gives the token back.
void VmModel::yielded(std::uint32_t node, const Resource& resource) {
  Truth& truth = truth_[index_of(resource.file)];
  const Version content = storage_.content(resource.file, kPage);
  if (truth.last_store.value != 0 && content != truth.last_store)
    broken_ = Broken{"I6", describe(NodeId{node}) + " gives up the token of " + describe(resource) +
                               ", and its last store has not reached storage", NodeId{node}, resource};
  truth.last_store = {};
  if (vms_.size() == 1) {
    last_version_ = truth.latest = last_version_.next();
    storage_.write(resource.file, kPage, truth.latest);
  }
  ScenarioOutside outside(*this, node);
  vms_[node].raise_unmet(resource, outside);
}

void VmModel::stored(std::uint32_t, FileId file, Version version) {
  truth_[index_of(file)] = {.latest = version, .last_store = version};
}

void VmModel::freed(FileId file) { truth_[index_of(file)] = {}; }

std::uint32_t VmModel::actor_at(std::uint32_t node, TaskIndex task) const {
  for (std::uint32_t a = 0; a < actors_.size(); ++a)
    if (actors_[a].node == node && progress_[a].task == task) return a;
  return static_cast<std::uint32_t>(actors_.size()) + node;
}

std::uint32_t VmModel::actor_of(std::size_t index) const {
  const Choice& choice = choices_[index];
  if (choice.kind == Choice::Kind::begin_revoke) return choice.index;
  if (choice.kind != Choice::Kind::storage) return actor_at(choice.index, choice.task);
  const Request& r = requests_[choice.index];
  return static_cast<std::uint32_t>(actors_.size() + vms_.size() + r.node * 2 + (r.is_write ? 1 : 0));
}

std::string VmModel::actor_name(std::uint32_t actor) const {
  if (actor < actors_.size()) return actors_[actor].name;
  if (actor < actors_.size() + vms_.size()) return std::string("R") + "AB"[actor - actors_.size()];
  return "disk";
}

ChoiceText VmModel::choice_text(std::size_t index) const {
  const Choice& choice = choices_[index];
  ChoiceText text{actor_name(actor_of(index)), NodeId{}, {}, {}};
  switch (choice.kind) {
    case Choice::Kind::begin_revoke: {
      const Instruction& i = paths_.of(TaskKind::revoke)[0];
      text.name = i.step;
      text.text = i.text;
      break;
    }
    case Choice::Kind::step:
    case Choice::Kind::step_without_optional: {
      const Vm& vm = vms_[choice.index];
      const std::size_t skip = choice.kind == Choice::Kind::step ? 0 : 1;
      const Instruction& i = vm.paths().of(vm.task(choice.task))[vm.task(choice.task).pc + skip];
      text.node = NodeId{choice.index};
      text.name = i.step;
      text.text = i.text;
      break;
    }
    case Choice::Kind::storage: {
      const Request& r = requests_[choice.index];
      text.node = NodeId{r.node};
      text.name = r.is_write ? "write" : "read";
      text.text = (r.is_write ? "writeback of " : "read of ") + describe(page_of(r.file)) + " is done";
      break;
    }
  }
  return text;
}

std::string VmModel::describe_choice(std::size_t index) {
  const ChoiceText text = choice_text(index);
  return text.actor + "  " + text.name + "  " + text.text;
}

std::string VmModel::locks_of_actor(std::uint32_t actor) const {
  std::string locks;
  const auto add = [&](const Task& task) {
    for (std::uint8_t held = task.at.held | task.other.held; held != 0; held &= static_cast<std::uint8_t>(held - 1))
      locks += (locks.empty() ? "" : " ") + std::string(name_of(static_cast<LockKind>(held & -held)));
  };
  if (actor < actors_.size()) {
    const Progress& progress = progress_[actor];
    if (progress.task != kNoTask) add(vms_[actors_[actor].node].task(progress.task));
  } else if (const std::size_t node = actor - actors_.size(); node < vms_.size()) {
    for (TaskIndex t = 0; t < vms_[node].task_slots(); ++t)
      if (const Task& task = vms_[node].task(t); task.alive && task.kind == TaskKind::revoke) add(task);
  }
  return locks;
}

std::string VmModel::who_waits() const {
  std::string text;
  for (std::uint32_t n = 0; n < vms_.size(); ++n) {
    const Vm& vm = vms_[n];
    for (TaskIndex t = 0; t < vm.task_slots(); ++t) {
      const Task& task = vm.task(t);
      if (!task.alive) continue;
      if (!text.empty()) text += "; ";
      const std::uint32_t actor = actor_at(n, t);
      text += actor_name(actor);
      const std::string held = locks_of_actor(actor);
      if (!held.empty()) text += " (holds " + held + ")";
      if (task.wait != Wait::lock) {
        text += std::string(" waits for ") + name_of(task.wait) + " of " + describe(page_of(task.at.file));
        continue;
      }
      const Lock& lock = vm.lock(task.wait_lock);
      text += std::string(" waits for ") + name_of(task.wait_lock.kind);
      if (lock.owner != kNoTask) text += ", held by " + actor_name(actor_at(n, lock.owner));
      if (lock.owner == kNoTask && lock.readers > 0)
        text += ", held by " + std::to_string(lock.readers) + (lock.readers == 1 ? " reader" : " readers");
    }
  }
  return text;
}

std::optional<Broken> VmModel::check() {
  for (std::uint32_t n = 0; n < vms_.size(); ++n) {
    for (std::uint32_t f = 0; f < files_; ++f) {
      if (auto broken = check_tokens(n, FileId{f})) return broken;
      if (invalidates_here()) continue;
      if (auto broken = check_versions(n, FileId{f})) return broken;
    }
  }
  if (!ended()) return std::nullopt;
  for (std::uint32_t n = 0; n < vms_.size(); ++n)
    for (std::uint32_t f = 0; f < files_; ++f)
      if (auto broken = check_rest(n, FileId{f}, properties_)) return broken;
  return std::nullopt;
}

bool VmModel::is_mapped(NodeId node, const Resource& page) const {
  for (const Process& process : vm(node).processes())
    for (const bool is_private : {false, true})
      if (process.ptes.find(pte_key(page.file, page.page, is_private))) return true;
  return false;
}

std::optional<Broken> VmModel::fact(std::string_view property) const {
  for (std::uint32_t n = 0; n < vms_.size(); ++n)
    for (std::uint32_t f = 0; f < files_; ++f) {
      std::optional<Broken> broken;
      if (property == "I3") broken = check_tokens(n, FileId{f});
      if (property == "I4") broken = check_versions(n, FileId{f});
      const Properties rest{.i1 = property == "I1", .i2 = property == "I2", .i5 = property == "I5", .i6 = property == "I6"};
      if (!broken && property != "I3" && property != "I4") broken = check_rest(n, FileId{f}, rest);
      if (broken) return broken;
    }
  return std::nullopt;
}

bool VmModel::is_retry(std::size_t index) const {
  const Choice& choice = choices_[index];
  if (choice.kind != Choice::Kind::step && choice.kind != Choice::Kind::step_without_optional) return false;
  const Vm& vm = vms_[choice.index];
  const Task& task = vm.task(choice.task);
  return task.kind == TaskKind::access && vm.next_step(choice.task).retries;
}

bool VmModel::is_interference(std::size_t index) const {
  const Choice& choice = choices_[index];
  if (choice.kind == Choice::Kind::begin_revoke) return true;
  if (choice.kind != Choice::Kind::step) return false;
  const Task& task = vms_[choice.index].task(choice.task);
  return task.kind != TaskKind::access && task.pc == 0;
}

/// I3. A page that is in the cache and not up to date holds nothing that a token would have to cover.
std::optional<Broken> VmModel::check_tokens(std::uint32_t node, FileId file) const {
  if (!properties_.i3) return std::nullopt;
  const Vm& vm = vms_[node];
  const Mode held = vm.tokens.page(file, kPage).mode;
  const auto broken = [&](const char* does) {
    return Broken{"I3", describe(NodeId{node}) + " " + does + " " + describe(page_of(file)) + ", and holds " +
                            (held == Mode::none ? "no token" : std::string("only a token that is ") + name_of(held)),
                  NodeId{node}, page_of(file)};
  };
  for (const Process& process : vm.processes())
    for (const bool is_private : {false, true})
      if (const Pte* pte = process.ptes.find(pte_key(file, kPage, is_private)); pte && !pte->is_copy)
        if (!satisfies(held, pte->writable ? Mode::exclusive : Mode::shared))
          return broken(pte->writable ? "has a stale writable PTE for" : "has a stale PTE for");
  if (const PageObject* page = vm.cached(file, kPage); page && page->uptodate && held == Mode::none)
    return broken("caches");
  return std::nullopt;
}

/// I4, where a token is held.
std::optional<Broken> VmModel::check_versions(std::uint32_t node, FileId file) const {
  const Vm& vm = vms_[node];
  if (!properties_.i4 || vm.tokens.page(file, kPage).mode == Mode::none) return std::nullopt;
  const Version latest = truth_[index_of(file)].latest;
  const auto broken = [&](const char* does) {
    return Broken{"I4", describe(NodeId{node}) + " " + does + " " + describe(page_of(file)) +
                            ", which a committed write has replaced", NodeId{node}, page_of(file)};
  };
  for (const Process& process : vm.processes())
    for (const bool is_private : {false, true})
      if (const Pte* pte = process.ptes.find(pte_key(file, kPage, is_private)); pte && !pte->is_copy)
        if (vm.objects()[pte->object].version != latest) return broken("maps an old version of");
  if (const PageObject* page = vm.cached(file, kPage); page && page->uptodate && page->version != latest)
    return broken("caches an old version of");
  return std::nullopt;
}

/// I1, I2, I5 and I6 of a node whose actors have all ended.
std::optional<Broken> VmModel::check_rest(std::uint32_t node, FileId file, const Properties& properties) const {
  const Vm& vm = vms_[node];
  const FileState* state = vm.find_file(file);
  const Block block = storage_.block_of(file, kPage);
  const auto broken = [&](const char* property, const std::string& does, const std::string& but) {
    return Broken{property, describe(NodeId{node}) + " " + does + " " + describe(page_of(file)) + ", " + but,
                  NodeId{node}, page_of(file)};
  };
  const auto freed = [&](const PageObject& page) { return page.block.value != 0 && page.block != block; };
  for (const Process& process : vm.processes()) {
    for (const bool is_private : {false, true}) {
      const Pte* pte = process.ptes.find(pte_key(file, kPage, is_private));
      if (!pte) continue;
      const PageObject& page = vm.objects()[pte->object];
      if (properties.i1 && !pte->is_copy && !page.in_cache)
        return broken("I1", "has a stale PTE for", "which points to an orphan: the page has left the cache");
      if (properties.i2 && kPage >= state->i_size)
        return broken("I2", pte->is_copy ? "maps a private copy of" : "has a stale PTE for",
                      "which is beyond i_size (" + std::to_string(state->i_size) + " pages)");
      if (properties.i5 && !pte->is_copy && freed(page)) return broken("I5", "maps", "whose block was freed");
    }
  }
  if (invalidates_here())
    if (auto old = check_versions(node, file)) return old;
  const PageObject* cached = vm.cached(file, kPage);
  if (properties.i5 && cached && freed(*cached)) return broken("I5", "caches", "whose block was freed");
  const Version store = truth_[index_of(file)].last_store;
  if (!properties.i6 || store.value == 0 || storage_.content(file, kPage) == store) return std::nullopt;
  for (const Vm& any : vms_)
    if (const PageObject* page = any.cached(file, kPage);
        page && page->version == store && (page->writeback || any.is_dirty(*page)))
      return std::nullopt;
  return broken("I6", "has lost the last store to", "which is neither in storage nor dirty in a cache");
}

}  // namespace pagetoken
