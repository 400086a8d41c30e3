#include "sim/workload/foreign_calls.hpp"

#include <algorithm>

namespace pagetoken {

namespace {
/// Numbers as they are written in traces: decimal or 0x, perhaps with something behind, "3</tmp/x>".
bool number_of(std::string_view text, std::uint64_t& value) {
  text = text.substr(0, std::min({text.find('<'), text.find('('), text.find(' '), text.size()}));
  return parse_unsigned(text, value, text.starts_with("0x") ? 16 : 10);
}
bool is_system_file(std::string_view path) {
  return path.starts_with("/dev/") || path.starts_with("/proc/") || path.starts_with("/sys/") || !path.starts_with('/');
}
bool is_in(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}
constexpr std::uint64_t kShared = 1;  // MAP_SHARED
constexpr std::uint64_t kOAppend = 02000;
}  // namespace

OpenFiles::Open* OpenFiles::descriptor(const FileCall& call) {
  std::uint64_t number = 0;
  if (call.arguments.empty() || !number_of(call.arguments[0], number)) return nullptr;
  const auto found = open_.find(number);
  if (found != open_.end()) return &found->second;
  if (call.described.empty()) return nullptr;
  const bool regular = !is_system_file(call.described);
  return &(open_[number] = {regular, regular ? trace_.file(call.described) : FileId{}, 0, false});
}

void OpenFiles::open(const FileCall& call) {
  const bool at = call.name == "openat";
  const std::size_t flags = at ? 2 : 1;
  Open file;
  file.known = !call.path.empty() && !call.path.starts_with("/dev/") && !call.path.starts_with("/proc/") &&
               !call.path.starts_with("/sys/");
  std::uint64_t bits = 0;
  if (call.arguments.size() > flags)
    file.append = call.arguments[flags].find("O_APPEND") != std::string_view::npos ||
                  (number_of(call.arguments[flags], bits) && (bits & kOAppend) != 0);
  if (file.known) file.file = trace_.file(call.path);
  open_[call.result] = file;
}

void OpenFiles::transfer(const FileCall& call, std::int64_t time_ns, std::uint32_t client) {
  Open* file = descriptor(call);
  if (!file) return trace_.skip("calls on descriptors that were opened before the trace begins");
  if (!file->known) return trace_.skip("calls on devices, pipes and sockets");
  const bool positioned = call.name.starts_with('p');
  const Op op = call.name.find("write") != std::string_view::npos ? Op::write : Op::read;
  std::uint64_t offset = file->position;
  if (positioned && (call.arguments.size() < 4 || !number_of(call.arguments[3], offset)))
    return trace_.skip("calls whose arguments cannot be read");
  if (op == Op::write && file->append) return trace_.add(time_ns, client, file->file, Op::append, 0, call.result);
  trace_.add(time_ns, client, file->file, op, offset, call.result);
  if (!positioned) file->position += call.result;
}

void OpenFiles::map(const FileCall& call) {
  std::uint64_t length = 0;
  std::uint64_t flags = 0;
  std::uint64_t offset = 0;
  if (call.arguments.size() < 6 || !number_of(call.arguments[1], length))
    return trace_.skip("calls whose arguments cannot be read");
  const bool shared = call.arguments[3].find("MAP_SHARED") != std::string_view::npos ||
                      (number_of(call.arguments[3], flags) && (flags & kShared) != 0);
  if (!number_of(call.arguments[5], offset)) offset = 0;
  FileCall of_file = call;
  of_file.arguments = {call.arguments[4]};
  const Open* file = descriptor(of_file);
  // What lay there is mapped over.
  for (auto m = mappings_.begin(); m != mappings_.end();)
    m = m->second.begin < call.result + length && call.result < m->second.end ? mappings_.erase(m) : std::next(m);
  if (!shared || !file || !file->known) return trace_.skip("mappings that are private or of no file");
  mappings_[call.result] = {call.result, call.result + length, file->file, offset};
}

const OpenFiles::Mapping* OpenFiles::mapping(std::uint64_t address) const {
  const auto after = mappings_.upper_bound(address);
  if (after == mappings_.begin()) return nullptr;
  const Mapping& m = std::prev(after)->second;
  return address < m.end ? &m : nullptr;
}

void OpenFiles::call(const FileCall& call, std::int64_t time_ns, std::uint32_t client) {
  const std::string_view name = call.name;
  const auto argument = [&](std::size_t i, std::uint64_t& value) {
    return i < call.arguments.size() && number_of(call.arguments[i], value);
  };
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (is_in(name, {"open", "openat", "creat"})) return open(call);
  if (is_in(name, {"read", "write", "pread64", "pwrite64", "readv", "writev", "preadv", "pwritev"}))
    return transfer(call, time_ns, client);
  if (name == "mmap" || name == "mmap2") return map(call);
  if (name == "munmap" && argument(0, a) && argument(1, b)) {
    for (auto m = mappings_.begin(); m != mappings_.end();)
      m = a <= m->second.begin && m->second.end <= a + b ? mappings_.erase(m) : std::next(m);
    return;
  }
  if (name == "close" && argument(0, a)) {
    open_.erase(a);
    return;
  }
  if (is_in(name, {"dup", "dup2", "dup3"}) && argument(0, a)) {
    const auto found = open_.find(a);
    if (found != open_.end()) open_[call.result] = Open(found->second);
    return;
  }
  Open* file = descriptor(call);
  if (is_in(name, {"lseek", "ftruncate", "fsync", "fdatasync", "fallocate"}) && (!file || !file->known))
    return trace_.skip("calls on descriptors that are no known files");
  if (name == "lseek") {
    file->position = call.result;
  } else if (name == "ftruncate" && argument(1, a)) {
    trace_.add(time_ns, client, file->file, Op::truncate, a, 0);
  } else if (name == "fsync" || name == "fdatasync") {
    trace_.add(time_ns, client, file->file, Op::fsync, 0, 0);
  } else if (name == "fallocate" && call.arguments.size() >= 4 && argument(2, a) && argument(3, b)) {
    const bool punch = call.arguments[1].find("PUNCH_HOLE") != std::string_view::npos;
    if (punch)
      trace_.add(time_ns, client, file->file, Op::punch, a, b);
    else
      trace_.skip("calls that are no accesses");
  } else {
    trace_.skip("calls that are no accesses");
  }
}

}  // namespace pagetoken
