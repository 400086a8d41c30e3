#include "analysis/trace/timeline.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

namespace pagetoken {

using enum TraceKey;

/// Slices are told by the events at their ends. Viewers want those of one track not to overlap: messages are handled
/// one after the other, a task slot has one task at a time, and a disk's requests are spread over lanes. A task leaves
/// its slot with its last step, though that takes time yet (SIGBUS): such a step gives way to the slot's next task.
class EventTimeline::Impl {
 public:
  Impl(const TraceHead& head, std::unique_ptr<TimelineFormat> format)
      : format_(std::move(format)), nodes_(head.roles.count()) {
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) format_->process(n, head.roles.node_name(n));
  }

  void add(const TraceEvent& e) {
    last_ns_ = std::max(last_ns_, e.t);
    switch (e.kind) {
      case TraceKind::step: step(e); break;
      case TraceKind::begin: begin(e); break;
      case TraceKind::end: end(e); break;
      case TraceKind::send: send(e); break;
      case TraceKind::handle: handle(e); break;
      case TraceKind::storage: storage(e); break;
      case TraceKind::wake:
      case TraceKind::need:
      case TraceKind::grant:
      case TraceKind::yield:
      case TraceKind::yielded:
      case TraceKind::hits:
      case TraceKind::use:
      case TraceKind::evict:
      case TraceKind::timer:
      case TraceKind::check:
      case TraceKind::finish: break;
    }
  }
  void finish() {
    for (std::uint32_t n = 0; n < nodes_.size(); ++n)
      for (auto& [task, last] : nodes_[n].last) put(n, task, last, INT64_MAX);
    land_messages();
    format_->finish();
  }

 private:
  static constexpr std::uint32_t kHandler = 0;
  static constexpr std::uint32_t kDisk = 1;  ///< and the lanes behind it
  static constexpr std::uint32_t kDiskLanes = 1000;
  static constexpr std::uint32_t kSends = 1500;
  static constexpr std::uint32_t kOperations = 2000;  ///< lanes of whole operations
  static constexpr std::uint32_t kLastSteps = 8000;   ///< lanes of those that outlive their slots
  static constexpr std::uint32_t kTasks = 10'000;     ///< task slots
  struct Sent {
    std::uint32_t to = 0;
    std::string type{};
  };
  struct Open {
    std::int64_t begin = 0;
    std::uint32_t node = 0;
    std::uint32_t lane = 0;
    std::string name;
  };
  struct Sleep {
    std::int64_t since = 0;
    std::string what;
  };
  struct Slice {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::string name{};
  };
  struct Node {
    std::map<std::uint32_t, bool> told;
    std::vector<std::uint64_t> lanes;         ///< of operations: which is in it; 0 = free
    std::vector<std::int64_t> disk_lanes;     ///< until when each is taken
    std::map<std::uint64_t, Sleep> sleeping;  ///< by task
    std::map<std::uint64_t, Slice> last;      ///< step of a task slot, not yet put
    std::vector<std::int64_t> step_lanes;     ///< of last steps, until when each is taken
    std::int64_t in_flight = 0;               ///< messages under way to it, or in its queue
  };

  void tell(std::uint32_t node, std::uint32_t track, std::string_view name) {
    if (std::exchange(nodes_[node].told[track], true)) return;
    format_->track(node, track, name);
  }

  void begin(const TraceEvent& e) {
    Open& o = open_[e.op];
    o.begin = e.t;
    o.node = e.node;
    Node& n = nodes_[e.node];
    const auto free = std::find(n.lanes.begin(), n.lanes.end(), 0u);
    o.lane = static_cast<std::uint32_t>(free - n.lanes.begin());
    if (free == n.lanes.end()) n.lanes.push_back(0);
    n.lanes[o.lane] = e.op;
    o.name = e.has(page) ? fmt::format("{} file {} page {}", e.what, e.file, e.page)
                         : fmt::format("{} file {}", e.what, e.file);
  }
  void end(const TraceEvent& e) {
    const auto found = open_.find(e.op);
    if (found == open_.end()) return;
    const Open& o = found->second;
    tell(o.node, kOperations + o.lane, fmt::format("operations {}", o.lane));
    format_->slice(o.node, kOperations + o.lane, o.begin, e.t, o.name, 0, 0);
    nodes_[o.node].lanes[o.lane] = 0;
    open_.erase(found);
  }

  void step(const TraceEvent& e) {
    Node& n = nodes_[e.node];
    const auto track = kTasks + static_cast<std::uint32_t>(e.task);
    const auto last = n.last.find(e.task);
    if (last != n.last.end()) {
      put(e.node, e.task, last->second, e.t);
      n.last.erase(last);
    }
    tell(e.node, track, fmt::format("task {}", e.task));
    const auto asleep = n.sleeping.find(e.task);
    if (asleep != n.sleeping.end()) {
      format_->slice(e.node, track, asleep->second.since, e.t, asleep->second.what, 0, 0);
      n.sleeping.erase(asleep);
    }
    if (e.has(waits)) {
      n.sleeping[e.task] = {e.t,
                            e.has(lock) ? fmt::format("waits for {}", e.lock) : fmt::format("waits for {}", e.waits)};
      return;
    }
    n.last[e.task] = {e.t, e.t + e.cost, fmt::format("{} {}", e.step, e.text)};
  }
  /// A step whose slot goes on, or is taken again, at `next_ns`.
  void put(std::uint32_t node, std::uint64_t task, const Slice& slice, std::int64_t next_ns) {
    auto track = kTasks + static_cast<std::uint32_t>(task);
    if (slice.end <= next_ns) {
      tell(node, track, fmt::format("task {}", task));
    } else {
      const std::size_t lane = lane_of(nodes_[node].step_lanes, slice.begin, slice.end);
      track = kLastSteps + static_cast<std::uint32_t>(std::min<std::size_t>(lane, kTasks - kLastSteps - 1));
      tell(node, track, fmt::format("last steps {}", lane));
    }
    format_->slice(node, track, slice.begin, slice.end, slice.name, 0, 0);
  }
  /// The first lane that is free at `begin_ns`, taken until `end_ns`.
  static std::size_t lane_of(std::vector<std::int64_t>& lanes, std::int64_t begin_ns, std::int64_t end_ns) {
    std::size_t lane = 0;
    while (lane < lanes.size() && lanes[lane] > begin_ns) ++lane;
    if (lane == lanes.size()) lanes.push_back(0);
    lanes[lane] = end_ns;
    return lane;
  }

  void send(const TraceEvent& e) {
    if (e.node == e.to) return;
    sent_[e.msg] = {.to = e.to, .type = std::string(e.type)};
    // The arrow leaves from a slice of no length at the sender's own track of sends.
    tell(e.node, kSends, "sends");
    format_->slice(e.node, kSends, e.t, e.t, e.type, 0, e.msg);
    count(e.to, e.t, 1);
  }
  /// What is under way when the trace ends: its arrow has to end somewhere, too.
  void land_messages() {
    std::vector<std::uint64_t> messages;
    for (const auto& [message, sent] : sent_) messages.push_back(message);
    std::sort(messages.begin(), messages.end());
    for (const std::uint64_t message : messages) {
      const Sent& sent = sent_.at(message);
      tell(sent.to, kHandler, "handler");
      format_->slice(sent.to, kHandler, last_ns_, last_ns_, sent.type + " (under way at the end)", message, 0);
    }
  }
  void count(std::uint32_t node, std::int64_t t_ns, std::int64_t change) {
    nodes_[node].in_flight += change;
    format_->counter(node, "messages under way or queued", t_ns, nodes_[node].in_flight);
  }
  void handle(const TraceEvent& e) {
    tell(e.node, kHandler, "handler");
    const bool known = sent_.erase(e.msg) != 0;  // and from another node
    if (known) count(e.node, e.t, -1);
    format_->slice(e.node, kHandler, e.t - e.cpu, e.t, e.type, known ? e.msg : 0, 0);
  }
  void storage(const TraceEvent& e) {
    if (e.phase == "send") {
      format_->counter(e.server, "requests", e.t, ++nodes_[e.server].in_flight);
      return;
    }
    if (e.phase != "served") return;
    format_->counter(e.server, "requests", e.t, --nodes_[e.server].in_flight);
    Node& n = nodes_[e.server];
    const std::int64_t begin = std::max<std::int64_t>(0, e.t - e.service);
    const std::size_t lane = lane_of(n.disk_lanes, begin, e.t);
    const auto track = kDisk + static_cast<std::uint32_t>(std::min<std::size_t>(lane, kDiskLanes - 1));
    tell(e.server, track, fmt::format("requests {}", lane));
    format_->slice(e.server, track, begin, e.t, fmt::format("{} file {} page {}", e.io, e.file, e.page), 0, 0);
  }

  std::unique_ptr<TimelineFormat> format_;
  std::vector<Node> nodes_;
  absl::flat_hash_map<std::uint64_t, Open> open_;
  absl::flat_hash_map<std::uint64_t, Sent> sent_;  // messages to other nodes, not yet handled
  std::int64_t last_ns_ = 0;
};

EventTimeline::EventTimeline(const TraceHead& head, std::unique_ptr<TimelineFormat> format)
    : impl_(std::make_unique<Impl>(head, std::move(format))) {}
EventTimeline::~EventTimeline() = default;
void EventTimeline::add(const TraceEvent& event) { impl_->add(event); }
void EventTimeline::finish() { impl_->finish(); }

}  // namespace pagetoken
