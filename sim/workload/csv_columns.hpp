#pragma once
// Which column of a csv trace holds which field.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pagetoken {

/// What a row may say. A trace has one of the times or none, and either `page` or both `offset` and `length`.
enum class TraceField : std::uint8_t { time_s, time_us, time_ns, client, op, file, page, offset, length };
inline constexpr std::size_t kTraceFieldCount = 9;
inline constexpr std::array<std::string_view, kTraceFieldCount> kTraceFieldNames{
    "time_s", "time_us", "time_ns", "client", "op", "file", "page", "offset", "length"};
constexpr std::string_view name_of(TraceField field) { return kTraceFieldNames[static_cast<std::size_t>(field)]; }

/// Columns that no map may go beyond, zero-based.
inline constexpr std::size_t kMaxColumn = 9999;

/// Splits a line at its commas. Cells lose blanks around them, and double quotes around them, within which commas do
/// not count. At most `limit` cells are made; `cells` is overwritten and refers to `line`.
void split_cells(std::string_view line, std::size_t limit, std::vector<std::string_view>& cells);

/// The column of each field that the trace has.
class ColumnMap {
 public:
  /// `map`: field -> zero-based column or header name, where a header cell also goes by what stands before its
  /// parenthesis; empty: fields are guessed from usual header names. `header`: the cells of the header, empty if there
  /// is none. Throws ConfigError(file, "map", ...) for unknown fields, columns that are not in the header, a field `op`
  /// or a place in the file that is missing, several times, or page beside offset.
  ColumnMap(const std::map<std::string, std::string>& map, const std::vector<std::string_view>& header,
            const std::string& file);

  std::optional<std::size_t> column(TraceField field) const { return columns_[static_cast<std::size_t>(field)]; }
  bool has(TraceField field) const { return column(field).has_value(); }
  std::size_t columns_needed() const { return needed_; }  ///< cells that a row must have, at least

 private:
  void guess(const std::vector<std::string_view>& header, const std::string& file);
  void check(const std::string& file) const;

  std::array<std::optional<std::size_t>, kTraceFieldCount> columns_{};
  std::size_t needed_ = 0;
};

/// The size of a page that a header cell such as `page(8KiB)` speaks of, in bytes; nothing if it does not.
std::optional<std::uint64_t> page_bytes_of_header(std::string_view cell);

}  // namespace pagetoken
