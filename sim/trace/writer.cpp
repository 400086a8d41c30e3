#include "sim/trace/writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <zstd.h>

#include "sim/base/error.hpp"
#include "sim/trace/keys.hpp"

namespace pagetoken {

namespace {
using Key = TraceKey;

constexpr std::size_t kFrameBytes = std::size_t{1} << 20;
constexpr int kLevel = 1;

void append_escaped(std::string& out, std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
}

}  // namespace

/// One record, from its opening brace to the end of its line. Keys and `kind`s are our own and need no escaping. All
/// numbers, keys and short words of a line fit into kRoom bytes; other texts ask for room of their own. Keys are copied
/// as constants: that halves the time of a line, of which a run has millions.
class TraceWriter::Line {
 public:
  Line(TraceWriter& trace, const Where& where, TraceKind kind)
      : trace_(trace), pending_{where.time_ns, trace.pending_size_, 0} {
    make_room(0);
    literal("{\"t\":");
    number(where.time_ns);
    field(Key::node, index_of(where.node));
    if (where.operation != 0) field(Key::op, where.operation);
    literal(",\"kind\":\"");
    literal(name_of(kind));
    *at_++ = '"';
  }
  ~Line() {
    literal("}\n");
    trace_.pending_size_ = static_cast<std::size_t>(at_ - trace_.pending_text_.data());
    pending_.length = trace_.pending_size_ - pending_.offset;
    trace_.pending_.push_back(pending_);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  /// What made it happen.
  Line& by() {
    switch (trace_.by_.kind) {
      case By::Kind::nothing: return *this;
      case By::Kind::task: return field(Key::by_task, trace_.by_.id);
      case By::Kind::message: return field(Key::by_msg, trace_.by_.id);
      case By::Kind::request: return field(Key::by_request, trace_.by_.id);
      case By::Kind::timer: return field(Key::by_timer, trace_.by_.id);
    }
    return *this;
  }
  template <std::integral T>
  [[gnu::always_inline]] Line& field(Key key, T value) {
    put_key(key);
    number(value);
    return *this;
  }
  [[gnu::always_inline]] Line& field(Key key, std::string_view text) {
    put_key(key);
    quoted(text);
    return *this;
  }
  Line& resource(const Resource& resource) {
    field(Key::file, index_of(resource.file));
    if (resource.kind == ResourceKind::page) field(Key::page, resource.page);
    if (resource.kind == ResourceKind::size) literal(",\"size\":true");
    return *this;
  }
  Line& token(const Resource& on, Range range, Key mode_key, std::string_view mode) {
    resource(on);
    if (on.kind == ResourceKind::file) interval(Key::range, range.begin, range.end);
    return field(mode_key, mode);
  }
  /// [begin, end), without an end if that is beyond every page.
  Line& interval(Key key, std::uint64_t begin, std::uint64_t end) {
    put_key(key);
    *at_++ = '[';
    number(begin);
    *at_++ = ',';
    if (end >= kToInfinity)
      literal("null");
    else
      number(end);
    *at_++ = ']';
    return *this;
  }
  Line& flag(Key key, bool value) {
    put_key(key);
    literal(value ? "true" : "false");
    return *this;
  }

 private:
  static constexpr std::size_t kRoom = 1024;

  /// For kRoom bytes from here, and `more`.
  void make_room(std::size_t more) {
    const std::size_t used = at_ ? static_cast<std::size_t>(at_ - trace_.pending_text_.data()) : trace_.pending_size_;
    if (trace_.pending_text_.size() < used + more + kRoom) trace_.pending_text_.resize(2 * used + more + kRoom);
    at_ = trace_.pending_text_.data() + used;
  }
  void quoted(std::string_view text) {
    make_room(6 * text.size());
    *at_++ = '"';
    std::memcpy(at_, text.data(), text.size());
    if (plain(at_, text.size())) {
      at_ += text.size();
    } else {
      std::string escaped;
      append_escaped(escaped, text);
      literal(escaped);
    }
    *at_++ = '"';
  }
  /// No byte needs escaping: below 0x20, a quote, a backslash. Eight at a time, so that it may look at those behind.
  static bool plain(const char* at, std::size_t size) {
    constexpr std::uint64_t kOnes = 0x0101010101010101u;
    const auto zeros = [](std::uint64_t word) { return (word - kOnes) & ~word; };  // top bits of the bytes that are 0
    for (std::size_t i = 0; i < size; i += 8) {
      std::uint64_t word;
      std::memcpy(&word, at + i, sizeof word);
      std::uint64_t found = ((word - 0x20 * kOnes) & ~word) | zeros(word ^ '"' * kOnes) | zeros(word ^ '\\' * kOnes);
      found &= 0x80 * kOnes;
      if (size - i < 8) found &= (std::uint64_t{1} << 8 * (size - i)) - 1;
      if (found != 0) return false;
    }
    return true;
  }
  [[gnu::always_inline]] void literal(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  [[gnu::always_inline]] void put_key(Key key) {
    literal(",\"");
    literal(name_of(key));
    literal("\":");
  }
  template <std::integral T>
  void number(T value) {
    at_ = std::to_chars(at_, at_ + 24, value).ptr;
  }

  TraceWriter& trace_;
  char* at_ = nullptr;
  Pending pending_;
};

TraceWriter::TraceWriter(const std::string& path)
    : file_(path),
      compressor_(path.ends_with(".zst") ? ZSTD_createCCtx() : nullptr, ZSTD_freeCCtx),
      sort_at_bytes_(kFrameBytes) {
  if (!compressor_) return;
  ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_checksumFlag, 1);
  compressed_.resize(ZSTD_compressBound(2 * kFrameBytes));
}

TraceWriter::~TraceWriter() = default;

void TraceWriter::head(const TraceHead& head) {
  std::string line = "{\"schema\":\"" + std::string(kTraceSchema) + "\",\"version\":" + std::to_string(head.version);
  line += ",\"program\":\"";
  append_escaped(line, head.program);
  line += "\",\"nodes\":{\"clients\":" + std::to_string(head.roles.clients) +
          ",\"managers\":" + std::to_string(head.roles.managers) +
          ",\"storage\":" + std::to_string(head.roles.storage) + "}";
  line += ",\"page_bytes\":" + std::to_string(head.page_bytes) + ",\"checks\":true,\"config\":";
  line += head.config;
  append(line + "}\n", 0);
}

void TraceWriter::finish(const TraceEnd& end) {
  sort_out(INT64_MAX);
  close_block("{\"t\":" + std::to_string(end.time_ns) + ",\"kind\":\"finish\",\"partial\":" +
              (end.partial ? "true" : "false") + ",\"violations\":" + std::to_string(end.violations) +
              ",\"fingerprint\":\"" + std::string(end.fingerprint) + "\"");
  write_frame();
  file_.commit();
}

// ---- Order

void TraceWriter::reached(std::int64_t time_ns) {
  if (pending_size_ >= sort_at_bytes_) sort_out(time_ns);
}

/// Writes the lines before `before_ns`, in the order of time; among equals, in the order in which they were told.
void TraceWriter::sort_out(std::int64_t before_ns) {
  sorted_.clear();
  std::size_t kept = 0;
  std::size_t kept_bytes = 0;
  for (const Pending& line : pending_)
    if (line.time_ns < before_ns) sorted_.push_back(line);
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [](const Pending& a, const Pending& b) { return a.time_ns < b.time_ns; });
  for (const Pending& line : sorted_) append({pending_text_.data() + line.offset, line.length}, line.time_ns);
  for (const Pending& line : pending_) {  // the others move to the front
    if (line.time_ns < before_ns) continue;
    std::memmove(pending_text_.data() + kept_bytes, pending_text_.data() + line.offset, line.length);
    pending_[kept++] = {line.time_ns, kept_bytes, line.length};
    kept_bytes += line.length;
  }
  pending_.resize(kept);
  pending_size_ = kept_bytes;
  // What stays may be much; it is looked at again when as much has come.
  sort_at_bytes_ = 2 * pending_size_ + kFrameBytes;
}

void TraceWriter::append(std::string_view line, std::int64_t time_ns) {
  frame_ += line;
  ++lines_;
  if (frame_.size() < kFrameBytes) return;
  close_block("{\"t\":" + std::to_string(time_ns) + ",\"kind\":\"check\"");
  write_frame();
}

/// `line`: the beginning of the block's last line, which ends in the hash of all that stands before it.
void TraceWriter::close_block(std::string line) {
  line += ",\"lines\":" + std::to_string(lines_);
  frame_ += line;
  hash_.add(frame_);
  frame_ += ",\"hash\":\"" + hash_.hex() + "\"}\n";
  hash_ = {};
  lines_ = 0;
}

/// Each frame holds whole lines and can be read without the others.
void TraceWriter::write_frame() {
  if (frame_.empty()) return;
  if (!compressor_) {
    file_.write(frame_);
    frame_.clear();
    return;
  }
  compressed_.resize(std::max(compressed_.size(), ZSTD_compressBound(frame_.size())));
  const std::size_t size =
      ZSTD_compress2(compressor_.get(), compressed_.data(), compressed_.size(), frame_.data(), frame_.size());
  if (ZSTD_isError(size))
    throw ConfigError(file_.path(), "", std::string("cannot be compressed: ") + ZSTD_getErrorName(size));
  file_.write(std::string_view(compressed_).substr(0, size));
  frame_.clear();
}

// ---- Events

void TraceWriter::begin(const Where& where, std::string_view kind, const Resource& resource, const Access& access) {
  Line line(*this, where, TraceKind::begin);
  line.field(Key::what, kind).resource(resource).field(Key::access, access.op).field(Key::via, access.via);
  line.field(Key::offset, access.offset).field(Key::length, access.length);
}

void TraceWriter::end(const Where& where, std::string_view kind, std::string_view result, std::string_view event,
                      std::int64_t latency_ns, std::uint32_t retries) {
  Line line(*this, where, TraceKind::end);
  line.field(Key::what, kind).field(Key::result, result).field(Key::event, event).field(Key::latency, latency_ns);
  line.field(Key::retries, retries);
}

void TraceWriter::step(const Where& where, std::uint32_t task, std::string_view kind, std::string_view step,
                       std::string_view text, const Waiting& waiting, bool retried, std::int64_t cost_ns) {
  Line line(*this, where, TraceKind::step);
  line.field(Key::task, task).field(Key::what, kind).field(Key::step, step).field(Key::text, text);
  if (!waiting.what.empty()) line.field(Key::waits, waiting.what);
  if (!waiting.lock.empty()) line.field(Key::lock, waiting.lock);
  if (waiting.holder != 0) line.field(Key::holder, waiting.holder);
  if (waiting.on) line.resource(*waiting.on);
  if (retried) line.flag(Key::retry, true);
  line.field(Key::cost, cost_ns);
}

void TraceWriter::wake(const Where& where, std::uint32_t task, std::int64_t delay_ns) {
  Line(*this, where, TraceKind::wake).field(Key::task, task).field(Key::delay, delay_ns).by();
}

void TraceWriter::hits(const Where& where, const Resource& resource, const Hits& reads, const Hits& writes) {
  Line line(*this, where, TraceKind::hits);
  line.resource(resource);
  const auto put = [&](const Hits& hits, Key count, Key bytes, Key cells) {
    if (hits.count == 0) return;
    char hex[17];
    const auto end = std::to_chars(hex, hex + sizeof hex, hits.cells, 16).ptr;
    line.field(count, hits.count).interval(bytes, hits.begin, hits.end);
    line.field(cells, std::string_view(hex, static_cast<std::size_t>(end - hex)));
  };
  put(reads, Key::reads, Key::read_bytes, Key::read_cells);
  put(writes, Key::writes, Key::write_bytes, Key::write_cells);
}

void TraceWriter::use(const Where& where, FileId file, std::uint64_t open_count, PageIndex last_end, bool sequential) {
  Line line(*this, where, TraceKind::use);
  line.field(Key::file, index_of(file)).field(Key::open, open_count).field(Key::last_end, last_end);
  line.flag(Key::sequential, sequential);
}

void TraceWriter::evict(const Where& where, const Resource& resource) {
  Line(*this, where, TraceKind::evict).resource(resource);
}

void TraceWriter::timer(const Where& where, const Resource& resource, std::string_view name) {
  Line(*this, where, TraceKind::timer).resource(resource).field(Key::timer, name);
}

void TraceWriter::need(const Where& where, const Resource& resource, Range range, std::string_view mode) {
  Line(*this, where, TraceKind::need).token(resource, range, Key::mode, mode).by();
}

void TraceWriter::grant(const Where& where, const Resource& resource, Range range, std::string_view mode) {
  Line(*this, where, TraceKind::grant).token(resource, range, Key::mode, mode).by();
}

void TraceWriter::yield(const Where& where, const Resource& resource, Range range, std::string_view keep) {
  Line(*this, where, TraceKind::yield).token(resource, range, Key::keep, keep).by();
}

void TraceWriter::yielded(const Where& where, const Resource& resource, Range range, std::string_view keep) {
  Line(*this, where, TraceKind::yielded).token(resource, range, Key::keep, keep).by();
}

void TraceWriter::send(const Where& where, std::uint64_t message, NodeId to, std::string_view type,
                       const Resource& resource, std::uint64_t bytes) {
  Line line(*this, where, TraceKind::send);
  line.field(Key::msg, message)
      .field(Key::to, index_of(to))
      .field(Key::type, type)
      .resource(resource)
      .field(Key::bytes, bytes);
  line.by();
}

void TraceWriter::handle(const Where& where, std::uint64_t message, NodeId from, std::string_view type,
                         const Resource& resource, std::int64_t waited_ns, std::int64_t cpu_ns) {
  Line line(*this, where, TraceKind::handle);
  line.field(Key::msg, message).field(Key::from, index_of(from)).field(Key::type, type).resource(resource);
  line.field(Key::waited, waited_ns).field(Key::cpu, cpu_ns);
}

void TraceWriter::storage(const Where& where, std::uint64_t request, NodeId server, bool is_write,
                          const Resource& resource, std::string_view phase, std::int64_t waited_ns,
                          std::int64_t service_ns) {
  Line line(*this, where, TraceKind::storage);
  line.field(Key::request, request).field(Key::server, index_of(server)).field(Key::io, is_write ? "write" : "read");
  line.resource(resource).field(Key::phase, phase);
  if (phase == "served") line.field(Key::waited, waited_ns).field(Key::service, service_ns);
  if (phase == "send") line.by();
}

}  // namespace pagetoken
