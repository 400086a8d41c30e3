#include "bench.hpp"

#include <algorithm>

#include "protocols/api/require.hpp"

namespace pagetoken::bench {

namespace {

const char* shown(Mode mode) {
  switch (mode) {
    case Mode::none: return "NONE";
    case Mode::shared: return "SHARED";
    case Mode::extend: return "EXTEND";
    case Mode::exclusive: return "EXCLUSIVE";
  }
  return "?";
}

const char* shown(Result result) {
  switch (result) {
    case Result::running: return "running";
    case Result::done: return "done";
    case Result::sigbus: return "SIGBUS";
    case Result::gave_up: return "gave up";
    case Result::refused: return "refused";
  }
  return "?";
}

std::string text(Version version) { return "v" + std::to_string(version.value); }
std::string text(Token token) { return std::string(shown(token.mode)) + (token.revoking ? " REVOKING" : ""); }
std::string text(const Resource& resource) {
  if (resource.kind == ResourceKind::size) return "size";
  return "page " + std::to_string(resource.page);
}
std::string text(Range range) {
  return "[" + std::to_string(range.begin) + ", " + (range.end == kToInfinity ? "inf" : std::to_string(range.end)) +
         ")";
}

std::string padded(std::string_view text, std::size_t width) {
  std::string all(text);
  if (all.size() < width) all.append(width - all.size(), ' ');
  return all;
}

void append(std::string& list, const std::string& element, const char* separator) {
  if (!list.empty() && !element.empty()) list += separator;
  list += element;
}

}  // namespace

Task load(PageIndex page, bool is_private) {
  Task task;
  task.file = kFile;
  task.range = one_page(page);
  task.at.page = page;
  task.is_private = is_private;
  return task;
}

Task store(PageIndex page, bool is_private) {
  Task task = load(page, is_private);
  task.is_write = true;
  return task;
}

Task call(TaskKind kind, PageIndex begin, PageIndex end) {
  Task task;
  task.kind = kind;
  task.file = kFile;
  task.range = {begin, end};
  return task;
}

Bench::Bench(const GuardScheme& scheme, const PathOptions& options) : paths_(scheme, options), vm_(paths_) {
  for (FileId file : {kFile, kBufferFile}) {
    vm_.file(file).i_size = 1;
    stored_at(file, 0) = {Block{1}, Version{1}};
  }
}

TaskIndex Bench::start(const Task& task, std::string name) {
  const TaskIndex index = vm_.start(task);
  names_.resize(std::max<std::size_t>(names_.size(), index + std::size_t{1}));
  names_[index] = std::move(name);
  return index;
}

TaskIndex Bench::revoke(const Resource& resource, Mode keep, Disposition disposition, std::string name) {
  const TaskIndex index = vm_.begin_yield(resource, resource.extent(), keep, disposition);
  names_.resize(std::max<std::size_t>(names_.size(), index + std::size_t{1}));
  names_[index] = std::move(name);
  return index;
}

void Bench::quietly(const Task& task) {
  const std::size_t printed = lines_.size();
  require(run(start(task)), "what came before does not end");
  lines_.resize(printed);
}

bool Bench::run(TaskIndex task, std::string_view until) {
  while (vm_.task(task).alive) {
    if (vm_.runnable(task)) {
      if (!until.empty() && vm_.next_step(task).step == until) return false;
      step(task);
    } else if (!serve(task)) {
      return false;
    }
  }
  return true;
}

void Bench::step(TaskIndex task) {
  const Facts before = facts(task);
  const Step step = vm_.step(task, *this);
  std::string more;
  if (step.amount != 0) append(more, std::to_string(step.amount) + " PTE or page", "; ");
  if (step.outcome == Step::Outcome::blocked) {
    const Task& t = vm_.task(task);
    append(more, std::string("waits for ") + std::string(name_of(t.wait)), "; ");
    if (t.wait == Wait::token) more += std::string(": ") + text(t.need_of) + " " + shown(t.need_mode);
    if (t.wait == Wait::lock) more += std::string(": ") + name_of(t.wait_lock.kind);
  }
  if (step.outcome == Step::Outcome::ended) append(more, shown(vm_.task(task).result), "; ");
  print(task, step.instruction->step, step.instruction->text, before, more);
}

/// What the sleeping task waits for happens, if it is the world's to do.
bool Bench::serve(TaskIndex task) {
  const Facts before = facts(task);
  if (vm_.task(task).wait == Wait::token && !needs_.empty()) {
    const auto [resource, need] = needs_.front();
    needs_.pop_front();
    Data data;
    if (resource.kind == ResourceKind::size) data = {.present = true, .size = vm_.file(resource.file).i_size};
    vm_.grant(resource, resource.extent(), need.mode, data, Source::storage, *this);
    print(task, "--", "granted: " + text(resource) + " " + shown(need.mode), before, {});
    return true;
  }
  if (vm_.task(task).wait == Wait::sync && !syncing_.empty()) {
    const Task& first = vm_.task(syncing_.front());
    syncing_.pop_front();
    vm_.sync_done(first.file, first.sync);
    print(task, "--", std::string("the protocol is done: ") + name_of(first.sync), before, {});
    return true;
  }
  if (requests_.empty()) return false;
  const Request request = requests_.front();
  requests_.pop_front();
  if (request.is_write) {
    stored_at(request.file, request.page).version = request.version;
    vm_.write_done(request.file, request.page);
  } else {
    vm_.read_done(request.file, request.page, stored_at(request.file, request.page).version, *this);
  }
  print(task, "--", std::string("storage: ") + (request.is_write ? "written" : "read"), before, {});
  return true;
}

void Bench::print(TaskIndex task, std::string_view step, std::string_view text, const Facts& before,
                  const std::string& more) {
  std::string changes;
  for (const std::string& note : std::exchange(notes_, {})) append(changes, note, "; ");
  const Facts after = facts(task);
  for (std::size_t i = 0; i < after.size(); ++i)
    if (before[i] != after[i]) append(changes, after[i].first + " " + after[i].second, "; ");
  append(changes, more, "; ");
  std::string line = names_[task].empty() ? "" : names_[task] + " ";
  line += padded(step, 4) + padded(text, changes.empty() ? 0 : 48);
  line += changes.empty() ? "" : " " + changes;
  lines_.push_back(std::move(line));
}

Bench::Facts Bench::facts(TaskIndex index) const {
  const Task& task = vm_.task(index);
  Facts all;
  all.emplace_back("holds", locks(task));
  std::string pins;
  for (const Target* target : {&task.at, &task.other}) {
    const std::string of = target->file == kFile ? "" : "buffer ";
    if (target->size_pin != Mode::none) append(pins, of + "size " + shown(target->size_pin), ", ");
    if (target->page_pin == Mode::none) continue;
    append(pins, of + text(target->pin_range) + " " + shown(target->page_pin) + (target->hold ? " for later" : ""),
           ", ");
  }
  all.emplace_back("pins", pins.empty() ? "nothing" : pins);
  add_page_facts(all, kFile, 0, "");
  add_page_facts(all, kFile, 1, " 1");
  add_page_facts(all, kBufferFile, 0, " of buffer");
  const FileState* file = vm_.find_file(kFile);
  all.emplace_back("size token", text(vm_.tokens.size(kFile)));
  all.emplace_back("i_size", std::to_string(file->i_size));
  all.emplace_back("size", file->size_dirty ? "dirty" : "clean");
  all.emplace_back("pre", std::to_string(file->pre.value));
  all.emplace_back("post", std::to_string(file->post.value));
  all.emplace_back("count", std::to_string(file->count.value));
  all.emplace_back("seq", std::to_string(file->sequence.value));
  all.emplace_back("writers", std::to_string(file->writers));
  all.emplace_back("active", std::to_string(file->active));
  return all;
}

void Bench::add_page_facts(Facts& all, FileId file, PageIndex page, const std::string& suffix) const {
  all.emplace_back("token" + suffix, text(vm_.tokens.page(file, page)));
  std::string cached = "not cached";
  if (const PageObject* object = vm_.cached(file, page)) {
    cached = object->uptodate ? text(object->version) : "being read";
    if (object->uptodate && object->block.value == 0) cached += ", no block";
    if (object->dirty) cached += ", dirty";
    if (object->writeback) cached += ", under writeback";
  }
  all.emplace_back("page" + suffix, cached);
  all.emplace_back("pte" + suffix, pte(vm_.pte(0, pte_key(file, page, false))));
  all.emplace_back("private pte" + suffix, pte(vm_.pte(0, pte_key(file, page, true))));
}

std::string Bench::pte(const Pte* pte) const {
  if (!pte) return "none";
  const PageObject& object = vm_.objects()[pte->object];
  std::string all = pte->writable ? "rw" : "ro";
  if (pte->dirty) all += " dirty";
  if (pte->is_copy)
    all += " of a copy";
  else if (!object.in_cache)
    all += " of an orphan";
  return all + " " + text(object.version);
}

std::string Bench::locks(const Task& task) const {
  std::string all;
  for (const Target* target : {&task.at, &task.other}) {
    for (std::uint8_t mask = target->held; mask != 0; mask &= static_cast<std::uint8_t>(mask - 1)) {
      const auto kind = static_cast<LockKind>(mask & -mask);
      std::string name = name_of(kind);
      const FileState* file = vm_.find_file(target->file);
      if (kind == LockKind::mmap_sem) name += vm_.processes()[task.mm].mmap_sem.readers > 0 ? "(R)" : "(W)";
      if (kind == LockKind::invalidate_lock) name += file->invalidate_lock.readers > 0 ? "(R)" : "(W)";
      append(all, name, ", ");
    }
  }
  return all.empty() ? "nothing" : all;
}

void Bench::need(TaskIndex, const Resource& resource, const Need& need) { needs_.emplace_back(resource, need); }

void Bench::start_read(TaskIndex, FileId file, PageIndex page) {
  requests_.push_back({false, file, page, {}});
  notes_.push_back("starts a read");
}

void Bench::start_write(TaskIndex, FileId file, PageIndex page, Version version) {
  requests_.push_back({true, file, page, version});
  notes_.push_back("starts a write of " + text(version));
}

Block Bench::block_of(FileId file, PageIndex page) { return stored_at(file, page).block; }

void Bench::free_blocks(FileId file, Range range) {
  for (PageIndex page = range.begin; page < std::min<PageIndex>(range.end, 2); ++page) stored_at(file, page) = {};
}

void Bench::allocate_blocks(FileId file, Range range) {
  for (PageIndex page = range.begin; page < range.end; ++page) {
    last_block_ = last_block_.next();
    stored_at(file, page) = {last_block_, {}};
  }
}

void Bench::accessed(TaskIndex, FileId, PageIndex, Version version, bool is_write) {
  notes_.push_back((is_write ? "stores " : "loads ") + text(version));
}

void Bench::yielded(TaskIndex, const Resource& resource, Range, bool) { notes_.push_back("yields " + text(resource)); }

void Bench::blocks_freed(TaskIndex, FileId, Range range) { notes_.push_back("frees the blocks of " + text(range)); }

}  // namespace pagetoken::bench
