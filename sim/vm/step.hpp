#pragma once
// The interpreter of paths: one method an op, grouped by the file that defines it (step.cpp: control, locks, faults;
// step_invalidate.cpp: truncate, revoke, writeback; step_calls.cpp: system calls, tokens).

#include <array>

#include "protocols/api/require.hpp"
#include "sim/vm/vm.hpp"

namespace pagetoken {

inline constexpr std::array<bool, kOps> kStaysInside = [] {
  std::array<bool, kOps> stays{};
  for (std::size_t op = 0; op < kOps; ++op) stays[op] = stays_inside(static_cast<StepOp>(op));
  return stays;
}();

/// Runs steps of one task. Lives until somebody else touches the VM's tasks.
class StepRunner {
 public:
  StepRunner(Vm& vm, TaskIndex index, Outside& outside)
      : vm_(vm), index_(index), task_(vm.tasks_[index]), program_(vm.paths_->of(task_).data()), outside_(outside) {}

  /// The next step.
  Step run() {
    return run([](StepOp, std::uint32_t) { return false; });
  }
  /// The next step, and as many more as can be made without a stop: after each that stays inside, has woken nobody and
  /// lets the task go on, `passes(op, amount)` says whether another follows at once. Returns the last one.
  template <class Passes>
  Step run(Passes&& passes);

 private:
  enum class Next : std::uint8_t { advance, jump, stay, blocked, ended };

  const GuardScheme& scheme() const { return vm_.paths_->scheme(); }
  const PathOptions& options() const { return vm_.paths_->options(); }
  FileState& file() { return vm_.file(task_.at.file); }
  PageObject& object() { return vm_.objects_[task_.at.object]; }
  std::uint64_t page_key() const { return page_resource(task_.at.file, task_.at.page).key(); }
  std::uint64_t target_pte() const { return pte_key(task_.at.file, task_.at.page, task_.is_private); }
  Mode needed_mode() const { return task_.is_write && !task_.is_private ? Mode::exclusive : Mode::shared; }
  bool makes_copy() const { return task_.is_private && task_.is_write; }

  /// Nothing that anybody could see happens: it is run along with the step before it.
  bool silent(const Instruction& i) const;
  /// One step: an instruction, and those that are silent after it.
  Next make_step();
  Next execute(const Instruction& i);
  Next sleep(Wait wait);
  void reference(std::uint32_t object);
  void drop_reference();

  // Faults.
  Next access(const Instruction& i);
  Next sample();
  bool guard_changed();
  Next lookup(bool create);
  Next recheck(const Instruction& i);
  void copy_page();
  void lookup_or_add();
  void read_page();
  Next set_pte();
  void store();
  void store_cells(PageObject& page);
  Next wp_reference();
  Next wp_refault();
  Next wp_set();
  void finish(Result result);

  // Tokens.
  Next wait_pins(bool holds);
  Next take_size_token(Mode mode, bool resample);
  Next take_page_token(Mode mode, bool hold_only, bool resample);
  Next take_range_tokens(bool hold_only);
  Next pin_tokens(Mode mode);
  Next try_page_token();
  Next await_token(const Resource& resource, Range range, Mode mode, bool pinned, bool hold_only = false,
                   bool resample = false);
  void unpin();
  Next send_access();
  Next sync_point();

  // Invalidation and revoke.
  void set_size();
  void grow_size(PageIndex size);
  void bump_early();
  void count_bump();
  void section_begin();
  void section_end();
  Next next_process();
  void zap(bool one_page, bool own_process_only, bool lose_dirty);
  Next next_page();
  Next next_dirty(StepForm which);
  void remove_page();
  void remove_if_unused();
  void start_writeback(bool to_storage);
  Next wait_writeback();
  void release_token();

  // System calls.
  Next copy_out();
  Next check_written_size();
  Next copy_in();
  bool buffer_present() const;

  Vm& vm_;
  TaskIndex index_;
  Task& task_;
  const Instruction* program_;  // of its kind, which does not change on the way
  Outside& outside_;
  std::uint32_t amount_ = 0;
};

template <class Passes>
Step StepRunner::run(Passes&& passes) {
  require(task_.alive && task_.wait == Wait::none, "a task is stepped that cannot run");
  for (;;) {
    Step step;
    step.instruction = program_ + task_.pc;
    amount_ = 0;
    const Next next = make_step();
    step.amount = amount_;
    if (next == Next::blocked || next == Next::ended) {
      step.outcome = next == Next::blocked ? Step::Outcome::blocked : Step::Outcome::ended;
      return step;
    }
    const StepOp op = step.instruction->op;
    if (!vm_.woken_.empty() || !kStaysInside[static_cast<std::size_t>(op)] || !passes(op, step.amount)) return step;
  }
}

template <class Passes, class GoesOn>
void Vm::run(TaskIndex index, Outside& outside, Passes&& passes, GoesOn&& goes_on) {
  StepRunner runner(*this, index, outside);
  while (goes_on(runner.run(passes))) {
  }
}

}  // namespace pagetoken
