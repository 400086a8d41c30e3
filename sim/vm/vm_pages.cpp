// Page objects and PTEs: who refers to a page, and what becomes of it when nobody does.

#include <algorithm>

#include "protocols/api/require.hpp"
#include "sim/vm/sparse.hpp"
#include "sim/vm/vm.hpp"

namespace pagetoken {

std::uint32_t Vm::new_object(std::uint64_t key) {
  std::uint32_t index;
  if (!free_objects_.empty()) {
    index = free_objects_.take_lowest();
  } else {
    index = static_cast<std::uint32_t>(objects_.size());
    objects_.emplace_back();
  }
  objects_[index] = PageObject{};
  objects_[index].key = key;
  objects_[index].used = true;
  return index;
}

std::uint32_t Vm::add_to_cache(std::uint64_t key) {
  const std::uint32_t index = new_object(key);
  objects_[index].in_cache = true;
  cache_[key] = index;
  used(index);
  return index;
}

bool Vm::referenced(std::uint32_t object, TaskIndex except) const {
  for (TaskIndex i = 0; i < tasks_.size(); ++i) {
    const Task& t = tasks_[i];
    if (i != except && t.alive && (t.at.object == object || t.other.object == object || t.copy == object)) return true;
  }
  return false;
}

void Vm::release_object(std::uint32_t index) {
  PageObject& object = objects_[index];
  if (!object.used || object.in_cache || object.map_count > 0 || referenced(index, kNoTask)) return;
  object = PageObject{};
  free_objects_.put(index);
}

void Vm::remove_from_cache(std::uint32_t index) {
  PageObject& object = objects_[index];
  object.in_cache = false;
  object.dirty = false;
  cache_.erase(object.key);
  if (object.writeback) writing_.erase(object.key);
  if (use_order_) use_order_->remove(index);
  end_evictions(Resource::from_key(object.key));
}

/// An eviction is of the page that was cached when it began. If that has gone, and another comes in its place, it comes
/// under a token of its own, and what the protocol allowed when it asked for the eviction may not be allowed of it: a
/// copy that is newer than storage, say, whose duty is elsewhere.
void Vm::end_evictions(const Resource& page) {
  for (Task& task : tasks_) {
    if (!task.alive || task.kind != TaskKind::evict || task.file != page.file || !task.range.contains(page.page))
      continue;
    task.range = {page.page, page.page};
    task.cursor = page.page;
  }
}

const PageObject* Vm::eviction_victim() const {
  const std::uint32_t index =
      use_order_->oldest([this](std::uint32_t i) { return objects_[i].uptodate && !objects_[i].writeback; });
  return index == UseOrder::kNone ? nullptr : &objects_[index];
}

void Vm::unmap_pte(Process& process, std::uint64_t key) {
  const Pte* pte = process.ptes.find(key);
  if (!pte) return;
  const std::uint32_t index = pte->object;
  PageObject& object = objects_[index];
  if (pte->dirty && !pte->is_copy) object.dirty = true;
  --object.map_count;
  process.ptes.erase(key);
  release_object(index);
}

std::uint32_t Vm::zap(Process& process, FileId file, Range range, bool copies_too, bool lose_dirty) {
  std::uint32_t zapped = 0;
  for (const std::uint64_t space : {std::uint64_t{0}, kPrivate}) {
    const std::uint64_t end = page_resource(file, std::min(range.end, kMaxPages)).key() | space;
    std::uint64_t key = page_resource(file, range.begin).key() | space;
    while ((key = process.ptes.next_key(key, end)) != end) {
      if (copies_too || !process.ptes.find(key)->is_copy) {
        if (lose_dirty) process.ptes.find(key)->dirty = false;
        unmap_pte(process, key);
        ++zapped;
      }
      ++key;
    }
  }
  return zapped;
}

bool Vm::is_dirty(const PageObject& object) const {
  if (object.dirty) return true;
  if (object.map_count == 0) return false;
  for (const Process& process : processes_)
    if (const Pte* pte = process.ptes.find(object.key); pte && pte->dirty && &objects_[pte->object] == &object)
      return true;
  return false;
}

std::uint32_t Vm::clean_ptes(Process& process, std::uint64_t key) {
  Pte* pte = process.ptes.find(key);
  if (!pte) return 0;
  if (pte->dirty) objects_[pte->object].dirty = true;
  pte->dirty = false;
  pte->writable = false;
  return 1;
}

const PageObject* Vm::cached(FileId file, PageIndex page) const {
  const std::uint32_t* object = cache_.find(page_resource(file, page).key());
  return object ? &objects_[*object] : nullptr;
}

std::uint32_t Vm::preload(FileId file, PageIndex page, Version version, Block block, bool uptodate) {
  const std::uint32_t index = add_to_cache(page_resource(file, page).key());
  PageObject& object = objects_[index];
  object.uptodate = uptodate;
  object.version = version;
  object.block = block;
  return index;
}

void Vm::map(std::uint8_t mm, FileId file, PageIndex page, bool writable) {
  const std::uint64_t key = page_resource(file, page).key();
  const std::uint32_t* object = cache_.find(key);
  require(object != nullptr, "only a cached page can be mapped");
  processes_[mm].ptes[key] = {.object = *object, .writable = writable, .dirty = false, .accessed = true};
  ++objects_[*object].map_count;
}

namespace {
/// Ranks from 1 in the order of the values; 0 stays 0.
template <class F>
void rank(std::vector<F*>& values) {
  std::sort(values.begin(), values.end(), [](const F* a, const F* b) { return *a < *b; });
  F before{}, given{};
  for (F* value : values) {
    if (value->value == 0) continue;
    if (*value != before) given = given.next();
    before = *value;
    *value = given;
  }
  values.clear();
}
}  // namespace

void Vm::renumber() {
  const Check check = paths_->scheme().check;
  std::vector<Sample*> samples;
  for (std::uint64_t key = files_.next_key(0, ~std::uint64_t{0}); key != ~std::uint64_t{0};
       key = files_.next_key(key + 1, ~std::uint64_t{0})) {
    FileState& file = *files_.find(key);
    const auto of_tasks = [&](Sample Task::*member) {
      for (Task& task : tasks_)
        if (task.alive && index_of(task.at.file) == key) samples.push_back(&(task.*member));
    };
    if (check == Check::frlock) {
      samples.push_back(&file.pre);
      samples.push_back(&file.post);
      of_tasks(&Task::sample_a);
    } else if (check == Check::count || check == Check::seqsched) {
      samples.push_back(&file.count);
      of_tasks(&Task::sample_a);
    }
    rank(samples);
    if (check == Check::seqsched || check == Check::notifier) {
      samples.push_back(&file.sequence);
      of_tasks(check == Check::seqsched ? &Task::sample_b : &Task::sample_a);
    }
    rank(samples);
  }
  std::vector<Ticket*> tickets{&next_ticket_};
  for (Task& task : tasks_)
    if (task.alive) tickets.push_back(&task.ticket);
  rank(tickets);
}

/// Slots in the order in which cache, PTEs and tasks refer to them.
void Vm::renumber_objects() {
  std::vector<std::uint32_t> slot(objects_.size(), kNoObject);
  std::vector<PageObject> ordered;
  const auto move = [&](std::uint32_t& object) {
    if (object == kNoObject) return;
    if (slot[object] == kNoObject) {
      slot[object] = static_cast<std::uint32_t>(ordered.size());
      ordered.push_back(objects_[object]);
    }
    object = slot[object];
  };
  constexpr std::uint64_t kEnd = ~std::uint64_t{0};
  for (std::uint64_t key = cache_.next_key(0, kEnd); key != kEnd; key = cache_.next_key(key + 1, kEnd))
    move(*cache_.find(key));
  for (Process& process : processes_)
    for (std::uint64_t key = process.ptes.next_key(0, kEnd); key != kEnd; key = process.ptes.next_key(key + 1, kEnd))
      move(process.ptes.find(key)->object);
  for (Task& task : tasks_) {
    if (!task.alive) continue;
    move(task.at.object);
    move(task.other.object);
    move(task.copy);
    if (task.wait == Wait::lock && task.wait_lock.kind == LockKind::page_lock) move(task.wait_lock.index);
  }
  objects_ = std::move(ordered);
  free_objects_.clear();
}

void Vm::normalize() {
  for (Task& task : tasks_) {
    if (!task.alive) continue;
    task.version = {};
    if (task.kind == TaskKind::revoke || task.wait == Wait::token || task.handed) continue;
    task.need_mode = Mode::none;
    task.need_of = {};
    task.need_range = {};
  }
  renumber();
  renumber_objects();
}

void Vm::encode_to(Encoder& out) const {
  out.put(processes_);
  out.put(files_);
  out.put(cache_);
  out.put_number(objects_.size());
  for (const PageObject& object : objects_) put_sparse(out, object);
  out.put(free_objects_);
  out.put_number(tasks_.size());
  for (const Task& task : tasks_) {
    out.put(task.alive);
    if (task.alive) put_sparse(out, task);
  }
  out.put(parked_);
  out.put(next_ticket_);
  out.put(tokens);
}

void Vm::decode_from(Decoder& in) {
  in.get(processes_);
  in.get(files_);
  in.get(cache_);
  objects_.resize(in.number());
  writing_.clear();
  for (PageObject& object : objects_) {
    get_sparse(in, object);
    if (object.in_cache && object.writeback) writing_.insert(object.key);
  }
  in.get(free_objects_);
  tasks_.resize(in.number());
  for (Task& task : tasks_) {
    bool alive;
    in.get(alive);
    if (alive)
      get_sparse(in, task);
    else
      task = Task{};
  }
  in.get(parked_);
  in.get(next_ticket_);
  in.get(tokens);
  woken_.clear();
}

}  // namespace pagetoken
