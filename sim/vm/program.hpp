#pragma once
// The kernel's paths as lists of atomic steps. A guard scheme decides which steps a path has and in which order, so a
// path is compiled from it once; the interpreter in vm.cpp knows steps, not schemes.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "protocols/api/declaration.hpp"
#include "sim/vm/guard.hpp"
#include "sim/vm/task.hpp"

namespace pagetoken {

enum class StepOp : std::uint8_t {
  // control
  end,
  jump,
  // locks
  lock,
  unlock,
  // access and fault
  access,
  find_pte,
  load_early,
  sample,
  take_size_token,
  take_page_token,
  take_range_tokens,
  pin_tokens,
  check_size,
  lookup,
  lookup_or_create,
  wait_uptodate,
  recheck,
  copy_page,
  unpin,
  check_guard,
  drop_page,
  set_pte,
  store,
  sigbus,
  give_up,
  store_if_writable,
  anonymous_page,
  // write on a read-only PTE
  wp_reference,
  if_private,
  wp_refault,
  wp_dirty,
  wp_set,
  // invalidation
  set_size,
  grow_size,
  bump_early,
  section_begin,
  section_end,
  count_bump,
  first_process,
  next_process,
  zap_range,
  zap_page,
  next_page,
  page_mapped,
  writer_enter,
  writer_leave,
  remove_page,
  remove_if_unused,
  wait_page_writeback,
  free_blocks,
  // revoke and writeback
  mark_revoking,
  wait_pins,
  next_dirty,
  clean_ptes,
  start_writeback,
  wait_writeback,
  recheck_clean,
  release_token,
  // system calls
  begin_pages,
  advance_page,
  copy_out,
  copy_in,
  check_token,
  check_written_size,
  buffer_present,
  swap_target,
  set_written_size,
  // a page locked before its token is asked for
  lookup_or_add,
  try_page_token,
  read_page,
  // protocols that do not cache
  send_access,
  // protocols that hear of sync points
  sync_point
};
inline constexpr std::size_t kOps = static_cast<std::size_t>(StepOp::sync_point) + 1;

/// What an op does, where it comes in more than one form.
enum class StepForm : std::uint8_t {
  plain,
  hold_only,   ///< take_*_token*: a grant is held for the task until it has the scheme's locks, and pinned there
  holds,       ///< wait_pins: for such holds alone, before a revoke takes the scheme's locks; plain: for pins alone
  every_page,  ///< next_dirty; plain: pages that are dirty
  dirty_flag_only,  ///< next_dirty: those whose own flag is set, whatever their PTEs say
  to_storage,       ///< start_writeback; plain: the duty to write is kept
  forget_dirty,     ///< zap_range: the bug that a dirty PTE does not make its page dirty
  if_cached,        ///< recheck: jumps if the page is still in the cache; plain: if it is gone
  if_present        ///< anonymous_page: jumps if the buffer is a mapping; plain: the buffer is there from now on
};

struct Instruction {
  StepOp op = StepOp::end;
  LockKind lock = LockKind::mmap_sem;  ///< lock
  bool shared = false;                 ///< lock: as a reader; zap_range: of the task's own process only
  std::uint8_t mask = 0;               ///< unlock: those of these locks that are held
  StepForm form = StepForm::plain;
  std::uint16_t target = 0;  ///< where a jump, or the op's exceptional outcome, goes
  std::uint16_t on_hit = 0;  ///< access: where a hit goes
  bool retries = false;      ///< a guard sends the fault back here
  Mode mode = Mode::none;    ///< take_*: what is needed; none = as the access needs
  std::string_view step{};   ///< "F4"
  std::string_view text{};   ///< "find_get_page"
  friend bool operator==(const Instruction&, const Instruction&) = default;
};

/// Ends in a tail that drops whatever a task holds, for operations that are refused a token.
using Program = std::vector<Instruction>;
inline constexpr std::size_t kAbortTail = 6;

/// What a path depends on beside the guard: where the VM runs.
struct PathOptions {
  bool tokens = true;         ///< the file is a DFS's: pages need tokens
  bool size_tokens = true;    ///< sizes need tokens too
  bool ranged = false;        ///< tokens of pages are ranges of a file
  bool extend_mode = false;   ///< the protocol knows EXTEND
  bool refault_write = true;  ///< without mkwrite, a write to a read-only PTE zaps it and faults again for writing
  bool caching = true;
  bool sync_points = false;  ///< the protocol is told of open, close, fsync, locks and barriers
};
/// What a protocol's declaration says of the VM under it.
PathOptions path_options(const Declaration& declaration);

/// Nothing that anybody could see needs the step: an interleaving without it has to be explored too.
constexpr bool optional(StepOp op) { return op == StepOp::load_early || op == StepOp::bump_early; }

/// Nobody outside is asked for anything by the step, unless it blocks: all that it may change beside its task is what
/// other tasks of its VM see, and whom it wakes.
constexpr bool stays_inside(StepOp op) {
  switch (op) {
    case StepOp::end:
    case StepOp::lookup_or_create:
    case StepOp::read_page:
    case StepOp::try_page_token:
    case StepOp::set_size:
    case StepOp::grow_size:
    case StepOp::set_written_size:
    case StepOp::free_blocks:
    case StepOp::start_writeback:
    case StepOp::release_token:
    case StepOp::send_access:
    case StepOp::sync_point: return false;
    default: return true;
  }
}

/// Every path of a node's VM under one scheme.
class Paths {
 public:
  Paths(const GuardScheme& scheme, const PathOptions& options);
  const GuardScheme& scheme() const { return scheme_; }
  const PathOptions& options() const { return options_; }
  const Program& of(const Task& task) const { return programs_[index(task)]; }
  const Program& of(TaskKind kind) const { return programs_[static_cast<std::size_t>(kind)]; }
  /// A revoke's path in each of its shapes.
  std::vector<Program> revokes() const;
  /// Another path for every task of a kind, revokes of any shape included: see scenario_paths.hpp.
  void replace(TaskKind kind, Program program);
  const Instruction& at(const Task& task) const { return of(task)[task.pc]; }

 private:
  /// A revoke has four shapes: of a size, down to SHARED, to NONE with writeback, to NONE without.
  static std::size_t index(const Task& task) {
    const auto kind = static_cast<std::size_t>(task.kind);
    if (task.kind != TaskKind::revoke) return kind;
    if (task.revokes == ResourceKind::size) return kTaskKinds;
    if (task.keep != Mode::none) return kTaskKinds + (task.disposition == Disposition::write_back ? 1 : 2);
    return task.disposition == Disposition::write_back ? kind : kTaskKinds + 3;
  }
  GuardScheme scheme_;
  PathOptions options_;
  std::array<Program, kTaskKinds + 4> programs_;
};

}  // namespace pagetoken
