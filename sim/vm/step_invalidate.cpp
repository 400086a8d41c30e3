// Truncate, punch, invalidate, revoke, writeback, eviction.

#include <algorithm>
#include <utility>

#include "protocols/api/require.hpp"
#include "sim/vm/path_builder.hpp"
#include "sim/vm/step.hpp"

namespace pagetoken {

void StepRunner::set_size() {
  FileState& f = file();
  const PageIndex old_size = std::exchange(f.i_size, task_.range.begin);
  f.size_dirty = true;
  if (f.i_size > old_size) outside_.allocate_blocks(task_.file, {old_size, f.i_size});  // truncate(2) may extend
  outside_.size_changed(index_, task_.file, old_size, f.i_size);
}

void StepRunner::grow_size(PageIndex size) {
  FileState& f = file();
  if (size <= f.i_size) return;
  const PageIndex old_size = std::exchange(f.i_size, size);
  f.size_dirty = true;
  outside_.allocate_blocks(task_.at.file, {old_size, size});
  outside_.size_changed(index_, task_.at.file, old_size, size);
}

/// Without a barrier between them, others may see a truncate's counter move before its i_size.
void StepRunner::bump_early() {
  if (scheme().check == Check::count || scheme().check == Check::seqsched)
    count_bump();
  else
    section_begin();
  task_.early_bump = true;
}

void StepRunner::count_bump() {
  if (std::exchange(task_.early_bump, false)) return;
  file().count = file().count.next();
}

void StepRunner::section_begin() {
  if (std::exchange(task_.early_bump, false)) return;
  FileState& f = file();
  if (scheme().check == Check::frlock)
    f.pre = f.pre.next();
  else
    ++f.active;
}

void StepRunner::section_end() {
  FileState& f = file();
  if (scheme().check == Check::frlock) {
    f.post = f.post.next();
    return;
  }
  require(f.active > 0, "a section ends that did not begin");
  if (--f.active == 0) f.sequence = f.sequence.next();
  vm_.wake_waiting(Wait::guard);
}

StepRunner::Next StepRunner::next_process() {
  if (task_.mm_cursor + 1u < vm_.processes_.size()) {
    ++task_.mm_cursor;
    return Next::jump;
  }
  task_.mm_cursor = task_.mm;
  return Next::advance;
}

void StepRunner::zap(bool one_page, bool own_process_only, bool lose_dirty) {
  Process& process = vm_.processes_[own_process_only ? task_.mm : task_.mm_cursor];
  const bool copies_too = task_.kind == TaskKind::truncate || task_.kind == TaskKind::munmap;
  const Range range = one_page ? pagetoken::one_page(Resource::from_key(object().key).page) : task_.range;
  amount_ += vm_.zap(process, task_.file, range, copies_too && !one_page, lose_dirty);
}

/// Each page once: one that a fault puts back behind the cursor is the guard's business, and chasing it might never
/// end.
StepRunner::Next StepRunner::next_page() {
  const std::uint64_t end = page_resource(task_.file, std::min(task_.range.end, kMaxPages)).key();
  const std::uint64_t key = vm_.cache_.next_key(page_resource(task_.file, task_.cursor).key(), end);
  if (key == end) {
    task_.cursor = task_.range.begin;
    drop_reference();
    return Next::jump;
  }
  task_.cursor = Resource::from_key(key).page + 1;
  reference(*vm_.cache_.find(key));
  return Next::advance;
}

StepRunner::Next StepRunner::next_dirty(StepForm which) {
  const std::uint64_t end = page_resource(task_.file, std::min(task_.range.end, kMaxPages)).key();
  std::uint64_t key = page_resource(task_.file, task_.cursor).key();
  while ((key = vm_.cache_.next_key(key, end)) != end) {
    const std::uint32_t index = *vm_.cache_.find(key);
    const PageObject& page = vm_.objects_[index];
    if (which == StepForm::every_page || (which == StepForm::dirty_flag_only ? page.dirty : vm_.is_dirty(page))) {
      task_.cursor = Resource::from_key(key).page + 1;
      reference(index);
      return Next::advance;
    }
    ++key;
  }
  task_.cursor = task_.range.begin;
  drop_reference();
  return Next::jump;
}

void StepRunner::remove_page() {
  PageObject& page = object();
  if (!page.in_cache) return;  // somebody else removed it while we waited for its lock
  if (task_.kind == TaskKind::revoke && task_.disposition == Disposition::hand_over) {
    require(task_.need_of.kind == ResourceKind::page, "only a page can be handed over");
    vm_.parked_[task_.need_of.key()] = {
        .present = true, .dirty = page.dirty, .version = page.version, .cells = page.written};
  }
  vm_.remove_from_cache(task_.at.object);
}

void StepRunner::remove_if_unused() {
  PageObject& page = object();
  if (!page.in_cache || page.map_count > 0 || page.writeback || vm_.is_dirty(page)) return;
  if (vm_.referenced(task_.at.object, index_)) return;
  vm_.remove_from_cache(task_.at.object);
}

void StepRunner::start_writeback(bool to_storage) {
  PageObject& page = object();
  if (!to_storage || !page.in_cache || !page.dirty) return;
  page.dirty = false;
  page.writeback = true;
  vm_.writing_.insert(page.key);
  const Resource resource = Resource::from_key(page.key);
  outside_.start_write(index_, resource.file, resource.page, page.version);
}

StepRunner::Next StepRunner::wait_writeback() {
  const std::uint64_t end = page_resource(task_.file, std::min(task_.range.end, kMaxPages)).key();
  // Asked anew at each page that is done: whoever writes a whole file waits as often as it has pages.
  const auto first = vm_.writing_.lower_bound(page_resource(task_.file, task_.range.begin).key());
  return first != vm_.writing_.end() && *first < end ? sleep(Wait::writeback) : Next::advance;
}

void StepRunner::release_token() {
  if (task_.revokes == ResourceKind::size && task_.disposition == Disposition::hand_over && task_.keep == Mode::none) {
    FileState& f = file();
    vm_.parked_[task_.need_of.key()] = {.present = true, .dirty = std::exchange(f.size_dirty, false), .size = f.i_size};
  }
  const bool merged = task_.revokes == ResourceKind::size && vm_.tokens.size(task_.file).mode == Mode::extend;
  vm_.tokens.weaken(task_.need_of, task_.range, task_.keep);
  if (task_.keep != Mode::none) vm_.satisfy(task_.need_of);  // what remains may be all that somebody waits for
  outside_.yielded(index_, task_.need_of, task_.range, merged);
}

}  // namespace pagetoken
