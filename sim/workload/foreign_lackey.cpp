// valgrind --tool=lackey --trace-mem=yes, best with --trace-syscalls=yes: the loads and stores of one program, and
// which addresses are which file. Time is the number of instructions, a nanosecond each.

#include <map>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/workload/foreign_calls.hpp"

namespace pagetoken {

namespace {
class Lackey {
 public:
  Lackey(LineReader& lines, ForeignTrace& trace)
      : lines_(lines), trace_(trace), client_(trace.client("process")), files_(trace) {}

  void run() {
    std::string_view line;
    while (lines_.next(line)) {
      trace_.row();
      if (line.starts_with("I ")) {
        ++time_ns_;
        ++instructions_;
      } else if (line.starts_with(" L ") || line.starts_with(" S ") || line.starts_with(" M ")) {
        access(line[1], line.substr(3));
      } else if (line.starts_with("SYSCALL[")) {
        syscall(line);
      } else {
        trace_.skip(line.starts_with("==") ? "valgrind's own remarks" : "lines that are no lackey");
      }
    }
    for (const Early& e : early_) add(e.kind, e.time_ns, memory(), e.address, e.bytes);
    if (instructions_ > 0) trace_.skip_many("instructions", instructions_);
    if (accesses_ == 0 && calls_ == 0)
      throw ConfigError(lines_.name(), "", "holds no access", "what valgrind --tool=lackey --trace-mem=yes writes");
  }

 private:
  void access(char kind, std::string_view text) {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    text = trimmed(text);
    const std::size_t comma = text.find(',');
    if (comma == text.npos || !parse_unsigned(text.substr(0, comma), address, 16) ||
        !parse_unsigned(text.substr(comma + 1), bytes))
      return trace_.skip("lines that are no lackey");
    ++accesses_;
    if (const OpenFiles::Mapping* m = files_.mapping(address))
      add(kind, time_ns_, m->file, m->offset + (address - m->begin), bytes);
    else if (calls_ > 0)
      trace_.skip("accesses to private memory");
    else
      early_.push_back({kind, time_ns_, address, bytes});
  }

  void add(char kind, std::int64_t time_ns, FileId file, std::uint64_t offset, std::uint64_t bytes) {
    if (kind != 'S') trace_.add(time_ns, client_, file, Op::read, offset, bytes);
    if (kind != 'L') trace_.add(time_ns, client_, file, Op::write, offset, bytes);
  }

  /// Where no call says which memory is which: all of it is one file of this process.
  FileId memory() { return trace_.file("memory of process " + std::to_string(client_)); }

  /// "SYSCALL[pid,tid](17) sys_pread64 ( 4, 0x1ff, 100, 4096 ) --> [async] ..." and later, for the same thread,
  /// "SYSCALL[pid,tid](17) ... [async] --> Success(0x64)".
  void syscall(std::string_view line) {
    if (calls_++ == 0) {  // what came before the first one was nothing shared
      trace_.skip_many("accesses to private memory", early_.size());
      early_.clear();
    }
    const std::size_t comma = line.find(',');
    const std::size_t thread_end = line.find(']');
    const std::size_t name_begin = line.find(") ");
    if (comma == line.npos || thread_end == line.npos || name_begin == line.npos || comma > thread_end)
      return trace_.skip("lines that are no lackey");
    const std::string thread(line.substr(comma + 1, thread_end - comma - 1));
    const std::string_view rest = line.substr(name_begin + 2);
    if (!rest.starts_with("...")) pending_[thread] = std::string(rest);
    const std::size_t success = rest.find("Success(");
    if (success == rest.npos) {
      if (rest.find("Failure(") != rest.npos) trace_.skip("calls that failed");
      return;
    }
    const auto begun = pending_.find(thread);
    if (begun == pending_.end()) return trace_.skip("calls whose beginning is not in the trace");
    const std::string text = begun->second;
    pending_.erase(begun);
    FileCall call;
    const std::size_t result_end = rest.find(')', success);
    if (result_end == rest.npos || !parse_unsigned(rest.substr(success + 8, result_end - success - 8), call.result, 16))
      return trace_.skip("lines that are no lackey");
    std::string_view name = text;
    const std::size_t arguments = name.find('(');
    if (arguments == name.npos) return;
    std::string_view list = name.substr(arguments + 1);
    name = trimmed(name.substr(0, arguments));
    if (name.starts_with("sys_")) name.remove_prefix(4);
    call.name = name;
    // Names stand in parentheses behind their address: up to the parenthesis that closes the list.
    list = list.substr(0, std::min(list.rfind(") --> "), std::min(list.rfind(")["), list.rfind(')'))));
    for (std::size_t at = 0; at <= list.size();) {
      std::size_t end = list.find(", ", at);
      end = std::min(end, list.size());
      call.arguments.push_back(trimmed(list.substr(at, end - at)));
      at = end + 2;
    }
    if (name == "open" || name == "openat" || name == "creat") {
      const std::size_t open = list.find('(');
      const std::size_t close = list.rfind(')');
      if (open != list.npos && close != list.npos && close > open) call.path = list.substr(open + 1, close - open - 1);
    }
    files_.call(call, time_ns_, client_);
  }

  LineReader& lines_;
  ForeignTrace& trace_;
  std::uint32_t client_;
  OpenFiles files_;
  std::map<std::string, std::string> pending_;
  struct Early {
    char kind = 0;
    std::int64_t time_ns = 0;
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
  };
  std::vector<Early> early_;  // accesses before the first call
  std::int64_t time_ns_ = 0;
  std::uint64_t instructions_ = 0;
  std::uint64_t accesses_ = 0;
  std::uint64_t calls_ = 0;
};
}  // namespace

void read_lackey(LineReader& lines, ForeignTrace& trace) { Lackey(lines, trace).run(); }

}  // namespace pagetoken
