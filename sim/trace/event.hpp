#pragma once
// One line of a trace as it is read: its keys by name, and which of them were there. docs/files.md, "Trace of a run",
// says what they mean.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace pagetoken {

enum class TraceKind : std::uint8_t {
  begin,
  end,
  step,
  wake,
  need,
  grant,
  yield,
  yielded,
  send,
  handle,
  storage,
  hits,
  use,
  evict,
  timer,
  check,
  finish
};
inline constexpr std::size_t kTraceKinds = 17;
inline constexpr std::array<std::string_view, kTraceKinds> kTraceKindNames{
    "begin",  "end",     "step", "wake", "need",  "grant", "yield", "yielded", "send",
    "handle", "storage", "hits", "use",  "evict", "timer", "check", "finish"};

/// The keys of a line, `kind` aside, in no particular order.
enum class TraceKey : std::uint8_t {
  t,
  node,
  op,
  file,
  page,
  size,
  by_task,
  by_msg,
  by_request,
  by_timer,
  what,
  access,
  via,
  offset,
  length,
  result,
  event,
  latency,
  retries,
  task,
  step,
  text,
  waits,
  lock,
  holder,
  retry,
  cost,
  delay,
  mode,
  keep,
  range,
  msg,
  to,
  type,
  bytes,
  from,
  waited,
  cpu,
  request,
  server,
  io,
  phase,
  service,
  reads,
  read_bytes,
  read_cells,
  writes,
  write_bytes,
  write_cells,
  open,
  last_end,
  sequential,
  timer,
  partial,
  violations,
  fingerprint,
  lines,
  hash
};
inline constexpr std::size_t kTraceKeys = 58;
inline constexpr std::array<std::string_view, kTraceKeys> kTraceKeyNames{
    "t",           "node",     "op",       "file",       "page",       "size",       "by_task",    "by_msg",
    "by_request",  "by_timer", "what",     "access",     "via",        "offset",     "length",     "result",
    "event",       "latency",  "retries",  "task",       "step",       "text",       "waits",      "lock",
    "holder",      "retry",    "cost",     "delay",      "mode",       "keep",       "range",      "msg",
    "to",          "type",     "bytes",    "from",       "waited",     "cpu",        "request",    "server",
    "io",          "phase",    "service",  "reads",      "read_bytes", "read_cells", "writes",     "write_bytes",
    "write_cells", "open",     "last_end", "sequential", "timer",      "partial",    "violations", "fingerprint",
    "lines",       "hash"};
constexpr std::uint64_t bit(TraceKey key) { return std::uint64_t{1} << static_cast<unsigned>(key); }

struct TraceInterval {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  ///< UINT64_MAX for null
};

/// Texts are those of the file, escapes and all, and hold until the next event is read.
struct TraceEvent {
  TraceKind kind{};
  std::uint64_t present = 0;  ///< a bit() for each key that was there
  std::int64_t t = 0;
  std::uint32_t node = 0;
  std::uint32_t file = 0;
  std::uint64_t op = 0;
  std::uint64_t page = 0;
  bool size = false;
  bool retry = false;
  bool sequential = false;
  bool partial = false;
  // What made it happen; meaningful if present.
  std::uint64_t by_task = 0;
  std::uint64_t by_msg = 0;
  std::uint64_t by_request = 0;
  std::uint64_t by_timer = 0;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::int64_t latency = 0;
  std::uint64_t retries = 0;
  std::uint64_t task = 0;
  std::uint64_t holder = 0;
  std::int64_t cost = 0;
  std::int64_t delay = 0;
  std::uint64_t msg = 0;
  std::uint32_t to = 0;
  std::uint32_t from = 0;
  std::uint64_t bytes = 0;
  std::int64_t waited = 0;
  std::int64_t cpu = 0;
  std::uint64_t request = 0;
  std::uint32_t server = 0;
  std::int64_t service = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t read_cells = 0;
  std::uint64_t write_cells = 0;
  std::uint64_t open = 0;
  std::uint64_t last_end = 0;
  std::uint64_t violations = 0;
  std::uint64_t lines = 0;
  TraceInterval range{};
  TraceInterval read_bytes{};
  TraceInterval write_bytes{};
  std::string_view what{};
  std::string_view access{};
  std::string_view via{};
  std::string_view result{};
  std::string_view event{};
  std::string_view step{};
  std::string_view text{};
  std::string_view waits{};
  std::string_view lock{};
  std::string_view mode{};
  std::string_view keep{};
  std::string_view type{};
  std::string_view io{};
  std::string_view phase{};
  std::string_view timer{};
  std::string_view fingerprint{};
  std::string_view hash{};

  bool has(TraceKey key) const { return (present & bit(key)) != 0; }
  bool has_any(std::uint64_t keys) const { return (present & keys) != 0; }
};

}  // namespace pagetoken
