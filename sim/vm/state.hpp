#pragma once
// What one node's kernel holds: page objects, PTEs, files, locks.

#include <cstdint>
#include <vector>

#include "protocols/api/ids.hpp"
#include "protocols/api/message.hpp"
#include "protocols/api/table.hpp"
#include "sim/vm/task.hpp"

namespace pagetoken {

struct BlockKind;
using Block = Fresh<BlockKind>;  ///< a block of storage; 0 = none

/// A page of the page cache, or a private copy, or an orphan that only a PTE or a task still refers to.
struct PageObject {
  std::uint64_t key = 0;  ///< page_resource(file, page).key() of where it was made
  bool in_cache = false;  ///< its mapping is set
  bool used = false;      ///< the slot is taken
  bool uptodate = false;
  bool dirty = false;
  bool writeback = false;
  bool is_copy = false;  ///< private, made by copy on write
  std::uint16_t map_count = 0;
  Lock lock{};  ///< PL
  Block block{};
  Version version{};
  CellMask written = 0;  ///< cells stored to since they were last sent as such; kept where sync points are heard
  Untracked<std::uint32_t> record{};  ///< the oracle's record of the page, + 1; 0 = not looked up yet
  static constexpr auto fields() {
    using P = PageObject;
    return std::tuple{
        field("key", &P::key),           field("in_cache", &P::in_cache),   field("used", &P::used),
        field("uptodate", &P::uptodate), field("dirty", &P::dirty),         field("writeback", &P::writeback),
        field("is_copy", &P::is_copy),   field("map_count", &P::map_count), field("lock", &P::lock),
        field("block", &P::block),       field("version", &P::version),     field("written", &P::written),
        field("record", &P::record)};
  }
};

struct Pte {
  std::uint32_t object = kNoObject;
  bool writable = false;
  bool dirty = false;
  bool accessed = false;
  bool is_copy = false;  ///< points to a private copy
  static constexpr auto fields() {
    return std::tuple{field("object", &Pte::object), field("writable", &Pte::writable), field("dirty", &Pte::dirty),
                      field("accessed", &Pte::accessed), field("is_copy", &Pte::is_copy)};
  }
};

/// A process. Its VMAs map whole files at their own offsets, once shared and once private; a PTE is keyed by the page,
/// and by kPrivate where it belongs to the private mapping.
struct Process {
  Lock mmap_sem{};
  Lock page_table_lock{};
  Table<Pte> ptes;
  static constexpr auto fields() {
    return std::tuple{field("mmap_sem", &Process::mmap_sem), field("page_table_lock", &Process::page_table_lock),
                      field("ptes", &Process::ptes)};
  }
};
inline constexpr std::uint64_t kPrivate = std::uint64_t{1} << 63;
constexpr std::uint64_t pte_key(FileId file, PageIndex page, bool is_private) {
  return page_resource(file, page).key() | (is_private ? kPrivate : 0);
}

/// A file as this node sees it.
struct FileState {
  PageIndex i_size = 0;     ///< in pages
  bool size_dirty = false;  ///< set here, not yet handed on or written back
  Lock i_sem{};
  Lock invalidate_lock{};
  Lock i_shared_sem{};
  Lock fs_lock{};
  Sample pre{};  ///< frlock
  Sample post{};
  Sample count{};            ///< truncate_count
  Sample sequence{};         ///< seqschedlock, notifier
  std::uint8_t writers = 0;  ///< seqschedlock
  std::uint8_t active = 0;   ///< notifier: ranges being invalidated
  static constexpr auto fields() {
    using F = FileState;
    return std::tuple{field("i_size", &F::i_size),
                      field("size_dirty", &F::size_dirty),
                      field("i_sem", &F::i_sem),
                      field("invalidate_lock", &F::invalidate_lock),
                      field("i_shared_sem", &F::i_shared_sem),
                      field("fs_lock", &F::fs_lock),
                      field("pre", &F::pre),
                      field("post", &F::post),
                      field("count", &F::count),
                      field("sequence", &F::sequence),
                      field("writers", &F::writers),
                      field("active", &F::active)};
  }
};

}  // namespace pagetoken
