#pragma once
// An operation in progress: a plain struct with a program counter, advanced one atomic step at a time.

#include <algorithm>
#include <cstdint>

#include "protocols/api/context.hpp"
#include "protocols/api/ids.hpp"
#include "protocols/api/message.hpp"
#include "sim/vm/lock.hpp"
#include "sim/words/words.hpp"

namespace pagetoken {

enum class TaskKind : std::uint8_t {
  access,      ///< a load or store: hit, or fault (F1-F10), or write on a read-only PTE (W1-W3)
  truncate,    ///< T1-T6
  punch,       ///< as truncate, without T1
  invalidate,  ///< T2-T5 inside i_size, no token
  extend,
  revoke,  ///< R1-R7
  read,    ///< read(2)
  write,   ///< write(2)
  fsync,   ///< R4, R5 of a range; msync alike
  munmap,
  mmap,      ///< takes the mmap_sem for writing and drops it
  evict,     ///< one page leaves the cache
  uncached,  ///< an access under a protocol that does not cache
  sync       ///< open, close, a lock, a barrier: the protocol is told, and answers
};
inline constexpr std::size_t kTaskKinds = 14;
const char* name_of(TaskKind kind);

enum class Result : std::uint8_t { running, done, sigbus, gave_up, refused };

struct SampleKind;
using Sample = Fresh<SampleKind>;  ///< a guard's counter, only compared
struct TicketKind;
using Ticket = Fresh<TicketKind>;

inline constexpr std::uint32_t kNoObject = ~0u;

/// What the statistics want of a task; no part of the state.
struct TaskNotes {
  std::uint64_t operation = 0;  ///< id of the operation, for causes and traces
  std::uint8_t event = 0;       ///< elementary event of its first need
  std::uint8_t hops = 0;        ///< longest chain of messages that it has waited for
  std::uint8_t size_hops = 0;   ///< of these, for the token of the file's size
  std::uint16_t retries = 0;    ///< times a guard sent the fault back
  bool faulted = false;         ///< took the fault path at all
  bool needed_page = false;     ///< had to acquire a page token
  bool had_shared = false;      ///< ... while holding it SHARED

  void encode_notes(Encoder& out) const {
    Cause{operation, event, hops}.encode_notes(out);
    out.put(std::min(size_hops, Cause::kMostHops));
  }
  void decode_notes(Decoder& in) {
    Cause cause;
    cause.decode_notes(in);
    operation = cause.operation;
    hops = cause.hops;
    in.get(size_hops);
  }
};

/// The page that a task works on, what it holds there, and its pins. write(2) has two: the file's page and the page
/// that its user buffer maps.
struct Target {
  FileId file{};
  PageIndex page = 0;
  std::uint32_t object = kNoObject;  ///< page that the task holds a reference to
  std::uint8_t held = 0;             ///< mask of LockKind
  Mode size_pin = Mode::none;        ///< mode of the size token pinned
  Mode page_pin = Mode::none;        ///< mode of the tokens pinned over `pin_range`
  bool hold = false;  ///< page_pin came with a grant and waits for the scheme's locks: see StepOp::pin_tokens
  Range pin_range{};
  static constexpr auto fields() {
    using T = Target;
    return std::tuple{field("file", &T::file), field("page", &T::page),          field("object", &T::object),
                      field("held", &T::held), field("size_pin", &T::size_pin),  field("page_pin", &T::page_pin),
                      field("hold", &T::hold), field("pin_range", &T::pin_range)};
  }
};

struct Task {
  TaskKind kind = TaskKind::access;
  bool alive = false;
  std::uint16_t pc = 0;        ///< index into the program of its kind
  std::uint8_t mm = 0;         ///< process
  bool is_write = false;       ///< access: a store; uncached: a write
  bool is_private = false;     ///< through a private mapping
  bool append = false;         ///< extend: by range.end pages, from wherever the end is; `range` is then what was added
  bool has_buffer = false;     ///< write(2): the user buffer maps `other`; else it is anonymous
  bool absent_buffer = false;  ///< write(2): the anonymous buffer has to be faulted in first
  FileId file{};               ///< of the call
  Range range{};               ///< of the call: pages read, written, revoked, punched; [new size, ...) of a truncate
  Target at{};
  Target other{};
  std::uint32_t copy = kNoObject;  ///< private copy in the making
  PageIndex cursor = 0;            ///< of loops over pages
  std::uint8_t mm_cursor = 0;      ///< of loops over processes
  Sample sample_a{};
  Sample sample_b{};
  PageIndex early_size = 0;       ///< i_size + 1 as loaded before the sample (no barriers); 0 = not loaded early
  Mode early_token = Mode::none;  ///< the page's token as loaded before the sample
  bool early_bump = false;        ///< truncate: its counter was seen to move before its i_size
  ResourceKind revokes = ResourceKind::page;  ///< revoke: of what
  Mode keep = Mode::none;                     ///< revoke: what remains
  Disposition disposition = Disposition::discard;
  AccessKind ships = AccessKind::read;  ///< uncached: what the access does
  SyncKind sync = SyncKind::fsync;      ///< sync, fsync: what the protocol is told
  CellMask cells = kWholePage;          ///< of each page that it accesses: those that it touches
  Version version{};                    ///< last seen or stored
  Wait wait = Wait::none;
  LockRef wait_lock{};
  bool wait_shared = false;  ///< for a rwsem: as a reader
  bool handed = false;       ///< the lock was handed over, or the token granted and pinned, while it slept
  Ticket ticket{};
  Mode need_mode = Mode::none;  ///< while it waits for a token: what it needs
  Resource need_of{};
  Range need_range{};
  Result result = Result::running;
  Untracked<TaskNotes> notes{};

  static constexpr auto fields() {
    using T = Task;
    return std::tuple{field("kind", &T::kind),
                      field("alive", &T::alive),
                      field("pc", &T::pc),
                      field("mm", &T::mm),
                      field("is_write", &T::is_write),
                      field("is_private", &T::is_private),
                      field("append", &T::append),
                      field("has_buffer", &T::has_buffer),
                      field("absent_buffer", &T::absent_buffer),
                      field("file", &T::file),
                      field("range", &T::range),
                      field("at", &T::at),
                      field("other", &T::other),
                      field("copy", &T::copy),
                      field("cursor", &T::cursor),
                      field("mm_cursor", &T::mm_cursor),
                      field("sample_a", &T::sample_a),
                      field("sample_b", &T::sample_b),
                      field("early_size", &T::early_size),
                      field("early_token", &T::early_token),
                      field("early_bump", &T::early_bump),
                      field("revokes", &T::revokes),
                      field("keep", &T::keep),
                      field("disposition", &T::disposition),
                      field("ships", &T::ships),
                      field("sync", &T::sync),
                      field("cells", &T::cells),
                      field("version", &T::version),
                      field("wait", &T::wait),
                      field("wait_lock", &T::wait_lock),
                      field("wait_shared", &T::wait_shared),
                      field("handed", &T::handed),
                      field("ticket", &T::ticket),
                      field("need_mode", &T::need_mode),
                      field("need_of", &T::need_of),
                      field("need_range", &T::need_range),
                      field("result", &T::result),
                      field("notes", &T::notes)};
  }
};
static_assert(fields_complete<Task>());

}  // namespace pagetoken
