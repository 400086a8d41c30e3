#include "sim/workload/csv_columns.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"

namespace pagetoken {
namespace {

/// Names under which traces are known to keep a field, the most telling first.
struct Guess {
  TraceField field;
  std::string_view name;
};
constexpr Guess kGuesses[] = {
    {TraceField::time_ns, "time_ns"}, {TraceField::time_ns, "t_ns"},  {TraceField::time_ns, "start_ns"},
    {TraceField::time_us, "time_us"}, {TraceField::time_us, "t_us"},  {TraceField::time_us, "start_us"},
    {TraceField::time_s, "time_s"},   {TraceField::time_s, "t_s"},    {TraceField::time_s, "start_s"},
    {TraceField::client, "client"},   {TraceField::client, "node"},   {TraceField::client, "rank"},
    {TraceField::op, "op"},           {TraceField::op, "operation"},  {TraceField::file, "file"},
    {TraceField::file, "file_id"},    {TraceField::offset, "offset"}, {TraceField::length, "length"},
    {TraceField::length, "size"},     {TraceField::length, "bytes"},  {TraceField::page, "page"},
};

std::string_view before_parenthesis(std::string_view cell) { return trimmed(cell.substr(0, cell.find('('))); }

std::optional<std::size_t> find_column(const std::vector<std::string_view>& header, std::string_view name) {
  auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end())
    found = std::find_if(header.begin(), header.end(), [&](auto cell) { return before_parenthesis(cell) == name; });
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

std::size_t resolve(const std::string& field, const std::string& column, const std::vector<std::string_view>& header,
                    const std::string& file) {
  const std::string place = "map/" + field;
  if (!column.empty() && column.find_first_not_of("0123456789") == column.npos) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(column.data(), column.data() + column.size(), number);
    if (parsed.ec == std::errc{} && number <= kMaxColumn) return number;
    throw ConfigError(file, place, fmt::format("column {}", column), fmt::format("0 to {}", kMaxColumn));
  }
  if (header.empty()) {
    throw ConfigError(file, place, fmt::format("no header line, so none named {}", quote(column)),
                      "a zero-based column");
  }
  const std::optional<std::size_t> found = find_column(header, column);
  if (found && *found <= kMaxColumn) return *found;
  throw ConfigError(file, place, fmt::format("no column {} in the header", quote(column)),
                    describe_allowed(column, std::span<const std::string_view>(header)));
}

}  // namespace

void split_cells(std::string_view line, std::size_t limit, std::vector<std::string_view>& cells) {
  cells.clear();
  while (cells.size() < limit) {
    std::size_t search_from = 0;
    const std::size_t first = line.find_first_not_of(" \t");
    const bool is_quoted = first != line.npos && line[first] == '"';
    if (is_quoted) search_from = std::min(line.find('"', first + 1), line.size());
    const std::size_t comma = line.find(',', search_from);
    std::string_view cell = trimmed(line.substr(0, comma));
    if (is_quoted && cell.size() >= 2 && cell.ends_with('"')) cell = cell.substr(1, cell.size() - 2);
    cells.push_back(cell);
    if (comma == line.npos) return;
    line.remove_prefix(comma + 1);
  }
}

ColumnMap::ColumnMap(const std::map<std::string, std::string>& map, const std::vector<std::string_view>& header,
                     const std::string& file) {
  for (const auto& [field, column] : map) {
    const auto known = std::find(kTraceFieldNames.begin(), kTraceFieldNames.end(), field);
    if (known == kTraceFieldNames.end()) {
      throw ConfigError(file, "map", fmt::format("unknown field {}", quote(field)),
                        describe_allowed(field, std::span<const std::string_view>(kTraceFieldNames)));
    }
    columns_[static_cast<std::size_t>(known - kTraceFieldNames.begin())] = resolve(field, column, header, file);
  }
  if (map.empty()) guess(header, file);
  check(file);
  for (const auto& column : columns_) needed_ = std::max(needed_, column ? *column + 1 : 0);
}

void ColumnMap::guess(const std::vector<std::string_view>& header, const std::string& file) {
  if (header.empty())
    throw ConfigError(file, "map", "there is no header line to find the fields in", "a map from fields to columns");
  for (const Guess& candidate : kGuesses) {
    auto& column = columns_[static_cast<std::size_t>(candidate.field)];
    if (!column) column = find_column(header, candidate.name);
    if (column && *column > kMaxColumn) column.reset();
  }
  const auto drop = [&](TraceField field) { columns_[static_cast<std::size_t>(field)].reset(); };
  // What is finer says more.
  if (has(TraceField::time_ns)) drop(TraceField::time_us);
  if (has(TraceField::time_ns) || has(TraceField::time_us)) drop(TraceField::time_s);
  if (has(TraceField::offset) && has(TraceField::length)) {
    drop(TraceField::page);
  } else if (has(TraceField::page)) {
    drop(TraceField::offset);
    drop(TraceField::length);
  }
}

void ColumnMap::check(const std::string& file) const {
  const int times = has(TraceField::time_s) + has(TraceField::time_us) + has(TraceField::time_ns);
  const bool by_page = has(TraceField::page);
  const bool by_offset = has(TraceField::offset) && has(TraceField::length);
  if (times > 1) throw ConfigError(file, "map", "several times", "one of time_s, time_us, time_ns");
  if (!has(TraceField::op))
    throw ConfigError(file, "map", "no column for op", "a map that names it, or a header that does");
  if (by_page && (has(TraceField::offset) || has(TraceField::length))) {
    throw ConfigError(file, "map", "page beside offset or length", "either page, or offset and length");
  }
  if (!by_page && !by_offset) {
    throw ConfigError(file, "map", "no columns that say where an access goes", "page, or offset and length");
  }
}

std::optional<std::uint64_t> page_bytes_of_header(std::string_view cell) {
  const std::size_t open = cell.find('(');
  if (open == cell.npos) return std::nullopt;
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(cell.data() + open + 1, cell.data() + cell.size(), number);
  if (error != std::errc{} || number == 0 || number > (1u << 20)) return std::nullopt;
  const std::string_view unit =
      trimmed(std::string_view(rest, static_cast<std::size_t>(cell.data() + cell.size() - rest)));
  if (unit == "KiB)") return number << 10;
  if (unit == "MiB)") return number << 20;
  if (unit == "B)" || unit == ")") return number;
  return std::nullopt;
}

}  // namespace pagetoken
