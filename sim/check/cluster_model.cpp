#include "sim/check/cluster_model.hpp"

#include <algorithm>

namespace pagetoken {

namespace {
std::string node_name(NodeId node) { return "node " + std::to_string(index_of(node)); }
std::string page_name(std::uint64_t key) {
  const Resource r = Resource::from_key(key);
  const std::string file = "file " + std::to_string(index_of(r.file));
  if (r.kind == ResourceKind::size) return "size of " + file;
  return r.kind == ResourceKind::file ? file : "page " + std::to_string(r.page) + " of " + file;
}
}  // namespace

ClusterModel::ClusterModel(const Options& options, const Machine& machine, const Paths& paths)
    : options_(options), cluster_(options.shape, machine, paths, *this), done_(options.shape.clients) {
  options_.scripts.resize(options.shape.clients);
  for (std::uint32_t f = 0; f < options_.sizes.size(); ++f) cluster_.storage().create(FileId{f}, options_.sizes[f]);
}

void ClusterModel::encode(Encoder& out) const {
  cluster_.encode_to(out);
  out.put(flying_);
  out.put(requests_);
  out.put(timers_);
  out.put(done_);
  out.put(latest_);
}

void ClusterModel::decode(const std::uint8_t* bytes) {
  Decoder in(bytes);
  cluster_.decode_from(in);
  in.get(flying_);
  in.get(requests_);
  in.get(timers_);
  in.get(done_);
  in.get(latest_);
}

bool ClusterModel::finished(std::uint32_t client) const {
  const Vm& vm = cluster_.vm(NodeId{client});
  return vm.task_slots() == 0 || !vm.task(0).alive;
}

std::size_t ClusterModel::choices() {
  choices_.clear();
  for (std::uint32_t c = 0; c < options_.shape.clients; ++c) {
    const Vm& vm = cluster_.vm(NodeId{c});
    if (done_[c] < options_.scripts[c].size() && finished(c)) choices_.push_back({Choice::Kind::start, c, 0});
    for (TaskIndex t = 0; t < vm.task_slots(); ++t)
      if (vm.runnable(t)) choices_.push_back({Choice::Kind::step, c, t});
  }
  for (std::uint32_t i = 0; i < flying_.size(); ++i) {
    bool first = true;  // on its link
    for (std::uint32_t j = 0; j < i && first; ++j)
      first = flying_[j].from != flying_[i].from || flying_[j].to != flying_[i].to;
    if (first || !options_.fifo) choices_.push_back({Choice::Kind::deliver, i, 0});
  }
  for (std::uint32_t i = 0; i < requests_.size(); ++i) choices_.push_back({Choice::Kind::storage, i, 0});
  for (std::uint32_t i = 0; i < timers_.size(); ++i) choices_.push_back({Choice::Kind::timer, i, 0});
  return choices_.size();
}

void ClusterModel::take(std::size_t choice) {
  const Choice c = choices_[choice];
  switch (c.kind) {
    case Choice::Kind::start: start_operation(c.index); break;
    case Choice::Kind::step: cluster_.step(NodeId{c.index}, c.task); break;
    case Choice::Kind::deliver: {
      Envelope envelope = std::move(flying_[c.index]);
      flying_.erase(flying_.begin() + c.index);
      cluster_.deliver(envelope);
      break;
    }
    case Choice::Kind::storage: {
      const Request r = requests_[c.index];
      requests_.erase(requests_.begin() + c.index);
      if (r.is_write) {
        cluster_.write_served(r.file, r.page, r.version);
        cluster_.write_done(r.node, r.file, r.page);
      } else {
        cluster_.read_done(r.node, r.file, r.page, cluster_.storage().content(r.file, r.page));
      }
      break;
    }
    case Choice::Kind::timer: {
      const Timer t = timers_[c.index];
      timers_.erase(timers_.begin() + c.index);
      cluster_.timer(t.node, t.resource, t.timer);
      break;
    }
  }
  for (std::uint32_t n = 0; n < options_.shape.clients; ++n) cluster_.vm(NodeId{n}).woken().clear();
}

void ClusterModel::start_operation(std::uint32_t client) {
  const Operation& operation = options_.scripts[client][done_[client]++];
  Task task;
  task.kind = operation.kind;
  task.is_write = operation.is_write;
  task.file = operation.file;
  task.range = operation.range;
  task.at.page = operation.range.begin;
  if (!cluster_.vm(NodeId{client}).paths().options().caching) {
    task.kind = TaskKind::uncached;
    task.ships = operation.kind == TaskKind::truncate ? AccessKind::truncate
                 : operation.kind == TaskKind::extend ? AccessKind::extend
                 : operation.is_write                 ? AccessKind::write
                                                      : AccessKind::read;
  }
  if (operation.kind == TaskKind::access) cluster_.note_access(NodeId{client}, operation.file, operation.range.begin);
  cluster_.start(NodeId{client}, task);
}

std::string ClusterModel::describe(std::size_t choice) {
  const Choice c = choices_[choice];
  switch (c.kind) {
    case Choice::Kind::start: {
      const Operation& o = options_.scripts[c.index][done_[c.index]];
      return node_name(NodeId{c.index}) + "  starts " + (o.is_write ? "write " : "") + name_of(o.kind) + " of pages [" +
             std::to_string(o.range.begin) + ", " + std::to_string(o.range.end) + ")";
    }
    case Choice::Kind::step: {
      const Vm& vm = cluster_.vm(NodeId{c.index});
      const Instruction& i = vm.next_step(c.task);
      return node_name(NodeId{c.index}) + "  " + name_of(vm.task(c.task).kind) + "#" + std::to_string(c.task) + "  " +
             std::string(i.step) + "  " + std::string(i.text);
    }
    case Choice::Kind::deliver: {
      const Envelope& e = flying_[c.index];
      const MessageType& type = cluster_.machine().declaration().messages[e.message.type];
      return node_name(e.from) + " -> " + node_name(e.to) + "  " + std::string(type.name) + "  " +
             page_name(e.resource.key());
    }
    case Choice::Kind::storage: {
      const Request& r = requests_[c.index];
      return "storage  " + std::string(r.is_write ? "write" : "read") + " of " +
             page_name(page_resource(r.file, r.page).key()) + " for " + node_name(r.node) + " is done";
    }
    case Choice::Kind::timer: return node_name(timers_[c.index].node) + "  timer fires";
  }
  return {};
}

std::optional<Broken> ClusterModel::check() {
  if (auto broken = check_tokens()) return broken;
  if (auto broken = check_exclusion()) return broken;
  if (choices_.empty()) return check_rest();
  return std::nullopt;
}

/// I3: what is mapped or cached is covered by a token, and what is mapped writable by an EXCLUSIVE one.
std::optional<Broken> ClusterModel::check_tokens() const {
  for (std::uint32_t n = 0; n < options_.shape.clients; ++n) {
    const Vm& vm = cluster_.vm(NodeId{n});
    if (!vm.paths().options().tokens) continue;
    for (const Process& process : vm.processes()) {
      std::optional<Broken> broken;
      process.ptes.for_each([&](std::uint64_t key, const Pte& pte) {
        const Resource page = Resource::from_key(key & ~kPrivate);
        const Mode held = vm.tokens.page(page.file, page.page).mode;
        if (broken || pte.is_copy || satisfies(held, pte.writable ? Mode::exclusive : Mode::shared)) return;
        broken = Broken{"I3", node_name(NodeId{n}) + " maps " + page_name(page.key()) +
                                  (pte.writable ? " writable" : "") + ", and holds no token that allows it"};
      });
      if (broken) return broken;
    }
    std::optional<Broken> broken;
    vm.cache().for_each([&](std::uint64_t key, std::uint32_t) {
      const Resource page = Resource::from_key(key);
      if (!broken && vm.tokens.page(page.file, page.page).mode == Mode::none)
        broken = Broken{"I3", node_name(NodeId{n}) + " caches " + page_name(key) + ", and holds no token"};
    });
    if (broken) return broken;
  }
  return std::nullopt;
}

/// Single writer or many readers, for pages and sizes.
std::optional<Broken> ClusterModel::check_exclusion() const {
  for (std::uint32_t a = 0; a < options_.shape.clients; ++a) {
    for (std::uint32_t b = a + 1; b < options_.shape.clients; ++b) {
      const TokenTable& ta = cluster_.vm(NodeId{a}).tokens;
      const TokenTable& tb = cluster_.vm(NodeId{b}).tokens;
      for (std::uint32_t f = 0; f < options_.sizes.size(); ++f) {
        const auto conflict = [&](const std::string& what) {
          return Broken{"protocol:exclusion", node_name(NodeId{a}) + " and " + node_name(NodeId{b}) +
                                                  " hold incompatible tokens of " + what};
        };
        if (!compatible(ta.size(FileId{f}).mode, tb.size(FileId{f}).mode))
          return conflict(page_name(size_resource(FileId{f}).key()));
        for (PageIndex p = 0; p <= options_.sizes[f]; ++p)
          if (!compatible(ta.page(FileId{f}, p).mode, tb.page(FileId{f}, p).mode))
            return conflict(page_name(page_resource(FileId{f}, p).key()));
      }
    }
  }
  return std::nullopt;
}

/// Nothing can happen any more: everything must have ended, and I1, I2, I4, I5 and I6 hold.
std::optional<Broken> ClusterModel::check_rest() const {
  for (std::uint32_t n = 0; n < options_.shape.clients; ++n) {
    if (done_[n] < options_.scripts[n].size() || !finished(n)) return Broken{"deadlock", who_waits()};
    const Vm& vm = cluster_.vm(NodeId{n});
    for (TaskIndex t = 0; t < vm.task_slots(); ++t)
      if (vm.task(t).alive) return Broken{"deadlock", who_waits()};
    for (const Process& process : vm.processes()) {
      std::optional<Broken> broken;
      process.ptes.for_each([&](std::uint64_t key, const Pte& pte) {
        const Resource page = Resource::from_key(key & ~kPrivate);
        const FileState* file = vm.find_file(page.file);
        const std::string what = node_name(NodeId{n}) + " maps " + page_name(page.key());
        if (!pte.is_copy && !vm.objects()[pte.object].in_cache) broken = Broken{"I1", what + ", an orphan"};
        if (file && page.page >= file->i_size) broken = Broken{"I2", what + ", beyond i_size"};
      });
      if (broken) return broken;
    }
    std::optional<Broken> broken;
    vm.cache().for_each([&](std::uint64_t key, std::uint32_t index) {
      const PageObject& object = vm.objects()[index];
      const Resource page = Resource::from_key(key);
      const Version* latest = latest_.find(key);
      const std::string what = node_name(NodeId{n}) + " caches " + page_name(key);
      if (latest && object.version != *latest) broken = Broken{"I4", what + ", not its latest version"};
      if (object.block.value != 0 && object.block != cluster_.storage().block_of(page.file, page.page))
        broken = Broken{"I5", what + ", whose block was freed"};
    });
    if (broken) return broken;
  }
  std::optional<Broken> broken;
  latest_.for_each([&](std::uint64_t key, const Version& version) {
    const Resource page = Resource::from_key(key);
    bool kept = cluster_.storage().content(page.file, page.page) == version;
    for (std::uint32_t n = 0; n < options_.shape.clients && !kept; ++n) {
      const PageObject* cached = cluster_.vm(NodeId{n}).cached(page.file, page.page);
      kept = cached && cached->version == version;
    }
    if (!kept) broken = Broken{"I6", "the last store to " + page_name(key) + " is neither in a cache nor in storage"};
  });
  return broken;
}

std::string ClusterModel::who_waits() const {
  std::string text;
  for (std::uint32_t n = 0; n < options_.shape.clients; ++n) {
    const Vm& vm = cluster_.vm(NodeId{n});
    for (TaskIndex t = 0; t < vm.task_slots(); ++t) {
      const Task& task = vm.task(t);
      if (!task.alive) continue;
      if (!text.empty()) text += "; ";
      text += node_name(NodeId{n}) + " " + name_of(task.kind) + "#" + std::to_string(t) + " waits for " +
              (task.wait == Wait::lock ? name_of(task.wait_lock.kind) : name_of(task.wait));
    }
  }
  return text;
}

void ClusterModel::read_storage(NodeId node, FileId file, PageIndex page, const Cause&) {
  requests_.push_back({false, node, file, page, {}});
}

void ClusterModel::write_storage(NodeId node, FileId file, PageIndex page, Version version, const Cause&) {
  requests_.push_back({true, node, file, page, version});
}

void ClusterModel::arm(NodeId node, const Resource& resource, std::uint8_t timer, std::int64_t) {
  cancel(node, resource, timer);
  timers_.push_back({node, resource, timer});
}

void ClusterModel::cancel(NodeId node, const Resource& resource, std::uint8_t timer) {
  std::erase_if(timers_, [&](const Timer& t) { return t.node == node && t.resource == resource && t.timer == timer; });
}

void ClusterModel::accessed(NodeId node, TaskIndex, FileId file, PageIndex page, Version version, bool is_write) {
  Version& latest = latest_[page_resource(file, page).key()];
  if (is_write)
    latest = version;
  else if (version != latest)
    broken_ = Broken{"I4", node_name(node) + " reads a version of " + page_name(page_resource(file, page).key()) +
                               " that a completed store has replaced"};
}

void ClusterModel::blocks_freed(NodeId, TaskIndex, FileId file, Range range) {
  const std::uint64_t end = page_resource(file, std::min(range.end, kMaxPages)).key();
  std::uint64_t key = page_resource(file, range.begin).key();
  while ((key = latest_.next_key(key, end)) != end) latest_.erase(key);
}

}  // namespace pagetoken
