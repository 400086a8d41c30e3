#pragma once
// One node's virtual memory: state, and the one engine that steps its tasks.

#include <optional>
#include <set>
#include <vector>

#include "sim/vm/free_slots.hpp"
#include "sim/vm/program.hpp"
#include "sim/vm/state.hpp"
#include "sim/vm/token_table.hpp"
#include "sim/vm/use_order.hpp"

namespace pagetoken {

/// What a VM asks of the world around it; the driver answers, and calls back into the VM only after the step. Nothing
/// here is a clock.
class Outside {
 public:
  virtual ~Outside() = default;
  /// The task lacks a token and sleeps until it is granted.
  virtual void need(TaskIndex task, const Resource& resource, const Need& need) = 0;
  /// The task has come to a sync point and sleeps until Vm::sync_done.
  virtual void sync(TaskIndex task, FileId file, SyncKind kind) = 0;
  virtual void start_read(TaskIndex task, FileId file, PageIndex page) = 0;  ///< ends in Vm::read_done
  virtual void start_write(TaskIndex task, FileId file, PageIndex page, Version version) = 0;  ///< in Vm::write_done
  virtual Block block_of(FileId file, PageIndex page) = 0;
  virtual void free_blocks(FileId file, Range range) = 0;
  virtual void allocate_blocks(FileId file, Range range) = 0;
  /// The content of a page after a store to some of its cells.
  virtual Version written(Version before, CellMask cells) = 0;
  /// The content `before` with these cells taken from `other`; what a page holds is known outside.
  virtual Version merged(Version before, Version other, CellMask cells) = 0;
  /// The content of a page in storage: what the cells hold that are not merged into a page that is not cached.
  virtual Version stored(FileId file, PageIndex page) = 0;
  /// The first page in `range` for which any node holds a token or waits for one (whose grant, and content, may be on
  /// its way), or range.end: what a truncate has to take.
  virtual PageIndex next_held_page(FileId file, Range range) = 0;
  /// The store or load of a task was performed, on a mapped or cached page or at the page's home.
  virtual void accessed(TaskIndex task, FileId file, PageIndex page, Version version, bool is_write) = 0;
  /// R7. `merged`: the size was held for EXTEND, so that what is written back is merged by maximum.
  virtual void yielded(TaskIndex task, const Resource& resource, Range range, bool merged) = 0;
  virtual void size_changed(TaskIndex task, FileId file, PageIndex old_size, PageIndex new_size) = 0;
  virtual void blocks_freed(TaskIndex task, FileId file, Range range) = 0;  ///< T6
  virtual void lock_taken(TaskIndex, LockKind, std::uint8_t /*held*/) {}
};

/// What one step did.
struct Step {
  enum class Outcome : std::uint8_t { advanced, blocked, ended };
  Outcome outcome = Outcome::advanced;
  const Instruction* instruction = nullptr;
  std::uint32_t amount = 0;  ///< PTEs zapped, pages copied: what the step's cost grows with
};

class Vm {
 public:
  explicit Vm(const Paths& paths, std::uint32_t processes = 1);

  /// Starts a task; it runs when stepped. Fields that the kind needs are set by the caller.
  TaskIndex start(const Task& task);
  Step step(TaskIndex index, Outside& outside);
  /// Steps the task until `goes_on(step)` says that no other is to follow: after one that has blocked or ended it, and
  /// wherever somebody else has touched this VM's tasks meanwhile. Not asked after steps that pass (StepRunner::run).
  /// Callers include step.hpp.
  template <class Passes, class GoesOn>
  void run(TaskIndex index, Outside& outside, Passes&& passes, GoesOn&& goes_on);
  /// Passes over the next step, which must be optional(), and does the one after it.
  Step step_without_optional(TaskIndex index, Outside& outside);
  /// True if a step of this task can do anything.
  bool runnable(TaskIndex index) const { return tasks_[index].alive && tasks_[index].wait == Wait::none; }
  const Task& task(TaskIndex index) const { return tasks_[index]; }
  Task& task(TaskIndex index) { return tasks_[index]; }
  std::size_t task_slots() const { return tasks_.size(); }
  const Instruction& next_step(TaskIndex index) const { return paths_->at(tasks_[index]); }
  const Paths& paths() const { return *paths_; }

  /// Tasks that stopped waiting since the last call, in the order in which they did.
  std::vector<TaskIndex>& woken() { return woken_; }

  // From the protocol, by way of the driver.
  /// Fills the token table, installs content, and pins for every waiting task that is satisfied.
  void grant(const Resource& resource, Range range, Mode mode, const Data& data, Source source, Outside& outside);
  /// Starts the revoke task for what is held of the range.
  TaskIndex begin_yield(const Resource& resource, Range range, Mode keep, Disposition disposition);
  /// The content to send: of this node's cache, what the last hand-over parked (and its duty), or of either the cells
  /// that were written (and the duty).
  Data own_copy(const Resource& resource) const;
  Data take_parked(const Resource& resource);
  Data take_written(const Resource& resource);
  /// Lets every waiting task whose need is still unmet raise it again.
  void raise_unmet(const Resource& resource, Outside& outside);
  void access_done(TaskIndex task, const RemoteAccess& access);
  /// Wakes the task that has waited longest at such a sync point of the file.
  void sync_done(FileId file, SyncKind kind);
  /// Ends the operations that wait for a token over the range, with Result::refused.
  void refuse(const Resource& resource, Range range);

  // From storage.
  void read_done(FileId file, PageIndex page, Version version, Outside& outside);
  void write_done(FileId file, PageIndex page);

  /// A load or store through a present PTE that allows it, or null. Performs nothing.
  PageObject* hit(std::uint8_t mm, std::uint64_t key, bool is_write) {
    Pte* pte = processes_[mm].ptes.find(key);
    if (!pte || (is_write && !pte->writable)) return nullptr;
    return &objects_[pte->object];
  }
  const Pte* pte(std::uint8_t mm, std::uint64_t key) const { return processes_[mm].ptes.find(key); }

  // State, for drivers, oracles and tests.
  TokenTable tokens;
  FileState& file(FileId file) { return files_[index_of(file)]; }
  const FileState* find_file(FileId file) const { return files_.find(index_of(file)); }
  const PageObject* cached(FileId file, PageIndex page) const;
  /// Its own flag or that of a PTE which maps it.
  bool is_dirty(const PageObject& object) const;
  const std::vector<PageObject>& objects() const { return objects_; }
  std::size_t cached_pages() const { return cache_.size(); }

  /// Keeps the order in which cached pages are used from now on, for drivers that evict; before the first page. To come
  /// into the cache is a use, what follows is told by used(). No part of the state: explorers evict whatever they like.
  void keep_use_order() { use_order_.emplace(); }
  void used(std::uint32_t object) {
    if (use_order_ && objects_[object].in_cache) use_order_->use(object);
  }
  /// The page that an eviction takes: used least recently, of those that are not being read or written back.
  const PageObject* eviction_victim() const;
  const UseOrder* use_order() const { return use_order_ ? &*use_order_ : nullptr; }

  const Table<std::uint32_t>& cache() const { return cache_; }
  std::vector<Process>& processes() { return processes_; }
  const std::vector<Process>& processes() const { return processes_; }
  /// Puts a page into the cache as if it had been read before the run, for scenarios.
  std::uint32_t preload(FileId file, PageIndex page, Version version, Block block, bool uptodate = true);
  void map(std::uint8_t mm, FileId file, PageIndex page, bool writable);
  const Lock& lock(const LockRef& ref) const;
  /// True if some other task than `except` has the range pinned, or holds a grant for it.
  bool pinned(const Resource& resource, Range range, TaskIndex except, bool holds) const;
  /// The first page in the range whose token a task waits for, or range.end.
  PageIndex next_awaited(FileId file, Range range) const;
  /// An operation that covers the page is in progress at this node, so that it is not at rest.
  bool in_progress(FileId file, PageIndex page) const;

  /// For explorers: puts the state into a form of its own, so that states which differ in nothing that matters become
  /// one. What is only compared (a guard's counters and the samples of them, file by file; tickets) becomes small
  /// ranks, page objects take slots in the order of their keys, and fields that are dead are reset. A counter must not
  /// be 0 while a sample of it is kept.
  void normalize();
  void encode_to(Encoder& out) const;
  void decode_from(Decoder& in);

 private:
  friend class StepRunner;

  // Locks (vm_locks.cpp).
  Lock& lock_at(const LockRef& ref);
  LockRef lock_ref(const Task& task, LockKind kind) const;
  Lock& lock_of(const Task& task, LockKind kind);
  bool take(TaskIndex index, LockKind kind, bool shared);
  void release(TaskIndex index, LockKind kind);
  void hand_over(const LockRef& ref);
  void wake(TaskIndex index);

  // Pages (vm_pages.cpp).
  std::uint32_t new_object(std::uint64_t key);
  /// A new object in the cache, for a page that is not there.
  std::uint32_t add_to_cache(std::uint64_t key);
  void release_object(std::uint32_t object);
  void remove_from_cache(std::uint32_t object);
  void end_evictions(const Resource& page);
  bool referenced(std::uint32_t object, TaskIndex except) const;
  void unmap_pte(Process& process, std::uint64_t key);
  std::uint32_t zap(Process& process, FileId file, Range range, bool copies_too, bool lose_dirty = false);
  void renumber();
  void renumber_objects();
  std::uint32_t clean_ptes(Process& process, std::uint64_t key);
  void wake_waiting(Wait wait);
  /// Pins for every task that waits for a token of the resource and may have it now, and wakes it.
  void satisfy(const Resource& resource);

  const Paths* paths_;
  std::vector<Process> processes_;
  Table<FileState> files_;
  Table<std::uint32_t> cache_;  // page key -> object
  std::vector<PageObject> objects_;
  FreeSlots free_objects_;
  std::optional<UseOrder> use_order_;  // of cached objects
  std::set<std::uint64_t> writing_;    // keys of cached pages that are being written back: follows from the objects
  std::vector<Task> tasks_;
  Table<Data> parked_;  // resource key -> content put aside by a hand-over
  Ticket next_ticket_{1};
  std::vector<TaskIndex> woken_;
};

}  // namespace pagetoken
