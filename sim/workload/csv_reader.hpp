#pragma once
// Reads a trace of one access a line, checking every field.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/access.hpp"
#include "sim/workload/csv_columns.hpp"
#include "sim/workload/line_reader.hpp"
#include "sim/workload/spec.hpp"

namespace pagetoken {

/// What the field `op` may hold.
inline constexpr std::string_view kTraceOperationsHelp =
    "r, w, read, write, append, truncate, extend, punch, fsync; passed over: lr, lw, lu (also with !), lock, unlock, "
    "open, close, lseek, seek, stat";

/// No access of a trace ends beyond this byte.
inline constexpr std::uint64_t kMaxTraceOffset = std::uint64_t{1} << 62;

/// One access of a trace.
struct TraceRow {
  std::int64_t time_ns = 0;  ///< as recorded; 0 if the trace has no times
  std::uint32_t client = 0;  ///< 0 if the trace has no clients; below the reader's limit
  FileId file{};             ///< 0 if the trace has no files
  Op op = Op::read;
  std::uint64_t offset = 0;  ///< bytes; see Op
  std::uint32_t length = 0;  ///< bytes; see Op; a page if the trace counts pages
};

struct CsvOptions {
  std::map<std::string, std::string> map;  ///< see ColumnMap
  /// Unit of the field `page`; 0: what the header says, as in `page(8KiB)`, or else 4096.
  std::uint64_t page_bytes = 0;
  std::uint32_t max_clients = kMaxClients;  ///< a client with this number or a larger one is an error
  bool need_times = false;                  ///< a trace without a column of times is an error
};

/// Rows that are not accesses.
struct TraceSkips {
  std::uint64_t not_accesses = 0;  ///< locks (lr, lw, lu, refused with "!"), open, close, lseek, stat and their like
  std::uint64_t empty = 0;         ///< reads, writes, appends and punches of no bytes
};

/// Lines that start with `#` are comments. The header is the first other line if no cell of it starts with a digit, a
/// sign or a point, otherwise the last comment before the data, if it has a comma. Empty lines are passed over. Numbers
/// are decimal and not negative; times may have a fraction, of which what is below a nanosecond is dropped.
class CsvReader {
 public:
  /// Reads up to the first row. Throws ConfigError as ColumnMap does, for a file that holds no rows, and for our own
  /// format
  /// (`is_ours`) if the first two lines are not kTraceMagic and kTraceHeader.
  CsvReader(LineReader lines, CsvOptions options, bool is_ours);

  /// The next access; false at the end. Throws ConfigError(file, "line N, field", what is there, what is allowed) for a
  /// row with too few columns, a field that is not a number of its range, or an unknown operation.
  bool next(TraceRow& row);

  const TraceSkips& skips() const { return skips_; }
  std::uint64_t rows() const { return rows_; }  ///< read so far, skipped ones included
  std::uint64_t page_bytes() const {
    return page_bytes_;
  }  ///< the unit of `page`; for our own format what its first line says
  std::uint64_t line_number() const { return lines_.line_number(); }  ///< of the last row
  const std::string& name() const { return lines_.name(); }

 private:
  enum class RowKind : std::uint8_t { access, not_access, empty };

  void read_header();
  void read_own_header();
  void find_page_bytes(const std::vector<std::string_view>& header);
  RowKind parse(TraceRow& row);
  std::optional<Op> operation() const;
  std::int64_t time() const;
  void place(TraceRow& row) const;
  std::string_view cell(TraceField field) const { return cells_[*columns_->column(field)]; }
  std::uint64_t number(TraceField field, std::uint64_t max) const;
  std::uint64_t number_or_zero(TraceField field, std::uint64_t max) const {
    return columns_->has(field) ? number(field, max) : 0;
  }
  [[noreturn]] void fail(TraceField field, std::string_view allowed) const;

  LineReader lines_;
  CsvOptions options_;
  std::optional<ColumnMap> columns_;  ///< always there once constructed
  std::uint64_t page_bytes_ = 0;
  std::string_view line_;  ///< valid until the next one is read
  bool has_line_ = false;  ///< line_ is a row that was not parsed yet
  std::vector<std::string_view> cells_;
  TraceSkips skips_;
  std::uint64_t rows_ = 0;
};

/// Opens a trace in one of the formats that are available. Throws ConfigError as LineReader and CsvReader do, and for
/// other formats.
CsvReader open_trace(const std::string& path, std::string_view format, CsvOptions options);

}  // namespace pagetoken
