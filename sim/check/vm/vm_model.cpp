#include "sim/check/vm/vm_model.hpp"

#include <algorithm>
#include <bit>

#include "protocols/api/require.hpp"

namespace pagetoken {

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
    m_.lock_order_.add(static_cast<std::uint8_t>(held & ~bit(kind)),
                       static_cast<std::uint32_t>(std::countr_zero(bit(kind))));
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
  task.at.page = kScenarioPage;
  progress.task = vms_[actor.node].start(task);
}

/// There is something to revoke, and nobody does it. A cluster lock is asked back whether it is held here or not.
bool VmModel::may_revoke(const Actor& actor) const {
  const Vm& vm = vms_[actor.node];
  for (TaskIndex t = 0; t < vm.task_slots(); ++t)
    if (vm.task(t).alive && vm.task(t).kind == TaskKind::revoke) return false;
  return info_.revokes_what_is_not_held || vm.tokens.page(FileId{0}, kScenarioPage).mode != Mode::none;
}

bool VmModel::actor_ended(std::size_t index) const {
  const Actor& actor = actors_[index];
  const Progress& progress = progress_[index];
  if (progress.task != kNoTask) return false;
  if (progress.done == actor.script.size()) return true;
  return actor.revokes && vms_[actor.node].tokens.page(FileId{0}, kScenarioPage).mode == Mode::none &&
         !info_.revokes_what_is_not_held;
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
      Vm& vm = vms_[actor.node];
      const TaskIndex task = vm.begin_yield(page_of(FileId{0}), kOnePage, Mode::none, info_.revokes);
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
        vms_[r.node].read_done(r.file, kScenarioPage, storage_.content(r.file, kScenarioPage), outside);
        break;
      }
      if (storage_.content(r.file, kScenarioPage) > r.version)
        broken_ = Finding{
            PropertyId::i6,
            "a writeback that came late overwrites a newer version of " + text_of(page_of(r.file)) + " in storage",
            NodeId{r.node}, page_of(r.file)};
      storage_.write(r.file, kScenarioPage, r.version);
      vms_[r.node].write_done(r.file, kScenarioPage);
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
  const auto before = [](const auto& a, const auto& b) {
    return std::pair{a.node, a.file} < std::pair{b.node, b.file};
  };
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
      const Token held = vms_[n].tokens.page(w.file, kScenarioPage);
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
    if (!satisfies(vms_[w.node].tokens.page(w.file, kScenarioPage).mode, w.mode))
      vms_[w.node].grant(page, kOnePage, w.mode, {}, Source::storage, outside);
  }
}

/// R7: where no other node is part of the scenario, one elsewhere writes the page, and gives the token back.
void VmModel::yielded(std::uint32_t node, const Resource& resource) {
  Truth& truth = truth_[index_of(resource.file)];
  const Version content = storage_.content(resource.file, kScenarioPage);
  if (truth.last_store.value != 0 && content != truth.last_store)
    broken_ = Finding{PropertyId::i6,
                      text_of(NodeId{node}) + " gives up the token of " + text_of(resource) +
                          ", and its last store has not reached storage",
                      NodeId{node}, resource};
  truth.last_store = {};
  if (vms_.size() == 1) {
    last_version_ = truth.latest = last_version_.next();
    storage_.write(resource.file, kScenarioPage, truth.latest);
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

}  // namespace pagetoken
