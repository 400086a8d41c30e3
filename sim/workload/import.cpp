#include "sim/workload/import.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/workload/formats.hpp"

namespace pagetoken {
namespace {

/// Counts different pages by their ranges, merged now and then: memory goes with the number of separate ranges, not
/// with that of pages or accesses.
class PageCount {
 public:
  void add(std::uint32_t file, std::uint64_t begin, std::uint64_t end) {
    ranges_.push_back({file, begin, end});
    if (ranges_.size() >= 2 * merged_ + (1u << 20)) merge();
  }
  std::uint64_t total() {
    merge();
    std::uint64_t pages = 0;
    for (const Run& run : ranges_) pages += run.end - run.begin;
    return pages;
  }

 private:
  struct Run {
    std::uint32_t file;
    std::uint64_t begin;
    std::uint64_t end;
  };

  void merge() {
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Run& a, const Run& b) { return std::tie(a.file, a.begin) < std::tie(b.file, b.begin); });
    std::vector<Run> merged;
    for (const Run& run : ranges_) {
      if (!merged.empty() && merged.back().file == run.file && run.begin <= merged.back().end) {
        merged.back().end = std::max(merged.back().end, run.end);
      } else {
        merged.push_back(run);
      }
    }
    ranges_ = std::move(merged);
    merged_ = ranges_.size();
  }

  std::vector<Run> ranges_;
  std::size_t merged_ = 0;  ///< ranges after the last merge
};

class Importer {
 public:
  Importer(CsvReader reader, const std::string& output) : reader_(std::move(reader)), out_(output) {}

  ImportSummary run() {
    out_.write(fmt::format("{}{}\n{}\n", kTraceMagic, reader_.page_bytes(), kTraceHeader));
    TraceRow row;
    while (reader_.next(row)) {
      write(row);
      count(row);
    }
    if (summary_.accesses == 0) throw ConfigError(reader_.name(), "", "the trace has no accesses", "one or more");
    out_.commit();
    summary_.rows = reader_.rows();
    summary_.skipped = reader_.skips();
    summary_.files = static_cast<std::uint64_t>(std::count(has_file_.begin(), has_file_.end(), true));
    summary_.page_bytes = reader_.page_bytes();
    summary_.pages = pages_.total();
    return summary_;
  }

 private:
  void write(const TraceRow& row) {
    line_.clear();
    fmt::format_to(std::back_inserter(line_), FMT_COMPILE("{},{},{},{},{},{}\n"), row.time_ns, row.client,
                   name_of(row.op), index_of(row.file), row.offset, row.length);
    out_.write({line_.data(), line_.size()});
  }

  void count(const TraceRow& row) {
    ++summary_.accesses;
    summary_.clients = std::max<std::uint64_t>(summary_.clients, row.client + std::uint64_t{1});
    if (has_file_.size() <= index_of(row.file)) has_file_.resize(index_of(row.file) + std::size_t{1});
    has_file_[index_of(row.file)] = true;
    if (row.op != Op::punch) summary_.bytes += row.length;
    if (!has_range(row.op)) return;
    const std::uint64_t page_bytes = reader_.page_bytes();
    pages_.add(index_of(row.file), row.offset / page_bytes, (row.offset + row.length - 1) / page_bytes + 1);
  }

  CsvReader reader_;
  OutputFile out_;
  fmt::memory_buffer line_;
  ImportSummary summary_;
  std::vector<bool> has_file_;
  PageCount pages_;
};

}  // namespace

ImportSummary import_trace(std::string_view format, const ImportOptions& options) {
  return Importer(open_trace(options.input, format, {.map = options.map, .page_bytes = options.page_bytes}),
                  options.output)
      .run();
}

ImportSummary import_csv(const ImportOptions& options) { return import_trace("csv", options); }

}  // namespace pagetoken
