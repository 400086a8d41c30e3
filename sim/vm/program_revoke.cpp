// The revoke: R1-R7, and the writeback that fsync and eviction share with it.

#include "sim/vm/path_builder.hpp"

namespace pagetoken {

/// R4, R5: every dirty page of the range is cleaned (PTEs become read-only and clean), and written if asked. `all`:
/// clean pages too, for a downgrade: a fault that holds the page lock and has not set its PTE yet must be waited for.
void PathBuilder::clean_pages(bool to_storage, bool all, std::string_view step, std::string_view wait_step) {
  Label next, process, cleaned, done;
  place(next);
  add(StepOp::next_dirty, done, step, all ? "find next page" : "find next dirty page").form =
      all ? StepForm::every_page : StepForm::plain;
  lock(LockKind::page_lock, false, step, "lock_page");
  if (to_storage) add(StepOp::wait_page_writeback, step, "wait_on_page_writeback");  // one write of a page at a time
  add(StepOp::first_process, cleaned, step, "page_mkclean");
  place(process);
  lock(LockKind::page_table_lock, false, step, "spin_lock(page_table_lock)");
  add(StepOp::clean_ptes, step, "pte_wrprotect, pte_mkclean, flush");
  unlock(bit(LockKind::page_table_lock), step, "spin_unlock(page_table_lock)");
  add(StepOp::next_process, process, step, "next vma");
  place(cleaned);
  add(StepOp::start_writeback, step, to_storage ? "clear_page_dirty, writepage" : "keep the duty to write").form =
      to_storage ? StepForm::to_storage : StepForm::plain;
  unlock(bit(LockKind::page_lock), step, "unlock_page");
  jump(next, step);
  place(done);
  if (to_storage) add(StepOp::wait_writeback, wait_step, "wait_on_page_writeback");
}

namespace {

/// What a scheme takes around a revoke. frlock's i_sem and counter come after R2 (if the state is marked first).
void scheme_locks(PathBuilder& b) {
  if (b.holds_whole_invalidate_lock()) b.lock(LockKind::invalidate_lock, false, "R0", "down_write(i_truncate_sem)");
  if (b.scheme().fs_lock_across) b.lock(LockKind::fs_lock, false, "R0", "lock L");
}

void mark(PathBuilder& b) {
  if (!b.scheme().state_first) return;
  b.add(StepOp::mark_revoking, "R1", "token = REVOKING");
  b.add(StepOp::wait_pins, "R2", "wait for pins = 0");
}

void begin(PathBuilder& b) {
  const bool locks = b.holds_whole_invalidate_lock() || b.scheme().fs_lock_across;
  // Whoever was granted the token goes first, or two writers would undo each other for ever.
  if (b.scheme().revoke_lock_first && locks)
    b.add(StepOp::wait_pins, "R0", "wait for granted tasks").form = StepForm::holds;
  if (b.scheme().revoke_lock_first) scheme_locks(b);
  mark(b);
  if (!b.scheme().revoke_lock_first) scheme_locks(b);
  if (b.scheme().check == Check::frlock) b.lock(LockKind::i_sem, false, "R2", "down(i_sem)");
  if (b.scheme().check == Check::frlock || b.scheme().check == Check::notifier)
    b.add(StepOp::section_begin, "R2", "section begin");
}

void finish(PathBuilder& b) {
  if (!b.scheme().state_first) b.add(StepOp::wait_pins, "R7", "wait for pins = 0");
  b.add(StepOp::release_token, "R7", "token given up");
  if (b.scheme().check == Check::frlock || b.scheme().check == Check::notifier)
    b.add(StepOp::section_end, "R7", "section end");
  b.unlock(bit(LockKind::i_sem) | bit(LockKind::invalidate_lock) | bit(LockKind::fs_lock), "R7", "unlock");
  b.end("R7");
}

/// R6: what was mapped again is unmapped, what is dirty again goes back to R4, the rest leaves the cache.
void drop_pages(PathBuilder& b, bool write_back, PathBuilder::Label& again) {
  PathBuilder::Label next, unmapped, clean, done;
  b.place(next);
  b.add(StepOp::next_page, done, "R6", "find next page");
  b.lock(LockKind::page_lock, false, "R6", "lock_page");
  // An fsync's or eviction's write may be under way, and must not land after what the next holder writes.
  b.add(StepOp::wait_page_writeback, "R6", "wait_on_page_writeback");
  const bool sequence = b.scheme().check == Check::seqsched;
  if (sequence) b.add(StepOp::writer_enter, "R6", "writers++");
  b.add(StepOp::page_mapped, unmapped, "R6", "page_mapped");
  b.unmap("R6", "R6", "R6", true);
  b.place(unmapped);
  if (write_back) {
    b.add(StepOp::recheck_clean, clean, "R6", "dirty again?");
    if (sequence) b.add(StepOp::writer_leave, "R6", "seq++, writers--");
    b.unlock(bit(LockKind::page_lock), "R6", "unlock_page, dirty again");
    b.jump(again, "R6");
    b.place(clean);
  }
  b.add(StepOp::remove_page, "R6", "remove_from_page_cache");
  if (sequence) b.add(StepOp::writer_leave, "R6", "seq++, writers--");
  b.unlock(bit(LockKind::page_lock), "R6", "unlock_page");
  b.jump(next, "R6");
  b.place(done);
}

}  // namespace

Program revoke_path(const GuardScheme& scheme, const PathOptions& options, bool keep_shared, bool write_back) {
  PathBuilder b(scheme, options);
  begin(b);
  if (keep_shared) {
    // truncate_count notices what unmaps, so that a downgrade has to; pages stay cached either way.
    if (scheme.check == Check::count || scheme.check == Check::seqsched) b.unmap("R3", "R3", "R3", false);
    b.clean_pages(write_back, true, "R4", "R5");
  } else {
    PathBuilder::Label again;
    b.unmap("R3", "R3", "R3", false);
    b.place(again);
    if (write_back) b.clean_pages(true, false, "R4", "R5");
    drop_pages(b, write_back, again);
  }
  finish(b);
  return b.take();
}

}  // namespace pagetoken
