#include "analysis/trace/analysis.hpp"

#include <algorithm>
#include <bit>

namespace pagetoken {

namespace {
using enum TraceKey;
using Type = PathItem::Type;

constexpr std::size_t kMaxItems = 1u << 20;  ///< of one operation; what comes later is not told apart
constexpr std::size_t kPeriods = 128;
constexpr std::size_t kMaxEventNames = 64;

std::uint8_t what_of(std::string_view word) {
  for (std::size_t i = 0; i + 1 < kWhatNames.size(); ++i)
    if (kWhatNames[i] == word) return static_cast<std::uint8_t>(i);
  return static_cast<std::uint8_t>(kWhatNames.size() - 1);
}
Wait wait_of(std::string_view word) {
  const auto found = std::find(kWaitNames.begin(), kWaitNames.end(), word);
  return found == kWaitNames.end() ? Wait::none : static_cast<Wait>(found - kWaitNames.begin());
}
void put_cause(PathItem& item, const TraceEvent& e) {
  if (e.has(by_msg)) {
    item.by_kind = ByKind::message;
    item.by = e.by_msg;
  } else if (e.has(by_task)) {
    item.by_kind = ByKind::task;
    item.by = e.by_task;
  } else if (e.has(by_request)) {
    item.by_kind = ByKind::request;
    item.by = e.by_request;
  } else if (e.has(by_timer)) {
    item.by_kind = ByKind::timer;
    item.by = e.by_timer;
  }
}
/// The bucket of a latency: 64 to an octave.
std::uint32_t bucket_of(std::int64_t latency) {
  const auto v = static_cast<std::uint64_t>(latency);
  if (v < 128) return static_cast<std::uint32_t>(v);
  const auto shift = static_cast<std::uint32_t>(std::bit_width(v)) - 7;
  return shift * 64 + static_cast<std::uint32_t>(v >> shift);
}
bool is_slower(const FinishedOperation& a, const FinishedOperation& b) {
  return a.latency() != b.latency() ? a.latency() > b.latency() : a.operation.id < b.operation.id;
}
}  // namespace

TraceAnalysis::TraceAnalysis(const TraceHead& head, const AnalysisOptions& options)
    : head_(head), options_(options), sharing_(head.page_bytes), nodes_(head.roles.count()) {}
TraceAnalysis::~TraceAnalysis() = default;

TracedOperation* TraceAnalysis::open(std::uint64_t id) {
  if (last_ && last_->id == id) return last_;
  const auto found = open_.find(id);
  last_ = found == open_.end() ? nullptr : found->second.get();
  return last_;
}

LinkLoad& TraceAnalysis::link(std::uint32_t from_node, std::uint32_t to_node) {
  return links_[std::uint64_t{from_node} << 32 | to_node];
}

LockLoad& TraceAnalysis::lock(std::uint16_t name) {
  for (auto& [known, load] : locks_)
    if (known == name) return load;
  return locks_.emplace_back(name, LockLoad{}).second;
}

void TraceAnalysis::add(const TraceEvent& e) {
  ++events_;
  end_ns_ = e.t;
  switch (e.kind) {
    case TraceKind::begin: begin(e); break;
    case TraceKind::end: end(e); break;
    case TraceKind::step: step(e); break;
    case TraceKind::wake: wake(e); break;
    case TraceKind::send:
    case TraceKind::handle: message(e); break;
    case TraceKind::storage: storage(e); break;
    case TraceKind::need:
    case TraceKind::grant:
    case TraceKind::yield: token(e); break;
    case TraceKind::hits: hits(e); break;
    case TraceKind::finish:
      partial_ = e.partial;
      violations_ = e.violations;
      break;
    case TraceKind::yielded:
    case TraceKind::use:
    case TraceKind::evict:
    case TraceKind::timer:
    case TraceKind::check: break;
  }
}

// ---- Operations

void TraceAnalysis::begin(const TraceEvent& e) {
  std::unique_ptr<TracedOperation>& slot = open_[e.op];
  if (slot) ++odd_;
  if (!slot && !spare_.empty()) {
    slot = std::move(spare_.back());
    spare_.pop_back();
  }
  std::vector<PathItem> items;
  if (slot) {
    items = std::move(slot->items);
    items.clear();
  } else {
    slot = std::make_unique<TracedOperation>();
  }
  *slot = {.id = e.op,
           .node = e.node,
           .file = e.file,
           .page = e.page,
           .is_page = e.has(page),
           .what = what_of(e.what),
           .begin = e.t,
           .end = e.t,
           .offset = e.offset,
           .length = e.length,
           .items = std::move(items)};
}

void TraceAnalysis::end(const TraceEvent& e) {
  const auto found = open_.find(e.op);
  if (found == open_.end()) {
    ++odd_;
    return;
  }
  TracedOperation& operation = *found->second;
  operation.end = e.t;
  operation.retries = e.retries;
  account(operation, e);
  last_ = nullptr;
  spare_.push_back(std::move(found->second));
  open_.erase(found);
}

void TraceAnalysis::step(const TraceEvent& e) {
  const bool blocks = e.has(waits);
  if (blocks && e.waits == "lock") {
    const std::uint16_t name = names_.of(e.lock);
    const std::uint32_t now = ++waiting_[std::uint64_t{e.node} << 16 | name];
    sleepers_[std::uint64_t{e.node} << 16 | e.task] = name;
    LockLoad& load = lock(name);
    ++load.waits;
    load.crowded += now > options_.convoy_bound ? 1 : 0;
    if (now > load.most_waiting) {
      load.most_waiting = now;
      load.most_at = e.node;
    }
  }
  if (!e.has(op)) return;
  TracedOperation* o = open(e.op);
  if (!o || e.node != o->node) return;
  if (o->own_task == UINT32_MAX) o->own_task = static_cast<std::uint32_t>(e.task);
  if (o->own_task != e.task) return;
  if (e.retry) o->retry_until = e.t + e.cost;
  if (o->items.size() >= kMaxItems) return;
  if (!blocks) {
    if (!o->items.empty() && o->items.back().type == Type::run &&
        o->items.back().t + o->items.back().duration_ns == e.t) {
      o->items.back().duration_ns += e.cost;
      return;
    }
    o->items.push_back({.t = e.t, .duration_ns = e.cost, .node = e.node, .type = Type::run});
    return;
  }
  PathItem item{.t = e.t, .id = e.holder, .node = e.node, .type = Type::block, .wait = wait_of(e.waits)};
  if (item.wait == Wait::lock) item.name = names_.of(e.lock);
  if (item.wait == Wait::guard) item.name = names_.of("guard");
  o->items.push_back(item);
}

void TraceAnalysis::wake(const TraceEvent& e) {
  const auto sleeper = sleepers_.find(std::uint64_t{e.node} << 16 | e.task);
  if (sleeper != sleepers_.end()) {
    const auto counted = waiting_.find(std::uint64_t{e.node} << 16 | sleeper->second);
    if (counted != waiting_.end() && --counted->second == 0) waiting_.erase(counted);
    sleepers_.erase(sleeper);
  }
  if (!e.has(op)) return;
  TracedOperation* o = open(e.op);
  if (!o || e.node != o->node || o->own_task != e.task || o->items.size() >= kMaxItems) return;
  PathItem item{.t = e.t, .node = e.node, .type = Type::wake};
  put_cause(item, e);
  o->items.push_back(item);
}

// ---- Messages, storage, tokens

void TraceAnalysis::note_busy(NodeLoad& node, std::int64_t from_ns, std::int64_t to_ns) {
  constexpr std::int64_t kEnd = INT64_MAX / 4;  // the periods of a damaged trace beyond it have no end
  if (to_ns <= from_ns || to_ns > kEnd) return;
  node.busy_ns += to_ns - from_ns;
  while (to_ns / period_ns_ >= static_cast<std::int64_t>(kPeriods)) {  // twice as long periods, half as many
    for (NodeLoad& n : nodes_) {
      for (std::size_t i = 0; i < n.busy.size(); ++i)
        n.busy[i] = 2 * i < kPeriods ? (n.busy[2 * i] + n.busy[2 * i + 1]) / 2 : 0;
    }
    period_ns_ *= 2;
  }
  if (node.busy.empty()) node.busy.resize(kPeriods);
  for (std::int64_t t = from_ns; t < to_ns;) {
    const std::int64_t next = std::min((t / period_ns_ + 1) * period_ns_, to_ns);
    node.busy[static_cast<std::size_t>(t / period_ns_)] +=
        static_cast<float>(next - t) / static_cast<float>(period_ns_);
    t = next;
  }
}

void TraceAnalysis::message(const TraceEvent& e) {
  TracedOperation* o = e.has(op) ? open(e.op) : nullptr;
  if (o && o->items.size() >= kMaxItems) o = nullptr;
  if (e.kind == TraceKind::send) {
    if (e.node != e.to) {
      LinkLoad& l = link(e.node, e.to);
      ++l.messages;
      l.bytes += e.bytes;
    }
    if (!e.size && e.has(page))
      if (PageRecord* record = sharing_.find(e.file, e.page)) ++record->messages;
    if (!o) return;
    PathItem item{.t = e.t,
                  .bytes = e.bytes,
                  .id = e.msg,
                  .node = e.node,
                  .other = e.to,
                  .name = names_.of(e.type),
                  .type = Type::send};
    put_cause(item, e);
    o->items.push_back(item);
    return;
  }
  NodeLoad& load = nodes_[e.node];
  ++load.handled;
  load.waited_ns += e.waited;
  load.worst_wait_ns = std::max(load.worst_wait_ns, e.waited);
  note_busy(load, e.t - e.cpu, e.t);
  if (o)
    o->items.push_back({.t = e.t,
                        .duration_ns = e.cpu,
                        .waited_ns = e.waited,
                        .id = e.msg,
                        .node = e.node,
                        .other = e.from,
                        .name = names_.of(e.type),
                        .type = Type::handle});
}

void TraceAnalysis::storage(const TraceEvent& e) {
  TracedOperation* o = e.has(op) ? open(e.op) : nullptr;
  if (o && o->items.size() >= kMaxItems) o = nullptr;
  const bool sends = e.phase == "send";
  const bool is_served = e.phase == "served";
  if (is_served) {
    NodeLoad& load = nodes_[e.server];
    ++load.handled;
    load.waited_ns += e.waited;
    load.worst_wait_ns = std::max(load.worst_wait_ns, e.waited);
    note_busy(load, std::max<std::int64_t>(0, e.t - e.service), e.t);
  }
  if (!o) return;
  PathItem item{.t = e.t,
                .duration_ns = e.service,
                .waited_ns = e.waited,
                .id = e.request,
                .node = e.node,
                .other = e.server,
                .type = sends       ? Type::io_send
                        : is_served ? Type::io_served
                                    : Type::io_done};
  put_cause(item, e);
  o->items.push_back(item);
}

void TraceAnalysis::token(const TraceEvent& e) {
  if (e.size) return;
  if (!e.has(page)) sharing_.ranged();
  const std::uint64_t where = e.has(page) ? e.page : SharingTable::kWholeFile;
  if (e.kind == TraceKind::grant) {
    if (PageRecord* record = sharing_.find(e.file, where)) ++record->grants;
    return;
  }
  TracedOperation* o = e.has(op) ? open(e.op) : nullptr;
  if (e.kind == TraceKind::need) {
    if (!o || o->waited_for_token) return;
    o->waited_for_token = true;
    if (const PageRecord* record = sharing_.find(e.file, where)) o->page_grants = record->grants;
    return;
  }
  sharing_.handoff(e.file, where, e.node, o ? o->node : kNobody);
  if (o && o->items.size() < kMaxItems) {
    PathItem item{.t = e.t, .node = e.node, .type = Type::yield};
    put_cause(item, e);
    o->items.push_back(item);
  }
}

void TraceAnalysis::hits(const TraceEvent& e) {
  hits_ += e.reads + e.writes;
  if (e.has(read_bytes))
    sharing_.touch(e.file, e.page, e.node, false, e.reads, e.read_cells, e.read_bytes.begin, e.read_bytes.end);
  if (e.has(write_bytes))
    sharing_.touch(e.file, e.page, e.node, true, e.writes, e.write_cells, e.write_bytes.begin, e.write_bytes.end);
}

// ---- What is kept of an operation

void TraceAnalysis::account(TracedOperation& o, const TraceEvent& e) {
  critical_path(o, path_);
  const PartSums parts = sum_parts(path_);
  const std::int64_t latency_ns = o.end - o.begin;
  Bucket& bucket = buckets_[bucket_of(latency_ns)];
  bucket.low = bucket.sums.count == 0 ? latency_ns : std::min(bucket.low, latency_ns);
  for (Breakdown* sums : {&all_, &bucket.sums}) {
    ++sums->count;
    sums->latency_ns += latency_ns;
    for (std::size_t i = 0; i < kParts; ++i) sums->parts[i] += parts[i];
  }
  latencies_[o.what].add(latency_ns);
  const auto named = std::find_if(event_latencies_.begin(), event_latencies_.end(),
                                  [&](const auto& known) { return known.first == e.event; });
  if (named != event_latencies_.end())
    named->second.add(latency_ns);
  else if (event_latencies_.size() < kMaxEventNames)
    event_latencies_.emplace_back(std::string(e.event), Histogram{}).second.add(latency_ns);
  for (const Segment& s : path_) {
    const std::int64_t ns = s.end - s.begin;
    switch (s.part) {
      case Part::wire: {
        LinkLoad& l = link(s.other, s.node);
        l.path_ns += ns;
        LinkLoad::Times& times = l.classes[static_cast<std::size_t>(class_of(s))];
        ++times.count;
        times.ns += ns;
        break;
      }
      case Part::handler: nodes_[s.node].path_handler_ns += ns; break;
      case Part::queue: (s.name != 0 ? nodes_[s.node].path_queue_ns : nodes_[s.node].path_behind_ns) += ns; break;
      case Part::remote: nodes_[s.node].path_remote_ns += ns; break;
      case Part::storage:
        if (s.other != kNobody) nodes_[s.other].path_storage_ns += ns;
        break;
      case Part::lock: lock(s.name).path_ns += ns; break;
      case Part::retry:
      case Part::local: break;
    }
  }
  const std::uint64_t where = o.is_page ? o.page : SharingTable::kWholeFile;
  if (o.is_page && (e.what == "read" || e.what == "write") && e.result == "done") {
    const std::uint64_t first = o.page * head_.page_bytes;
    const std::uint64_t from_byte = std::max(o.offset, first) - first;
    sharing_.touch_bytes(o.file, o.page, o.node, e.what == "write", from_byte,
                         o.length == 0 ? head_.page_bytes : std::max(o.offset + o.length, first + 1) - first);
  }
  if (o.waited_for_token) {
    if (PageRecord* record = sharing_.find(o.file, where)) {
      ++record->faults;
      record->waited_ns += latency_ns;
      record->worst_ns = std::max(record->worst_ns, latency_ns);
      const std::uint32_t others = record->grants - o.page_grants;
      if (o.page_grants <= record->grants && others > options_.starvation_bound) {
        ++starved_;
        if (others > most_starved_) {
          most_starved_ = others;
          most_starved_op_ = o.id;
        }
      }
    }
  }
  if (o.retries > options_.retry_bound) {
    ++over_retries_;
    if (o.retries > most_retries_) {
      most_retries_ = o.retries;
      most_retried_ = o.id;
    }
  }
  keep(o, e);
}

LinkLoad::Class TraceAnalysis::class_of(const Segment& wire) const {
  if (wire.name != 0) return wire.bytes < head_.page_bytes ? LinkLoad::Class::small : LinkLoad::Class::content;
  return head_.roles.is_storage(wire.other) ? LinkLoad::Class::from_storage : LinkLoad::Class::to_storage;
}

void TraceAnalysis::keep(TracedOperation& o, const TraceEvent& e) {
  if (options_.slowest == 0) return;
  const bool full = slowest_.size() >= options_.slowest;
  if (full) {
    const FinishedOperation& least = slowest_.front();
    if (o.end - o.begin < least.latency() || (o.end - o.begin == least.latency() && o.id > least.operation.id)) return;
    std::pop_heap(slowest_.begin(), slowest_.end(), is_slower);
    slowest_.pop_back();
  }
  slowest_.push_back({o, sum_parts(path_), std::string(e.event), std::string(e.result), path_});
  std::push_heap(slowest_.begin(), slowest_.end(), is_slower);
}

Breakdown TraceAnalysis::slowest_percent() const {
  std::vector<const Bucket*> buckets;
  for (const auto& [key, bucket] : buckets_) buckets.push_back(&bucket);
  std::sort(buckets.begin(), buckets.end(), [](const Bucket* a, const Bucket* b) { return a->low > b->low; });
  Breakdown sums;
  for (const Bucket* bucket : buckets) {
    if (sums.count * 100 >= all_.count) break;
    sums.count += bucket->sums.count;
    sums.latency_ns += bucket->sums.latency_ns;
    for (std::size_t i = 0; i < kParts; ++i) sums.parts[i] += bucket->sums.parts[i];
  }
  return sums;
}

void TraceAnalysis::finish() {
  std::sort(slowest_.begin(), slowest_.end(), is_slower);
  std::sort(event_latencies_.begin(), event_latencies_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  find_anomalies();
  find_causes();
}

void TraceAnalysis::find_anomalies() {
  if (over_retries_ > 0)
    anomalies_.push_back({"retries", over_retries_, most_retries_, most_retried_,
                          std::to_string(over_retries_) + " operations were sent back by the guard more than " +
                              std::to_string(options_.retry_bound) + " times, one of them " +
                              std::to_string(most_retries_) + " times"});
  if (starved_ > 0)
    anomalies_.push_back({"starvation", starved_, most_starved_, most_starved_op_,
                          std::to_string(starved_) + " operations waited for a token while it was granted more than " +
                              std::to_string(options_.starvation_bound) + " times, one of them " +
                              std::to_string(most_starved_) + " times"});
  for (const auto& [name, load] : locks_)
    if (load.most_waiting > options_.convoy_bound)
      anomalies_.push_back({"convoy", load.crowded, load.most_waiting, 0,
                            "up to " + std::to_string(load.most_waiting) + " tasks of " + node_name(load.most_at) +
                                " wait for " + names_.word(name) + " at once"});
}

}  // namespace pagetoken
