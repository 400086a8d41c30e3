#pragma once
// One node's VM on a bench: a world that grants every token at once and serves storage when a task sleeps for it, and a
// printer of what each step of a task changed.

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "sim/vm/vm.hpp"

namespace pagetoken::bench {

inline constexpr FileId kFile{0};
inline constexpr FileId kBufferFile{1};  ///< what user buffers of write(2) map

Task load(PageIndex page = 0, bool is_private = false);
Task store(PageIndex page = 0, bool is_private = false);
/// A task of another kind, over pages [begin, end) of kFile.
Task call(TaskKind kind, PageIndex begin, PageIndex end);

class Bench final : public Outside {
 public:
  /// kFile has one page, version 1 in storage, and kBufferFile too.
  explicit Bench(const GuardScheme& scheme, const PathOptions& options = {});

  Vm& vm() { return vm_; }
  const std::vector<std::string>& lines() const { return lines_; }

  /// Runs a task to its end, of which nothing is printed: for what came before.
  void quietly(const Task& task);
  /// Gives the token as if it had been granted before.
  void hold(const Resource& resource, Mode mode) { vm_.tokens.set(resource, resource.extent(), mode); }

  /// Starts a task; `name` stands before its lines, if any.
  TaskIndex start(const Task& task, std::string name = {});
  TaskIndex revoke(const Resource& resource, Mode keep, Disposition disposition, std::string name = {});
  /// Steps the task, prints, until it has ended (true), sleeps for a lock, a pin or a guard, or is before `until`.
  bool run(TaskIndex task, std::string_view until = {});
  void say(std::string line) { lines_.push_back(std::move(line)); }

  // Outside.
  void need(TaskIndex task, const Resource& resource, const Need& need) override;
  void start_read(TaskIndex, FileId file, PageIndex page) override;
  void start_write(TaskIndex, FileId file, PageIndex page, Version version) override;
  Block block_of(FileId file, PageIndex page) override;
  void free_blocks(FileId file, Range range) override;
  void allocate_blocks(FileId file, Range range) override;
  Version written(Version, CellMask) override { return last_version_ = last_version_.next(); }
  Version merged(Version, Version other, CellMask) override { return other; }
  Version stored(FileId file, PageIndex page) override { return stored_at(file, page).version; }
  void sync(TaskIndex task, FileId, SyncKind) override { syncing_.push_back(task); }
  PageIndex next_held_page(FileId file, Range range) override { return vm_.tokens.next_held(file, range); }
  void accessed(TaskIndex, FileId, PageIndex page, Version version, bool is_write) override;
  void yielded(TaskIndex, const Resource& resource, Range range, bool merged) override;
  void size_changed(TaskIndex, FileId, PageIndex, PageIndex) override {}
  void blocks_freed(TaskIndex, FileId, Range range) override;

 private:
  struct Stored {
    Block block{};
    Version version{};
  };
  struct Request {
    bool is_write = false;
    FileId file{};
    PageIndex page = 0;
    Version version{};
  };
  using Facts = std::vector<std::pair<std::string, std::string>>;  // name, value

  Stored& stored_at(FileId file, PageIndex page) { return storage_[page_resource(file, page).key()]; }
  void step(TaskIndex task);
  bool serve(TaskIndex task);
  void print(TaskIndex task, std::string_view step, std::string_view text, const Facts& before,
             const std::string& more);
  Facts facts(TaskIndex task) const;
  void add_page_facts(Facts& all, FileId file, PageIndex page, const std::string& suffix) const;
  std::string locks(const Task& task) const;
  std::string pte(const Pte* pte) const;

  Paths paths_;
  Vm vm_;
  Table<Stored> storage_;
  Version last_version_{1};
  Block last_block_{1};
  std::deque<std::pair<Resource, Need>> needs_;
  std::deque<Request> requests_;
  std::deque<TaskIndex> syncing_;
  std::vector<std::string> names_;  // of tasks, by slot
  std::vector<std::string> notes_;  // what the step told the world
  std::vector<std::string> lines_;
};

}  // namespace pagetoken::bench
