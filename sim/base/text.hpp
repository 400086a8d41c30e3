#pragma once
// Text for terminals: values in messages, numbers that people read, tables.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pagetoken {

/// `text` on one line of at most `limit` characters (>= 8): control characters, what is not UTF-8, and what would
/// change the direction of the line are written as \n, \t or \xNN; of a text that is too long, the middle gives way to
/// "...".
std::string one_line(std::string_view text, std::size_t limit = 200);

/// A value as messages show it: in double quotes, on one line, shortened to 60 characters. (Not `quoted`: for a
/// std::string, argument-dependent lookup would prefer std::quoted.)
std::string quote(std::string_view value);

/// `text` without the blanks and tabs around it.
std::string_view trimmed(std::string_view text);

/// `value` with three significant digits in the largest unit that leaves at least 1 in front of the point; each unit is
/// `base` times the one before it. An empty first unit is for plain numbers: "7", "1.25 M".
std::string format_scaled(double value, double base, std::span<const std::string_view> units);

std::string format_count(std::uint64_t count);  ///< "999", "1.25 M"
std::string format_rate(double per_second);     ///< "48.2 k/s"
std::string format_bytes(std::uint64_t bytes);  ///< "512 B", "3.1 KiB"
std::string format_percent(double fraction);    ///< of 1: "12.5 %"; "0 %" is zero, and "< 0.01 %" is not

enum class Align : std::uint8_t { left, right };

/// A table in plain characters: a header, a rule, and rows, in columns two blanks apart.
class TextTable {
 public:
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// `cells` has one text a column (assert); each is put on one line.
  void add_row(const std::vector<std::string>& cells);

  /// Ends with a newline; no line ends in blanks.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace pagetoken
