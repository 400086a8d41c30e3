#include "sim/check/cluster/cluster_model.hpp"

#include <algorithm>
#include <cassert>

namespace pagetoken {

ClusterModel::ClusterModel(const Options& options, const Machine& machine, const Paths& paths)
    : options_(options), cluster_(options.shape, machine, paths, *this) {
  if (!options_.menu.empty()) options_.scripts.assign(options_.shape.clients, {});
  if (options_.client_of.empty())
    for (std::uint32_t s = 0; s < options_.scripts.size(); ++s) options_.client_of.push_back(s);
  done_.resize(options_.scripts.size());
  running_.resize(options_.scripts.size(), kNoTask);
  failures_.down.resize(cluster_.node_count());
  failures_.epochs.resize(cluster_.node_count(), Epoch{1});
  failures_.fences.resize(cluster_.node_count());
  for (std::uint32_t f = 0; f < options_.sizes.size(); ++f) cluster_.storage().create(FileId{f}, options_.sizes[f]);
  Encoder encoder;
  encode(encoder);
  encoder.rank_fresh();
  initial_ = encoder.bytes();
}

void ClusterModel::encode(Encoder& out) const {
  for (std::uint32_t n = 0; n < cluster_.node_count(); ++n)
    if (cluster_.speaks(NodeId{n})) encode_node(n, out);
  encode_shared(out);
  out.put(flying_);
  out.put(requests_);
  out.put(timers_);
}

void ClusterModel::decode(const std::uint8_t* bytes, bool notes) {
  Decoder in(bytes);
  in.keep_notes(notes);
  for (std::uint32_t n = 0; n < cluster_.node_count(); ++n)
    if (cluster_.speaks(NodeId{n})) decode_node(n, in);
  decode_shared(in);
  in.get(flying_);
  in.get(requests_);
  in.get(timers_);
}

void ClusterModel::encode_node(std::uint32_t node, Encoder& out) const {
  cluster_.encode_node(NodeId{node}, out);
  for (std::uint32_t s = 0; s < done_.size(); ++s) {
    if (options_.client_of[s] != node) continue;
    out.put(done_[s]);
    out.put(running_[s]);
  }
}

void ClusterModel::decode_node(std::uint32_t node, Decoder& in) {
  cluster_.decode_node(NodeId{node}, in);
  for (std::uint32_t s = 0; s < done_.size(); ++s) {
    if (options_.client_of[s] != node) continue;
    in.get(done_[s]);
    in.get(running_[s]);
  }
}

void ClusterModel::encode_shared(Encoder& out) const {
  cluster_.encode_shared(out);
  out.put(latest_);
  if (!options_.menu.empty()) out.put(begun_);
  if (fails()) out.put(failures_);
}

void ClusterModel::decode_shared(Decoder& in) {
  cluster_.decode_shared(in);
  in.get(latest_);
  if (!options_.menu.empty()) in.get(begun_);
  if (fails()) in.get(failures_);
}

std::size_t ClusterModel::choices() {
  choices_.clear();
  for (std::uint32_t s = 0; s < options_.scripts.size(); ++s)
    for (TaskIndex m = 0; can_start(s) && (m == 0 || m < options_.menu.size()); ++m)
      choices_.push_back({Choice::Kind::start, s, m});
  for (std::uint32_t c = 0; c < options_.shape.clients; ++c) {
    const Vm& vm = cluster_.vm(NodeId{c});
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
  if (fails()) add_failures();
  return choices_.size();
}

bool ClusterModel::can_start(std::uint32_t script) const {
  if (running_[script] != kNoTask || is_down(NodeId{options_.client_of[script]})) return false;
  if (options_.menu.empty()) return done_[script] < options_.scripts[script].size();
  return has_budget() && (!options_.alone || quiet());
}

/// No task, no message, no request to storage.
bool ClusterModel::quiet() const {
  if (!flying_.empty() || !requests_.empty()) return false;
  for (std::uint32_t c = 0; c < options_.shape.clients; ++c) {
    const Vm& vm = cluster_.vm(NodeId{c});
    for (TaskIndex t = 0; t < vm.task_slots(); ++t)
      if (vm.task(t).alive) return false;
  }
  return true;
}

void ClusterModel::take(std::size_t choice) {
  take(Choice(choices_[choice]));
  sort_under_way();
}

void ClusterModel::take(const Choice& c) {
  if (explaining_) taken_ = {};
  switch (c.kind) {
    case Choice::Kind::start: start_operation(c); break;
    case Choice::Kind::step: step_task(c.index, c.task); break;
    case Choice::Kind::deliver: {
      Envelope envelope = std::move(flying_[c.index]);
      flying_.erase(flying_.begin() + c.index);
      cluster_.deliver(envelope);
      break;
    }
    case Choice::Kind::storage: {
      const Request r = requests_[c.index];
      requests_.erase(requests_.begin() + c.index);
      serve(r);
      break;
    }
    case Choice::Kind::timer: {
      const Timer t = timers_[c.index];
      timers_.erase(timers_.begin() + c.index);
      cluster_.timer(t.node, t.resource, t.timer);
      break;
    }
    case Choice::Kind::lose:
      flying_.erase(flying_.begin() + c.index);
      ++failures_.losses;
      break;
    case Choice::Kind::crash: crash(NodeId{c.index}); break;
    case Choice::Kind::restart:
      failures_.down[c.index] = false;
      tell_of(NodeId{c.index}, PeerChange::up);
      break;
    case Choice::Kind::tell: {
      const News news = failures_.news[c.index];
      failures_.news.erase(failures_.news.begin() + c.index);
      cluster_.peer_changed(news.at, news.peer, news.change, news.epoch);
      break;
    }
  }
  for (std::uint32_t n = 0; n < options_.shape.clients; ++n) {
    std::vector<TaskIndex>& woken = cluster_.vm(NodeId{n}).woken();
    if (explaining_)
      for (const TaskIndex task : woken) taken_.woken.push_back({NodeId{n}, task});
    woken.clear();
  }
}

void ClusterModel::step_task(std::uint32_t client, TaskIndex task) {
  const Step step = cluster_.step(NodeId{client}, task);
  if (explaining_) taken_.step = step;
  if (step.outcome != Step::Outcome::ended) return;
  for (std::uint32_t s = 0; s < running_.size(); ++s) {
    if (options_.client_of[s] != client || running_[s] != task) continue;
    running_[s] = kNoTask;
    if (options_.watch) options_.watch->ends(cluster_.vm(NodeId{client}).task(task));
  }
}

void ClusterModel::serve(const Request& r) {
  const bool alive = !fails() || r.epoch == failures_.epochs[index_of(r.node)];
  if (!r.is_write) {
    cluster_.read_done(r.node, r.file, r.page, cluster_.storage().content(r.file, r.page));
    return;
  }
  if (!fails() || r.epoch >= failures_.fences[index_of(r.node)]) cluster_.write_served(r.file, r.page, r.version);
  if (alive) cluster_.write_done(r.node, r.file, r.page);
}

void ClusterModel::start_operation(const Choice& choice) {
  const std::uint32_t script = choice.index;
  const std::uint32_t client = options_.client_of[script];
  const Operation& operation = operation_of(choice);
  if (options_.menu.empty())
    ++done_[script];
  else if (options_.budget != 0)
    ++begun_;
  const std::uint64_t id = options_.watch ? options_.watch->begins(NodeId{client}, operation) : 0;
  if (operation.kind == TaskKind::evict) {
    const Vm& vm = cluster_.vm(NodeId{client});
    if (vm.cached(operation.file, operation.range.begin))
      cluster_.evict(NodeId{client}, operation.file, operation.range.begin, {.operation = id});
    return;
  }
  Task task = task_of(operation, cluster_.vm(NodeId{client}).paths().options().caching);
  task.notes.value.operation = id;
  if (operation.kind == TaskKind::access) cluster_.note_access(NodeId{client}, operation.file, operation.range.begin);
  running_[script] = cluster_.start(NodeId{client}, task);
  begun(NodeId{client}, running_[script]);
}

bool ClusterModel::finished_all(std::uint32_t client) const {
  const Vm& vm = cluster_.vm(NodeId{client});
  for (std::uint32_t s = 0; s < options_.scripts.size(); ++s)
    if (options_.client_of[s] == client && done_[s] != options_.scripts[s].size()) return false;
  for (TaskIndex t = 0; t < vm.task_slots(); ++t)
    if (vm.task(t).alive) return false;
  return true;
}

bool ClusterModel::ended() const { return unfinished() == 0; }

std::uint64_t ClusterModel::unfinished() const {
  std::uint64_t set = 0;
  for (std::uint32_t c = 0; c < options_.shape.clients; ++c)
    if (!finished_all(c)) set |= std::uint64_t{1} << c;
  return set;
}

std::uint32_t ClusterModel::actor_of(std::size_t choice) const {
  const Choice& c = choices_[choice];
  switch (c.kind) {
    case Choice::Kind::start:
    case Choice::Kind::step: return actor_of(c, {}, {});
    case Choice::Kind::deliver: return actor_of(c, flying_[c.index].from, flying_[c.index].to);
    case Choice::Kind::storage: return actor_of(c, requests_[c.index].node, {});
    case Choice::Kind::timer: return actor_of(c, timers_[c.index].node, {});
    case Choice::Kind::lose:  // no fairness asks for a failure
    case Choice::Kind::crash:
    case Choice::Kind::restart: return actor_of(c, {}, {});
    case Choice::Kind::tell: return actor_of(c, failures_.news[c.index].peer, failures_.news[c.index].at);
  }
  return 0;
}

std::uint32_t ClusterModel::actor_of(const Choice& c, NodeId from, NodeId to) const {
  std::uint32_t who = 0, which = 0;
  switch (c.kind) {
    case Choice::Kind::start: who = c.index; break;
    case Choice::Kind::step:
      who = c.index;
      which = c.task;
      break;
    case Choice::Kind::deliver:
    case Choice::Kind::tell:
      who = index_of(from);
      which = index_of(to);
      break;
    case Choice::Kind::storage:
    case Choice::Kind::timer: who = index_of(from); break;
    case Choice::Kind::lose:
    case Choice::Kind::crash: break;
    case Choice::Kind::restart: who = c.index; break;
  }
  assert(who < 1u << 12 && which < 1u << 16);
  return static_cast<std::uint32_t>(c.kind) << 28 | who << 16 | which;
}

std::optional<Finding> ClusterModel::check() {
  if (linearizable()) {
    for (std::uint32_t n = 0; n < options_.shape.clients; ++n)
      if (auto broken = check_tokens(n)) return broken;
    for (std::uint32_t a = 0; a < options_.shape.clients; ++a)
      for (std::uint32_t b = a + 1; b < options_.shape.clients; ++b)
        if (auto broken =
                check_exclusion(NodeId{a}, cluster_.vm(NodeId{a}).tokens, NodeId{b}, cluster_.vm(NodeId{b}).tokens))
          return broken;
  }
  if (choices_.empty()) return check_rest();
  return std::nullopt;
}

std::optional<Finding> ClusterModel::check_tokens(std::uint32_t client) const {
  const Vm& vm = cluster_.vm(NodeId{client});
  if (!vm.paths().options().tokens) return std::nullopt;
  for (std::uint32_t f = 0; f < options_.sizes.size(); ++f)
    if (auto broken = pagetoken::check_tokens(vm, NodeId{client}, FileId{f}, whole_file())) return broken;
  return std::nullopt;
}

/// Single writer or many readers, for pages and sizes.
std::optional<Finding> ClusterModel::check_exclusion(NodeId a, const TokenTable& of_a, NodeId b,
                                                     const TokenTable& of_b) const {
  for (std::uint32_t f = 0; f < options_.sizes.size(); ++f) {
    const auto conflict = [&](const Resource& what, Mode ma, Mode mb) {
      return Finding{Property::called("protocol:exclusion"),
                     text_of(a) + " holds " + text_of(what) + " " + name_of(ma) + ", and " + text_of(b) + " holds it " +
                         name_of(mb),
                     a, what};
    };
    if (const Mode ma = of_a.size(FileId{f}).mode, mb = of_b.size(FileId{f}).mode; !compatible(ma, mb))
      return conflict(size_resource(FileId{f}), ma, mb);
    for (PageIndex p = 0; p <= options_.sizes[f]; ++p)
      if (const Mode ma = of_a.page(FileId{f}, p).mode, mb = of_b.page(FileId{f}, p).mode; !compatible(ma, mb))
        return conflict(page_resource(FileId{f}, p), ma, mb);
  }
  return std::nullopt;
}

/// Nothing can happen any more: everything must have ended, and I1, I2, I4, I5 and I6 hold.
std::optional<Finding> ClusterModel::check_rest() const {
  for (std::uint32_t n = 0; n < options_.shape.clients; ++n) {
    const Vm& vm = cluster_.vm(NodeId{n});
    if (!finished_all(n)) return std::nullopt;  // a deadlock
    for (std::uint32_t f = 0; f < options_.sizes.size(); ++f)
      if (auto broken = pagetoken::check_rest(vm, NodeId{n}, FileId{f}, whole_file(), cluster_.storage(), true))
        return broken;
  }
  std::optional<Finding> broken;
  if (!linearizable()) return broken;
  if ((broken = check_zeros())) return broken;
  const std::uint32_t cells = options_.shape.cells;
  latest_.for_each([&](std::uint64_t key, const Version& version) {
    if (!broken)
      broken = check_version(Resource::from_key(key / cells), static_cast<std::uint32_t>(key % cells), version);
  });
  return broken;
}

/// I4: where nobody has stored anything, or a truncate came after, a cached page is zeros.
std::optional<Finding> ClusterModel::check_zeros() const {
  std::optional<Finding> broken;
  for (std::uint32_t n = 0; n < options_.shape.clients; ++n) {
    const Vm& vm = cluster_.vm(NodeId{n});
    vm.cache().for_each([&](std::uint64_t key, std::uint32_t object) {
      const Resource page = Resource::from_key(key);
      for (std::uint32_t cell = 0; cell < options_.shape.cells; ++cell) {
        if (latest_.find(cell_key(page, cell))) continue;
        if (cluster_.contents().cell(vm.objects()[object].version, cell) == Version{}) continue;
        broken = Finding{PropertyId::i4,
                         text_of(NodeId{n}) + " caches a version of " + text_of(page) + " that a truncate has removed",
                         NodeId{n}, page};
      }
    });
  }
  return broken;
}

/// I4 and I6: what is cached is the latest version, and it is cached or in storage somewhere.
std::optional<Finding> ClusterModel::check_version(const Resource& page, std::uint32_t cell, Version latest) const {
  const Contents& contents = cluster_.contents();
  bool kept = contents.cell(cluster_.storage().content(page.file, page.page), cell) == latest;
  for (std::uint32_t n = 0; n < options_.shape.clients; ++n) {
    const PageObject* cached = cluster_.vm(NodeId{n}).cached(page.file, page.page);
    if (failures_.uncertain.find(cell_key(page, cell))) return std::nullopt;
    if (cached && contents.cell(cached->version, cell) != latest)
      return Finding{PropertyId::i4, text_of(NodeId{n}) + " caches " + text_of(page) + ", and not its latest version",
                     NodeId{n}, page};
    kept = kept || cached;
  }
  if (kept || failures_.uncertain.find(cell_key(page, cell))) return std::nullopt;
  return Finding{PropertyId::i6, "the last store to " + text_of(page) + " is neither in a cache nor in storage",
                 kNoNode, page};
}

void ClusterModel::read_storage(NodeId node, FileId file, PageIndex page, const Cause&) {
  if (explaining_) taken_.asked.push_back({false, node, page_resource(file, page)});
  requests_.push_back({false, node, file, page, {}, fails() ? failures_.epochs[index_of(node)] : Epoch{}});
}

void ClusterModel::write_storage(NodeId node, FileId file, PageIndex page, Version version, const Cause&) {
  if (explaining_) taken_.asked.push_back({true, node, page_resource(file, page)});
  requests_.push_back({true, node, file, page, version, fails() ? failures_.epochs[index_of(node)] : Epoch{}});
}

void ClusterModel::arm(NodeId node, const Resource& resource, std::uint8_t timer, std::int64_t delay_ns) {
  cancel(node, resource, timer);
  if (explaining_) taken_.armed.push_back({node, resource, timer, delay_ns});
  timers_.push_back({node, resource, timer});
}

void ClusterModel::cancel(NodeId node, const Resource& resource, std::uint8_t timer) {
  timers_touched_ = true;
  std::erase_if(timers_, [&](const Timer& t) { return t.node == node && t.resource == resource && t.timer == timer; });
}

void ClusterModel::accessed(NodeId node, TaskIndex task, FileId file, PageIndex page, Version version, bool is_write) {
  judge_cells(node, page_resource(file, page), version, cluster_.vm(node).task(task).cells, is_write);
}

void ClusterModel::applied(NodeId node, const Resource& page, Version version, CellMask cells, bool is_write) {
  if (auto beyond = check_applied(node, page, cluster_.storage())) broken_ = std::move(beyond);
  judge_cells(node, page, version, cells, is_write);
}

void ClusterModel::judge_cells(NodeId node, const Resource& resource, Version version, CellMask cells, bool is_write) {
  for (std::uint32_t cell = 0; cell < options_.shape.cells; ++cell) {
    if (cells != kWholePage && (cells >> cell & 1) == 0) continue;
    Version& latest = latest_[cell_key(resource, cell)];
    const Version seen = cluster_.contents().cell(version, cell);
    if (is_write) {
      latest = seen;
      failures_.uncertain.erase(cell_key(resource, cell));
    } else if (failures_.uncertain.find(cell_key(resource, cell))) {
      continue;
    } else if (seen != latest && (linearizable() || options_.race_free)) {
      broken_ =
          Finding{PropertyId::i4,
                  text_of(node) + " reads a version of " + text_of(resource) + " that a completed store has replaced",
                  node, resource};
    }
  }
}

void ClusterModel::blocks_freed(NodeId, TaskIndex, FileId file, Range range) {
  const std::uint64_t end = cell_key(page_resource(file, std::min(range.end, kMaxPages)), 0);
  std::uint64_t key = cell_key(page_resource(file, range.begin), 0);
  while ((key = latest_.next_key(key, end)) != end) {
    latest_.erase(key);
    failures_.uncertain.erase(key);
  }
}

}  // namespace pagetoken
