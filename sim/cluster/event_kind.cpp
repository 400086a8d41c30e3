#include "sim/cluster/event_kind.hpp"

#include <algorithm>

namespace pagetoken {

bool asks_to_write(const Vm& vm, FileId file, Range range) {
  for (std::size_t t = 0; t < vm.task_slots(); ++t) {
    const Task& task = vm.task(static_cast<TaskIndex>(t));
    if (!task.alive || task.wait != Wait::token || task.need_mode != Mode::exclusive || task.need_of.file != file ||
        task.need_of.kind == ResourceKind::size || !task.need_range.overlaps(range))
      continue;
    // While what it has is being revoked, the protocol has not heard of its wish.
    if (!vm.tokens.any_revoking(task.need_of, task.need_range)) return true;
  }
  return false;
}

Mode right_over(const Vm& vm, FileId file, Range range) {
  Mode strongest = Mode::none;
  vm.tokens.for_each_range(file, range, [&](Range, Token token) { strongest = std::max(strongest, token.mode); });
  return strongest != Mode::exclusive && asks_to_write(vm, file, range) ? Mode::exclusive : strongest;
}

ElementaryEvent classify(Mode needed, Mode own, const OtherHolders& others) {
  if (needed == Mode::shared) return others.writer ? ElementaryEvent::rmiss_dirty : ElementaryEvent::rmiss_clean;
  if (own == Mode::shared) return ElementaryEvent::upgrade;
  if (others.writer) return ElementaryEvent::wmiss_excl;
  return others.any ? ElementaryEvent::wmiss_shared : ElementaryEvent::wmiss_none;
}

}  // namespace pagetoken
