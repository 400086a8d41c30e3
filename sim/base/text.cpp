#include "sim/base/text.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include <fmt/format.h>

namespace pagetoken {

namespace {

constexpr std::array<std::string_view, 6> kThousands{"", "k", "M", "G", "T", "P"};

constexpr bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// Bytes of the UTF-8 character that `text`, not empty, begins with, and the character; length 0 if it is none.
struct Character {
  std::size_t length = 0;
  char32_t code = 0;
};
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || text.size() < length) return {};
  char32_t code = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return {};
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  static constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kSmallest[length] || surrogate || code > 0x10ffff) return {};
  return {length, code};
}

/// Whether a terminal or a reader of lines would do anything but show the character.
bool harmless(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool line_end = code == 0x2028 || code == 0x2029;
  const bool direction =
      (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return !control && !line_end && !direction;
}

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t length = std::max<std::size_t>(character.length, 1);
    if (character.length != 0 && harmless(character.code)) {
      result += text.substr(0, length);
    } else if (text[0] == '\n') {
      result += "\\n";
    } else if (text[0] == '\t') {
      result += "\\t";
    } else {
      for (const char byte : text.substr(0, length))
        result += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
    text.remove_prefix(length);
  }
  return result;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) { return !continues(byte); }));
}

/// Where the character number `index` of valid UTF-8 begins.
std::size_t offset_of(std::string_view text, std::size_t index) {
  std::size_t offset = 0;
  for (; index > 0; --index) offset += first_character(text.substr(offset)).length;
  return offset;
}

/// Three significant digits without idle zeros: "1.25", "23.4", "850". `value` from 0 to 1023.
std::string three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  std::string digits = fmt::format("{:.{}f}", value, decimals);
  if (decimals > 0) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return digits;
}

}  // namespace

std::string one_line(std::string_view text, std::size_t limit) {
  assert(limit >= 8);
  // What lies in the middle of a very long text is not worth escaping.
  const std::size_t edge = limit * 4;
  std::string line;
  if (text.size() > 3 * edge) {
    line = escaped(text.substr(0, edge)) + escaped(text.substr(text.size() - edge));
  } else {
    line = escaped(text);
  }
  const std::size_t width = width_of(line);
  if (width <= limit) return line;
  const std::size_t tail = (limit - 3) / 3;
  const std::size_t head = limit - 3 - tail;
  return line.substr(0, offset_of(line, head)) + "..." + line.substr(offset_of(line, width - tail));
}

std::string quote(std::string_view value) { return '"' + one_line(value, 60) + '"'; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string format_scaled(double value, double base, std::span<const std::string_view> units) {
  assert(!units.empty() && base > 1);
  double magnitude = std::abs(value);
  std::size_t unit = 0;
  // What would round up to the next unit belongs there: 1 M, not 1000 k.
  while (unit + 1 < units.size() && magnitude >= base - 0.5) {
    magnitude /= base;
    ++unit;
  }
  const std::string digits = magnitude < base ? three_digits(magnitude) : fmt::format("{:.0f}", magnitude);
  const std::string_view sign = value < 0 && digits != "0" ? "-" : "";
  return fmt::format("{}{}{}{}", sign, digits, units[unit].empty() ? "" : " ", units[unit]);
}

std::string format_count(std::uint64_t count) { return format_scaled(static_cast<double>(count), 1000, kThousands); }

std::string format_rate(double per_second) { return format_scaled(per_second, 1000, kThousands) + "/s"; }

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  return format_scaled(static_cast<double>(bytes), 1024, kUnits);
}

std::string format_percent(double fraction) {
  const double percent = fraction * 100;
  const double magnitude = std::abs(percent);
  if (magnitude != 0 && magnitude < 0.005) return percent < 0 ? "> -0.01 %" : "< 0.01 %";
  const std::string digits = magnitude < 1000 ? three_digits(magnitude) : fmt::format("{:.0f}", magnitude);
  return fmt::format("{}{} %", percent < 0 ? "-" : "", digits);
}

void TextTable::add_row(const std::vector<std::string>& cells) {
  assert(cells.size() == columns_.size());
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back(one_line(cell));
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = width_of(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, width_of(row[c]));
    widths.push_back(width);
  }
  std::string result;
  const auto put_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string cell = cell_of(c);
      const std::string padding(widths[c] - width_of(cell), ' ');
      if (c > 0) line += "  ";
      line += columns_[c].align == Align::left ? cell + padding : padding + cell;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + '\n';
  };
  put_line([&](std::size_t c) { return columns_[c].title; });
  put_line([&](std::size_t c) { return std::string(widths[c], '-'); });
  for (const auto& row : rows_) put_line([&](std::size_t c) { return row[c]; });
  return result;
}

}  // namespace pagetoken
