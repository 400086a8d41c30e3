#include "sim/oracle/history/history.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <absl/container/flat_hash_set.h>

#include "sim/base/interrupt.hpp"
#include "sim/base/line_file.hpp"
#include "sim/base/text.hpp"
#include "sim/json/json.hpp"
#include "sim/oracle/history/search.hpp"

namespace pagetoken {

namespace {

class Reader {
 public:
  Reader(std::string name, const std::string& initial) : name_(std::move(name)) {
    history_.values.push_back(initial.empty() ? "0" : parse_json(initial, "--initial").dump());
    numbers_["null"] = 0;
    numbers_[history_.values[0]] = 0;
  }

  void line(std::string_view text, std::uint64_t number) {
    line_ = number;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.find_first_not_of(" \t") == text.npos) return;
    const Json json = parse_json_line(text, name_, number);
    if (!json.is_object()) fail("", "is no JSON object", "one operation a line");
    HistoryEntry e;
    e.line = number;
    e.op = operation(json);
    const Json* process = member(json, "process");
    if (!process) fail("process", "is missing", "who does it");
    e.process = of_name(process->dump(), processes_, history_.processes);
    const bool sync = is_sync(e.op);
    if (const Json* key = member(json, "key"); key && !key->is_null())
      e.key = of_name(key->is_string() ? key->get<std::string>() : key->dump(), keys_, history_.keys);
    else if (!sync)
      fail("key", "is missing", "what is read or written");
    e.start = time(json, "start_ns", false);
    e.end = time(json, "end_ns", true);
    if (e.end < e.start) fail("end_ns", "is before start_ns", "start_ns or more, or null");
    if (sync) return history_.entries.push_back(e);
    if (e.op == HistoryOp::read && e.end == kUnfinished) return;  // nobody saw what it returned
    const Json* value = member(json, "value");
    if (!value) fail("value", "is missing", "what is read or written");
    if (value->is_structured()) fail("value", "is no single value", "a number, a text, true, false or null");
    e.value = of_name(value->dump(), numbers_, history_.values);
    history_.entries.push_back(e);
  }

  History finish() {
    std::stable_sort(history_.entries.begin(), history_.entries.end(),
                     [](const HistoryEntry& a, const HistoryEntry& b) { return a.start < b.start; });
    return std::move(history_);
  }

 private:
  [[noreturn]] void fail(const std::string& key, std::string_view wrong, std::string_view allowed) const {
    throw ConfigError(name_, "line " + std::to_string(line_) + (key.empty() ? "" : ", " + key), wrong, allowed);
  }
  static const Json* member(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found == json.end() ? nullptr : &*found;
  }
  /// A text, or nothing where there is none.
  static std::string text(const Json& json, const char* key) {
    const Json* found = member(json, key);
    return found && found->is_string() ? found->get<std::string>() : "";
  }
  HistoryOp operation(const Json& json) const {
    const std::string op = text(json, "op");
    if (op == "r" || op == "read") return HistoryOp::read;
    if (op == "w" || op == "write") return HistoryOp::write;
    if (op != "sync") fail("op", op.empty() ? "is missing" : "is " + quote(op), "r, w, sync");
    constexpr std::string_view kKinds[] = {"open", "close", "fsync", "acquire", "release"};
    const std::string kind = text(json, "kind");
    const auto found = std::find(std::begin(kKinds), std::end(kKinds), kind);
    if (found == std::end(kKinds))
      fail("kind", kind.empty() ? "is missing" : "is " + quote(kind), describe_allowed(kind, kKinds));
    return static_cast<HistoryOp>(static_cast<int>(HistoryOp::open) + (found - std::begin(kKinds)));
  }
  std::int64_t time(const Json& json, const char* key, bool may_be_null) const {
    const Json* found = member(json, key);
    if (!found || found->is_null()) {
      if (may_be_null) return kUnfinished;
      fail(key, "is missing", "an instant in nanoseconds");
    }
    if (!found->is_number_unsigned() || found->get<std::uint64_t>() >= INT64_MAX)
      fail(key, "is " + quote(found->dump()), "an integer from 0 to " + std::to_string(INT64_MAX - 1));
    return found->get<std::int64_t>();
  }
  static std::uint32_t of_name(const std::string& name, std::map<std::string, std::uint32_t>& numbers,
                               std::vector<std::string>& names) {
    const auto [place, is_new] = numbers.emplace(name, static_cast<std::uint32_t>(names.size()));
    if (is_new) names.push_back(name);
    return place->second;
  }

  std::string name_;
  std::uint64_t line_ = 0;
  History history_;
  std::map<std::string, std::uint32_t> processes_;
  std::map<std::string, std::uint32_t> keys_;
  std::map<std::string, std::uint32_t> numbers_;  ///< of values, as JSON
};

}  // namespace

History read_history(const std::string& path, const std::string& initial) {
  LineFile file(path, "a history: one operation a line");
  Reader reader(path, initial);
  for (std::string_view line; file.next(line);) reader.line(line, file.number());
  if (file.number() == 0) throw ConfigError(path, "", "the history is empty", "one operation a line");
  return reader.finish();
}

History parse_history(std::string_view text, const std::string& name, const std::string& initial) {
  Reader reader(name, initial);
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.line(text.substr(0, end), number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.finish();
}

std::string line_of(const History& h, const HistoryEntry& e) {
  constexpr std::string_view kSyncs[] = {"open", "close", "fsync", "acquire", "release"};
  std::string text = "{\"process\": " + h.processes[e.process];
  if (is_sync(e.op))
    text += ", \"op\": \"sync\", \"kind\": \"" +
            std::string(kSyncs[static_cast<int>(e.op) - static_cast<int>(HistoryOp::open)]) + "\"";
  else
    text += std::string(", \"op\": \"") + (e.op == HistoryOp::read ? "r" : "w") + "\"";
  if (e.key != UINT32_MAX) text += ", \"key\": " + Json(h.keys[e.key]).dump();
  if (!is_sync(e.op)) text += ", \"value\": " + h.values[e.value];
  text += ", \"start_ns\": " + std::to_string(e.start) + ", \"end_ns\": ";
  return text + (e.end == kUnfinished ? "null" : std::to_string(e.end)) + "}";
}

std::optional<std::uint32_t> first_read_of_nothing(const History& history, const Indices& entries) {
  absl::flat_hash_set<std::uint64_t> written;
  const auto what = [](const HistoryEntry& e) { return std::uint64_t{e.key} << 32 | e.value; };
  for (const std::uint32_t i : entries)
    if (history.entries[i].op == HistoryOp::write) written.insert(what(history.entries[i]));
  for (const std::uint32_t i : entries) {
    const HistoryEntry& e = history.entries[i];
    if (e.op == HistoryOp::read && e.value != 0 && !written.contains(what(e))) return i;
  }
  return std::nullopt;
}

Indices shrink(const History& history, Indices part, const std::function<bool(const Indices&)>& violated) {
  const auto closed = [&](const Indices& rest) {  // no read has lost the writes of its value
    std::set<std::pair<std::uint32_t, std::uint32_t>> written;
    for (const std::uint32_t i : rest)
      if (history.entries[i].op == HistoryOp::write) written.insert({history.entries[i].key, history.entries[i].value});
    return std::all_of(rest.begin(), rest.end(), [&](std::uint32_t i) {
      const HistoryEntry& e = history.entries[i];
      if (e.op != HistoryOp::read || e.value == 0 || written.contains({e.key, e.value})) return true;
      return std::none_of(part.begin(), part.end(), [&](std::uint32_t k) {
        const HistoryEntry& w = history.entries[k];
        return w.op == HistoryOp::write && w.key == e.key && w.value == e.value;
      });
    });
  };
  for (std::size_t chunk = std::max<std::size_t>(1, part.size() / 2);; chunk /= 2) {
    for (std::size_t at = 0; at < part.size();) {
      stop_if_interrupted();
      Indices rest(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(at));
      rest.insert(rest.end(), part.begin() + static_cast<std::ptrdiff_t>(std::min(at + chunk, part.size())),
                  part.end());
      if (!rest.empty() && closed(rest) && violated(rest))
        part = std::move(rest);
      else
        at += chunk;
    }
    if (chunk == 1) return part;
  }
}

Judgement judge(const History& history, ConsistencyModel model, const JudgeOptions& options) {
  Indices accesses;
  for (std::uint32_t i = 0; i < history.entries.size(); ++i)
    if (!is_sync(history.entries[i].op)) accesses.push_back(i);
  if (model == ConsistencyModel::sequential) return judge_sequential(history, accesses, options);
  if (model != ConsistencyModel::linearizable) return judge_weak(history, accesses, model);
  std::vector<Indices> of_key(history.keys.size());
  for (const std::uint32_t i : accesses) of_key[history.entries[i].key].push_back(i);
  Judgement worst;
  for (const Indices& entries : of_key) {
    Judgement j = judge_linearizable(history, entries, options);
    const std::uint64_t configurations = worst.configurations + j.configurations;
    if (j.verdict == HistoryVerdict::violated) {
      if (worst.verdict != HistoryVerdict::violated || j.contradiction.size() < worst.contradiction.size())
        worst = std::move(j);
    } else if (j.verdict == HistoryVerdict::unknown && worst.verdict == HistoryVerdict::ok) {
      worst.verdict = HistoryVerdict::unknown;
    }
    worst.configurations = configurations;
  }
  return worst;
}

}  // namespace pagetoken
