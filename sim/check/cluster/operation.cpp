#include "sim/check/cluster/operation.hpp"

#include <charconv>

namespace pagetoken {
namespace {

struct ProgramOperation {
  std::string_view name;
  TaskKind kind;
  bool is_write;
};
constexpr ProgramOperation kOnePage[] = {{"load", TaskKind::access, false},
                                         {"store", TaskKind::access, true},
                                         {"read", TaskKind::read, false},
                                         {"write", TaskKind::write, true},
                                         {"evict", TaskKind::evict, false}};

constexpr PageIndex kMostPages = 64;

}  // namespace

std::string text_of(const Operation& o) {
  for (const ProgramOperation& kind : kOnePage)
    if (kind.kind == o.kind && kind.is_write == o.is_write)
      return std::string(kind.name) + " " + std::to_string(o.range.begin);
  if (o.kind == TaskKind::truncate) return "truncate " + std::to_string(o.range.begin);
  if (o.kind == TaskKind::extend) return "extend " + std::to_string(o.range.end);
  if (o.kind == TaskKind::sync) return name_of(o.sync);
  return name_of(o.kind);
}

std::string text_of(const Scripts& scripts) {
  std::string text;
  for (std::size_t s = 0; s < scripts.size(); ++s) {
    text += (s == 0 ? "node " : "; node ") + std::to_string(s) + ":";
    for (std::size_t i = 0; i < scripts[s].size(); ++i) text += (i == 0 ? " " : ", ") + text_of(scripts[s][i]);
    if (scripts[s].empty()) text += " nothing";
  }
  return text;
}

std::optional<Operation> operation_called(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(' '));
  if (text == "fsync") return Operation{TaskKind::fsync, false, FileId{0}, whole_file()};
  if (name == text) return std::nullopt;
  PageIndex number = 0;
  const std::string_view digits = text.substr(name.size() + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || number > kMostPages) return std::nullopt;
  for (const ProgramOperation& kind : kOnePage)
    if (kind.name == name) return Operation{kind.kind, kind.is_write, FileId{0}, one_page(number)};
  if (name == "truncate") return Operation{TaskKind::truncate, true, FileId{0}, {number, kToInfinity}};
  if (name == "extend") return Operation{TaskKind::extend, true, FileId{0}, {0, number}};
  return std::nullopt;
}

}  // namespace pagetoken
