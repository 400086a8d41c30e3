#include "mutate.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "spans.hpp"

namespace damage {
namespace {

constexpr std::array<std::string_view, 18> kSmall{
    "null",  "true",  "false",       "0",  "1",  "-1",      "0.5",       "7",           "\"\"",
    "\"x\"", "\"/\"", "\"\\u0000\"", "[]", "{}", "[1,[2]]", "{\"a\":1}", "[null,null]", "[[0,1],[0,1]]"};
constexpr std::array<std::string_view, 10> kLarge{
    "1e300",  "-1e300", "1e400", "18446744073709551615", "9223372036854775807", "-9223372036854775808", "4294967296",
    "100000", "1e-300", "65536"};
constexpr std::array<std::string_view, 16> kWords{
    "",  "x", "0",  "-1",   "1e9",   "99999999999999999999", "0x7fffffffffffffff", "\"", "'", "<", ">",
    "=", ",", "\t", "\xff", "(null)"};

std::string cut(std::string_view text, Random& random) {
  return std::string(text.substr(0, below(text.size(), random)));
}

std::string flip(std::string_view text, Random& random) {
  std::string out(text);
  for (std::size_t i = 1 + below(4, random); i > 0; --i)
    out[below(out.size(), random)] ^= static_cast<char>(1u << below(8, random));
  return out;
}

/// A piece of the file that came from elsewhere in it.
std::string moved(std::string_view text, Random& random) {
  const std::size_t length = 1 + below(std::min<std::size_t>(text.size(), 200), random);
  const std::size_t from = below(text.size() - length + 1, random), to = below(text.size(), random);
  std::string out(text.substr(0, to));
  out += text.substr(from, length);
  return out += text.substr(std::min(to + (below(2, random) != 0 ? length : 0), text.size()));
}

std::string other_value(bool large, Random& random) {
  if (large && below(3, random) == 0) return std::string(kLarge[below(kLarge.size(), random)]);
  if (below(40, random) == 0) return std::string(100, '[') + std::string(100, ']');
  return std::string(kSmall[below(kSmall.size(), random)]);
}

Damaged of_json(std::string_view text, bool large, Random& random) {
  const std::vector<Span> values = values_of(text);
  if (values.empty()) return {flip(text, random), "flip"};
  const Span& v = values[below(values.size(), random)];
  const std::string before(text.substr(0, v.begin)), after(text.substr(v.end));
  switch (below(5, random)) {
    case 0: return {std::string(text.substr(0, v.member_begin)).append(text.substr(v.member_end)), "key removed"};
    case 1: {
      const Span& other = values[below(values.size(), random)];
      return {before + std::string(text.substr(other.begin, other.end - other.begin)) + after, "value of another"};
    }
    case 2: {
      std::string member(text.substr(v.member_begin, v.member_end - v.member_begin));
      if (!member.starts_with(',') && !member.ends_with(',')) member += ',';
      return {std::string(text.substr(0, v.member_begin)) + member + std::string(text.substr(v.member_begin)),
              "key doubled"};
    }
    default: return {before + other_value(large, random) + after, "type changed"};
  }
}

/// The line that the place is in, with its newline.
std::pair<std::size_t, std::size_t> line_at(std::string_view text, std::size_t place) {
  const std::size_t before = place == 0 ? text.npos : text.rfind('\n', place - 1);
  const std::size_t begin = before == text.npos ? 0 : before + 1;
  const std::size_t end = text.find('\n', begin);
  return {begin, end == text.npos ? text.size() : end + 1};
}

Damaged of_line(std::string_view text, Random& random) {
  const auto [begin, end] = line_at(text, below(text.size(), random));
  const std::string head(text.substr(0, begin)), line(text.substr(begin, end - begin)), tail(text.substr(end));
  switch (below(4, random)) {
    case 0: return {head + tail, "line removed"};
    case 1: return {head + line + line + tail, "line doubled"};
    case 2: return {head + std::string(70'000, 'a') + line + tail, "line of 70,000"};
    default:
      return {head + "\n" + line.substr(0, line.size() / 2) + "\n" + line.substr(line.size() / 2) + tail,
              "line broken"};
  }
}

Damaged of_word(std::string_view text, Random& random) {
  constexpr std::string_view kBetween = " \t,\n\"'()=<>[]";
  const std::size_t place = below(text.size(), random);
  const std::size_t begin = std::min(text.find_first_not_of(kBetween, place), text.size());
  const std::size_t end = std::min(text.find_first_of(kBetween, begin), text.size());
  return {std::string(text.substr(0, begin)).append(kWords[below(kWords.size(), random)]).append(text.substr(end)),
          "word replaced"};
}

}  // namespace

std::size_t below(std::size_t n, Random& random) { return n == 0 ? 0 : static_cast<std::size_t>(random() % n); }

Damaged damaged(std::string_view text, Kind kind, bool large, Random& random) {
  if (text.empty()) return {"", "nothing"};
  switch (below(kind == Kind::bytes ? 4 : 12, random)) {
    case 0: return {cut(text, random), "cut"};
    case 1: return {flip(text, random), "flip"};
    case 2: return {moved(text, random), "piece moved"};
    case 3: return below(2, random) != 0 ? Damaged{flip(text, random), "flip"} : Damaged{cut(text, random), "cut"};
    default: break;
  }
  if (kind == Kind::json) return of_json(text, large, random);
  if (kind == Kind::text) return below(3, random) == 0 ? of_line(text, random) : of_word(text, random);
  if (below(6, random) == 0) return of_line(text, random);
  const auto [begin, end] = line_at(text, below(text.size(), random));
  const std::size_t inner = end > begin && text[end - 1] == '\n' ? end - 1 : end;
  Damaged line = of_json(text.substr(begin, inner - begin), large, random);
  return {std::string(text.substr(0, begin)) + line.text + std::string(text.substr(inner)), line.how};
}

}  // namespace damage
