// strace -f -ttt (or -tt's absolute cousin -ttt only), with or without -y. Threads of a process are clients of their
// own: strace does not say which threads share what, so they share their descriptors.

#include <map>

#include "sim/base/error.hpp"
#include "sim/workload/foreign_calls.hpp"

namespace pagetoken {

namespace {
class Strace {
 public:
  Strace(LineReader& lines, ForeignTrace& trace) : lines_(lines), trace_(trace), files_(trace) {}

  void run() {
    std::string_view line;
    while (lines_.next(line)) {
      trace_.row();
      one(line);
    }
    if (calls_ == 0) throw ConfigError(lines_.name(), "", "holds no call", "what strace -f -ttt writes");
  }

 private:
  void one(std::string_view line) {
    std::string_view thread = "0";
    if (line.starts_with("[pid ")) {
      const std::size_t end = line.find(']');
      if (end == line.npos) return trace_.skip("lines that are no strace");
      thread = trimmed(line.substr(5, end - 5));
      line = trimmed(line.substr(end + 1));
    }
    std::size_t blank = std::min(line.find(' '), line.size());
    if (line.substr(0, blank).find('.') == line.npos) {  // the thread's number, without brackets
      thread = line.substr(0, blank);
      line = trimmed(line.substr(blank));
      blank = std::min(line.find(' '), line.size());
    }
    std::int64_t time_ns = 0;
    if (!parse_seconds(line.substr(0, blank), time_ns)) return trace_.skip("lines without a time of -ttt");
    line = trimmed(line.substr(blank));
    if (line.starts_with("+++") || line.starts_with("---")) return trace_.skip("exits and signals");
    ++calls_;
    const std::string who(thread);
    if (line.ends_with("<unfinished ...>")) {
      unfinished_[who] = {time_ns, std::string(trimmed(line.substr(0, line.size() - 16)))};
      return;
    }
    std::string joined;
    if (line.starts_with("<... ")) {
      const auto begun = unfinished_.find(who);
      const std::size_t resumed = line.find("resumed>");
      if (begun == unfinished_.end() || resumed == line.npos)
        return trace_.skip("calls whose beginning is not in the trace");
      joined = begun->second.text + std::string(line.substr(resumed + 8));
      time_ns = begun->second.time_ns;
      unfinished_.erase(begun);
      line = joined;
    }
    call(line, time_ns, who);
  }

  /// "pread64(3</tmp/x>, "..."..., 100, 4096) = 100"
  void call(std::string_view line, std::int64_t time_ns, const std::string& who) {
    const std::size_t open = line.find('(');
    const std::size_t equals = line.rfind(" = ");
    if (open == line.npos || equals == line.npos || equals < open) return trace_.skip("lines that are no strace");
    FileCall call;
    call.name = line.substr(0, open);
    std::string_view result = trimmed(line.substr(equals + 3));
    if (result.starts_with('-') || result.starts_with('?')) return trace_.skip("calls that failed");
    result = result.substr(0, std::min({result.find(' '), result.find('<'), result.size()}));
    if (!parse_unsigned(result, call.result, result.starts_with("0x") ? 16 : 10))
      return trace_.skip("lines that are no strace");
    const std::size_t close = line.rfind(')', equals);
    if (close == line.npos || close < open) return trace_.skip("lines that are no strace");
    split_arguments(line.substr(open + 1, close - open - 1), call.arguments);
    if (call.name.starts_with("open") || call.name == "creat") {
      const std::size_t name = call.name == "openat" ? 1 : 0;
      if (call.arguments.size() > name) call.path = unquoted(call.arguments[name]);
    }
    if (!call.arguments.empty()) call.described = described(call.arguments[0]);
    if (call.name == "mmap" && call.arguments.size() > 4) call.described = described(call.arguments[4]);
    files_.call(call, time_ns, trace_.client(who));
  }

  static std::string_view unquoted(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2)
                                                                         : std::string_view();
  }
  static std::string_view described(std::string_view text) {
    const std::size_t open = text.find('<');
    return open != text.npos && text.ends_with('>') ? text.substr(open + 1, text.size() - open - 2)
                                                    : std::string_view();
  }
  /// At commas that stand in no text and no brackets.
  static void split_arguments(std::string_view list, std::vector<std::string_view>& out) {
    bool quoted = false;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const char c = list[i];
      if (quoted) {
        if (c == '\\') ++i;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '[' || c == '{') {
        ++depth;
      } else if (c == ']' || c == '}') {
        --depth;
      } else if (c == ',' && depth == 0) {
        out.push_back(trimmed(list.substr(begin, i - begin)));
        begin = i + 1;
      }
    }
    out.push_back(trimmed(list.substr(begin)));
  }

  struct Unfinished {
    std::int64_t time_ns = 0;
    std::string text;
  };
  LineReader& lines_;
  ForeignTrace& trace_;
  OpenFiles files_;
  std::map<std::string, Unfinished> unfinished_;
  std::uint64_t calls_ = 0;
};
}  // namespace

void read_strace(LineReader& lines, ForeignTrace& trace) { Strace(lines, trace).run(); }

}  // namespace pagetoken
