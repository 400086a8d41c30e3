#include "sim/engine/event_loop.hpp"

#include <algorithm>

#include "protocols/api/require.hpp"
#include "sim/base/fingerprint.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/cluster/invariants.hpp"

namespace pagetoken {

namespace {
// However alone a node is: whoever waits wants to see progress, and to be able to interrupt.
constexpr std::int64_t kLongestBatch_ns = 10'000'000;
constexpr std::uint64_t kBatchesBetweenTicks = 4096;
constexpr std::uint64_t kAccessesBetweenTicks = 1 << 20;
}  // namespace

EventLoop::EventLoop(const EngineOptions& options, const Machine& machine, const Paths& paths, const Workload& workload,
                     const RunWith& with)
    : options_(options),
      with_(with),
      declaration_(machine.declaration()),
      cluster_(options.shape, machine, paths, *this),
      calendar_(cluster_.node_count()),
      history_(cluster_.node_count()),
      judge_(cluster_, calendar_.now_ns, options.oracle),
      trace_(with.trace, cluster_, options.page_bytes, calendar_.now_ns),
      network_(options_, declaration_.needs_fifo, calendar_, statistics_, with.carrier),
      disks_(options_, cluster_, calendar_, network_, statistics_, with.trace),
      tasks_(options_, cluster_, calendar_, trace_, *this),
      threads_({options_, cluster_, calendar_, history_, judge_, trace_, statistics_}, workload, tasks_),
      timers_(cluster_.node_count()),
      cpu_free_ns_(cluster_.node_count()) {
  statistics_.by_type.resize(declaration_.messages.size() * 2);
  statistics_.nodes.resize(cluster_.node_count());
  const std::vector<std::uint64_t>& sizes = workload.initial_bytes();
  for (std::uint32_t f = 0; f < sizes.size(); ++f)
    cluster_.storage().create(FileId{f}, sizes[f] / options.page_bytes + (sizes[f] % options.page_bytes != 0 ? 1 : 0));
  if (options.shape.cache_pages > 0)
    for (std::uint32_t c = 0; c < options.shape.clients; ++c) cluster_.vm(NodeId{c}).keep_use_order();
}

RunOutcome run(const EngineOptions& options, const Machine& machine, const Paths& paths, const Workload& workload,
               const RunWith& with) {
  return EventLoop(options, machine, paths, workload, with).run();
}

RunOutcome EventLoop::run() {
  try {
    start_phase(options_.warmup_accesses > 0 ? Phase::warmup : Phase::measure);
    if (with_.carrier)
      run_carried();
    else
      run_alone();
    if (trace_) trace_.finish(calendar_.latest_ns);
    if (!outcome_.partial) judge_.judge_rest();
  } catch (const Interrupted&) {  // within one event: what came before it is told
    outcome_.partial = true;
  } catch (const ProtocolError& error) {
    outcome_.stopped_by_error = true;
    judge_.violate(Finding{Property::called(error.property()), error.what(), kNoNode, {}});
  }
  threads_.settle_costs(INT64_MAX);
  statistics_.end_ns = calendar_.latest_ns;
  outcome_.total_accesses = threads_.ended();
  outcome_.violation_count = judge_.count();
  outcome_.violations = judge_.take_findings();
  outcome_.fingerprint = fingerprint();
  return std::move(outcome_);
}

std::string EventLoop::fingerprint() const {
  Fingerprint fingerprint;
  for (const std::uint64_t hash : history_.hashes()) fingerprint.add(hash);
  return fingerprint.hex();
}

void EventLoop::run_alone() {
  for (;;) {
    if (calendar_.quiet() && !advance_phase()) return;
    if (calendar_.agenda.empty()) return report_deadlock();
    work_on_next_node();
    if (!keep_going()) return;
  }
}

void EventLoop::run_carried() {
  with_.carrier->run(*this);
  if (!over_) report_deadlock();
}

std::int64_t EventLoop::next_ns() const {
  return over_ ? kNever : std::min(calendar_.agenda.first_time(), network_.transfers()->next_ns());
}

void EventLoop::advance(std::int64_t now_ns) {
  clock_ns_ = now_ns;
  while (!over_) {
    if (calendar_.quiet() && !advance_phase()) {
      over_ = true;
      return;
    }
    if (calendar_.agenda.first_time() > now_ns) break;
    work_on_next_node();
    if (!keep_going()) over_ = true;
  }
  if (!over_) network_.transfers()->begin_until(now_ns);
}

/// False if the user wants the run to end, or whoever watches, who is asked now and then.
bool EventLoop::keep_going() {
  ++batches_;
  const bool stop = interrupted();
  const std::uint64_t accesses = threads_.ended();
  if (!stop && batches_ % kBatchesBetweenTicks != 0 && accesses < ticked_at_access_ + kAccessesBetweenTicks)
    return true;
  ticked_at_access_ = accesses;
  if (!stop && (!with_.tick || with_.tick(accesses))) return true;
  outcome_.partial = true;
  return false;
}

/// Works through what the earliest node has to do before anybody else can reach it.
void EventLoop::work_on_next_node() {
  Agenda& agenda = calendar_.agenda;
  const NodeId id = agenda.acquire();
  const std::int64_t first = agenda.next_time(id);
  const std::int64_t others = agenda.others_first_time();
  const std::int64_t lookahead_ns = network_.lookahead_ns();
  calendar_.settled_ns = first;
  if (trace_) trace_->reached(first);
  calendar_.bound_ns = lookahead_ns == 0 ? first + 1 : std::min(others, first + kLongestBatch_ns) + lookahead_ns;
  if (const Transfers* transfers = network_.transfers()) {
    // What is under way may arrive anywhere as soon as the clock moves, and be answered.
    if (transfers->any()) calendar_.bound(clock_ns_ + lookahead_ns);
    calendar_.bound_ns = std::max(first + 1, std::min(calendar_.bound_ns, transfers->bound_ns(id)));
  }
  while (agenda.next_time(id) < calendar_.bound_ns) {
    const AgendaEvent event = agenda.pop(id);
    if (event.kind != static_cast<std::uint32_t>(EventKind::timer)) --calendar_.live;
    calendar_.now_ns = event.time_ns;
    dispatch(id, event);
    calendar_.latest_ns = std::max(calendar_.latest_ns, calendar_.now_ns);
    if (calendar_.quiet()) break;  // a phase may end here
  }
  agenda.release();
}

void EventLoop::dispatch(NodeId id, const AgendaEvent& event) {
  ++outcome_.events;
  history_.add(id, static_cast<std::uint64_t>(event.time_ns));
  history_.add(id, event.kind);
  switch (static_cast<EventKind>(event.kind)) {
    case EventKind::thread: threads_.run(id, event.payload); break;
    case EventKind::step: tasks_.run(id, static_cast<TaskIndex>(event.payload)); break;
    case EventKind::arrive: message_arrived(id, event.payload); break;
    case EventKind::handle: handle_message(id, event.payload); break;
    case EventKind::disk_arrive: disks_.arrived(id, event.payload); break;
    case EventKind::disk_done: disks_.done(id, event.payload); break;
    case EventKind::disk_reply: disk_replied(id, event.payload); break;
    case EventKind::timer: fire_timer(id, event.payload); break;
    case EventKind::disk_moved: disks_.moved(id, event.payload); break;
  }
}

// ---- Phases

/// Nothing is under way: what has ended has caused all that it will.
void EventLoop::start_phase(Phase phase) {
  threads_.settle_costs(INT64_MAX);
  phase_ = phase;
  if (phase == Phase::warmup) return threads_.begin(options_.warmup_accesses, INT64_MAX);
  Statistics fresh;
  fresh.by_type.resize(statistics_.by_type.size());
  fresh.nodes.resize(statistics_.nodes.size());
  fresh.start_ns = calendar_.latest_ns;
  statistics_ = std::move(fresh);
  const bool endless = options_.stop_time_ns == INT64_MAX;
  threads_.begin(options_.stop_accesses, endless ? INT64_MAX : calendar_.latest_ns + options_.stop_time_ns);
}

/// Called when nothing is under way: the next serial access, the next phase, or false at the end of the run.
bool EventLoop::advance_phase() {
  if (!threads_.idle()) return true;  // waits for a timer, or for ever
  if (threads_.begin_next()) return true;
  if (phase_ != Phase::warmup) return false;
  start_phase(Phase::measure);
  return !calendar_.quiet();
}

void EventLoop::report_deadlock() {
  calendar_.now_ns = calendar_.latest_ns;
  std::string text = "nothing can happen any more, and " + who_waits(cluster_);
  constexpr std::size_t kMostStates = 20;
  const std::vector<std::string> states = cluster_.state_texts();
  for (std::size_t i = 0; i < std::min(kMostStates, states.size()); ++i) text += "; " + states[i];
  if (states.size() > kMostStates) text += "; and " + std::to_string(states.size() - kMostStates) + " states more";
  judge_.violate(Finding{PropertyId::deadlock, text, kNoNode, {}});
  outcome_.stopped_by_error = true;
}

// ---- Events

void EventLoop::task_ended(NodeId id, TaskIndex index) {
  const Task task = cluster_.vm(id).task(index);
  judge_.ended(id, task);
  threads_.task_ended(id, index, task);
}

void EventLoop::message_arrived(NodeId id, std::uint32_t index) {
  const std::int64_t cost = tasks_.handler_cost(id);
  std::int64_t& free_ns = cpu_free_ns_[index_of(id)];
  free_ns = std::max(calendar_.now_ns, free_ns) + cost;
  flights_[index].arrived_ns = calendar_.now_ns;
  flights_[index].cpu_ns = cost;
  statistics_.nodes[index_of(id)].busy_ns += cost;
  if (free_ns >= calendar_.limit(id)) {
    calendar_.add(id, free_ns, EventKind::handle, index);
    return;
  }
  calendar_.now_ns = free_ns;
  handle_message(id, index);
}

void EventLoop::handle_message(NodeId id, std::uint32_t index) {
  Flight& flight = flights_[index];
  const Envelope& e = flight.envelope;
  if (e.from != id) ++statistics_.nodes[index_of(id)].messages_in;
  if (trace_) {
    const std::int64_t now_ns = calendar_.now_ns;
    trace_.use(id, e.resource.file);
    trace_->handle({now_ns, id, e.message.cause.value.operation}, flight.id, e.from,
                   declaration_.messages[e.message.type].name, e.resource, now_ns - flight.arrived_ns - flight.cpu_ns,
                   flight.cpu_ns);
    trace_->because({TraceSink::By::Kind::message, flight.id});
  }
  cluster_.deliver(flight.envelope);
  flights_.free(index);
  tasks_.wake(id);
}

void EventLoop::disk_replied(NodeId id, std::uint32_t slot) {
  const DiskRequest request = disks_.replied(slot);
  if (trace_) trace_->because({TraceSink::By::Kind::request, request.id});
  if (request.is_write)
    cluster_.write_done(id, request.file, request.page);
  else
    cluster_.read_done(id, request.file, request.page, request.version);
  tasks_.wake(id);
}

void EventLoop::fire_timer(NodeId id, std::uint32_t slot) {
  const std::optional<Timers::Timer> timer = timers_.fire(slot);
  if (!timer) return;
  if (trace_) {
    trace_.use(id, timer->resource.file);
    trace_->timer({calendar_.now_ns, id, 0}, timer->resource, declaration_.timers[timer->number].name);
    trace_->because({TraceSink::By::Kind::timer, timer->number});
  }
  cluster_.timer(id, timer->resource, timer->number);
  tasks_.wake(id);
}

}  // namespace pagetoken
