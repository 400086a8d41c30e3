#include "sim/trace/reader.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include <simdjson.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"
#include "sim/trace/line_source.hpp"
#include "sim/trace/plain_line.hpp"
#include "sim/trace/writer.hpp"

namespace pagetoken {

namespace {
using simdjson::ondemand::value;
static_assert(LineSource::padding() >= simdjson::SIMDJSON_PADDING);

using enum TraceKey;

}  // namespace

class TraceReader::Impl {
 public:
  explicit Impl(LineSource source) : source_(std::move(source)) { read_head(); }

  bool next(TraceEvent& event) {
    for (;;) {
      if (!source_.next(line_)) {
        if (!finished_)
          throw ConfigError(source_.name(), "line " + std::to_string(source_.line_number() + 1),
                            "the trace ends without its last line, \"finish\": it was cut off", "a whole trace");
        return false;
      }
      if (finished_) source_.fail("", "comes after \"finish\"", "nothing");
      if (!plain_.parse(line_, event)) parse(event);
      check(event);
      if (event.kind != TraceKind::check) return true;
    }
  }

  LineSource source_;
  TraceHead head_;

 private:
  void read_head() {
    if (!source_.next(line_)) throw ConfigError(source_.name(), "", "the file is empty", "a trace of pagetoken");
    // Once a trace: read as a whole, so that nothing of a damaged line is asked for.
    simdjson::dom::parser parser;
    simdjson::dom::element doc;
    if (const auto error = parser.parse(line_.data(), line_.size()).get(doc)) fail_to_parse(error);
    const auto must = [&](auto result, const char* key) {
      if (result.error()) source_.fail(key, "is missing or of another type", "the first line of a trace");
      return result.value_unsafe();
    };
    if (must(doc["schema"].get_string(), "schema") != kTraceSchema)
      source_.fail("schema", "is another one", std::string(kTraceSchema));
    head_.version = must(doc["version"].get_uint64(), "version");
    if (head_.version != kTraceVersion)
      source_.fail("version", "is " + std::to_string(head_.version), std::to_string(kTraceVersion));
    std::string_view program;
    if (!doc["program"].get_string().get(program)) head_.program = program;
    const auto count = [&](const char* key) {
      const std::uint64_t n = must(doc["nodes"][key].get_uint64(), "nodes");
      if (n > 10'000'000) source_.fail("nodes", "are too many", "up to 10,000,000");
      return static_cast<std::uint32_t>(n);
    };
    head_.roles.clients = count("clients");
    head_.roles.managers = count("managers");
    head_.roles.storage = count("storage");
    head_.page_bytes = must(doc["page_bytes"].get_uint64(), "page_bytes");
    if (head_.page_bytes == 0 || head_.page_bytes > (std::uint64_t{1} << 30))
      source_.fail("page_bytes", "is " + std::to_string(head_.page_bytes), "1 to 1 GiB");
    if (doc["checks"].get_bool().get(head_.checks)) head_.checks = false;
    if (!head_.checks) source_.no_hash();
    if (simdjson::dom::element config; !doc["config"].get(config)) head_.config = simdjson::minify(config);
    ++lines_;
  }

  simdjson::ondemand::document document() {
    simdjson::ondemand::document doc;
    const auto error = parser_.iterate(line_.data(), line_.size(), line_.size() + LineSource::padding()).get(doc);
    if (error) fail_to_parse(error);
    return doc;
  }
  [[noreturn]] void fail_to_parse(simdjson::error_code error) const {
    source_.fail("", std::string("is no JSON object: ") + simdjson::error_message(error), "one a line");
  }

  void parse(TraceEvent& e) {
    e = TraceEvent{};
    simdjson::ondemand::document doc = document();
    simdjson::ondemand::object object;
    if (auto error = doc.get_object().get(object)) fail_to_parse(error);
    bool has_kind = false;
    for (auto field : object) {
      simdjson::ondemand::field f;
      if (auto error = std::move(field).get(f)) fail_to_parse(error);
      const std::string_view name = text_at(f.key().raw());
      if (name == "kind") {
        read_kind(f.value(), e);
        has_kind = true;
        continue;
      }
      const std::size_t index = find_trace_key(name);
      if (index >= kTraceKeys) {
        skip(f.value(), name);
        continue;
      }
      const auto key = static_cast<TraceKey>(index);
      if (e.has(key)) source_.fail(name, "occurs twice", "once");
      e.present |= bit(key);
      read(key, f.value(), e);
    }
    const char* rest = nullptr;
    if (!doc.current_location().get(rest)) source_.fail("", "has more than one JSON object", "one a line");
    if (!has_kind) source_.fail("kind", "is missing", "what happens");
  }

  /// From behind an opening quote to the closing one.
  static std::string_view text_at(const char* begin) {
    const char* end = begin;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    return {begin, static_cast<std::size_t>(end - begin)};
  }
  std::string_view text(value v, TraceKey key) {
    simdjson::ondemand::raw_json_string raw;
    if (v.get_raw_json_string().get(raw)) wrong(key, v, "a text");
    return text_at(raw.raw());
  }
  std::uint64_t number(value v, TraceKey key, std::uint64_t max = INT64_MAX) {
    std::uint64_t n = 0;
    if (v.get_uint64().get(n) || n > max) wrong(key, v, "an integer from 0 to " + std::to_string(max));
    return n;
  }
  bool flag(value v, TraceKey key) {
    bool b = false;
    if (v.get_bool().get(b)) wrong(key, v, "true or false");
    return b;
  }
  std::uint64_t cells(value v, TraceKey key) {
    const std::string_view digits = text(v, key);
    std::uint64_t mask = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), mask, 16);
    if (error != std::errc{} || rest != digits.data() + digits.size()) wrong(key, v, "up to 16 hexadecimal digits");
    return mask;
  }
  TraceInterval interval(value v, TraceKey key) {
    constexpr const char* kForm = "[first, end], end null if there is none";
    TraceInterval r{0, UINT64_MAX};
    simdjson::ondemand::array array;
    if (v.get_array().get(array)) wrong(key, v, kForm);
    int n = 0;
    for (auto element : array) {
      value entry;
      if (std::move(element).get(entry)) source_.fail(name_of(key), "is no JSON", kForm);
      bool is_null = false;  // which what only begins like null is not, by an error
      if (n == 0)
        r.begin = number(entry, key);
      else if (entry.is_null().get(is_null) || !is_null)
        r.end = number(entry, key);
      ++n;
    }
    if (n != 2 || r.begin >= r.end) source_.fail(name_of(key), "is no interval", kForm);
    return r;
  }
  [[noreturn]] void wrong(TraceKey key, value, std::string_view allowed) const {
    const std::string_view name = name_of(key);
    const std::string quoted = '"' + std::string(name) + "\":";
    const std::size_t at = line_.find(quoted);
    std::string_view found = at == line_.npos ? line_ : line_.substr(at + quoted.size());
    source_.fail(name, "is " + quote(found.substr(0, std::min<std::size_t>(found.find(','), 40))), allowed);
  }

  void read_kind(value v, TraceEvent& e) {
    simdjson::ondemand::raw_json_string raw;
    if (v.get_raw_json_string().get(raw)) source_.fail("kind", "is no text", "what happens");
    const std::string_view name = text_at(raw.raw());
    const std::size_t kind = find_trace_kind(name);
    if (kind == kTraceKinds)
      source_.fail("kind", "is " + quote(name),
                   describe_allowed(name, std::span<const std::string_view>(kTraceKindNames)));
    e.kind = static_cast<TraceKind>(kind);
  }

  /// A key that a later version may have added: any JSON.
  void skip(value v, std::string_view name) {
    std::string_view ignored;
    if (v.raw_json_token().empty() || simdjson::to_json_string(v).get(ignored)) source_.fail(name, "is no JSON");
  }

  void read(TraceKey key, value v, TraceEvent& e) {
    const TraceKeyInfo& info = info_of(key);
    char* const place = reinterpret_cast<char*>(&e) + info.offset;
    switch (info.value) {
      case TraceValue::number: {
        const std::uint64_t n = number(v, key, info.max);
        std::memcpy(place, &n, info.width == 4 ? 4 : 8);
        break;
      }
      case TraceValue::text: *reinterpret_cast<std::string_view*>(place) = text(v, key); break;
      case TraceValue::flag: *reinterpret_cast<bool*>(place) = flag(v, key); break;
      case TraceValue::interval: *reinterpret_cast<TraceInterval*>(place) = interval(v, key); break;
      case TraceValue::cells: *reinterpret_cast<std::uint64_t*>(place) = cells(v, key); break;
    }
  }

  void check(const TraceEvent& e) {
    const std::uint64_t missing = (kTraceRequired[static_cast<std::size_t>(e.kind)] | bit(t)) & ~e.present;
    if (missing != 0)
      source_.fail(name_of(static_cast<TraceKey>(std::countr_zero(missing))), "is missing",
                   "needed where kind is " + quote(name_of(e.kind)));
    if (e.t < last_t_)
      source_.fail("t", "is " + std::to_string(e.t) + ", and the line before is later",
                   std::to_string(last_t_) + " or more");
    last_t_ = e.t;
    check_nodes(e);
    if (e.kind == TraceKind::check || e.kind == TraceKind::finish) return check_block(e);
    ++lines_;
  }

  void check_nodes(const TraceEvent& e) const {
    const std::uint32_t nodes = head_.roles.count();
    const auto one = [&](TraceKey key, std::uint32_t n) {
      if (e.has(key) && n >= nodes)
        source_.fail(name_of(key), "is " + std::to_string(n), "a node, below " + std::to_string(nodes));
    };
    if (std::max(std::max(e.node, e.to), std::max(e.from, e.server)) >= nodes) [[unlikely]] {  // 0 where it is absent
      one(node, e.node);
      one(to, e.to);
      one(from, e.from);
      one(server, e.server);
    }
    if (e.has(op) && e.op == 0) source_.fail("op", "is 0", "1 or more");
    if (e.kind == TraceKind::end && e.latency > e.t) source_.fail("latency", "is more than t", "the time since begin");
    if (e.kind == TraceKind::handle && (e.waited > e.t || e.cpu > e.t - e.waited))
      source_.fail("waited", "and cpu are more than t", "times before t");
  }

  void check_block(const TraceEvent& e) {
    finished_ = e.kind == TraceKind::finish;
    if (!head_.checks) {
      if (e.has_any(bit(hash) | bit(lines)))
        source_.fail("hash", "is there, and the first line says that there are none", "\"checks\": true in line 1");
      return;
    }
    const std::size_t at = line_.rfind(",\"hash\":");
    if (!e.has(hash) || !e.has(lines) || at == line_.npos)
      source_.fail("hash", "is missing", "as the first line says that there are checks");
    const std::string found = source_.hash_to(line_.data() + at).hex();
    if (e.lines != lines_ || e.hash != found || line_.substr(at) != ",\"hash\":\"" + found + "\"}")
      source_.fail("hash",
                   "is not that of the " + std::to_string(lines_) + " lines before: they are not what was written",
                   "a trace as it was written");
    lines_ = 0;
    source_.begin_hash();
  }

  PlainLineParser plain_;
  simdjson::ondemand::parser parser_;
  std::string_view line_;
  std::int64_t last_t_ = 0;
  bool finished_ = false;
  std::uint64_t lines_ = 0;  // since the last check
};

TraceReader::TraceReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TraceReader::TraceReader(TraceReader&&) noexcept = default;
TraceReader::~TraceReader() = default;

TraceReader TraceReader::from_file(const std::string& path) {
  return TraceReader(std::make_unique<Impl>(LineSource::from_file(path)));
}
TraceReader TraceReader::from_memory(std::string_view text, std::string name) {
  return TraceReader(std::make_unique<Impl>(LineSource::from_memory(text, std::move(name))));
}
const TraceHead& TraceReader::head() const { return impl_->head_; }
bool TraceReader::next(TraceEvent& event) { return impl_->next(event); }
std::uint64_t TraceReader::line_number() const { return impl_->source_.line_number(); }
std::uint64_t TraceReader::bytes() const { return impl_->source_.bytes(); }
const std::string& TraceReader::name() const { return impl_->source_.name(); }

}  // namespace pagetoken
