#pragma once
// A cluster that does everything at once and in the order in which it was asked for: for tests of what a protocol
// sends. One operation after another costs exact counts; operations started together overlap.
//
//   QuickCluster cluster({.protocol = "ivy-fixed", .clients = 4, .pages = 8});
//   const Cost cost = cluster.run(2, store(5));     // client 2 stores to page 5 of file 0
//   EXPECT_EQ(cost.pages, 3u);                      // messages about pages; those about the size are apart
//   EXPECT_EQ(cluster.sent("INV"), 0u);             // since the last forget_counts()

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "protocols/registry/registry.hpp"
#include "sim/check/cluster/cluster_model.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken::testing_support {

inline Operation load(PageIndex page = 0) { return {TaskKind::access, false, FileId{0}, one_page(page)}; }
inline Operation store(PageIndex page = 0) { return {TaskKind::access, true, FileId{0}, one_page(page)}; }
inline Operation truncate_to(PageIndex size) { return {TaskKind::truncate, true, FileId{0}, {size, kToInfinity}}; }
inline Operation extend_to(PageIndex size) { return {TaskKind::extend, true, FileId{0}, {0, size}}; }
inline Operation evict(PageIndex page = 0) { return {TaskKind::evict, false, FileId{0}, one_page(page)}; }

/// What one operation cost. A message to oneself is not counted (docs/protocols.md, "Counting").
struct Cost {
  std::uint64_t pages = 0;  ///< messages about pages, or ranges of a file
  std::uint64_t sizes = 0;  ///< messages about the file's size
  std::uint64_t data = 0;   ///< of all these, those that carry content
  std::uint32_t hops = 0;   ///< longest chain of messages that the operation waited for
  Result result = Result::running;
  friend bool operator==(const Cost&, const Cost&) = default;
};

/// Messages arrive in the order in which they were sent, or (run_shuffled) in any order that links keep; storage serves
/// at once. A stale read of a linearizable protocol, or an operation that never ends, fails the test that runs it.
class QuickCluster : public Driver {
 public:
  struct Options {
    std::string protocol;
    std::uint32_t clients = 2;
    PageIndex pages = 1;  ///< size of file 0 at the start
    Placement placement = Placement::dedicated;
    std::vector<std::int64_t> parameters{};  ///< in the order of the declaration; the rest have their defaults
    std::uint32_t cells = 1;                 ///< a page
    const Factory* factory = nullptr;        ///< of a protocol that is not built in
  };

  explicit QuickCluster(const Options& options)
      : machine_(make_machine(options)),
        paths_(find_guard_preset(kDefaultGuard)->scheme, path_options(machine_->declaration())),
        cluster_({.clients = options.clients, .placement = options.placement, .cells = options.cells}, *machine_,
                 paths_, *this) {
    cluster_.storage().create(FileId{0}, options.pages);
  }

  /// Starts the operation, runs until nothing can happen, and tells its cost.
  Cost run(std::uint32_t client, const Operation& operation) {
    const std::uint64_t pages = pages_, sizes = sizes_, data = data_;
    const TaskIndex task = start(client, operation);
    run_all();
    const Task& ended = cluster_.vm(NodeId{client}).task(task);
    return {pages_ - pages, sizes_ - sizes, data_ - data, ended.notes.value.hops, ended.result};
  }
  /// Starts an operation without running it, so that several overlap.
  TaskIndex start(std::uint32_t client, const Operation& operation) {
    Task task = task_of(operation, paths_.options().caching);
    task.notes.value.operation = ++operations_;
    if (operation.kind == TaskKind::access) cluster_.note_access(NodeId{client}, operation.file, task.at.page);
    return cluster_.start(NodeId{client}, task);
  }
  /// Runs what was started until nothing can happen: steps first, then storage, then the oldest message.
  void run_all() {
    run_while_waiting();
    expect_rest();
  }
  /// As run_all, where some may still wait at the end.
  void run_while_waiting() {
    while (step_one() || serve_storage() || deliver(0)) {
    }
  }
  /// As run_all, but whose step or message comes next is drawn. Each client also runs its script, an operation when the
  /// one before has ended, revokes under way or not.
  void run_shuffled(std::mt19937_64& draw, std::vector<std::deque<Operation>> scripts = {}) {
    for (;;) {
      const std::vector<std::size_t> heads = link_heads();
      const std::vector<std::pair<NodeId, TaskIndex>> tasks = runnable_tasks();
      std::vector<std::uint32_t> idle;
      for (std::uint32_t c = 0; c < scripts.size(); ++c)
        if (!scripts[c].empty() && !busy(c)) idle.push_back(c);
      const std::size_t choices = heads.size() + tasks.size() + idle.size() + (storage_.empty() ? 0 : 1);
      if (choices == 0) break;
      std::size_t choice = draw() % choices;
      if (choice < heads.size()) {
        deliver(heads[choice]);
      } else if ((choice -= heads.size()) < tasks.size()) {
        step(tasks[choice]);
      } else if ((choice -= tasks.size()) < idle.size()) {
        std::deque<Operation>& script = scripts[idle[choice]];
        start(idle[choice], script.front());
        script.pop_front();
      } else {
        serve_storage();
      }
    }
    expect_rest();
  }

  /// Messages of a type sent between different nodes since the last forget_counts(): "INV", "SIZE_TOK_REQ".
  std::uint64_t sent(const std::string& name) const {
    const auto found = by_type_.find(name);
    return found == by_type_.end() ? 0 : found->second;
  }
  const std::map<std::string, std::uint64_t>& sent_by_type() const { return by_type_; }
  /// Every message since the last forget_counts(), in the order sent, those to oneself included.
  const std::vector<Envelope>& log() const { return log_; }
  std::string name_of_type(const Envelope& envelope) const {
    const std::string prefix = envelope.resource.kind == ResourceKind::size ? "SIZE_" : "";
    return prefix + std::string(machine_->declaration().messages[envelope.message.type].name);
  }
  /// What each load and store found or left in its page, in their order.
  const std::vector<Version>& contents_accessed() const { return accesses_; }
  void forget_counts() {
    by_type_.clear();
    log_.clear();
  }

  Mode mode(std::uint32_t client, PageIndex page) const {
    return cluster_.vm(NodeId{client}).tokens.page(FileId{0}, page).mode;
  }
  Cluster& cluster() { return cluster_; }

  /// The cluster at rest, to come back to: for questions whose answer changes what is asked.
  std::vector<std::uint8_t> snapshot() const {
    Encoder out;
    cluster_.encode_to(out);
    out.put(latest_);
    out.rank_fresh();
    return out.bytes();
  }
  void restore(const std::vector<std::uint8_t>& snapshot) {
    Decoder in(snapshot.data());
    cluster_.decode_from(in);
    in.get(latest_);
  }

  // Driver.
  void transmit(Envelope&& envelope) override {
    log_.push_back(envelope);
    if (envelope.from != envelope.to) {
      ++by_type_[name_of_type(envelope)];
      ++(envelope.resource.kind == ResourceKind::size ? sizes_ : pages_);
      data_ += envelope.message.data.present ? 1 : 0;
    }
    flying_.push_back(std::move(envelope));
  }
  void read_storage(NodeId node, FileId file, PageIndex page, const Cause&) override {
    storage_.push_back({false, node, file, page, {}});
  }
  void write_storage(NodeId node, FileId file, PageIndex page, Version version, const Cause&) override {
    storage_.push_back({true, node, file, page, version});
  }
  void arm(NodeId node, const Resource& resource, std::uint8_t timer, std::int64_t) override {
    cancel(node, resource, timer);
    timers_.push_back({node, resource, timer});
  }
  void cancel(NodeId node, const Resource& resource, std::uint8_t timer) override {
    std::erase_if(timers_,
                  [&](const Timer& t) { return t.node == node && t.resource == resource && t.timer == timer; });
  }
  /// Fires the timers that are armed now, in the order in which they were armed, and runs what follows.
  void fire_timers() {
    for (const Timer& t : std::exchange(timers_, {})) cluster_.timer(t.node, t.resource, t.timer);
    run_all();
  }
  void accessed(NodeId node, TaskIndex, FileId file, PageIndex page, Version version, bool is_write) override {
    accesses_.push_back(version);
    Version& latest = latest_[page_resource(file, page).key()];
    if (is_write) {
      latest = version;
    } else if (machine_->declaration().consistency == Consistency::linearizable) {
      EXPECT_EQ(version, latest) << "node " << index_of(node) << " reads a stale version of page " << page;
    }
  }
  void applied(NodeId node, const Resource& page, Version version, CellMask, bool is_write) override {
    accessed(node, kNoTask, page.file, page.page, version, is_write);
  }
  void blocks_freed(NodeId, TaskIndex, FileId file, Range range) override {
    const std::uint64_t end = page_resource(file, std::min(range.end, kMaxPages)).key();
    std::uint64_t key = page_resource(file, range.begin).key();
    while ((key = latest_.next_key(key, end)) != end) latest_.erase(key);
  }

 private:
  struct Request {  // of storage
    bool is_write;
    NodeId node;
    FileId file;
    PageIndex page;
    Version version;
  };
  struct Timer {
    NodeId node;
    Resource resource;
    std::uint8_t timer;
  };

  static std::unique_ptr<Machine> make_machine(const Options& options) {
    const Factory* factory = options.factory ? options.factory : find_protocol(options.protocol);
    if (!factory) throw std::invalid_argument("no protocol " + options.protocol);
    Setup setup{options.clients, options.parameters};
    const std::vector<Parameter>& parameters = factory->declaration().parameters;
    for (std::size_t i = setup.parameters.size(); i < parameters.size(); ++i)
      setup.parameters.push_back(parameters[i].default_value);
    return factory->make(setup);
  }
  std::vector<std::pair<NodeId, TaskIndex>> runnable_tasks() const {
    std::vector<std::pair<NodeId, TaskIndex>> tasks;
    for (std::uint32_t n = 0; n < cluster_.shape().clients; ++n) {
      const Vm& vm = cluster_.vm(NodeId{n});
      for (TaskIndex t = 0; t < vm.task_slots(); ++t)
        if (vm.runnable(t)) tasks.emplace_back(NodeId{n}, t);
    }
    return tasks;
  }
  /// An operation of the client is under way; revokes are its node's.
  bool busy(std::uint32_t client) const {
    const Vm& vm = cluster_.vm(NodeId{client});
    for (TaskIndex t = 0; t < vm.task_slots(); ++t)
      if (vm.task(t).alive && vm.task(t).kind != TaskKind::revoke) return true;
    return false;
  }
  void step(std::pair<NodeId, TaskIndex> task) {
    cluster_.step(task.first, task.second);
    cluster_.vm(task.first).woken().clear();
  }
  bool step_one() {
    for (std::uint32_t n = 0; n < cluster_.shape().clients; ++n) {
      const Vm& vm = cluster_.vm(NodeId{n});
      for (TaskIndex t = 0; t < vm.task_slots(); ++t) {
        if (!vm.runnable(t)) continue;
        step({NodeId{n}, t});
        return true;
      }
    }
    return false;
  }
  bool serve_storage() {
    if (storage_.empty()) return false;
    const Request r = storage_.front();
    storage_.pop_front();
    if (r.is_write) {
      cluster_.write_served(r.file, r.page, r.version);
      cluster_.write_done(r.node, r.file, r.page);
    } else {
      cluster_.read_done(r.node, r.file, r.page, cluster_.storage().content(r.file, r.page));
    }
    return true;
  }
  bool deliver(std::size_t index) {
    if (index >= flying_.size()) return false;
    Envelope envelope = std::move(flying_[index]);
    flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(index));
    cluster_.deliver(envelope);
    return true;
  }
  /// The oldest message of each link.
  std::vector<std::size_t> link_heads() const {
    std::vector<std::size_t> heads;
    for (std::size_t i = 0; i < flying_.size(); ++i) {
      bool first = true;
      for (std::size_t j = 0; j < i && first; ++j)
        first = flying_[j].from != flying_[i].from || flying_[j].to != flying_[i].to;
      if (first) heads.push_back(i);
    }
    return heads;
  }
  void expect_rest() const {
    for (std::uint32_t n = 0; n < cluster_.shape().clients; ++n) {
      const Vm& vm = cluster_.vm(NodeId{n});
      for (TaskIndex t = 0; t < vm.task_slots(); ++t)
        EXPECT_FALSE(vm.task(t).alive) << "node " << n << ": " << name_of(vm.task(t).kind) << " waits for "
                                       << name_of(vm.task(t).wait) << ", and nothing can happen";
    }
  }

  std::unique_ptr<Machine> machine_;
  Paths paths_;
  Cluster cluster_;
  std::deque<Envelope> flying_;
  std::deque<Request> storage_;
  std::vector<Timer> timers_;
  Table<Version> latest_;  // page key -> last committed version
  std::map<std::string, std::uint64_t> by_type_;
  std::vector<Envelope> log_;
  std::vector<Version> accesses_;
  std::uint64_t operations_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t sizes_ = 0;
  std::uint64_t data_ = 0;
};

}  // namespace pagetoken::testing_support
