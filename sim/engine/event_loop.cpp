#include "sim/engine/event_loop.hpp"

#include <algorithm>
#include <bit>

#include "protocols/api/require.hpp"
#include "sim/base/fingerprint.hpp"
#include "sim/base/interrupt.hpp"

namespace pagetoken {

namespace {
/// One word after another into a history's hash; order counts.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9fb21c651e98df25u;
  return hash ^ (hash >> 35);
}

// However alone a node is: whoever waits wants to see progress, and to be able to interrupt.
constexpr std::int64_t kLongestBatch_ns = 10'000'000;
constexpr std::uint64_t kBatchesBetweenTicks = 4096;
constexpr std::uint64_t kAccessesBetweenTicks = 1 << 20;
}  // namespace

EventLoop::EventLoop(const EngineOptions& options, const Machine& machine, const Paths& paths, const Workload& workload,
                     TraceSink* trace, Carrier* carrier)
    : options_(options),
      workload_(workload),
      trace_(trace),
      declaration_(machine.declaration()),
      cluster_(options.shape, machine, paths, *this),
      step_cost_(options.costs, options.page_bytes, options.cpus_per_client),
      agenda_(cluster_.node_count()),
      carrier_(carrier),
      lookahead_ns_(options.network.latency_ns),
      holders_(cluster_),
      nodes_(cluster_.node_count()),
      timers_(cluster_.node_count()),
      page_shift_(static_cast<std::uint32_t>(std::countr_zero(options.page_bytes))) {
  keeps_order_ = keeps_order();
  if (carrier) {
    transfers_ = std::make_unique<Transfers>(*carrier, agenda_, cluster_.node_count(), keeps_order_);
    lookahead_ns_ = transfers_->lookahead_ns();
  } else if (options.network.topology.kind != TopologyKind::star) {
    graph_ = std::make_unique<NetworkGraph>(options.network, cluster_.node_count());
    lookahead_ns_ = graph_->least_latency_ns();
  }
  stats_.by_type.resize(machine.declaration().messages.size() * 2);
  stats_.nodes.resize(cluster_.node_count());
  const std::vector<std::uint64_t>& sizes = workload.initial_bytes();
  for (std::uint32_t f = 0; f < sizes.size(); ++f)
    cluster_.storage().create(FileId{f}, (sizes[f] + options.page_bytes - 1) >> page_shift_);
  if (options.costs.sigma_permille > 0)
    for (std::uint32_t n = 0; n < nodes_.size(); ++n)
      nodes_[n].jitter = std::make_unique<RandomStream>(options.seed, n, 0, Purpose::cost);
  if (options.shape.cache_pages > 0)
    for (std::uint32_t c = 0; c < options.shape.clients; ++c) cluster_.vm(NodeId{c}).keep_use_order();
  if (options.network.jitter_ns > 0)
    for (std::uint32_t n = 0; n < nodes_.size(); ++n)
      nodes_[n].delays = std::make_unique<RandomStream>(options.seed, n, 0, Purpose::network);
  if (workload.order() == Order::serial) serial_ = workload.serial();
  const std::size_t batch = options.shape.clients > 1024 ? 8 : 128;
  for (std::uint32_t c = 0; c < options.shape.clients; ++c) {
    nodes_[c].threads.resize(serial_ ? 1 : workload.threads());
    for (std::uint32_t t = 0; t < nodes_[c].threads.size() && !serial_; ++t) {
      nodes_[c].threads[t].source = workload.source(c, t);
      nodes_[c].threads[t].batch.resize(batch);
    }
  }
}

EventLoop::~EventLoop() = default;

void EventLoop::add_local(NodeId id, std::int64_t time_ns, EventKind kind, std::uint32_t payload) {
  agenda_.add(id, {time_ns, node(id).local_rank++ & 0xffffffffu, kind, payload});
  if (kind != kTimer) ++live_events_;
}

RunOutcome EventLoop::run(const std::function<bool(std::uint64_t)>& tick) {
  tick_ = tick;
  try {
    start_phase(options_.warmup_accesses > 0 ? Phase::warmup : Phase::measure);
    if (carrier_)
      run_carried();
    else
      run_alone();
    if (trace_)
      for (std::uint32_t n = 0; n < nodes_.size(); ++n)
        nodes_[n].hit_runs.tell_all(*trace_, {latest_ns_, NodeId{n}, 0});
    if (options_.oracle && !outcome_.partial) judge_rest();
  } catch (const Interrupted&) {  // within one event: what came before it is told
    outcome_.partial = true;
  } catch (const ProtocolError& error) {
    outcome_.stopped_by_error = true;
    violate(Finding{Property::called(error.property()), error.what(), kNoNode, {}});
  }
  settle_costs();
  stats_.end_ns = latest_ns_;
  Fingerprint fingerprint;
  for (const Node& n : nodes_) fingerprint.add(n.fingerprint);
  outcome_.fingerprint = fingerprint.hex();
  return std::move(outcome_);
}

void EventLoop::run_alone() {
  for (;;) {
    if (quiet() && !advance_phase()) return;
    if (agenda_.empty()) return report_deadlock();
    work_on_next_node();
    if (!keep_going()) return;
  }
}

void EventLoop::run_carried() {
  carrier_->run(*this);
  if (!over_) report_deadlock();
}

std::int64_t EventLoop::next_ns() const {
  return over_ ? kNever : std::min(agenda_.first_time(), transfers_->next_ns());
}

void EventLoop::advance(std::int64_t now_ns) {
  clock_ns_ = now_ns;
  while (!over_) {
    if (quiet() && !advance_phase()) {
      over_ = true;
      return;
    }
    if (agenda_.first_time() > now_ns) break;
    work_on_next_node();
    if (!keep_going()) over_ = true;
  }
  if (!over_) transfers_->begin_until(now_ns);
}

/// False if the user wants the run to end, or whoever watches, who is asked now and then.
bool EventLoop::keep_going() {
  ++batches_;
  const bool stop = interrupted();
  if (!stop && batches_ % kBatchesBetweenTicks != 0 &&
      outcome_.total_accesses < ticked_at_access_ + kAccessesBetweenTicks)
    return true;
  ticked_at_access_ = outcome_.total_accesses;
  if (!stop && (!tick_ || tick_(outcome_.total_accesses))) return true;
  outcome_.partial = true;
  return false;
}

/// Works through what the earliest node has to do before anybody else can reach it.
void EventLoop::work_on_next_node() {
  const NodeId id = agenda_.acquire();
  const std::int64_t first = agenda_.next_time(id);
  const std::int64_t others = agenda_.others_first_time();
  settled_ns_ = first;
  if (trace_) trace_->reached(first);
  if (lookahead_ns_ == 0)
    bound_ns_ = first + 1;
  else
    bound_ns_ = std::min(others, first + kLongestBatch_ns) + lookahead_ns_;
  if (transfers_) {
    // What is under way may arrive anywhere as soon as the clock moves, and be answered.
    if (transfers_->any()) bound_ns_ = std::min(bound_ns_, clock_ns_ + lookahead_ns_);
    bound_ns_ = std::max(first + 1, std::min(bound_ns_, transfers_->bound_ns(id)));
  }
  while (agenda_.next_time(id) < bound_ns_) {
    const AgendaEvent event = agenda_.pop(id);
    if (event.kind != kTimer) --live_events_;
    now_ns_ = event.time_ns;
    dispatch(id, event);
    latest_ns_ = std::max(latest_ns_, now_ns_);
    if (quiet()) break;  // a phase may end here
  }
  agenda_.release();
}

void EventLoop::dispatch(NodeId id, const AgendaEvent& event) {
  ++outcome_.events;
  Node& n = node(id);
  n.fingerprint = mix(mix(n.fingerprint, static_cast<std::uint64_t>(event.time_ns)), event.kind);
  switch (static_cast<EventKind>(event.kind)) {
    case kThread: run_thread(id, event.payload); break;
    case kStep: run_task(id, static_cast<TaskIndex>(event.payload)); break;
    case kArrive: message_arrived(id, event.payload); break;
    case kHandle: handle_message(id, event.payload); break;
    case kDiskArrive: disk_arrived(id, event.payload); break;
    case kDiskDone: disk_done(id, event.payload); break;
    case kDiskReply: disk_replied(id, event.payload); break;
    case kTimer: fire_timer(id, event.payload); break;
    case kDiskMoved: disk_moved(id, event.payload); break;
  }
}

// ---- Phases

namespace {
/// An even split over `parts`, the remainder to the low ones.
std::uint64_t share(std::uint64_t total, std::uint64_t parts, std::uint64_t part) {
  return total / parts + (part < total % parts ? 1 : 0);
}
}  // namespace

/// Nothing is under way: what has ended has caused all that it will.
void EventLoop::settle_costs() {
  for (Node& n : nodes_)
    for (Thread& thread : n.threads) thread.costs.settle(INT64_MAX, stats_);
}

void EventLoop::start_phase(Phase phase) {
  settle_costs();
  phase_ = phase;
  if (phase == Phase::drain) return;
  if (phase == Phase::measure) {
    Statistics fresh;
    fresh.by_type.resize(stats_.by_type.size());
    fresh.nodes.resize(stats_.nodes.size());
    fresh.start_ns = latest_ns_;
    stats_ = std::move(fresh);
    if (options_.stop_time_ns != INT64_MAX) deadline_ns_ = latest_ns_ + options_.stop_time_ns;
  }
  const std::uint64_t total = phase == Phase::warmup ? options_.warmup_accesses : options_.stop_accesses;
  if (serial_) {
    serial_left_ = total;
    begin_serial();
    return;
  }
  const bool endless = total == UINT64_MAX;
  for (std::uint32_t c = 0; c < options_.shape.clients; ++c) {
    const std::uint64_t of_client = endless ? total : share(total, options_.shape.clients, c);
    for (std::uint32_t t = 0; t < nodes_[c].threads.size(); ++t) {
      Thread& thread = nodes_[c].threads[t];
      thread.quota = endless ? total : share(of_client, nodes_[c].threads.size(), t);
      if (thread.quota == 0) continue;
      ++busy_threads_;
      add_local(NodeId{c}, latest_ns_, kThread, t);
    }
  }
}

/// Called when nothing is under way: the next serial access, the next phase, or false at the end of the run.
bool EventLoop::advance_phase() {
  if (!threads_idle()) return true;  // waits for a timer, or for ever
  if (serial_ && serial_left_ > 0 && !serial_ended_ && latest_ns_ < deadline_ns_) {
    begin_serial();
    if (!quiet()) return true;
  }
  if (phase_ == Phase::warmup && !stop_) {
    start_phase(Phase::measure);
    return !quiet();
  }
  return false;
}

/// One access at a time in the whole cluster.
void EventLoop::begin_serial() {
  std::uint32_t client = 0;
  Access access;
  if (serial_left_ == 0 || !serial_->next(client, access)) {
    serial_ended_ = true;
    return;
  }
  --serial_left_;
  Thread& thread = nodes_[client].threads[0];
  thread.access = access;
  thread.quota = 0;
  thread.waits = true;  // it is loaded: no other is fetched
  ++busy_threads_;
  add_local(NodeId{client}, latest_ns_ + access.think_ns, kThread, 0);
}

void EventLoop::report_deadlock() {
  now_ns_ = latest_ns_;
  violate(Finding{PropertyId::deadlock, "nothing can happen any more, and " + who_waits(cluster_), kNoNode, {}});
  outcome_.stopped_by_error = true;
}

// ---- Tasks

void EventLoop::run_task(NodeId id, TaskIndex index) {
  Node& n = node(id);
  Vm& vm = cluster_.vm(id);
  // As it is now: what its last step raises may start another task in its place.
  Stepped stepped{index, vm.task(index).kind, vm.task(index).notes.value.operation, vm.task(index).notes.value.retries};
  if (trace_) trace_->because({TraceSink::By::Kind::task, index});
  // Steps of known cost that end before anything else can happen at this node need no more than their time.
  std::int64_t until = trace_ ? INT64_MIN : limit(id);
  if (now_ns_ >= until) until = INT64_MIN;
  const auto passes = [&](StepOp op, std::uint32_t amount) {
    const std::int64_t cost = step_cost_.of(op, amount);
    if (now_ns_ + cost >= until || (n.jitter && cost != 0)) return false;
    now_ns_ += cost;
    return true;
  };
  cluster_.run(id, index, passes, [&](const Step& step) {
    const std::int64_t cost = step_cost_.jittered(step_cost_.of(step.instruction->op, step.amount), n.jitter.get());
    if (trace_) trace_step(id, stepped, step, cost);
    if (!vm.woken().empty()) wake_tasks(id);
    const std::int64_t next = now_ns_ + cost;
    if (step.outcome == Step::Outcome::advanced) {
      const std::int64_t end = limit(id);
      if (next < end) {
        now_ns_ = next;
        if (!trace_) until = end;
        return true;
      }
      add_local(id, next, kStep, index);
    } else if (step.outcome == Step::Outcome::ended) {
      now_ns_ = next;
      task_ended(id, index);
    }
    return false;
  });
}

void EventLoop::wake_tasks(NodeId id) {
  Vm& vm = cluster_.vm(id);
  for (const TaskIndex task : vm.woken()) {
    const std::int64_t delay = step_cost_.jittered(step_cost_.wake_up(vm.next_step(task)), node(id).jitter.get());
    if (trace_) trace_->wake({now_ns_, id, vm.task(task).notes.value.operation}, task, delay);
    add_local(id, now_ns_ + delay, kStep, task);
  }
  vm.woken().clear();
}

void EventLoop::task_ended(NodeId id, TaskIndex index) {
  Node& n = node(id);
  const Task task = cluster_.vm(id).task(index);
  judge_ended(id, task);
  const std::uint32_t owner = index < n.task_thread.size() ? n.task_thread[index] : 0;
  if (owner == 0) return;
  n.task_thread[index] = 0;
  operation_ended(id, owner - 1, task);
}

// ---- Messages

void EventLoop::message_arrived(NodeId id, std::uint32_t index) {
  Node& n = node(id);
  const std::int64_t cost = handler_cost(id);
  const std::int64_t done = std::max(now_ns_, n.server_free_ns) + cost;
  flights_[index].arrived_ns = now_ns_;
  flights_[index].cpu_ns = cost;
  stats_.nodes[index_of(id)].busy_ns += cost;
  n.server_free_ns = done;
  if (done >= limit(id)) {
    add_local(id, done, kHandle, index);
    return;
  }
  now_ns_ = done;
  handle_message(id, index);
}

std::int64_t EventLoop::handler_cost(NodeId id) {
  return step_cost_.jittered(options_.costs.handler_ns, node(id).jitter.get());
}

void EventLoop::handle_message(NodeId id, std::uint32_t index) {
  Flight& flight = flights_[index];
  const Envelope& e = flight.envelope;
  if (e.from != id) ++stats_.nodes[index_of(id)].messages_in;
  if (trace_) {
    trace_use(id, e.resource.file);
    trace_->handle({now_ns_, id, e.message.cause.value.operation}, flight.id, e.from,
                   declaration_.messages[e.message.type].name, e.resource, now_ns_ - flight.arrived_ns - flight.cpu_ns,
                   flight.cpu_ns);
    trace_->because({TraceSink::By::Kind::message, flight.id});
  }
  cluster_.deliver(flight.envelope);
  flights_.free(index);
  if (!cluster_.vm(id).woken().empty()) wake_tasks(id);
}

void EventLoop::needed(NodeId id, TaskIndex index, const Resource& resource, const Need& need) {
  Task& task = cluster_.vm(id).task(index);
  TaskNotes& notes = task.notes.value;
  if (trace_) trace_use(id, resource.file);
  if (trace_) trace_->need({now_ns_, id, notes.operation}, resource, need.required, name_of(need.mode));
  const bool counts = task.kind == TaskKind::access || task.kind == TaskKind::read || task.kind == TaskKind::write ||
                      task.kind == TaskKind::uncached;
  if (resource.kind == ResourceKind::size) return;
  const bool caches = task.kind != TaskKind::uncached;
  if (caches) holders_.needed(id, resource, need.required, need.mode);
  if (!counts || notes.needed_page) return;
  notes.needed_page = true;
  const Mode own = caches ? cluster_.vm(id).tokens.usable(resource.file, need.required) : Mode::none;
  const ElementaryEvent event = classify(need.mode, own, holders_.others(id, resource, need.required));
  notes.had_shared = event == ElementaryEvent::upgrade;
  notes.event = static_cast<std::uint8_t>(event);
}

void EventLoop::granted(NodeId id, const Resource& resource, Range range, Mode mode) {
  if (trace_) trace_->grant({now_ns_, id, 0}, resource, range, name_of(mode));
  if (options_.oracle)
    if (const auto other = holders_.conflict(id, resource, range, mode))
      violate(Finding{Property::called("protocol:exclusion"),
                      text_of(id) + " is granted " + text_of(resource) + ", and " + text_of(*other) +
                          " still holds an incompatible token",
                      id, resource});
  holders_.granted(id, resource, range, mode);
}

void EventLoop::yield_begun(NodeId id, TaskIndex task, const Resource& resource, Range range, Mode keep, bool by_peer) {
  if (trace_) trace_lost(id, resource, range);
  if (trace_)
    trace_->yield({now_ns_, id, cluster_.vm(id).task(task).notes.value.operation}, resource, range, name_of(keep));
  add_local(id, now_ns_, kStep, task);
  if (!by_peer || resource.kind == ResourceKind::size) return;
  if (keep == Mode::none)
    ++stats_.invalidations;
  else
    ++stats_.downgrades;
}

void EventLoop::yielded(NodeId id, TaskIndex task, const Resource& resource, Range range, Mode keep) {
  if (trace_) trace_use(id, resource.file);
  if (trace_)
    trace_->yielded({now_ns_, id, cluster_.vm(id).task(task).notes.value.operation}, resource, range, name_of(keep));
  holders_.yielded(id, resource, range, keep);
  if (!options_.oracle || resource.kind == ResourceKind::size) return;
  if (range != one_page(range.begin) || !tokens_cover(cluster_.vm(id), resource.file, range.begin))
    violate(check_tokens(cluster_.vm(id), id, resource.file, range));
}

}  // namespace pagetoken
