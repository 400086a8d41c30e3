// The fault side: F1-F10 and W1-W3.

#include "sim/vm/path_builder.hpp"

namespace pagetoken {

void PathBuilder::lookup_or_create_page(std::string_view step) {
  if (scheme_.invalidate_lock == InvalidateLock::fill) {
    Label found;
    add(StepOp::lookup, found, step, "find_get_page");  // found: no page is created, no INVL
    lock(LockKind::invalidate_lock, true, step, "down_read(invalidate_lock)");
    add(StepOp::lookup_or_create, step, "pagecache_get_page(FGP_CREAT), readpage");
    place(found);
  } else {
    add(StepOp::lookup_or_create, step, "find_get_page, or add_to_page_cache and readpage");
  }
}

/// Falls through on a missing PTE, goes to `write_protected` on a read-only one; a hit is performed.
void PathBuilder::access(Label& write_protected, Label& hit, std::string_view step, std::string_view text) {
  hit.waiting_hits.push_back(program_.size());
  add(StepOp::access, write_protected, step, text);
}

void PathBuilder::fault(Label& again, Label& out, Label& lost, Label& sigbus) {
  const GuardScheme& g = scheme_;
  const bool tokens = options_.tokens;
  const bool locks_whole = g.fs_lock_across || holds_whole_invalidate_lock();
  const bool tokens_first = locks_whole && g.grant_wait == GrantWait::before_lock;
  Label sample, relock, lookup, beyond, retry, not_none;
  // Who slept for a token samples again, with the token pinned: the revoke that took it away has changed the guard, and
  // a fault that came back with the old sample would lose the token to the next revoke, for ever.
  // Under the scheme's locks it cannot: they would have to be dropped first.
  const bool resamples = tokens_first || !locks_whole;
  const auto take = [&](StepOp op, std::string_view step, std::string_view text) -> Instruction& {
    return resamples ? add(op, sample, step, text) : add(op, step, text);
  };
  const auto take_tokens = [&](bool size, bool page) {
    if (size && options_.size_tokens) take(StepOp::take_size_token, "F3", "take size token").mode = Mode::shared;
    if (page && tokens)
      take(StepOp::take_page_token, "F4", "take page token").form =
          tokens_first ? StepForm::hold_only : StepForm::plain;
  };

  lock(LockKind::mmap_sem, true, "F1", "down_read(mmap_sem)");
  add(StepOp::find_pte, not_none, "F1", "find_vma, pte_none");
  const bool samples = g.check != Check::none && g.check != Check::isize;
  if (!g.barriers && samples) add(StepOp::load_early, "F1", "load i_size and token early (no barrier)");
  place(sample);
  add(StepOp::sample, "F2", "sample guard");
  place(relock);
  if (tokens_first) take_tokens(true, true);
  if (holds_whole_invalidate_lock()) lock(LockKind::invalidate_lock, true, "F3", "down_read(i_truncate_sem)");
  if (g.fs_lock_across) lock(LockKind::fs_lock, false, "F3", "lock L");
  if (tokens_first && tokens) {
    Label pinned;
    add(StepOp::pin_tokens, pinned, "F4", "token still held: pin it");
    unlock(bit(LockKind::fs_lock) | bit(LockKind::invalidate_lock), "F4", "unlock, token is gone");
    jump(relock, "F4");
    place(pinned);
  }
  if (!tokens_first) take_tokens(true, false);
  add(StepOp::check_size, beyond, "F3", "check i_size");
  if (!tokens_first) take_tokens(false, true);
  place(lookup);
  lookup_or_create_page("F4");
  add(StepOp::wait_uptodate, "F5", "wait_on_page uptodate");
  if (g.pin_scope == PinScope::nopage) add(StepOp::unpin, "F5", "unpin token (->nopage returns)");
  if (g.page_lock_across) {
    lock(LockKind::page_lock, false, "F4", "lock_page");
    if (g.recheck_mapping) {
      Label valid;
      Instruction& check = add(StepOp::recheck, valid, "F4", "check page->mapping and i_size");
      check.form = StepForm::if_cached;  // falls through when the page is gone or beyond i_size
      unlock(bit(LockKind::page_lock) | bit(LockKind::invalidate_lock), "F4", "unlock_page, page is gone");
      program_.back().retries = true;
      if (g.pin_scope == PinScope::nopage && tokens)
        jump(relock, "F4");  // the pin was dropped: from F3 with a new token
      else
        jump(lookup, "F4");
      place(valid);
      if (g.invalidate_lock == InvalidateLock::fill)
        unlock(bit(LockKind::invalidate_lock), "F4", "up_read(invalidate_lock)");
      add(StepOp::check_size, beyond, "F4", "check i_size under the page lock");
    } else if (g.invalidate_lock == InvalidateLock::fill) {
      unlock(bit(LockKind::invalidate_lock), "F4", "up_read(invalidate_lock)");
    }
    if (g.pin_scope == PinScope::until_page_lock) add(StepOp::unpin, "F4", "unpin token (page locked)");
  } else {
    if (g.invalidate_lock == InvalidateLock::fill)
      unlock(bit(LockKind::invalidate_lock), "F5", "up_read(invalidate_lock)");
    if (g.pin_scope == PinScope::until_page_lock) add(StepOp::unpin, "F5", "unpin token");
  }
  add(StepOp::copy_page, "F6", "alloc_page, copy_user_highpage (early COW)");
  lock(LockKind::page_table_lock, false, "F7", "spin_lock(page_table_lock)");
  if (g.check != Check::none) add(StepOp::check_guard, retry, "F8", "check guard");
  Label present;
  add(StepOp::set_pte, present, "F9", "set_pte");
  add(StepOp::store, "F9", "access");
  unlock(kFaultLocks, "F10", "unlock");
  add(StepOp::unpin, "F10", "unpin token");  // whatever the scheme still has pinned
  add(StepOp::drop_page, "F10", "put_page");
  jump(out, "F10");

  place(retry);
  switch (g.check) {
    case Check::none: break;
    case Check::frlock:
      unlock(kFaultLocks & ~bit(LockKind::mmap_sem), "F8", "unlock, guard changed");
      program_.back().retries = true;
      add(StepOp::unpin, "F8", "unpin token");  // a revoke may hold what we are about to wait for
      if (g.mm_dropped_first) unlock(bit(LockKind::mmap_sem), "F8", "up_read(mmap_sem)");
      lock(LockKind::i_sem, false, "F8", "down(i_sem)");
      unlock(bit(LockKind::i_sem) | bit(LockKind::mmap_sem), "F8", "up(i_sem), return to user");
      add(StepOp::drop_page, "F8", "put_page, refault");
      jump(again, "F8");
      break;
    case Check::isize:
    case Check::count:
    case Check::seqsched:
    case Check::notifier:
      unlock(kFaultLocks & ~bit(LockKind::mmap_sem), "F8", "unlock, guard changed");
      program_.back().retries = true;
      add(StepOp::unpin, "F8", "unpin token");
      add(StepOp::drop_page, "F8", "put_page, retry");
      jump(g.check == Check::isize || g.check == Check::count ? relock : sample, "F8");
      break;
  }

  place(beyond);
  unlock(kFaultLocks, "F3", "unlock, beyond i_size");
  add(StepOp::unpin, "F3", "unpin token");
  add(StepOp::drop_page, "F3", "put_page");
  add(StepOp::sigbus, "F3", "SIGBUS");
  jump(sigbus, "F3");

  place(present);  // somebody else installed one first
  unlock(kFaultLocks, "F10", "unlock, PTE present");
  add(StepOp::unpin, "F10", "unpin token");
  add(StepOp::drop_page, "F10", "put_page");
  jump(lost, "F10");

  place(not_none);
  unlock(bit(LockKind::mmap_sem), "F1", "up_read, PTE present");
  jump(lost, "F1");
}

void PathBuilder::write_protect_fault(Label& installed, Label& changed) {
  const GuardScheme& g = scheme_;
  Label differs, gone, is_private, install;
  lock(LockKind::mmap_sem, true, "W1", "down_read(mmap_sem)");
  lock(LockKind::page_table_lock, false, "W1", "spin_lock(page_table_lock)");
  add(StepOp::wp_reference, differs, "W1", "page_cache_get, pte unchanged");
  const bool refault = g.mkwrite == Mkwrite::none && options_.tokens && options_.refault_write;
  if (refault) {
    // Without mkwrite a DFS learns of the write through ->nopage only: the read-only PTE goes, the write faults anew.
    add(StepOp::wp_refault, is_private, "W1", "ptep_clear_flush (shared), refault");
    unlock(kFaultLocks, "W1", "unlock");
    jump(changed, "W1");
    place(is_private);
  }
  unlock(bit(LockKind::page_table_lock), "W1", "spin_unlock(page_table_lock)");
  add(StepOp::copy_page, "W2", "alloc_page, copy_user_highpage");
  const bool asks = options_.tokens && g.mkwrite != Mkwrite::none;
  const auto take = [&] {  // the size too: a truncate must see this node as a holder, or keep it from becoming one
    if (options_.size_tokens) add(StepOp::take_size_token, "W2", "take size token").mode = Mode::shared;
    add(StepOp::take_page_token, "W2", "page_mkwrite: take EXCLUSIVE token").mode = Mode::exclusive;
  };
  const auto dirty_and_unpin = [&](bool unpins) {
    if (unpins && !g.dirty_before_unpin) add(StepOp::unpin, "W2", "unpin token");
    add(StepOp::wp_dirty, "W2", "set_page_dirty");
    if (unpins && g.dirty_before_unpin) add(StepOp::unpin, "W2", "unpin token");
  };
  const bool early = g.pin_scope == PinScope::nopage || !g.dirty_before_unpin;
  if (asks) {
    add(StepOp::if_private, install, "W2", "private: no page_mkwrite");
    switch (g.mkwrite) {
      case Mkwrite::none: break;
      case Mkwrite::under_page_lock:
        lock(LockKind::page_lock, false, "W2", "lock_page");
        take();
        dirty_and_unpin(early);
        break;
      case Mkwrite::unlocked_relock:
        take();
        dirty_and_unpin(early);
        lock(LockKind::page_lock, false, "W2", "lock_page");
        break;
      case Mkwrite::returns_locked:
        take();
        lock(LockKind::page_lock, false, "W2", "lock_page");
        dirty_and_unpin(early);
        break;
    }
    add(StepOp::recheck, gone, "W2", "check page->mapping");
    if (g.pin_scope == PinScope::until_page_lock && !early) add(StepOp::unpin, "W2", "unpin token (page locked)");
  }
  place(install);
  lock(LockKind::page_table_lock, false, "W3", "spin_lock(page_table_lock)");
  add(StepOp::wp_set, differs, "W3", "pte unchanged: ptep_set_access_flags, flush_tlb_page");
  unlock(kFaultLocks, "W3", "unlock");
  add(StepOp::unpin, "W3", "unpin token");
  add(StepOp::drop_page, "W3", "put_page");
  jump(installed, "W3");

  place(gone);
  place(differs);
  unlock(kFaultLocks, "W3", "unlock, PTE changed");
  add(StepOp::unpin, "W3", "unpin token");
  add(StepOp::drop_page, "W3", "put_page");
  jump(changed, "W3");
}

/// do_anonymous_page, for a write(2) whose buffer is anonymous and absent; falls through for one that maps a file.
void PathBuilder::anonymous_fault(Label& done, std::string_view step) {
  Label maps_file;
  Instruction& absent = add(StepOp::anonymous_page, maps_file, step, "anonymous buffer?");
  absent.form = StepForm::if_present;
  lock(LockKind::mmap_sem, true, step, "down_read(mmap_sem), pte_none");
  lock(LockKind::page_table_lock, false, step, "alloc_page, spin_lock(page_table_lock)");
  add(StepOp::anonymous_page, step, "pte still none: set_pte");
  unlock(kFaultLocks, step, "unlock");
  jump(done, step);
  place(maps_file);
}

Program access_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  PathBuilder::Label again, out, write_protected;
  b.place(again);
  b.access(write_protected, out, "U", "load or store");
  b.fault(again, out, again, out);
  b.place(write_protected);
  b.write_protect_fault(again, again);
  b.place(out);
  b.end("U");
  return b.take();
}

}  // namespace pagetoken
