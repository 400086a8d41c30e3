// Locks: FIFO queues, handed over on release, so that a waiter cannot be overtaken for ever.

#include "protocols/api/require.hpp"
#include "sim/vm/vm.hpp"

namespace pagetoken {

namespace {
bool is_rwsem(LockKind kind) { return kind == LockKind::mmap_sem || kind == LockKind::invalidate_lock; }
}  // namespace

LockRef Vm::lock_ref(const Task& task, LockKind kind) const {
  switch (kind) {
    case LockKind::mmap_sem: return {kind, task.mm};
    // Loops over processes take the lock of the process that they have reached.
    case LockKind::page_table_lock: return {kind, task.mm_cursor};
    case LockKind::i_sem:
    case LockKind::invalidate_lock:
    case LockKind::i_shared_sem:
    case LockKind::fs_lock: return {kind, index_of(task.at.file)};
    case LockKind::page_lock: return {kind, task.at.object};
  }
  return {};
}

Lock& Vm::lock_at(const LockRef& ref) {
  switch (ref.kind) {
    case LockKind::mmap_sem: return processes_[ref.index].mmap_sem;
    case LockKind::page_table_lock: return processes_[ref.index].page_table_lock;
    case LockKind::i_sem: return files_[ref.index].i_sem;
    case LockKind::invalidate_lock: return files_[ref.index].invalidate_lock;
    case LockKind::i_shared_sem: return files_[ref.index].i_shared_sem;
    case LockKind::fs_lock: return files_[ref.index].fs_lock;
    case LockKind::page_lock: break;
  }
  return objects_[ref.index].lock;
}

const Lock& Vm::lock(const LockRef& ref) const { return const_cast<Vm*>(this)->lock_at(ref); }

/// lock_at(lock_ref()), without the detour.
Lock& Vm::lock_of(const Task& task, LockKind kind) {
  switch (kind) {
    case LockKind::mmap_sem: return processes_[task.mm].mmap_sem;
    case LockKind::page_table_lock: return processes_[task.mm_cursor].page_table_lock;
    case LockKind::i_sem: return file(task.at.file).i_sem;
    case LockKind::invalidate_lock: return file(task.at.file).invalidate_lock;
    case LockKind::i_shared_sem: return file(task.at.file).i_shared_sem;
    case LockKind::fs_lock: return file(task.at.file).fs_lock;
    case LockKind::page_lock: break;
  }
  return objects_[task.at.object].lock;
}

bool Vm::take(TaskIndex index, LockKind kind, bool shared) {
  Task& task = tasks_[index];
  Lock& lock = lock_of(task, kind);
  if (task.handed) {  // the one who held it made it ours
    require(shared ? lock.readers > 0 : lock.owner == index, "a lock is taken that was not handed over");
    task.handed = false;
    task.at.held |= bit(kind);
    return true;
  }
  const bool may_share = shared && lock.owner == kNoTask && (lock.waiters == 0 || !paths_->scheme().fair_rwsem);
  if (may_share || lock.free()) {
    if (shared && is_rwsem(kind))
      ++lock.readers;
    else
      lock.owner = index;
    task.at.held |= bit(kind);
    return true;
  }
  require((task.at.held & bit(kind)) == 0 || is_rwsem(kind), "a task waits for a lock that it holds");
  ++lock.waiters;
  task.wait = Wait::lock;
  task.wait_lock = lock_ref(task, kind);
  task.wait_shared = shared;
  task.ticket = next_ticket_;
  next_ticket_ = next_ticket_.next();
  return false;
}

void Vm::release(TaskIndex index, LockKind kind) {
  Task& task = tasks_[index];
  if ((task.at.held & bit(kind)) == 0) return;
  task.at.held &= static_cast<std::uint8_t>(~bit(kind));
  Lock& lock = lock_of(task, kind);
  if (lock.owner == index) {
    lock.owner = kNoTask;
  } else {
    require(lock.readers > 0, "a lock is released that nobody holds");
    --lock.readers;
  }
  if (lock.waiters > 0) hand_over(lock_ref(task, kind));
}

/// Gives the lock to the head of its queue: one writer, or every reader up to the next writer.
void Vm::hand_over(const LockRef& ref) {
  for (;;) {
    Lock& lock = lock_at(ref);
    TaskIndex head = kNoTask;
    for (TaskIndex i = 0; i < tasks_.size(); ++i) {
      const Task& t = tasks_[i];
      if (!t.alive || t.wait != Wait::lock || t.wait_lock != ref) continue;
      if (head == kNoTask || t.ticket < tasks_[head].ticket) head = i;
    }
    if (head == kNoTask) return;
    Task& first = tasks_[head];
    if (first.wait_shared ? lock.owner != kNoTask : !lock.free()) return;
    --lock.waiters;
    if (first.wait_shared)
      ++lock.readers;
    else
      lock.owner = head;
    first.handed = true;
    wake(head);
    if (!first.wait_shared) return;
  }
}

void Vm::wake(TaskIndex index) {
  Task& task = tasks_[index];
  task.wait = Wait::none;
  task.wait_lock = {};
  task.ticket = {};
  woken_.push_back(index);
}

}  // namespace pagetoken
