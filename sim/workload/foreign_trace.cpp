#include "sim/workload/foreign_trace.hpp"

#include <algorithm>
#include <charconv>

#include "sim/base/error.hpp"

namespace pagetoken {

std::uint32_t ForeignTrace::client(std::string_view name) {
  const auto found = clients_.find(name);
  if (found != clients_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(client_names_.size());
  clients_.emplace(name, number);
  client_names_.emplace_back(name);
  return number;
}

FileId ForeignTrace::file(std::string_view name) {
  const auto found = files_.find(name);
  if (found != files_.end()) return FileId{found->second};
  const auto number = static_cast<std::uint32_t>(file_names_.size());
  files_.emplace(name, number);
  file_names_.emplace_back(name);
  return FileId{number};
}

void ForeignTrace::add(std::int64_t time_ns, std::uint32_t client, FileId file, Op op, std::uint64_t offset,
                       std::uint64_t length) {
  if (client >= kMaxClients) return skip("more clients than a trace may have");
  if (index_of(file) >= kMaxFiles) return skip("more files than a trace may have");
  if (length == 0 && (has_range(op) || op == Op::append)) return skip("accesses of no bytes");
  if (offset > kMaxTraceOffset || length > kMaxTraceOffset - offset) return skip("accesses beyond 2^62 bytes");
  // A digit too many would become millions of rows.
  if (length > kMostForeignBytes) return skip("accesses of more than 1 TiB");
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 31;  // a row's length has 32 bits
  do {
    const std::uint64_t piece = std::min(length, kPiece);
    accesses_.push_back({time_ns, client, file, op, offset, static_cast<std::uint32_t>(piece)});
    offset += piece;
    length -= piece;
  } while (length > 0 && has_range(op));
}

void ForeignTrace::sort() {
  std::stable_sort(accesses_.begin(), accesses_.end(),
                   [](const TraceRow& a, const TraceRow& b) { return a.time_ns < b.time_ns; });
}

ForeignReader foreign_reader(std::string_view format) {
  struct Known {
    std::string_view name;
    ForeignReader reader;
  };
  constexpr Known kReaders[] = {{"lackey", read_lackey},
                                {"strace", read_strace},
                                {"darshan-dxt", read_darshan_dxt},
                                {"blkparse", read_blkparse},
                                {"msr", read_msr}};
  for (const Known& known : kReaders)
    if (known.name == format) return known.reader;
  return nullptr;
}

bool parse_unsigned(std::string_view text, std::uint64_t& value, int base) {
  if (base == 16 && text.starts_with("0x")) text.remove_prefix(2);
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && rest == text.data() + text.size();
}

bool parse_seconds(std::string_view text, std::int64_t& ns) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::uint64_t whole = 0;
  if (!parse_unsigned(text.substr(0, point), whole) || whole > 9'000'000'000) return false;
  std::uint64_t fraction = 0;
  std::uint64_t unit = 1'000'000'000;
  for (const char digit : point < text.size() ? text.substr(point + 1) : std::string_view()) {
    if (digit < '0' || digit > '9') return false;
    unit /= 10;
    fraction += static_cast<std::uint64_t>(digit - '0') * unit;
  }
  ns = static_cast<std::int64_t>(whole * 1'000'000'000 + fraction);
  return true;
}

void split_words(std::string_view line, std::vector<std::string_view>& words) {
  words.clear();
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
}

}  // namespace pagetoken
