#pragma once
// What clients do, as a task of their VM, and how people write it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/api/context.hpp"
#include "sim/vm/task.hpp"

namespace pagetoken {

/// One operation of a client.
struct Operation {
  TaskKind kind = TaskKind::access;
  bool is_write = false;
  FileId file{};
  Range range{};    ///< page accessed, or as Task::range
  SyncKind sync{};  ///< of a sync point
  CellMask cells = kWholePage;
  bool append = false;  ///< as Task::append
};
/// The task that performs it. Where a protocol does not cache, accesses and changes of size travel instead.
Task task_of(const Operation& operation, bool caches);

/// What each thread does, one operation after another.
using Scripts = std::vector<std::vector<Operation>>;

/// "load 0", "store 0", "read 0", "write 0", "evict 0" (a page); "truncate 0", "extend 2" (the new size); "fsync";
/// "open" and other sync points.
std::string text_of(const Operation& operation);
/// "node 0: load 0, store 0; node 1: store 0"
std::string text_of(const Scripts& scripts);

/// The operation on file 0 that is written so; nothing if there is none.
std::optional<Operation> operation_called(std::string_view text);
inline constexpr std::string_view kOperationHelp =
    "\"load P\", \"store P\", \"read P\", \"write P\", \"evict P\" (a page), \"truncate N\", \"extend N\" (pages), "
    "\"fsync\"";

}  // namespace pagetoken
