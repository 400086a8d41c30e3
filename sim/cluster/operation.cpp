#include "sim/cluster/operation.hpp"

#include <charconv>

namespace pagetoken {

namespace {

AccessKind shipped_as(const Operation& operation) {
  if (operation.append) return AccessKind::append;
  if (operation.kind == TaskKind::truncate) return AccessKind::truncate;
  if (operation.kind == TaskKind::extend) return AccessKind::extend;
  return operation.is_write ? AccessKind::write : AccessKind::read;
}

bool can_be_shipped(TaskKind kind) {
  switch (kind) {
    case TaskKind::access:
    case TaskKind::read:
    case TaskKind::write:
    case TaskKind::truncate:
    case TaskKind::extend: return true;
    default: return false;
  }
}

}  // namespace

Task task_of(const Operation& operation, bool caches) {
  Task task;
  task.kind = caches || !can_be_shipped(operation.kind) ? operation.kind : TaskKind::uncached;
  task.is_write = operation.is_write && operation.kind == TaskKind::access;
  task.append = operation.append;
  task.file = operation.file;
  task.range = operation.range;
  task.at.page = operation.range.begin;
  task.sync = operation.sync;
  task.cells = operation.cells;
  if (task.kind == TaskKind::uncached) task.ships = shipped_as(operation);
  return task;
}
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
