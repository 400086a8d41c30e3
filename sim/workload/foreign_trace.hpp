#pragma once
// A foreign trace on its way into ours: accesses whose clients and files still have names.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/text.hpp"
#include "sim/workload/access.hpp"
#include "sim/workload/csv_reader.hpp"
#include "sim/workload/line_reader.hpp"

namespace pagetoken {

/// No single access of a foreign trace moves more.
inline constexpr std::uint64_t kMostForeignBytes = std::uint64_t{1} << 40;

/// Collects what one or several inputs hold. A file has the same number in all inputs, a client another in each.
class ForeignTrace {
 public:
  /// The clients that are named from now on are those of another input.
  void next_input() { clients_.clear(); }
  std::uint32_t client(std::string_view name);
  FileId file(std::string_view name);
  /// An access; of no bytes, or beyond what a trace may have, it is skipped.
  void add(std::int64_t time_ns, std::uint32_t client, FileId file, Op op, std::uint64_t offset, std::uint64_t length);
  /// A row that is not read, and why.
  void skip(std::string_view reason) { ++skips_[std::string(reason)]; }
  void skip_many(std::string_view reason, std::uint64_t times) { skips_[std::string(reason)] += times; }
  void row() { ++rows_; }

  /// By time; what has one time stays in the order of its input.
  void sort();
  const std::vector<TraceRow>& accesses() const { return accesses_; }
  std::uint64_t rows() const { return rows_; }
  const std::map<std::string, std::uint64_t>& skips() const { return skips_; }
  const std::vector<std::string>& files() const { return file_names_; }
  const std::vector<std::string>& clients() const { return client_names_; }

 private:
  std::map<std::string, std::uint32_t, std::less<>> clients_;  ///< of this input
  std::map<std::string, std::uint32_t, std::less<>> files_;
  std::vector<std::string> client_names_;
  std::vector<std::string> file_names_;
  std::vector<TraceRow> accesses_;
  std::map<std::string, std::uint64_t> skips_;
  std::uint64_t rows_ = 0;
};

/// One format's reader. Lines that it does not know are skipped with a reason; throws ConfigError only for a file that
/// holds nothing of the format.
using ForeignReader = void (*)(LineReader& lines, ForeignTrace& trace);
void read_lackey(LineReader& lines, ForeignTrace& trace);
void read_strace(LineReader& lines, ForeignTrace& trace);
void read_darshan_dxt(LineReader& lines, ForeignTrace& trace);
void read_blkparse(LineReader& lines, ForeignTrace& trace);
void read_msr(LineReader& lines, ForeignTrace& trace);
/// Null if the format has none.
ForeignReader foreign_reader(std::string_view format);

// ---- What the readers share

/// All of `text` as a number, in base 10 or 16 (with or without 0x); nothing if it is none or does not fit.
bool parse_unsigned(std::string_view text, std::uint64_t& value, int base = 10);
/// Decimal seconds, to the nanosecond.
bool parse_seconds(std::string_view text, std::int64_t& ns);
/// Splits at blanks.
void split_words(std::string_view line, std::vector<std::string_view>& words);

}  // namespace pagetoken
