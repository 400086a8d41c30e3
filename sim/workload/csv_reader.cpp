#include "sim/workload/csv_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"
#include "sim/workload/formats.hpp"

namespace pagetoken {
namespace {

constexpr std::uint64_t kDefaultPageBytes = 4096;
constexpr std::uint64_t kMaxPageBytes = std::uint64_t{1} << 30;

struct OpName {
  std::string_view name;
  Op op;
};
constexpr OpName kOperations[] = {
    {"r", Op::read},          {"w", Op::write},       {"read", Op::read},
    {"write", Op::write},     {"append", Op::append}, {"truncate", Op::truncate},
    {"extend", Op::extend},   {"punch", Op::punch},   {"fsync", Op::fsync},
    {"R", Op::read},          {"W", Op::write},       {"ftruncate", Op::truncate},
    {"fdatasync", Op::fsync},
};
constexpr std::string_view kNotAccesses[] = {"lr",    "lw",    "lu",   "lock", "unlock", "open",
                                             "close", "lseek", "seek", "stat", "fstat"};
bool is_not_access(std::string_view op) {
  if (op.ends_with('!')) op.remove_suffix(1);
  return std::find(std::begin(kNotAccesses), std::end(kNotAccesses), op) != std::end(kNotAccesses);
}

bool starts_like_number(std::string_view cell) {
  return !cell.empty() && std::string_view("0123456789+-.").find(cell[0]) != std::string_view::npos;
}

/// Parses all of `text`; nothing if it is not a decimal number that fits.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

/// `text` times `unit_ns`, a power of ten; digits below a nanosecond are dropped, though they must be digits.
std::optional<std::int64_t> parse_time(std::string_view text, std::uint64_t unit_ns) {
  const std::size_t point = text.find('.');
  const std::optional<std::uint64_t> whole = parse_number(text.substr(0, point));
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!whole || *whole > kMax / unit_ns) return std::nullopt;
  std::uint64_t ns = *whole * unit_ns;
  if (point != text.npos) {
    const std::string_view fraction = text.substr(point + 1);
    if (fraction.empty() || fraction.find_first_not_of("0123456789") != fraction.npos) return std::nullopt;
    for (const char digit : fraction) {
      unit_ns /= 10;
      ns += static_cast<std::uint64_t>(digit - '0') * unit_ns;
    }
  }
  if (ns > kMax) return std::nullopt;
  return static_cast<std::int64_t>(ns);
}

}  // namespace

CsvReader::CsvReader(LineReader lines, CsvOptions options, bool is_ours)
    : lines_(std::move(lines)), options_(std::move(options)) {
  if (is_ours) {
    read_own_header();
  } else {
    read_header();
  }
  if (options_.need_times && !columns_->has(TraceField::time_s) && !columns_->has(TraceField::time_us) &&
      !columns_->has(TraceField::time_ns)) {
    throw ConfigError(name(), "map", "the trace has no times",
                      "order serial or closed, or a map for time_s, time_us or time_ns");
  }
}

void CsvReader::read_own_header() {
  const std::string form = fmt::format("{}BYTES, and then the line {}", kTraceMagic, kTraceHeader);
  if (!lines_.next(line_)) throw ConfigError(name(), "", "the file is empty", form);
  std::optional<std::uint64_t> bytes;
  if (line_.starts_with(kTraceMagic)) bytes = parse_number(line_.substr(kTraceMagic.size()));
  if (!bytes || *bytes == 0 || *bytes > kMaxPageBytes)
    throw ConfigError(name(), "line 1", fmt::format("is {}", quote(line_)), form);
  page_bytes_ = *bytes;
  if (!lines_.next(line_) || line_ != kTraceHeader)
    throw ConfigError(name(), "line 2", "is not the header", std::string(kTraceHeader));
  split_cells(line_, kTraceFieldCount, cells_);
  columns_.emplace(std::map<std::string, std::string>{}, cells_, name());
}

void CsvReader::read_header() {
  std::string comment;
  bool is_first = true;
  for (;;) {
    if (!lines_.next(line_))
      throw ConfigError(name(), "", lines_.line_number() == 0 ? "the file is empty" : "the file has no rows",
                        "one access a line");
    if (is_first && line_.starts_with("\xEF\xBB\xBF"))
      line_.remove_prefix(3);  // a byte order mark, as spreadsheets write it
    is_first = false;
    if (line_.starts_with('#')) {
      comment = line_.substr(1);
    } else if (line_.find_first_not_of(" \t") != line_.npos) {
      break;
    }
  }
  split_cells(line_, kMaxColumn + 1, cells_);
  has_line_ = std::any_of(cells_.begin(), cells_.end(), starts_like_number);
  if (has_line_) {
    cells_.clear();
    if (comment.find(',') != comment.npos) split_cells(comment, kMaxColumn + 1, cells_);
  }
  columns_.emplace(options_.map, cells_, name());
  find_page_bytes(cells_);
}

void CsvReader::find_page_bytes(const std::vector<std::string_view>& header) {
  page_bytes_ = options_.page_bytes;
  const std::optional<std::size_t> column = columns_->column(TraceField::page);
  if (page_bytes_ == 0 && column && *column < header.size())
    page_bytes_ = page_bytes_of_header(header[*column]).value_or(0);
  if (page_bytes_ == 0) page_bytes_ = kDefaultPageBytes;
}

bool CsvReader::next(TraceRow& row) {
  for (;;) {
    if (!has_line_ && !lines_.next(line_)) return false;
    has_line_ = false;
    if (line_.starts_with('#') || line_.find_first_not_of(" \t") == line_.npos) continue;
    ++rows_;
    split_cells(line_, columns_->columns_needed(), cells_);
    switch (parse(row)) {
      case RowKind::access: return true;
      case RowKind::not_access: ++skips_.not_accesses; break;
      case RowKind::empty: ++skips_.empty; break;
    }
  }
}

CsvReader::RowKind CsvReader::parse(TraceRow& row) {
  if (cells_.size() < columns_->columns_needed()) {
    throw ConfigError(name(), fmt::format("line {}", lines_.line_number()),
                      fmt::format("has {} columns", cells_.size()),
                      fmt::format("{} or more", columns_->columns_needed()));
  }
  const std::optional<Op> op = operation();
  if (!op) return RowKind::not_access;
  row.op = *op;
  row.time_ns = time();
  row.client = static_cast<std::uint32_t>(number_or_zero(TraceField::client, options_.max_clients - 1));
  row.file = FileId{static_cast<std::uint32_t>(number_or_zero(TraceField::file, kMaxFiles - 1))};
  place(row);
  return row.length == 0 && (has_range(row.op) || row.op == Op::append) ? RowKind::empty : RowKind::access;
}

/// Nothing for what is known and not an access.
std::optional<Op> CsvReader::operation() const {
  const std::string_view text = cell(TraceField::op);
  for (const OpName& known : kOperations) {
    if (known.name == text) return known.op;
  }
  if (!is_not_access(text)) fail(TraceField::op, kTraceOperationsHelp);
  return std::nullopt;
}

std::int64_t CsvReader::time() const {
  constexpr std::array<std::uint64_t, 3> kUnitsNs{1'000'000'000, 1'000, 1};
  constexpr std::array<TraceField, 3> kTimes{TraceField::time_s, TraceField::time_us, TraceField::time_ns};
  for (std::size_t i = 0; i < kTimes.size(); ++i) {
    if (!columns_->has(kTimes[i])) continue;
    const std::optional<std::int64_t> ns = parse_time(cell(kTimes[i]), kUnitsNs[i]);
    if (!ns)
      fail(kTimes[i], fmt::format("a number from 0 to {}",
                                  std::numeric_limits<std::int64_t>::max() / static_cast<std::int64_t>(kUnitsNs[i])));
    return *ns;
  }
  return 0;
}

void CsvReader::place(TraceRow& row) const {
  if (columns_->has(TraceField::page)) {
    row.offset = number(TraceField::page, kMaxTraceOffset / page_bytes_ - 1) * page_bytes_;
    row.length = static_cast<std::uint32_t>(page_bytes_);
  } else {
    row.length = static_cast<std::uint32_t>(number(TraceField::length, std::numeric_limits<std::uint32_t>::max()));
    row.offset = number(TraceField::offset, kMaxTraceOffset - row.length);
  }
  if (!has_range(row.op) && row.op != Op::append) row.length = 0;
  if (row.op == Op::append || row.op == Op::fsync) row.offset = 0;
}

std::uint64_t CsvReader::number(TraceField field, std::uint64_t max) const {
  const std::optional<std::uint64_t> value = parse_number(cell(field));
  if (!value || *value > max) fail(field, fmt::format("an integer from 0 to {}", max));
  return *value;
}

void CsvReader::fail(TraceField field, std::string_view allowed) const {
  const std::string_view text = cell(field);
  throw ConfigError(name(), fmt::format("line {}, {}", lines_.line_number(), name_of(field)),
                    text.empty() ? "is empty" : fmt::format("is {}", quote(text)), allowed);
}

CsvReader open_trace(const std::string& path, std::string_view format, CsvOptions options) {
  const bool is_ours = require_trace_format(format, path, "format").name == "pagetoken";
  return {LineReader::from_file(path), std::move(options), is_ours};
}

}  // namespace pagetoken
