#pragma once
// The local locks: who holds one, and who waits for it in order of arrival.

#include <cstdint>
#include <limits>

#include "protocols/api/fields.hpp"

namespace pagetoken {

using TaskIndex = std::uint16_t;  ///< a task's slot in its node's VM
inline constexpr TaskIndex kNoTask = std::numeric_limits<TaskIndex>::max();

/// One bit each, so that a task's locks are a mask.
enum class LockKind : std::uint8_t {
  mmap_sem = 1,          ///< MM, fair rwsem: the VMAs of one process
  i_sem = 2,             ///< ISEM: truncate and write(2) of one file
  invalidate_lock = 4,   ///< INVL, rwsem: creation of page-cache pages of one file
  i_shared_sem = 8,      ///< ISH: the VMAs that map a file
  page_table_lock = 16,  ///< PTL, spin: the PTEs of one process
  page_lock = 32,        ///< PL: one page
  fs_lock = 64           ///< L: the DFS's own, one a file
};
constexpr std::uint8_t bit(LockKind kind) { return static_cast<std::uint8_t>(kind); }
const char* name_of(LockKind kind);

/// Owner or readers, and the length of the queue. The queue itself is the tasks that wait, by ticket.
struct Lock {
  TaskIndex owner = kNoTask;
  std::uint16_t readers = 0;
  std::uint16_t waiters = 0;
  static constexpr auto fields() {
    return std::tuple{field("owner", &Lock::owner), field("readers", &Lock::readers), field("waiters", &Lock::waiters)};
  }
  bool free() const { return owner == kNoTask && readers == 0; }
};

/// Which lock: the kind, and the process, file or page object that it belongs to.
struct LockRef {
  LockKind kind = LockKind::mmap_sem;
  std::uint32_t index = 0;
  static constexpr auto fields() { return std::tuple{field("kind", &LockRef::kind), field("index", &LockRef::index)}; }
  friend bool operator==(const LockRef&, const LockRef&) = default;
};

}  // namespace pagetoken
