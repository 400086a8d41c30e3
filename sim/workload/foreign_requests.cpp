// Traces that list requests: darshan-dxt-parser, blkparse, and the MSR Cambridge traces.

#include <algorithm>
#include <array>
#include <optional>

#include "sim/base/error.hpp"
#include "sim/workload/foreign_trace.hpp"

namespace pagetoken {

namespace {
constexpr std::uint64_t kSectorBytes = 512;

std::optional<Op> read_or_write(std::string_view word) {
  if (word == "read" || word == "Read" || word == "R") return Op::read;
  if (word == "write" || word == "Write" || word == "W") return Op::write;
  return std::nullopt;
}
[[noreturn]] void holds_none(const LineReader& lines, std::string_view format) {
  throw ConfigError(lines.name(), "", "holds no request", format);
}
}  // namespace

/// "X_POSIX  0  write  0  0  262144  0.0029  0.0032" below "# DXT, file_id: ..., file_name: ...". A request of MPI-IO
/// is there again as those of POSIX that it became.
void read_darshan_dxt(LineReader& lines, ForeignTrace& trace) {
  std::string_view line;
  std::optional<FileId> file;
  std::vector<std::string_view> words;
  std::uint64_t found = 0;
  while (lines.next(line)) {
    if (line.starts_with('#')) {
      const std::size_t name = line.find("file_name: ");
      if (name != line.npos) file = trace.file(trimmed(line.substr(name + 11)));
      continue;
    }
    split_words(line, words);
    if (words.empty()) continue;
    trace.row();
    if (words.size() < 8) {
      trace.skip("lines that are no request");
      continue;
    }
    ++found;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::int64_t start_ns = 0;
    const std::optional<Op> op = read_or_write(words[2]);
    if (words[0] != "X_POSIX")
      trace.skip("requests of MPI-IO and STDIO, which POSIX has again");
    else if (!file)
      trace.skip("requests before the name of a file");
    else if (!op || !parse_unsigned(words[4], offset) || !parse_unsigned(words[5], length) ||
             !parse_seconds(words[6], start_ns))
      trace.skip("lines that are no request");
    else
      trace.add(start_ns, trace.client(words[1]), *file, *op, offset, length);
  }
  if (found == 0) holds_none(lines, "what darshan-dxt-parser prints");
}

/// "8,0  3  1  0.000000000  697  Q  W 223490 + 8 [kjournald]": a request is told at each of its stages; queued is once.
void read_blkparse(LineReader& lines, ForeignTrace& trace) {
  std::string_view line;
  std::vector<std::string_view> words;
  std::uint64_t found = 0;
  while (lines.next(line)) {
    split_words(line, words);
    if (words.empty()) continue;
    trace.row();
    std::int64_t time_ns = 0;
    if (words.size() < 7 || words[0].find(',') == words[0].npos || !parse_seconds(words[3], time_ns)) {
      trace.skip("lines of the summary");
      continue;
    }
    ++found;
    if (words[5] != "Q") {
      trace.skip("other stages of a request");
      continue;
    }
    std::uint64_t sector = 0;
    std::uint64_t sectors = 0;
    if (words.size() < 10 || words[8] != "+" || !parse_unsigned(words[7], sector) ||
        !parse_unsigned(words[9], sectors) || sector > kMaxTraceOffset / kSectorBytes ||
        sectors > kMaxTraceOffset / kSectorBytes) {
      trace.skip("requests without sectors");
      continue;
    }
    const std::string_view kind = words[6];
    const bool discards = kind.find('D') != kind.npos;
    const bool writes = kind.find('W') != kind.npos;
    if (!discards && !writes && kind.find('R') == kind.npos) {
      trace.skip("requests that neither read nor write");
      continue;
    }
    trace.add(time_ns, trace.client(words[4]), trace.file(words[0]),
              discards ? Op::punch
              : writes ? Op::write
                       : Op::read,
              sector * kSectorBytes, sectors * kSectorBytes);
  }
  if (found == 0) holds_none(lines, "what blkparse prints");
}

/// "128166372003061629,hm,0,Read,383496192,32768,413": 100 ns since 1601, host, disk, what, offset, size, response.
void read_msr(LineReader& lines, ForeignTrace& trace) {
  std::string_view line;
  std::optional<std::uint64_t> first;
  while (lines.next(line)) {
    if (trimmed(line).empty()) continue;
    trace.row();
    std::array<std::string_view, 7> cells{};
    std::size_t count = 0;
    for (std::size_t at = 0; count < cells.size() && at <= line.size(); ++count) {
      const std::size_t end = std::min(line.find(',', at), line.size());
      cells[count] = trimmed(line.substr(at, end - at));
      at = end + 1;
    }
    std::uint64_t time = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    const std::optional<Op> op = read_or_write(cells[3]);
    if (count < 6 || !op || !parse_unsigned(cells[0], time) || !parse_unsigned(cells[4], offset) ||
        !parse_unsigned(cells[5], size)) {
      trace.skip("lines that are no request");
      continue;
    }
    if (!first) first = time;
    const std::uint64_t since = time >= *first ? time - *first : 0;
    if (since > INT64_MAX / 100) {
      trace.skip("requests of another century");
      continue;
    }
    trace.add(static_cast<std::int64_t>(since * 100), trace.client(cells[1]),
              trace.file(std::string(cells[1]) + " disk " + std::string(cells[2])), *op, offset, size);
  }
  if (!first) holds_none(lines, "Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime");
}

}  // namespace pagetoken
