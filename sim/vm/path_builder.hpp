#pragma once
// The pieces that the kernel's paths are put together from (program.cpp, program_fault.cpp, program_revoke.cpp).

#include "sim/vm/program.hpp"

namespace pagetoken {

/// Appends steps to a program; labels are positions, forward jumps are patched when their label is placed.
class PathBuilder {
 public:
  PathBuilder(const GuardScheme& scheme, const PathOptions& options) : scheme_(scheme), options_(options) {}

  struct Label {
    int at = -1;
    std::vector<std::size_t> waiting{};
    std::vector<std::size_t> waiting_hits{};
  };

  Program take() { return std::move(program_); }
  std::uint16_t here() const { return static_cast<std::uint16_t>(program_.size()); }
  void place(Label& label) {
    label.at = static_cast<int>(program_.size());
    for (std::size_t from : label.waiting) program_[from].target = here();
    for (std::size_t from : label.waiting_hits) program_[from].on_hit = here();
    label.waiting.clear();
    label.waiting_hits.clear();
  }
  Instruction& add(StepOp op, std::string_view step, std::string_view text) {
    Instruction& i = program_.emplace_back();
    i.op = op;
    i.step = step;
    i.text = text;
    return i;
  }
  Instruction& add(StepOp op, Label& exceptional, std::string_view step, std::string_view text) {
    if (exceptional.at < 0) exceptional.waiting.push_back(program_.size());
    Instruction& i = add(op, step, text);
    if (exceptional.at >= 0) i.target = static_cast<std::uint16_t>(exceptional.at);
    return i;
  }
  void jump(Label& to, std::string_view step) { add(StepOp::jump, to, step, "goto"); }
  void lock(LockKind kind, bool shared, std::string_view step, std::string_view text) {
    Instruction& i = add(StepOp::lock, step, text);
    i.lock = kind;
    i.shared = shared;
  }
  void unlock(std::uint8_t mask, std::string_view step, std::string_view text) {
    add(StepOp::unlock, step, text).mask = mask;
  }
  void end(std::string_view step) { add(StepOp::end, step, "return"); }

  const GuardScheme& scheme() const { return scheme_; }
  const PathOptions& options() const { return options_; }
  bool holds_whole_invalidate_lock() const { return scheme_.invalidate_lock == InvalidateLock::whole; }

  // Shared pieces (program.cpp).
  void access(Label& write_protected, Label& hit, std::string_view step, std::string_view text);
  /// F1-F10 for the task's target: ends at `out`, restarts at `again`, goes to `lost` where another set the PTE first,
  /// and to `sigbus` beyond i_size.
  void fault(Label& again, Label& out, Label& lost, Label& sigbus);
  /// W1-W3: goes to `installed`, or to `changed` where the PTE did not stay as it was.
  void write_protect_fault(Label& installed, Label& changed);
  void lookup_or_create_page(std::string_view step);
  void anonymous_fault(Label& done, std::string_view step);
  void unmap(std::string_view lock_step, std::string_view zap_step, std::string_view unlock_step, bool one_page);
  void unmap_and_forget_dirty(std::string_view step);  ///< the bug: a dirty PTE does not make its page dirty
  void section_locks(std::string_view step);
  void section_unlock(std::string_view step);
  void remove_pages(std::string_view step);
  void clean_pages(bool to_storage, bool all, std::string_view step, std::string_view wait_step);

 private:
  Program program_;
  const GuardScheme& scheme_;
  const PathOptions& options_;
};

inline constexpr std::uint8_t kFaultLocks = bit(LockKind::page_table_lock) | bit(LockKind::page_lock) |
                                            bit(LockKind::fs_lock) | bit(LockKind::invalidate_lock) |
                                            bit(LockKind::mmap_sem);

Program access_path(const GuardScheme&, const PathOptions&);
Program truncate_path(const GuardScheme&, const PathOptions&, TaskKind);
Program revoke_path(const GuardScheme&, const PathOptions&, bool keep_shared, bool write_back);

}  // namespace pagetoken
