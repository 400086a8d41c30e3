#include "sim/vm/step.hpp"

#include <array>
#include <utility>

#include "protocols/api/require.hpp"

namespace pagetoken {

namespace {
/// The ops that StepRunner::silent knows.
constexpr std::array<bool, kOps> kMayBeSilent = [] {
  std::array<bool, kOps> may{};
  for (const StepOp op :
       {StepOp::end, StepOp::jump, StepOp::drop_page, StepOp::begin_pages, StepOp::swap_target, StepOp::if_private,
        StepOp::wait_page_writeback, StepOp::unpin, StepOp::unlock, StepOp::copy_page, StepOp::anonymous_page})
    may[static_cast<std::size_t>(op)] = true;
  return may;
}();
}  // namespace

Step Vm::step(TaskIndex index, Outside& outside) { return StepRunner(*this, index, outside).run(); }

Step Vm::step_without_optional(TaskIndex index, Outside& outside) {
  require(optional(next_step(index).op), "a step is passed over that is not optional");
  ++tasks_[index].pc;
  return step(index, outside);
}

StepRunner::Next StepRunner::make_step() {
  const Instruction* i = program_ + task_.pc;
  do {
    const Next next = execute(*i);
    if (next == Next::advance)
      ++task_.pc;
    else if (next == Next::jump)
      task_.pc = i->target;
    else if (next != Next::stay)
      return next;
    i = program_ + task_.pc;
  } while (kMayBeSilent[static_cast<std::size_t>(i->op)] && silent(*i));
  return Next::advance;
}

bool StepRunner::silent(const Instruction& i) const {
  switch (i.op) {
    case StepOp::end:
    case StepOp::jump:
    case StepOp::drop_page:
    case StepOp::begin_pages:
    case StepOp::swap_target:
    case StepOp::if_private: return true;
    case StepOp::wait_page_writeback: return !vm_.objects_[task_.at.object].writeback;
    case StepOp::unpin: return task_.at.size_pin == Mode::none && task_.at.page_pin == Mode::none;
    case StepOp::unlock: return (i.mask & task_.at.held) == 0;
    case StepOp::copy_page: return !makes_copy();
    case StepOp::anonymous_page: return i.form == StepForm::if_present;
    default: return false;
  }
}

StepRunner::Next StepRunner::execute(const Instruction& i) {
  const auto jump_if = [](bool condition) { return condition ? Next::jump : Next::advance; };
  switch (i.op) {
    case StepOp::end: finish(task_.result == Result::running ? Result::done : task_.result); return Next::ended;
    case StepOp::jump: return Next::jump;
    case StepOp::lock: {
      if (!vm_.take(index_, i.lock, i.shared)) return Next::blocked;
      outside_.lock_taken(index_, i.lock, static_cast<std::uint8_t>(task_.at.held | task_.other.held));
      return Next::advance;
    }
    case StepOp::unlock:
      for (std::uint8_t mask = i.mask & task_.at.held; mask != 0; mask &= static_cast<std::uint8_t>(mask - 1))
        vm_.release(index_, static_cast<LockKind>(mask & -mask));
      return Next::advance;
    case StepOp::access: return access(i);
    case StepOp::find_pte: return jump_if(vm_.pte(task_.mm, target_pte()) != nullptr);
    case StepOp::load_early:
      task_.early_size = file().i_size + 1;
      task_.early_token = vm_.tokens.usable(task_.at.file, one_page(task_.at.page));
      return Next::advance;
    case StepOp::sample: return sample();
    case StepOp::take_size_token: return take_size_token(i.mode, i.target != 0);
    case StepOp::take_page_token: return take_page_token(i.mode, i.form == StepForm::hold_only, i.target != 0);
    case StepOp::take_range_tokens: return take_range_tokens(i.form == StepForm::hold_only);
    case StepOp::pin_tokens: return pin_tokens(i.mode);
    case StepOp::check_size: {
      const PageIndex early = std::exchange(task_.early_size, 0);
      return jump_if(task_.at.page >= (early != 0 ? early - 1 : file().i_size));
    }
    case StepOp::lookup: return lookup(false);
    case StepOp::lookup_or_create: return lookup(true);
    case StepOp::wait_uptodate: return object().uptodate ? Next::advance : sleep(Wait::page);
    case StepOp::recheck: return recheck(i);
    case StepOp::copy_page: copy_page(); return Next::advance;
    case StepOp::unpin: unpin(); return Next::advance;
    case StepOp::check_guard: return jump_if(guard_changed());
    case StepOp::drop_page: drop_reference(); return Next::advance;
    case StepOp::set_pte: return set_pte();
    case StepOp::store: store(); return Next::advance;
    case StepOp::sigbus: task_.result = Result::sigbus; return Next::advance;
    case StepOp::give_up: task_.result = Result::gave_up; return Next::advance;
    case StepOp::store_if_writable: {
      const Pte* pte = vm_.pte(task_.mm, target_pte());
      if (pte && pte->writable) store();
      return Next::advance;
    }
    case StepOp::anonymous_page:
      if (i.form == StepForm::if_present) return jump_if(task_.has_buffer);
      task_.absent_buffer = false;
      return Next::advance;
    case StepOp::lookup_or_add: lookup_or_add(); return Next::advance;
    case StepOp::try_page_token: return try_page_token();
    case StepOp::read_page: read_page(); return Next::advance;
    case StepOp::bump_early: bump_early(); return Next::advance;
    case StepOp::wp_reference: return wp_reference();
    case StepOp::if_private: return jump_if(task_.is_private);
    case StepOp::wp_refault: return wp_refault();
    case StepOp::wp_dirty: object().dirty = true; return Next::advance;
    case StepOp::wp_set: return wp_set();
    case StepOp::set_size: set_size(); return Next::advance;
    case StepOp::grow_size:
      if (task_.append) task_.range = {file().i_size, file().i_size + task_.range.end};
      grow_size(task_.range.end);
      return Next::advance;
    case StepOp::section_begin: section_begin(); return Next::advance;
    case StepOp::section_end: section_end(); return Next::advance;
    case StepOp::count_bump: count_bump(); return Next::advance;
    case StepOp::first_process: task_.mm_cursor = 0; return jump_if(vm_.processes_.empty());
    case StepOp::next_process: return next_process();
    case StepOp::zap_range: zap(false, i.shared, i.form == StepForm::forget_dirty); return Next::advance;
    case StepOp::zap_page: zap(true, false, false); return Next::advance;
    case StepOp::next_page: return next_page();
    case StepOp::page_mapped: return jump_if(object().map_count == 0);
    case StepOp::writer_enter: ++file().writers; return Next::advance;
    case StepOp::writer_leave:
      file().sequence = file().sequence.next();
      --file().writers;
      vm_.wake_waiting(Wait::guard);
      return Next::advance;
    case StepOp::wait_page_writeback: return object().writeback ? sleep(Wait::writeback) : Next::advance;
    case StepOp::remove_page: remove_page(); return Next::advance;
    case StepOp::remove_if_unused: remove_if_unused(); return Next::advance;
    case StepOp::free_blocks:
      outside_.free_blocks(task_.file, task_.range);
      outside_.blocks_freed(index_, task_.file, task_.range);
      return Next::advance;
    case StepOp::mark_revoking: vm_.tokens.mark_revoking(task_.need_of, task_.range); return Next::advance;
    case StepOp::wait_pins: return wait_pins(i.form == StepForm::holds);
    case StepOp::next_dirty: return next_dirty(i.form);
    case StepOp::clean_ptes:
      amount_ += vm_.clean_ptes(vm_.processes_[task_.mm_cursor], object().key);
      return Next::advance;
    case StepOp::start_writeback: start_writeback(i.form == StepForm::to_storage); return Next::advance;
    case StepOp::wait_writeback: return wait_writeback();
    case StepOp::recheck_clean:
      if (!vm_.is_dirty(object()) && !object().writeback) return Next::jump;
      task_.cursor = task_.range.begin;  // back to R4
      return Next::advance;
    case StepOp::release_token: release_token(); return Next::advance;
    case StepOp::begin_pages: task_.at.page = task_.range.begin; return Next::advance;
    case StepOp::advance_page: return jump_if(++task_.at.page < task_.range.end);
    case StepOp::copy_out: return copy_out();
    case StepOp::copy_in: return copy_in();
    case StepOp::check_token: {
      const bool token = !options().tokens || task_.at.page_pin == Mode::exclusive;
      return jump_if(object().in_cache && token);
    }
    case StepOp::check_written_size: return check_written_size();
    case StepOp::buffer_present: return jump_if(buffer_present());
    case StepOp::swap_target: std::swap(task_.at, task_.other); return Next::advance;
    case StepOp::set_written_size:
      if (task_.at.page >= file().i_size) {
        grow_size(task_.at.page + 1);
        object().block = outside_.block_of(task_.at.file, task_.at.page);
      }
      return Next::advance;
    case StepOp::send_access: return send_access();
    case StepOp::sync_point: return sync_point();
  }
  return Next::advance;
}

StepRunner::Next StepRunner::sleep(Wait wait) {
  task_.wait = wait;
  return Next::blocked;
}

void StepRunner::reference(std::uint32_t object) {
  const std::uint32_t before = std::exchange(task_.at.object, object);
  if (before != kNoObject && before != object) vm_.release_object(before);
}

void StepRunner::drop_reference() {
  reference(kNoObject);
  if (const std::uint32_t copy = std::exchange(task_.copy, kNoObject); copy != kNoObject) vm_.release_object(copy);
}

StepRunner::Next StepRunner::access(const Instruction& i) {
  const Pte* pte = vm_.pte(task_.mm, target_pte());
  if (!pte) {
    task_.notes.value.faulted = true;
    return Next::advance;
  }
  if (task_.is_write && !pte->writable) {
    task_.notes.value.faulted = true;
    return Next::jump;
  }
  store();
  task_.pc = i.on_hit;
  return Next::stay;
}

StepRunner::Next StepRunner::sample() {
  FileState& f = file();
  switch (scheme().check) {
    case Check::none:
    case Check::isize: break;
    case Check::frlock: task_.sample_a = f.post; break;
    case Check::count: task_.sample_a = f.count; break;
    case Check::seqsched:
      if (f.writers != 0) return sleep(Wait::guard);
      task_.sample_a = f.count;
      task_.sample_b = f.sequence;
      break;
    case Check::notifier:
      if (f.active != 0) return sleep(Wait::guard);
      task_.sample_a = f.sequence;
      break;
  }
  return Next::advance;
}

bool StepRunner::guard_changed() {
  const FileState& f = file();
  bool changed = false;
  switch (scheme().check) {
    case Check::none: break;
    case Check::isize: changed = task_.at.page >= f.i_size; break;
    case Check::frlock: changed = task_.sample_a != f.pre; break;
    case Check::count: changed = task_.sample_a != f.count; break;
    case Check::seqsched: changed = task_.sample_a != f.count || f.writers != 0 || task_.sample_b != f.sequence; break;
    case Check::notifier: changed = f.active != 0 || task_.sample_a != f.sequence; break;
  }
  if (changed) {
    ++task_.notes.value.retries;
    task_.sample_a = scheme().check == Check::count ? f.count : Sample{};
    task_.sample_b = {};
  }
  return changed;
}

StepRunner::Next StepRunner::lookup(bool create) {
  const std::uint64_t key = page_key();
  if (const std::uint32_t* found = vm_.cache_.find(key)) {
    reference(*found);
    return create ? Next::advance : Next::jump;
  }
  if (!create) return Next::advance;
  const std::uint32_t made = vm_.add_to_cache(key);
  vm_.objects_[made].lock.owner = index_;  // until the read is done
  reference(made);
  outside_.start_read(index_, task_.at.file, task_.at.page);
  return Next::advance;
}

/// As lookup(true), but the page is not locked and its read not started: who needs it locks it first.
void StepRunner::lookup_or_add() {
  const std::uint64_t key = page_key();
  if (const std::uint32_t* found = vm_.cache_.find(key)) return reference(*found);
  reference(vm_.add_to_cache(key));
}

/// ->readpage on a page that the task has locked: the end of the read unlocks it.
void StepRunner::read_page() {
  if (object().uptodate) return vm_.release(index_, LockKind::page_lock);
  task_.at.held &= static_cast<std::uint8_t>(~bit(LockKind::page_lock));
  outside_.start_read(index_, task_.at.file, task_.at.page);
}

StepRunner::Next StepRunner::recheck(const Instruction& i) {
  const bool valid = object().in_cache;
  const bool jumps_if_valid = i.form == StepForm::if_cached;
  if (!valid && jumps_if_valid) ++task_.notes.value.retries;
  return valid == jumps_if_valid ? Next::jump : Next::advance;
}

void StepRunner::copy_page() {
  if (!makes_copy()) return;
  task_.copy = vm_.new_object(object().key);
  PageObject& copy = vm_.objects_[task_.copy];
  copy.is_copy = copy.uptodate = true;
  copy.version = object().version;
  amount_ = 1;
}

StepRunner::Next StepRunner::set_pte() {
  Process& process = vm_.processes_[task_.mm];
  const std::uint64_t key = target_pte();
  task_.sample_a = task_.sample_b = {};
  if (process.ptes.find(key)) return Next::jump;
  const bool is_copy = task_.copy != kNoObject;
  const std::uint32_t target = is_copy ? task_.copy : task_.at.object;
  // A write fault's PTE is dirty from the start, as the kernel's is: the store follows under the same lock.
  process.ptes[key] = {target, task_.is_write, task_.is_write, true, is_copy};
  ++vm_.objects_[target].map_count;
  task_.copy = kNoObject;
  return Next::advance;
}

void StepRunner::store() {
  Pte* pte = vm_.processes_[task_.mm].ptes.find(target_pte());
  require(pte != nullptr, "a store without a PTE");
  PageObject& page = vm_.objects_[pte->object];
  if (task_.is_write) store_cells(page);
  pte->dirty |= task_.is_write;
  task_.version = page.version;
  if (!pte->is_copy) outside_.accessed(index_, task_.at.file, task_.at.page, page.version, task_.is_write);
}

void StepRunner::store_cells(PageObject& page) {
  page.version = outside_.written(page.version, task_.cells);
  if (options().sync_points) page.written |= task_.cells == kWholePage ? ~CellMask{0} : task_.cells;
}

StepRunner::Next StepRunner::wp_reference() {
  const Pte* pte = vm_.pte(task_.mm, target_pte());
  if (!pte || pte->writable) return Next::jump;
  reference(pte->object);
  return Next::advance;
}

StepRunner::Next StepRunner::wp_refault() {
  if (task_.is_private) return Next::jump;
  vm_.unmap_pte(vm_.processes_[task_.mm], target_pte());
  reference(kNoObject);
  amount_ = 1;
  return Next::advance;
}

StepRunner::Next StepRunner::wp_set() {
  Process& process = vm_.processes_[task_.mm];
  Pte* pte = process.ptes.find(target_pte());
  if (!pte || pte->writable || pte->object != task_.at.object) return Next::jump;
  if (task_.copy != kNoObject) {
    --vm_.objects_[pte->object].map_count;
    *pte = {task_.copy, true, true, true, true};
    ++vm_.objects_[task_.copy].map_count;
    task_.copy = kNoObject;
  } else {
    pte->writable = pte->dirty = true;
  }
  amount_ = 1;
  return Next::advance;
}

void StepRunner::finish(Result result) {
  require((task_.at.held | task_.other.held) == 0, "a task ends and holds a lock");
  drop_reference();
  unpin();
  std::swap(task_.at, task_.other);
  drop_reference();
  unpin();
  task_.result = result;
  task_.alive = false;
}

}  // namespace pagetoken
