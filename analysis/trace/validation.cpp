#include "analysis/trace/validation.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include "analysis/trace/id_set.hpp"
#include "sim/base/error.hpp"
#include "sim/base/text.hpp"

namespace pagetoken {
namespace {

using Key = TraceKey;
using Words = std::span<const std::string_view>;

constexpr std::string_view kWhats[] = {"read", "write", "truncate", "extend", "punch", "fsync"};

/// What two lines about the same thing agree in.
struct About {
  std::uint32_t file = 0;
  bool is_page = false;
  bool is_size = false;
  std::uint64_t page = 0;
  friend bool operator==(const About&, const About&) = default;
};
About about(const TraceEvent& e) { return {e.file, e.has(Key::page), e.size, e.has(Key::page) ? e.page : 0}; }

/// What is under way, and what happened in this instant.
class Structure {
 public:
  explicit Structure(const TraceReader& reader) : reader_(reader) {}

  void add(const TraceEvent& e) {
    if (e.t != instant_) end_instant(e);
    words(e);
    if (e.kind == TraceKind::evict && e.has(Key::op)) operations_begun_.add(e.op);  // those of a node share one
    if (e.has(Key::op) && e.kind != TraceKind::begin && !operations_begun_.contains(e.op))
      fail("op", fmt::format("{} has not begun", e.op), "the op of a \"begin\" before");
    cause(e);
    switch (e.kind) {
      case TraceKind::begin: begin(e); break;
      case TraceKind::end: end(e); break;
      case TraceKind::step: step(e); break;
      case TraceKind::wake: wake(e); break;
      case TraceKind::send: send(e); break;
      case TraceKind::handle: handle(e); break;
      case TraceKind::storage: storage(e); break;
      case TraceKind::hits: hits(e); break;
      case TraceKind::timer: happened_.push_back({e.node, Cause::timer, 0}); break;
      case TraceKind::finish: finish(e); break;
      case TraceKind::need:
      case TraceKind::grant:
      case TraceKind::yield:
      case TraceKind::yielded:
      case TraceKind::use:
      case TraceKind::evict:
      case TraceKind::check: break;
    }
  }

 private:
  enum class Cause : std::uint8_t { message, request, timer };
  struct Happened {
    std::uint32_t node = 0;
    Cause kind{};
    std::uint64_t id = 0;
  };
  struct Operation {
    std::uint32_t node = 0;
    std::int64_t begin_ns = 0;
    std::size_t what = 0;
  };
  struct Sent {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::int64_t t = 0;
    std::string type;
    About about{};
  };
  struct Request {
    std::uint32_t node = 0;
    std::uint32_t server = 0;
    std::size_t io = 0;
    std::size_t phase = 0;
    About about{};
  };
  struct Claimed {  // by_task, to be found among the steps of the instant
    std::uint32_t node = 0;
    std::uint64_t task = 0;
    std::uint64_t line = 0;
  };

  [[noreturn]] void fail(std::string_view key, const std::string& wrong, std::string_view allowed) const {
    fail_at(reader_.line_number(), key, wrong, allowed);
  }
  [[noreturn]] void fail_at(std::uint64_t line, std::string_view key, const std::string& wrong,
                            std::string_view allowed) const {
    throw ConfigError(reader_.name(), fmt::format("line {}, {}", line, key), wrong, allowed);
  }
  void require_keys(const TraceEvent& e, std::initializer_list<Key> keys) const {
    for (const Key key : keys)
      if (!e.has(key))
        fail(name_of(key), "is missing", fmt::format("needed in a line of kind \"{}\" like this", name_of(e.kind)));
  }
  std::size_t word(const TraceEvent& e, Key key, std::string_view value, Words allowed) const {
    for (std::size_t i = 0; i < allowed.size(); ++i)
      if (allowed[i] == value) return i;
    if (!e.has(key)) return 0;
    fail(name_of(key), "is " + quote(value), describe_allowed(value, allowed));
  }

  /// Every text that is one of a few, and what a line of its kind has.
  void words(const TraceEvent& e) const {
    if (e.kind == TraceKind::begin || e.kind == TraceKind::end) word(e, Key::what, e.what, kWhats);
    if (e.kind == TraceKind::begin) require_keys(e, {Key::access, Key::via, Key::offset, Key::length});
    const auto check = [&](Key key, const auto& value) {
      const Words allowed = kTraceWords[static_cast<std::size_t>(key)];
      if constexpr (std::is_same_v<decltype(value), const std::string_view&>)
        if (!allowed.empty()) word(e, key, value, allowed);
    };
#define KEY(NAME, TYPE, VALUE, MAX, WORDS) check(Key::NAME, e.NAME);
    PAGETOKEN_TRACE_KEYS(KEY)
#undef KEY
    if (e.has(Key::waits) && e.waits == "lock") require_keys(e, {Key::lock});
    if (e.has(Key::page) && e.has(Key::size)) fail("page", "and size are both there", "one of them");
    const bool of_tokens = e.kind == TraceKind::need || e.kind == TraceKind::grant || e.kind == TraceKind::yield ||
                           e.kind == TraceKind::yielded;
    if (of_tokens && !e.has(Key::page) && !e.has(Key::size)) require_keys(e, {Key::range});
    if (e.kind == TraceKind::storage) require_keys(e, {Key::page});
    if (e.kind == TraceKind::storage && e.phase == "served") require_keys(e, {Key::waited, Key::service});
    const std::size_t causes = e.has(Key::by_task) + e.has(Key::by_msg) + e.has(Key::by_request) + e.has(Key::by_timer);
    if (causes > 1) fail("by_task", "and other causes are there", "one cause at most");
  }

  void cause(const TraceEvent& e) {
    if (e.has(Key::by_task)) claimed_.push_back({e.node, e.by_task, reader_.line_number()});
    if (e.has(Key::by_msg)) must_have_happened(e, Cause::message, "by_msg", e.by_msg);
    if (e.has(Key::by_request)) must_have_happened(e, Cause::request, "by_request", e.by_request);
    if (e.has(Key::by_timer)) must_have_happened(e, Cause::timer, "by_timer", 0);
  }
  void must_have_happened(const TraceEvent& e, Cause kind, std::string_view key, std::uint64_t id) const {
    for (const Happened& h : happened_)
      if (h.node == e.node && h.kind == kind && h.id == id) return;
    fail(key, fmt::format("{} is nothing that happened at node {} in this instant", id, e.node),
         kind == Cause::message   ? "a message that the node handles at this time"
         : kind == Cause::request ? "a storage request that is done at this time"
                                  : "a timer that fires at this time");
  }
  void end_instant(const TraceEvent& e) {
    for (const Claimed& c : claimed_)
      if (!has_stepped(c.node, c.task))
        fail_at(c.line, "by_task", fmt::format("{} takes no step at node {} in this instant", c.task, c.node),
                "a task that does");
    claimed_.clear();
    stepped_.clear();
    happened_.clear();
    instant_ = e.t;
  }

  void begin(const TraceEvent& e) {
    if (!operations_begun_.add(e.op)) fail("op", fmt::format("{} has begun before", e.op), "a number of its own");
    operations_.emplace(e.op, Operation{e.node, e.t, word(e, Key::what, e.what, kWhats)});
  }
  void end(const TraceEvent& e) {
    const auto found = operations_.find(e.op);
    if (found == operations_.end()) fail("op", fmt::format("{} has ended before", e.op), "one that is under way");
    const Operation& operation = found->second;
    if (operation.node != e.node)
      fail("node", fmt::format("is {}, and the operation began at {}", e.node, operation.node), "the same node");
    if (kWhats[operation.what] != e.what)
      fail("what", fmt::format("is {}, and the operation began as {}", quote(e.what), quote(kWhats[operation.what])),
           "the same");
    if (e.latency != e.t - operation.begin_ns)
      fail("latency", fmt::format("is {}", e.latency),
           fmt::format("{}, the time since begin", e.t - operation.begin_ns));
    operations_.erase(found);
  }

  static std::uint64_t task_key(std::uint32_t node, std::uint64_t task) { return std::uint64_t{node} << 32 | task; }
  void step(const TraceEvent& e) {
    stepped_.push_back(task_key(e.node, e.task));
    if (e.task > UINT32_MAX) fail("task", fmt::format("is {}", e.task), "a slot, below 2^32");
    if (waiting_.contains(task_key(e.node, e.task)))
      fail("task", fmt::format("{} waits, and was not woken", e.task), "a task that can go on");
    if (e.has(Key::waits)) waiting_.insert(task_key(e.node, e.task));
  }
  bool has_stepped(std::uint32_t node, std::uint64_t task) const {
    return std::find(stepped_.begin(), stepped_.end(), task_key(node, task)) != stepped_.end();
  }
  /// A task may stop to wait in the very step in which it began.
  void wake(const TraceEvent& e) {
    if (waiting_.erase(task_key(e.node, e.task)) == 0 && !has_stepped(e.node, e.task))
      fail("task", fmt::format("{} does not wait", e.task), "a task whose last step has \"waits\"");
  }

  void send(const TraceEvent& e) {
    if (!messages_sent_.add(e.msg)) fail("msg", fmt::format("{} was sent before", e.msg), "a number of its own");
    messages_.emplace(e.msg, Sent{e.node, e.to, e.t, std::string(e.type), about(e)});
  }
  void handle(const TraceEvent& e) {
    const auto found = messages_.find(e.msg);
    if (found == messages_.end())
      fail("msg",
           messages_sent_.contains(e.msg) ? fmt::format("{} was handled before", e.msg)
                                          : fmt::format("{} was never sent", e.msg),
           "a message under way");
    const Sent& sent = found->second;
    if (sent.from != e.from) fail("from", fmt::format("is {}, and it was sent by {}", e.from, sent.from), "the sender");
    if (sent.to != e.node) fail("node", fmt::format("is {}, and it was sent to {}", e.node, sent.to), "the receiver");
    if (sent.type != e.type)
      fail("type", fmt::format("is {}, and it was sent as {}", quote(e.type), quote(sent.type)), "the same");
    if (sent.about != about(e)) fail("file", "and what it is about differ from those sent", "the same resource");
    if (e.t - e.cpu - e.waited < sent.t)
      fail("waited", "and cpu begin before the message was sent", "times after the send");
    messages_.erase(found);
    happened_.push_back({e.node, Cause::message, e.msg});
  }

  void storage(const TraceEvent& e) {
    const std::size_t phase = word(e, Key::phase, e.phase, kPhaseWords);
    const std::size_t io = word(e, Key::io, e.io, kIoWords);
    if (phase == 0) {
      if (!requests_sent_.add(e.request))
        fail("request", fmt::format("{} was sent before", e.request), "a number of its own");
      requests_.emplace(e.request, Request{e.node, e.server, io, 0, about(e)});
      return;
    }
    const auto found = requests_.find(e.request);
    if (found == requests_.end())
      fail("request", fmt::format("{} is not under way", e.request), "one that was sent and is not done");
    Request& request = found->second;
    if (request.phase + 1 != phase) fail("phase", "is " + quote(e.phase), quote(kPhaseWords[request.phase + 1]));
    if (request.node != e.node || request.server != e.server || request.io != io || request.about != about(e))
      fail("request", fmt::format("{} was another when it was sent", e.request), "the same node, server, io and page");
    request.phase = phase;
    if (phase != 2) return;
    requests_.erase(found);
    happened_.push_back({e.node, Cause::request, e.request});
  }

  void hits(const TraceEvent& e) const {
    const auto half = [&](Key count, std::uint64_t n, Key bytes, const TraceInterval& interval, Key cells) {
      if (e.has(count) != e.has(bytes) || e.has(count) != e.has(cells))
        fail(name_of(count), "stands without its bytes and cells", "all three");
      if (!e.has(count)) return;
      if (n == 0) fail(name_of(count), "is 0", "1 or more");
      if (interval.end > reader_.head().page_bytes)
        fail(name_of(bytes), fmt::format("ends at {}", interval.end), "within the page");
    };
    half(Key::reads, e.reads, Key::read_bytes, e.read_bytes, Key::read_cells);
    half(Key::writes, e.writes, Key::write_bytes, e.write_bytes, Key::write_cells);
    if (!e.has(Key::reads) && !e.has(Key::writes)) fail("reads", "and writes are missing", "one of them");
  }

  /// A run that was interrupted, or that went wrong, may leave things under way.
  void finish(const TraceEvent& e) const {
    if (e.partial || e.violations > 0) return;
    over("message", "handled", messages_);
    over("storage request", "done", requests_);
    over("operation", "ended", operations_);
  }
  template <class UnderWay>
  void over(std::string_view thing, std::string_view verb, const UnderWay& under_way) const {
    std::uint64_t first = UINT64_MAX;
    for (const auto& [id, unused] : under_way) first = std::min(first, id);
    if (!under_way.empty())
      fail("kind", fmt::format("is \"finish\", and {} {} is not {}", thing, first, verb), "an end at which all are");
  }

  const TraceReader& reader_;
  std::int64_t instant_ = 0;
  std::vector<Happened> happened_;
  std::vector<Claimed> claimed_;
  std::vector<std::uint64_t> stepped_;  // task_key() of those that took a step in this instant
  IdSet operations_begun_;
  absl::flat_hash_map<std::uint64_t, Operation> operations_;
  absl::flat_hash_set<std::uint64_t> waiting_;  // task_key() of those that wait
  IdSet messages_sent_;
  absl::flat_hash_map<std::uint64_t, Sent> messages_;
  IdSet requests_sent_;
  absl::flat_hash_map<std::uint64_t, Request> requests_;
};

}  // namespace

std::optional<Contradiction> validate(TraceReader& reader, StepModel& model) {
  Structure structure(reader);
  TraceEvent event;
  while (reader.next(event)) {
    // The model comes first: a step that it would not have taken is the better reason for what does not fit later.
    if (auto contradiction = model.add(event, reader.line_number())) return contradiction;
    structure.add(event);
  }
  return std::nullopt;
}

}  // namespace pagetoken
