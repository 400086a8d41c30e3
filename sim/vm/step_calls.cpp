// Tokens, pins and system calls.

#include <algorithm>
#include <utility>

#include "sim/vm/step.hpp"

namespace pagetoken {

/// Sleeps until the token is granted, and pinned in the same step; `pinned` says that the pin is already there.
/// `resample`: who has slept jumps. `hold_only`: a token that is here already is not pinned, since the scheme's locks
/// are still to be taken.
StepRunner::Next StepRunner::await_token(const Resource& resource, Range range, Mode mode, bool pinned, bool hold_only,
                                         bool resample) {
  // Even if the pin that came with the grant was too weak and was dropped: the next step may be a lock, and would take
  // the mark for its own.
  const bool slept = std::exchange(task_.handed, false);
  const Next satisfied = slept && resample ? Next::jump : Next::advance;
  if (pinned) return satisfied;
  const bool size = resource.kind == ResourceKind::size;
  const Token token = size ? vm_.tokens.size(resource.file) : Token{};
  const Mode held = size ? (token.revoking ? Mode::none : token.mode) : vm_.tokens.usable(resource.file, range);
  if (satisfies(held, mode)) {
    if (size) {
      task_.at.size_pin = mode;
    } else if (!hold_only) {
      task_.at.page_pin = mode;
      task_.at.pin_range = range;
    }
    return satisfied;
  }
  task_.need_mode = mode;
  task_.need_of = resource;
  task_.need_range = range;
  task_.wait = Wait::token;
  if (!vm_.tokens.any_revoking(resource, range)) outside_.need(index_, resource, {mode, range, range, {}});
  return Next::blocked;
}

StepRunner::Next StepRunner::take_size_token(Mode mode, bool resample) {
  if (mode == Mode::none) {  // write(2): more than SHARED only if it extends; an append must know where the end is
    const Mode grows = options().extend_mode && !task_.append ? Mode::extend : Mode::exclusive;
    mode = task_.kind == TaskKind::extend || task_.range.end > file().i_size ? grows : Mode::shared;
  }
  // Under EXTEND, i_size may be behind another extender's: nobody is told "beyond" on its word.
  if (mode == Mode::shared && vm_.tokens.size(task_.at.file).mode == Mode::extend && task_.at.page >= file().i_size)
    mode = Mode::exclusive;
  if (task_.at.size_pin != Mode::none && !satisfies(task_.at.size_pin, mode)) {
    // Asking for more with the pin kept could wait for another who does the same.
    task_.at.size_pin = Mode::none;
    vm_.wake_waiting(Wait::pins);
  }
  return await_token(size_resource(task_.at.file), whole_file(), mode, task_.at.size_pin != Mode::none, false,
                     resample);
}

StepRunner::Next StepRunner::take_page_token(Mode mode, bool hold_only, bool resample) {
  if (mode == Mode::none) mode = needed_mode();
  const FileId f = task_.at.file;
  const PageIndex page = task_.at.page;
  if (task_.at.page_pin != Mode::none && !satisfies(task_.at.page_pin, mode)) {
    task_.at.page_pin = Mode::none;
    vm_.wake_waiting(Wait::pins);
  }
  // Loaded before the sample and believed now: no barrier keeps the load in its place.
  if (satisfies(task_.early_token, mode)) {
    if (hold_only) return Next::advance;  // it is pinned under the scheme's locks
    task_.early_token = Mode::none;
    task_.at.page_pin = mode;
    task_.at.pin_range = one_page(page);
    return Next::advance;
  }
  task_.early_token = Mode::none;
  const bool pinned = task_.at.page_pin != Mode::none && task_.at.pin_range.contains(page);
  return await_token(options().ranged ? file_resource(f) : page_resource(f, page), one_page(page), mode, pinned,
                     hold_only, resample);
}

/// Jumps with the token pinned, or falls through at once where a revoke is under way.
StepRunner::Next StepRunner::try_page_token() {
  if (!std::exchange(task_.handed, false)) {
    const Resource page = page_resource(task_.at.file, task_.at.page);
    if (vm_.tokens.any_revoking(page, one_page(page.page))) return Next::advance;
    if (take_page_token(Mode::none, false, false) == Next::blocked) return Next::blocked;
  }
  return Next::jump;
}

/// All tokens of [new size, old size), or of the punched range: one range, or page by page, ascending, each pinned.
StepRunner::Next StepRunner::take_range_tokens(bool hold_only) {
  const FileId f = task_.file;
  Range range = task_.range;
  if (options().ranged) {
    const bool pinned = task_.at.page_pin != Mode::none;
    return await_token(file_resource(f), range, Mode::exclusive, pinned, hold_only);
  }
  range.end = std::min(range.end, std::max(file().i_size, range.begin));
  // A page just granted is pinned, even if its revoke has been asked for and waits for us.
  if (std::exchange(task_.handed, false)) task_.cursor = task_.need_range.end;
  for (;;) {
    const PageIndex page = outside_.next_held_page(f, {task_.cursor, range.end});
    if (page >= range.end) break;
    if (!satisfies(vm_.tokens.usable(f, one_page(page)), Mode::exclusive)) {
      task_.cursor = page;
      return await_token(page_resource(f, page), one_page(page), Mode::exclusive, false);
    }
    if (!hold_only) {
      task_.at.page_pin = Mode::exclusive;
      task_.at.pin_range = {range.begin, page + 1};
    }
    task_.cursor = page + 1;
  }
  task_.cursor = task_.range.begin;
  return Next::advance;
}

/// Under the scheme's locks: pins the tokens that were awaited before, or finds that one is gone.
StepRunner::Next StepRunner::pin_tokens(Mode mode) {
  const FileId f = task_.at.file;
  const bool access = task_.kind == TaskKind::access || task_.kind == TaskKind::write;
  if (mode == Mode::none) mode = needed_mode();
  Range range = access ? one_page(task_.at.page) : task_.range;
  bool held = true;
  if (access || options().ranged) {
    held =
        satisfies(std::exchange(task_.early_token, Mode::none), mode) || satisfies(vm_.tokens.usable(f, range), mode);
  } else {
    range.end = std::min(range.end, std::max(file().i_size, range.begin));
    for (PageIndex page = range.begin; held; ++page) {
      page = outside_.next_held_page(f, {page, range.end});
      if (page >= range.end) break;
      held = satisfies(vm_.tokens.usable(f, one_page(page)), mode);
    }
  }
  task_.at.hold = false;
  task_.at.page_pin = held ? mode : Mode::none;
  task_.at.pin_range = held ? range : Range{};
  if (!held) ++task_.notes.value.retries;
  vm_.wake_waiting(Wait::pins);
  return held ? Next::jump : Next::advance;
}

StepRunner::Next StepRunner::wait_pins(bool holds) {
  return vm_.pinned(task_.need_of, task_.range, index_, holds) ? sleep(Wait::pins) : Next::advance;
}

void StepRunner::unpin() {
  if (task_.at.size_pin == Mode::none && task_.at.page_pin == Mode::none) return;
  task_.at.size_pin = task_.at.page_pin = Mode::none;
  task_.at.hold = false;
  task_.at.pin_range = {};
  vm_.wake_waiting(Wait::pins);
}

StepRunner::Next StepRunner::send_access() {
  if (task_.handed) {
    task_.handed = false;
    return Next::advance;
  }
  const bool page = task_.ships == AccessKind::read || task_.ships == AccessKind::write;
  if (task_.ships == AccessKind::write) task_.version = outside_.written({}, task_.cells);
  const Resource resource = page ? page_resource(task_.file, task_.range.begin) : size_resource(task_.file);
  const bool grows = task_.ships == AccessKind::extend || task_.ships == AccessKind::append;
  const PageIndex argument = grows ? task_.range.end : task_.range.begin;
  task_.need_of = resource;
  task_.wait = Wait::reply;
  outside_.need(
      index_, resource,
      {page && task_.ships == AccessKind::read ? Mode::shared : Mode::exclusive, resource.extent(), resource.extent(),
       RemoteAccess{
           .kind = task_.ships, .task = index_, .page = argument, .version = task_.version, .cells = task_.cells}});
  return Next::blocked;
}

StepRunner::Next StepRunner::sync_point() {
  if (std::exchange(task_.handed, false)) return Next::advance;
  task_.need_of = file_resource(task_.file);
  task_.ticket = vm_.next_ticket_;  // as for a lock: who came first goes first
  vm_.next_ticket_ = vm_.next_ticket_.next();
  outside_.sync(index_, task_.file, task_.sync);
  return sleep(Wait::sync);
}

bool StepRunner::buffer_present() const {
  if (!task_.has_buffer) return !task_.absent_buffer;
  return vm_.pte(task_.mm, pte_key(task_.other.file, task_.other.page, false)) != nullptr;
}

/// The kernel looks at page->mapping and i_size when the page is up to date; here the copy belongs to the same step.
StepRunner::Next StepRunner::copy_out() {
  if (!object().in_cache || task_.at.page >= file().i_size) {
    ++task_.notes.value.retries;
    return Next::jump;
  }
  task_.version = object().version;
  outside_.accessed(index_, task_.at.file, task_.at.page, object().version, false);
  return Next::advance;
}

/// Under i_sem: i_size may have shrunk since the size token was chosen. Only a truncate of this node can have done it.
StepRunner::Next StepRunner::check_written_size() {
  if (task_.at.page < file().i_size ||
      satisfies(task_.at.size_pin, options().extend_mode ? Mode::extend : Mode::exclusive))
    return Next::jump;
  ++task_.notes.value.retries;
  return Next::advance;
}

StepRunner::Next StepRunner::copy_in() {
  if (!buffer_present()) return Next::jump;
  PageObject& page = object();
  store_cells(page);
  page.dirty = true;
  task_.version = page.version;
  outside_.accessed(index_, task_.at.file, task_.at.page, page.version, true);
  return Next::advance;
}

}  // namespace pagetoken
