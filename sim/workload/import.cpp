#include "sim/workload/import.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/workload/foreign_trace.hpp"
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

/// Writes accesses in our format, and counts them.
class AccessWriter {
 public:
  AccessWriter(const std::string& output, std::uint64_t page_bytes) : out_(output), page_bytes_(page_bytes) {
    out_.write(fmt::format("{}{}\n{}\n", kTraceMagic, page_bytes, kTraceHeader));
  }
  void add(const TraceRow& row) {
    write(row);
    count(row);
  }
  ImportSummary finish(const std::string& input) {
    if (summary_.accesses == 0) throw ConfigError(input, "", "the trace has no accesses", "one or more");
    out_.commit();
    summary_.files = static_cast<std::uint64_t>(std::count(has_file_.begin(), has_file_.end(), true));
    summary_.page_bytes = page_bytes_;
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
    pages_.add(index_of(row.file), row.offset / page_bytes_, (row.offset + row.length - 1) / page_bytes_ + 1);
  }

  OutputFile out_;
  std::uint64_t page_bytes_;
  fmt::memory_buffer line_;
  ImportSummary summary_;
  std::vector<bool> has_file_;
  PageCount pages_;
};

ImportSummary import_rows(CsvReader reader, const std::string& output) {
  AccessWriter writer(output, reader.page_bytes());
  TraceRow row;
  while (reader.next(row)) writer.add(row);
  ImportSummary summary = writer.finish(reader.name());
  summary.rows = reader.rows();
  summary.skipped = reader.skips();
  return summary;
}

constexpr std::uint64_t kForeignPageBytes = 4096;

ImportSummary import_foreign(ForeignReader read, const ImportOptions& options) {
  if (!options.map.empty())
    throw ConfigError("--map", "", "the format says itself where its fields are", "csv and pagetoken only");
  AccessWriter writer(options.output, options.page_bytes != 0 ? options.page_bytes : kForeignPageBytes);
  ForeignTrace trace;
  std::vector<std::string> inputs{options.input};
  inputs.insert(inputs.end(), options.more_inputs.begin(), options.more_inputs.end());
  for (const std::string& input : inputs) {
    trace.next_input();
    LineReader lines = LineReader::from_file(input);
    read(lines, trace);
  }
  trace.sort();
  // Files are numbered by their first access: those that are only opened get none.
  std::vector<std::uint32_t> number(trace.files().size(), UINT32_MAX);
  std::vector<std::string> names;
  for (TraceRow row : trace.accesses()) {
    std::uint32_t& file = number[index_of(row.file)];
    if (file == UINT32_MAX) {
      file = static_cast<std::uint32_t>(names.size());
      names.push_back(trace.files()[index_of(row.file)]);
    }
    row.file = FileId{file};
    writer.add(row);
  }
  ImportSummary summary = writer.finish(options.input);
  summary.rows = trace.rows();
  summary.reasons.assign(trace.skips().begin(), trace.skips().end());
  std::stable_sort(summary.reasons.begin(), summary.reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  summary.client_names = trace.clients();
  summary.file_names = std::move(names);
  return summary;
}

}  // namespace

ImportSummary import_trace(std::string_view format, const ImportOptions& options) {
  if (const ForeignReader read = foreign_reader(format)) return import_foreign(read, options);
  const std::span<const TraceFormat> formats = trace_formats();
  if (std::none_of(formats.begin(), formats.end(), [&](const TraceFormat& known) { return known.name == format; })) {
    std::vector<std::string_view> names;
    for (const TraceFormat& known : formats) names.push_back(known.name);
    throw ConfigError("FORMAT", "", fmt::format("unknown format {}", quote(format)), describe_allowed(format, names));
  }
  if (!options.more_inputs.empty())
    throw ConfigError(options.more_inputs.front(), "", fmt::format("{} takes one file", format),
                      "several files: lackey, strace, darshan-dxt, blkparse, msr");
  return import_rows(open_trace(options.input, format, {.map = options.map, .page_bytes = options.page_bytes}),
                     options.output);
}

ImportSummary import_csv(const ImportOptions& options) { return import_trace("csv", options); }

}  // namespace pagetoken
