// The invalidating side, system calls, and the table of all paths.

#include "sim/vm/program.hpp"

#include "sim/vm/path_builder.hpp"

namespace pagetoken {

const char* name_of(LockKind kind) {
  switch (kind) {
    case LockKind::mmap_sem: return "mmap_sem";
    case LockKind::i_sem: return "i_sem";
    case LockKind::invalidate_lock: return "invalidate_lock";
    case LockKind::i_shared_sem: return "i_shared_sem";
    case LockKind::page_table_lock: return "page_table_lock";
    case LockKind::page_lock: return "page_lock";
    case LockKind::fs_lock: return "L";
  }
  return "?";
}

const char* name_of(TaskKind kind) {
  switch (kind) {
    case TaskKind::access: return "access";
    case TaskKind::truncate: return "truncate";
    case TaskKind::punch: return "punch";
    case TaskKind::invalidate: return "invalidate";
    case TaskKind::extend: return "extend";
    case TaskKind::revoke: return "revoke";
    case TaskKind::read: return "read";
    case TaskKind::write: return "write";
    case TaskKind::fsync: return "fsync";
    case TaskKind::munmap: return "munmap";
    case TaskKind::mmap: return "mmap";
    case TaskKind::evict: return "evict";
    case TaskKind::uncached: return "uncached";
    case TaskKind::sync: return "sync";
  }
  return "?";
}

/// T2-T4, for the task's range or for the page it holds.
void PathBuilder::unmap(std::string_view lock_step, std::string_view zap_step, std::string_view unlock_step,
                        bool one_page) {
  Label process, done;
  lock(LockKind::i_shared_sem, false, lock_step, "down(i_shared_sem)");
  if (scheme_.check == Check::count || scheme_.check == Check::seqsched)
    add(StepOp::count_bump, lock_step, "truncate_count++");
  add(StepOp::first_process, done, zap_step, "first vma");
  place(process);
  lock(LockKind::page_table_lock, false, zap_step, "spin_lock(page_table_lock)");
  add(one_page ? StepOp::zap_page : StepOp::zap_range, zap_step, one_page ? "zap_pte, flush" : "zap_page_range, flush");
  unlock(bit(LockKind::page_table_lock), zap_step, "spin_unlock(page_table_lock)");
  add(StepOp::next_process, process, zap_step, "next vma");
  place(done);
  unlock(bit(LockKind::i_shared_sem), unlock_step, "up(i_shared_sem)");
}

void PathBuilder::unmap_and_forget_dirty(std::string_view step) {
  const std::size_t begin = program_.size();
  unmap(step, step, step, false);
  for (std::size_t i = begin; i < program_.size(); ++i)
    if (program_[i].op == StepOp::zap_range) program_[i].form = StepForm::forget_dirty;
}

/// The locks that a scheme puts around an invalidation: INVL and L, in this order.
void PathBuilder::section_locks(std::string_view step) {
  if (scheme_.invalidate_lock != InvalidateLock::none)
    lock(LockKind::invalidate_lock, false, step, "down_write(invalidate_lock)");
  if (scheme_.fs_lock_in_truncate) lock(LockKind::fs_lock, false, step, "lock L");
}

/// The end of a scheme's section: its counter, then its locks.
void PathBuilder::section_unlock(std::string_view step) {
  if (scheme_.check == Check::frlock || scheme_.check == Check::notifier) add(StepOp::section_end, step, "section end");
  unlock(bit(LockKind::invalidate_lock) | bit(LockKind::fs_lock), step, "unlock section");
}

/// T5: the pages of the task's range leave the cache.
void PathBuilder::remove_pages(std::string_view step) {
  Label next, done;
  place(next);
  add(StepOp::next_page, done, step, "find next page");
  lock(LockKind::page_lock, false, step, "lock_page");
  add(StepOp::wait_page_writeback, step, "wait_on_page_writeback");
  Label unmapped;
  if (scheme_.check == Check::seqsched) {
    add(StepOp::writer_enter, step, "writers++");
    add(StepOp::page_mapped, unmapped, step, "page_mapped (no page_table_lock)");
    unmap(step, step, step, true);
    place(unmapped);
    add(StepOp::remove_page, step, "remove_from_page_cache");
    add(StepOp::writer_leave, step, "seq++, writers--");
  } else {
    if (scheme_.page_lock_across) {
      add(StepOp::page_mapped, unmapped, step, "page_mapped");
      unmap(step, step, step, true);
      place(unmapped);
    }
    add(StepOp::remove_page, step, "clear dirty, remove_from_page_cache");
  }
  unlock(bit(LockKind::page_lock), step, "unlock_page");
  jump(next, step);
  place(done);
}

Program truncate_path(const GuardScheme& scheme, const PathOptions& options, TaskKind kind) {
  PathBuilder b(scheme, options);
  const bool invalidate = kind == TaskKind::invalidate;
  const bool truncate = kind == TaskKind::truncate;
  // Where a revoke takes the scheme's lock before it waits for pins, no pin may wait for that lock.
  const bool hold = b.holds_whole_invalidate_lock() || scheme.fs_lock_in_truncate;
  PathBuilder::Label tokens;
  b.place(tokens);
  if (!invalidate) {
    if (options.size_tokens) b.add(StepOp::take_size_token, "T0", "take size token").mode = Mode::exclusive;
    if (options.tokens)
      b.add(StepOp::take_range_tokens, "T0", "take EXCLUSIVE tokens").form =
          hold ? StepForm::hold_only : StepForm::plain;
  }
  b.lock(LockKind::i_sem, false, "T0", "down(i_sem)");
  b.section_locks("T0");
  if (!invalidate && options.tokens && hold) {
    PathBuilder::Label pinned;
    b.add(StepOp::pin_tokens, pinned, "T0", "tokens still held: pin them").mode = Mode::exclusive;
    b.unlock(0x7f, "T0", "unlock, a token is gone");
    b.jump(tokens, "T0");
    b.place(pinned);
  }
  const bool section = scheme.check == Check::frlock || scheme.check == Check::notifier;
  const bool counts = section || scheme.check == Check::count || scheme.check == Check::seqsched;
  if (truncate && counts && !scheme.barriers) b.add(StepOp::bump_early, "T1", "counter seen to move before i_size");
  if (truncate) b.add(StepOp::set_size, "T1", "i_size = new size");
  if (section) b.add(StepOp::section_begin, "T2", "section begin");
  b.unmap("T2", "T3", "T4", false);
  b.remove_pages("T5");
  if (truncate && scheme.unmap_twice) b.unmap("T2", "T3", "T4", false);
  if (!scheme.section_spans_free) b.section_unlock("T5");
  if (!invalidate) b.add(StepOp::free_blocks, "T6", "free blocks");
  if (scheme.section_spans_free) b.section_unlock("T6");
  b.unlock(bit(LockKind::i_sem), "T6", "up(i_sem)");
  b.add(StepOp::unpin, "T6", "unpin tokens");
  b.end("T6");
  return b.take();
}

namespace {

Program extend_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  if (options.size_tokens)
    b.add(StepOp::take_size_token, "X0", "take size token").mode = Mode::none;  // EXTEND, or EXCLUSIVE to append
  b.lock(LockKind::i_sem, false, "X0", "down(i_sem)");
  b.add(StepOp::grow_size, "X1", "i_size = larger, fresh blocks");
  b.unlock(bit(LockKind::i_sem), "X1", "up(i_sem)");
  b.add(StepOp::unpin, "X1", "unpin token");
  b.end("X1");
  return b.take();
}

/// read(2): the token is pinned around lookup, fill and copy.
Program read_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  PathBuilder::Label page, again, truncated, done;
  b.add(StepOp::begin_pages, "S1", "generic_file_read");
  b.place(page);
  if (options.size_tokens) b.add(StepOp::take_size_token, "S1", "take size token").mode = Mode::shared;
  b.place(again);
  b.add(StepOp::check_size, done, "S1", "check i_size");
  if (options.tokens) b.add(StepOp::take_page_token, "S2", "take SHARED token").mode = Mode::shared;
  b.lookup_or_create_page("S3");
  b.add(StepOp::wait_uptodate, "S3", "wait_on_page uptodate");
  b.unlock(bit(LockKind::invalidate_lock), "S3", "up_read(invalidate_lock)");
  b.add(StepOp::copy_out, truncated, "S4", "copy_to_user");
  b.add(StepOp::drop_page, "S4", "put_page");
  b.add(StepOp::unpin, "S5", "unpin token");
  b.add(StepOp::advance_page, page, "S5", "next page");
  b.jump(done, "S5");
  b.place(truncated);  // at this node: its truncate shares our token
  b.add(StepOp::drop_page, "S4", "put_page, page is gone");
  b.jump(again, "S4");
  b.place(done);
  b.add(StepOp::unpin, "S5", "unpin token");
  b.end("S5");
  return b.take();
}

/// write(2): per page, the user buffer faulted in, the token, the page lock, the copy with faults disabled. A DFS takes
/// its tokens before i_sem, as its truncate does, so that whoever has i_sem never waits for a grant: a truncate that
/// pinned the size and waits for i_sem would be in the way of that grant, and so would a revoke that takes i_sem. Hence
/// i_sem is held for one page at a time there, and for the whole call where there are no tokens.
Program write_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  PathBuilder::Label page, copy, retry, short_copy, buffer_ready, fault_again, write_protected, bad_address;
  // No token is awaited under a lock that a revoke takes (frlock's takes i_sem), nor under one that a truncate takes
  // while it holds tokens, which with size tokens is i_sem: then tokens come first, one page at a time.
  const bool tokens_first = scheme.grant_wait == GrantWait::before_lock &&
                            (options.size_tokens || (options.tokens && scheme.check == Check::frlock));
  const bool hold = tokens_first && (scheme.fs_lock_across || b.holds_whole_invalidate_lock());
  const auto take_tokens = [&](std::string_view step) {
    if (options.size_tokens) b.add(StepOp::take_size_token, step, "take size token").mode = Mode::none;
    if (!options.tokens) return;
    Instruction& take = b.add(StepOp::take_page_token, step, "take EXCLUSIVE token");
    take.mode = Mode::exclusive;
    take.form = hold ? StepForm::hold_only : StepForm::plain;
  };
  b.add(StepOp::begin_pages, "S1", "generic_file_write");
  if (!tokens_first) b.lock(LockKind::i_sem, false, "S1", "down(i_sem)");
  b.place(page);
  b.add(StepOp::buffer_present, buffer_ready, "S2", "fault_in_pages_readable");
  b.anonymous_fault(buffer_ready, "S2");
  b.add(StepOp::swap_target, "S2", "user buffer");
  b.place(fault_again);
  PathBuilder::Label faulted;
  b.access(write_protected, faulted, "S2", "load from the user buffer");
  b.fault(fault_again, faulted, fault_again, bad_address);
  b.place(write_protected);
  b.place(faulted);
  b.add(StepOp::swap_target, "S2", "file page");
  b.place(buffer_ready);
  b.place(retry);
  take_tokens("S3");
  if (tokens_first) b.lock(LockKind::i_sem, false, "S3", "down(i_sem)");
  if (hold && options.tokens) {
    PathBuilder::Label pinned;
    b.add(StepOp::pin_tokens, pinned, "S3", "token still held: pin it").mode = Mode::exclusive;
    b.unlock(bit(LockKind::i_sem), "S3", "up(i_sem), token is gone");
    b.jump(retry, "S3");
    b.place(pinned);
  }
  if (tokens_first && options.size_tokens) {
    PathBuilder::Label may_write;
    b.add(StepOp::check_written_size, may_write, "S3", "inside i_size, or the size token lets it grow");
    b.unlock(bit(LockKind::i_sem), "S3", "up(i_sem), truncated meanwhile");
    b.add(StepOp::unpin, "S3", "unpin tokens");  // or a truncate of another node would wait for them, and we for it
    b.jump(retry, "S3");
    b.place(may_write);
  }
  b.lookup_or_create_page("S4");
  b.add(StepOp::wait_uptodate, "S4", "wait_on_page uptodate");
  b.unlock(bit(LockKind::invalidate_lock), "S4", "up_read(invalidate_lock)");
  b.lock(LockKind::page_lock, false, "S4", "lock_page");
  b.add(StepOp::check_token, copy, "S4", "page and token still here");
  const std::uint8_t locks = bit(LockKind::page_lock) | (tokens_first ? bit(LockKind::i_sem) : 0);
  b.unlock(locks, "S4", "unlock_page");
  b.add(StepOp::unpin, "S4", "unpin token");
  b.add(StepOp::drop_page, "S4", "put_page, again");
  b.jump(retry, "S4");
  b.place(copy);
  if (scheme.copy_faults == CopyFaults::enabled) {
    PathBuilder::Label present;
    b.add(StepOp::buffer_present, present, "S5", "copy_from_user, faults enabled");
    b.anonymous_fault(present, "S5");
    b.add(StepOp::swap_target, "S5", "user buffer");
    PathBuilder::Label inner, inner_protected, inner_done;
    b.place(inner);
    b.access(inner_protected, inner_done, "S5", "load from the user buffer");
    b.fault(inner, inner_done, inner, bad_address);
    b.place(inner_protected);
    b.place(inner_done);
    b.add(StepOp::swap_target, "S5", "file page");
    b.place(present);
  }
  b.add(StepOp::copy_in, short_copy, "S5", "copy_from_user, set_page_dirty");
  b.add(StepOp::set_written_size, "S5", "i_size");
  b.unlock(locks, "S6", "unlock_page");
  b.add(StepOp::unpin, "S6", "unpin token");
  b.add(StepOp::drop_page, "S6", "put_page");
  b.add(StepOp::advance_page, page, "S6", "next page");
  b.unlock(bit(LockKind::i_sem), "S6", "up(i_sem)");
  b.end("S6");
  b.place(short_copy);
  b.unlock(locks, "S5", "short copy: unlock_page");
  b.add(StepOp::unpin, "S5", "unpin token");
  b.add(StepOp::drop_page, "S5", "put_page");
  b.jump(page, "S5");

  b.place(bad_address);  // the buffer lies beyond i_size, and will not be there at the next try either
  b.add(StepOp::swap_target, "S5", "file page");
  b.unlock(bit(LockKind::page_lock) | bit(LockKind::i_sem), "S5", "EFAULT: unlock");
  b.add(StepOp::unpin, "S5", "unpin token");
  b.add(StepOp::drop_page, "S5", "put_page");
  b.end("S5");
  return b.take();
}

Program fsync_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  if (options.sync_points)
    b.add(StepOp::sync_point, "Y1", "sync point");  // what goes to storage, and which cells, is the protocol's matter
  else
    b.clean_pages(true, false, "R4", "R5");
  b.end("R5");
  return b.take();
}

Program sync_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  if (options.sync_points) b.add(StepOp::sync_point, "Y1", "sync point");
  b.end("Y1");
  return b.take();
}

Program munmap_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  b.lock(LockKind::mmap_sem, false, "M1", "down_write(mmap_sem)");
  b.lock(LockKind::page_table_lock, false, "M2", "spin_lock(page_table_lock)");
  b.add(StepOp::zap_range, "M2", "zap_page_range, flush").shared = true;  // this process only
  b.unlock(bit(LockKind::page_table_lock), "M2", "spin_unlock(page_table_lock)");
  b.unlock(bit(LockKind::mmap_sem), "M3", "up_write(mmap_sem)");
  b.end("M3");
  return b.take();
}

Program mmap_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  b.lock(LockKind::mmap_sem, false, "M1", "down_write(mmap_sem)");
  b.unlock(bit(LockKind::mmap_sem), "M3", "up_write(mmap_sem)");
  b.end("M3");
  return b.take();
}

/// One page leaves the cache for want of room, unless somebody uses it meanwhile. The protocol has agreed: the token
/// stays, so that storage must have the content when the page is gone.
Program evict_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  PathBuilder::Label busy;
  b.unmap("E1", "E1", "E1", false);
  b.clean_pages(true, false, "E2", "E2");
  b.add(StepOp::next_page, busy, "E3", "find page");
  b.lock(LockKind::page_lock, false, "E3", "lock_page");
  b.add(StepOp::remove_if_unused, "E3", "remove_mapping if unused");
  b.unlock(bit(LockKind::page_lock), "E3", "unlock_page");
  b.place(busy);
  b.end("E3");
  return b.take();
}

Program uncached_path(const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  b.add(StepOp::send_access, "N1", "ship the access");
  b.end("N1");
  return b.take();
}

void append_abort_tail(Program& program, const GuardScheme& scheme, const PathOptions& options) {
  PathBuilder b(scheme, options);
  b.unlock(0x7f, "A", "refused: unlock");
  b.add(StepOp::swap_target, "A", "other page");
  b.unlock(0x7f, "A", "refused: unlock");
  b.add(StepOp::unpin, "A", "unpin token");
  b.add(StepOp::drop_page, "A", "put_page");
  b.end("A");
  const Program tail = b.take();
  program.insert(program.end(), tail.begin(), tail.end());
}

}  // namespace

PathOptions path_options(const Declaration& declaration) {
  const bool tokens = declaration.caching == Caching::tokens;
  return {.tokens = tokens,
          .size_tokens = tokens,
          .ranged = declaration.granularity != Granularity::page,
          .extend_mode = declaration.has_extend_mode,
          .refault_write = true,
          .caching = tokens,
          .sync_points = declaration.hears_sync};
}

void Paths::replace(TaskKind kind, Program program) {
  append_abort_tail(program, scheme_, options_);
  if (kind == TaskKind::revoke)
    for (std::size_t shape = kTaskKinds; shape < programs_.size(); ++shape) programs_[shape] = program;
  programs_[static_cast<std::size_t>(kind)] = std::move(program);
}

std::vector<Program> Paths::revokes() const {
  std::vector<Program> shapes(programs_.begin() + kTaskKinds, programs_.end());
  shapes.push_back(of(TaskKind::revoke));
  return shapes;
}

Paths::Paths(const GuardScheme& scheme, const PathOptions& options) : scheme_(scheme), options_(options) {
  const auto set = [&](TaskKind kind, Program program) {
    programs_[static_cast<std::size_t>(kind)] = std::move(program);
  };
  set(TaskKind::access, access_path(scheme_, options_));
  set(TaskKind::truncate, truncate_path(scheme_, options_, TaskKind::truncate));
  set(TaskKind::punch, truncate_path(scheme_, options_, TaskKind::punch));
  set(TaskKind::invalidate, truncate_path(scheme_, options_, TaskKind::invalidate));
  set(TaskKind::extend, extend_path(scheme_, options_));
  set(TaskKind::read, read_path(scheme_, options_));
  set(TaskKind::write, write_path(scheme_, options_));
  set(TaskKind::fsync, fsync_path(scheme_, options_));
  set(TaskKind::munmap, munmap_path(scheme_, options_));
  set(TaskKind::mmap, mmap_path(scheme_, options_));
  set(TaskKind::evict, evict_path(scheme_, options_));
  set(TaskKind::uncached, uncached_path(scheme_, options_));
  set(TaskKind::sync, sync_path(scheme_, options_));
  set(TaskKind::revoke, revoke_path(scheme_, options_, false, true));
  PathBuilder size(scheme_, options_);
  size.add(StepOp::mark_revoking, "R1", "size token = REVOKING");
  size.add(StepOp::wait_pins, "R2", "wait for pins = 0");
  size.add(StepOp::release_token, "R7", "size token given up");
  size.end("R7");
  programs_[kTaskKinds] = size.take();
  programs_[kTaskKinds + 1] = revoke_path(scheme_, options_, true, true);
  programs_[kTaskKinds + 2] = revoke_path(scheme_, options_, true, false);
  programs_[kTaskKinds + 3] = revoke_path(scheme_, options_, false, false);
  for (Program& program : programs_) append_abort_tail(program, scheme_, options_);
}

}  // namespace pagetoken
