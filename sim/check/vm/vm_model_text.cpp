// A scenario's choices, locks and waits as people read them.

#include "sim/check/vm/vm_model.hpp"

namespace pagetoken {

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
      text.text = text_of(page_of(r.file)) + " is done";
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
        text += " waits for " + std::string(name_of(task.wait)) + " of " + text_of(page_of(task.at.file));
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

}  // namespace pagetoken
