// Grants, revokes and completions: where the VM meets the protocol and the storage.

#include "sim/vm/vm.hpp"

#include <algorithm>

#include "protocols/api/require.hpp"

namespace pagetoken {

Vm::Vm(const Paths& paths, std::uint32_t processes)
    : tokens(paths.options().ranged), paths_(&paths), processes_(processes) {}

TaskIndex Vm::start(const Task& spec) {
  TaskIndex index = 0;
  while (index < tasks_.size() && tasks_[index].alive) ++index;
  require(index < kNoTask, "a node has too many tasks");
  if (index == tasks_.size()) tasks_.emplace_back();
  Task& task = tasks_[index];
  task = spec;
  task.alive = true;
  task.at.file = spec.file;
  task.mm_cursor = spec.mm;
  task.cursor = spec.kind == TaskKind::access ? 0 : spec.range.begin;
  return index;
}

bool Vm::pinned(const Resource& resource, Range range, TaskIndex except, bool holds) const {
  for (TaskIndex i = 0; i < tasks_.size(); ++i) {
    const Task& task = tasks_[i];
    if (i == except || !task.alive) continue;
    for (const Target* target : {&task.at, &task.other}) {
      if (target->file != resource.file) continue;
      if (resource.kind == ResourceKind::size
              ? target->size_pin != Mode::none
              : target->page_pin != Mode::none && target->hold == holds && target->pin_range.overlaps(range))
        return true;
    }
  }
  return false;
}

PageIndex Vm::next_awaited(FileId file, Range range) const {
  PageIndex first = range.end;
  for (const Task& task : tasks_)
    if (task.alive && task.wait == Wait::token && task.need_of.kind == ResourceKind::page &&
        task.need_of.file == file && range.contains(task.need_of.page))
      first = std::min(first, task.need_of.page);
  return first;
}

bool Vm::in_progress(FileId file, PageIndex page) const {
  for (const Task& task : tasks_) {
    if (!task.alive) continue;
    const bool covers = task.kind == TaskKind::access ? task.at.file == file && task.at.page == page
                                                      : task.file == file && task.range.contains(page);
    if (covers && task.pc != 0) return true;
  }
  return false;
}

namespace {
bool met(const TokenTable& tokens, const Task& task) {
  if (task.need_of.kind == ResourceKind::size) {
    const Token token = tokens.size(task.need_of.file);
    return !token.revoking && satisfies(token.mode, task.need_mode);
  }
  return satisfies(tokens.usable(task.need_of.file, task.need_range), task.need_mode);
}

void pin(Task& task, bool hold) {
  if (task.need_of.kind == ResourceKind::size) {
    task.at.size_pin = task.need_mode;
    return;
  }
  Range& pins = task.at.pin_range;
  pins = task.at.page_pin == Mode::none
             ? task.need_range
             : Range{std::min(pins.begin, task.need_range.begin), std::max(pins.end, task.need_range.end)};
  task.at.page_pin = task.need_mode;
  task.at.hold = hold;
}
}  // namespace

void Vm::grant(const Resource& resource, Range range, Mode mode, const Data& data, Source source, Outside& outside) {
  require(!tokens.any_revoking(resource, range), "a grant overlaps an unfinished yield");
  if (resource.kind == ResourceKind::size) {
    require(!(tokens.size(resource.file).mode > mode), "a grant weakens the token held");
    tokens.set(resource, range, mode);
    FileState& state = file(resource.file);
    if (source != Source::here && data.present) {
      state.i_size = data.size;
      state.size_dirty = data.dirty;
    }
  } else if (resource.kind == ResourceKind::page) {
    require(!(tokens.page(resource.file, resource.page).mode > mode), "a grant weakens the token held");
    tokens.set(resource, range, mode);
    if (source == Source::message && data.present) {
      const std::uint32_t* object = cache_.find(resource.key());
      const bool whole = data.cells == kWholePage;
      PageObject& page = objects_[object ? *object
                                         : preload(resource.file, resource.page,
                                                   whole ? data.version : outside.stored(resource.file, resource.page),
                                                   outside.block_of(resource.file, resource.page))];
      page.version = whole ? data.version : outside.merged(page.version, data.version, data.cells);
      page.dirty |= data.dirty;
    }
  } else {
    std::vector<Range> stronger;  // SHARED over a range leaves what is EXCLUSIVE in it as it is
    tokens.for_each_range(resource.file, range, [&](Range held, Token token) {
      if (token.mode > mode) stronger.push_back(held);
    });
    tokens.set(resource, range, mode);
    for (const Range& held : stronger) tokens.set(resource, held, Mode::exclusive);
  }
  satisfy(resource);
}

void Vm::satisfy(const Resource& resource) {
  for (TaskIndex i = 0; i < tasks_.size(); ++i) {
    Task& task = tasks_[i];
    if (!task.alive || task.wait != Wait::token || task.need_of != resource || !met(tokens, task)) continue;
    pin(task, task.need_of.kind != ResourceKind::size && paths_->at(task).form == StepForm::hold_only);
    task.handed = true;
    wake(i);
  }
}

void Vm::raise_unmet(const Resource& resource, Outside& outside) {
  for (TaskIndex i = 0; i < tasks_.size(); ++i) {
    const Task& task = tasks_[i];
    if (!task.alive || task.wait != Wait::token || task.need_of != resource) continue;
    if (tokens.any_revoking(resource, task.need_range)) continue;
    outside.need(i, resource, {task.need_mode, task.need_range, task.need_range, {}});
  }
}

TaskIndex Vm::begin_yield(const Resource& resource, Range range, Mode keep, Disposition disposition) {
  Task task;
  task.kind = TaskKind::revoke;
  task.file = resource.file;
  task.range = range;
  task.revokes = resource.kind;
  task.keep = keep;
  task.disposition = disposition;
  task.need_of = resource;
  return start(task);
}

Data Vm::own_copy(const Resource& resource) const {
  if (resource.kind == ResourceKind::size) {
    const FileState* state = find_file(resource.file);
    return state ? Data{.present = true, .size = state->i_size} : Data{};
  }
  const PageObject* page = cached(resource.file, resource.page);
  return page && page->uptodate ? Data{.present = true, .version = page->version} : Data{};
}

Data Vm::take_written(const Resource& resource) {
  Data* parked = parked_.find(resource.key());
  CellMask cells = 0;
  if (parked) {
    cells = parked->cells;
  } else if (const std::uint32_t* object = cache_.find(resource.key())) {
    cells = std::exchange(objects_[*object].written, 0);
  }
  Data data = take_parked(resource);
  if (cells == 0) return {};
  data.cells = cells;
  return data;
}

Data Vm::take_parked(const Resource& resource) {
  if (const Data* parked = parked_.find(resource.key())) {
    Data data = *parked;
    parked_.erase(resource.key());
    data.cells = kWholePage;
    return data;
  }
  // The yield kept a copy here: the duty to write it back moves, the copy stays.
  Data data = own_copy(resource);
  if (resource.kind == ResourceKind::size) {
    data.dirty = file(resource.file).size_dirty;
    file(resource.file).size_dirty = false;
  } else if (const std::uint32_t* object = cache_.find(resource.key())) {
    data.dirty = objects_[*object].dirty;
    objects_[*object].dirty = false;
  }
  return data;
}

void Vm::access_done(TaskIndex index, const RemoteAccess& access) {
  // The number came in a message, and this node may have failed since it was sent.
  require(index < tasks_.size() && tasks_[index].alive && tasks_[index].wait == Wait::reply,
          "an access is completed that nobody waits for");
  Task& task = tasks_[index];
  require(task.ships == access.kind, "an access is completed by the result of another");
  task.version = access.version;
  if (access.kind == AccessKind::append) task.range = {access.page, access.page + task.range.end};
  task.handed = true;
  task.result = access.beyond ? Result::sigbus : Result::running;
  wake(index);
}

void Vm::sync_done(FileId file, SyncKind kind) {
  TaskIndex first = kNoTask;
  for (TaskIndex i = 0; i < tasks_.size(); ++i) {
    const Task& task = tasks_[i];
    if (!task.alive || task.wait != Wait::sync || task.file != file || task.sync != kind) continue;
    if (first == kNoTask || task.ticket < tasks_[first].ticket) first = i;
  }
  require(first != kNoTask, "a sync point is done that nobody waits at");
  tasks_[first].handed = true;
  wake(first);
}

void Vm::refuse(const Resource& resource, Range range) {
  for (TaskIndex i = 0; i < tasks_.size(); ++i) {
    Task& task = tasks_[i];
    if (!task.alive || task.wait != Wait::token || task.need_of != resource || !task.need_range.overlaps(range))
      continue;
    task.result = Result::refused;
    task.pc = static_cast<std::uint16_t>(paths_->of(task).size() - kAbortTail);
    wake(i);
  }
}

void Vm::wake_waiting(Wait wait) {
  for (TaskIndex i = 0; i < tasks_.size(); ++i) {
    const Task& task = tasks_[i];
    if (!task.alive || task.wait != wait) continue;
    bool ready = true;
    switch (wait) {
      case Wait::pins: ready = !pinned(task.need_of, task.range, i, paths_->at(task).form == StepForm::holds); break;
      case Wait::page: ready = objects_[task.at.object].uptodate; break;
      case Wait::guard: {
        const FileState* state = find_file(task.at.file);
        ready = !state || (state->writers == 0 && state->active == 0);
        break;
      }
      case Wait::writeback: break;  // looks again at its whole range
      case Wait::none:
      case Wait::lock:
      case Wait::token:
      case Wait::reply:
      case Wait::sync: ready = false; break;
    }
    if (ready) wake(i);
  }
}

void Vm::read_done(FileId file_id, PageIndex page, Version version, Outside& outside) {
  const std::uint32_t* index = cache_.find(page_resource(file_id, page).key());
  require(index != nullptr && !objects_[*index].uptodate, "a read ends on a page that nobody reads");
  PageObject& object = objects_[*index];
  // One step: i_size and the block map are read now, not when the read was started.
  const bool inside = page < file(file_id).i_size;
  object.block = inside ? outside.block_of(file_id, page) : Block{};
  object.version = object.block.value != 0 ? version : Version{};
  object.uptodate = true;
  object.lock.owner = kNoTask;
  if (object.lock.waiters > 0) hand_over({LockKind::page_lock, *index});
  wake_waiting(Wait::page);
}

void Vm::write_done(FileId file_id, PageIndex page) {
  const std::uint64_t key = page_resource(file_id, page).key();
  if (const std::uint32_t* index = cache_.find(key)) {
    objects_[*index].writeback = false;
    writing_.erase(key);
  }
  wake_waiting(Wait::writeback);
}

}  // namespace pagetoken
