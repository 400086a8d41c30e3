#include "sim/check/vm/scenario_paths.hpp"

#include "sim/vm/path_builder.hpp"

namespace pagetoken {

Program single_fault_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  PathBuilder::Label again, out, lost;
  b.place(again);
  b.fault(again, out, lost, out);
  b.place(lost);
  b.add(StepOp::give_up, "F10", "PTE present: return");
  b.place(out);
  b.end("F10");
  return b.take();
}

Program single_write_protect_path(const GuardScheme& scheme, const PathOptions& options) {
  PathOptions once = options;
  once.refault_write = false;
  PathBuilder b(scheme, once);
  PathBuilder::Label installed, changed, out;
  b.write_protect_fault(installed, changed);
  b.place(installed);
  b.add(StepOp::store_if_writable, "U", "store");
  b.jump(out, "U");
  b.place(changed);
  b.add(StepOp::give_up, "W3", "PTE changed: return");
  b.place(out);
  b.end("U");
  return b.take();
}

Program store_if_writable_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  b.add(StepOp::store_if_writable, "U", "store, if the PTE is writable");
  b.end("U");
  return b.take();
}

namespace {

void drop_pages_as_they_are(PathBuilder& b) {
  PathBuilder::Label next, done;
  b.place(next);
  b.add(StepOp::next_page, done, "R6", "find next page");
  b.lock(LockKind::page_lock, false, "R6", "lock_page");
  b.add(StepOp::remove_page, "R6", "clear dirty, remove_from_page_cache");
  b.unlock(bit(LockKind::page_lock), "R6", "unlock_page");
  b.jump(next, "R6");
  b.place(done);
}

void write_without_mkclean(PathBuilder& b) {
  PathBuilder::Label next, done;
  b.place(next);
  b.add(StepOp::next_dirty, done, "R4", "find next dirty page").form = StepForm::dirty_flag_only;
  b.lock(LockKind::page_lock, false, "R4", "lock_page");
  b.add(StepOp::start_writeback, "R4", "clear_page_dirty, writepage (no mkclean)").form = StepForm::to_storage;
  b.unlock(bit(LockKind::page_lock), "R4", "unlock_page");
  b.jump(next, "R4");
  b.place(done);
  b.add(StepOp::wait_writeback, "R5", "wait_on_page_writeback");
}

}  // namespace

Program ordered_revoke_path(const GuardScheme& scheme, const PathOptions& options, std::span<const RevokePart> order) {
  PathBuilder b(scheme, options);
  for (const RevokePart part : order) {
    switch (part) {
      case RevokePart::unmap: b.unmap("R3", "R3", "R3", false); break;
      case RevokePart::unmap_nodirty: b.unmap_and_forget_dirty("R3"); break;
      case RevokePart::writeback: b.clean_pages(true, false, "R4", "R5"); break;
      case RevokePart::writeback_nomkclean: write_without_mkclean(b); break;
      case RevokePart::drop: drop_pages_as_they_are(b); break;
      case RevokePart::release: b.add(StepOp::release_token, "R7", "token given up"); break;
    }
  }
  b.end("R7");
  return b.take();
}

Program page_lock_first_path(const GuardScheme& scheme, const PathOptions& options, bool escape) {
  PathBuilder b(scheme, options);
  PathBuilder::Label again, valid, have, filled;
  b.place(again);
  b.add(StepOp::lookup_or_add, "F4", "find_get_page, or add_to_page_cache");
  b.lock(LockKind::page_lock, false, "F4", "lock_page");
  b.add(StepOp::recheck, valid, "F4", "check page->mapping").form = StepForm::if_cached;
  b.unlock(bit(LockKind::page_lock), "F4", "unlock_page, page is gone");
  b.jump(again, "F4");
  b.place(valid);
  if (escape) {
    b.add(StepOp::try_page_token, have, "F4", "->readpage: try the token");
    b.unlock(bit(LockKind::page_lock), "F4", "unlock_page, token is not to be had");
    b.add(StepOp::take_page_token, "F4", "take page token");
    b.add(StepOp::unpin, "F4", "drop it again");
    b.jump(again, "F4");
    b.place(have);
  } else {
    b.add(StepOp::take_page_token, "F4", "->readpage: take page token");
  }
  b.add(StepOp::read_page, "F4", "readpage (unlocks when it is done)");
  b.add(StepOp::wait_uptodate, "F5", "wait_on_page uptodate");
  b.add(StepOp::unpin, "F10", "unpin token");
  b.add(StepOp::drop_page, "F10", "put_page");
  b.end("F10");
  return b.take();
}

}  // namespace pagetoken
