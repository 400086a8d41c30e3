#pragma once
// Words that a trace is written in and read by: told by the parts that they are about, and known to analyses, which see
// none of those parts.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pagetoken {

/// What a task waits for.
enum class Wait : std::uint8_t {
  none,
  lock,       ///< a local lock, in its queue
  token,      ///< a grant
  pins,       ///< until no task pins the range under revoke
  page,       ///< until the page is up to date
  writeback,  ///< until the page's writeback is done
  guard,      ///< until the guard lets a fault sample it
  reply,      ///< the result of an uncached access
  sync        ///< until the protocol is done with a sync point
};
inline constexpr std::array<std::string_view, 9> kWaitNames{"none",      "lock",  "token", "pins", "page",
                                                            "writeback", "guard", "reply", "sync"};
constexpr std::string_view name_of(Wait wait) { return kWaitNames[static_cast<std::size_t>(wait)]; }

/// What kind of event an operation is: docs/protocols.md, "Elementary events".
enum class ElementaryEvent : std::uint8_t {
  none,          ///< a hit, or the size of a file
  rmiss_clean,   ///< a read fault, and no other node writes
  rmiss_dirty,   ///< a read fault, and another node is a writer
  wmiss_none,    ///< a write fault, and nobody holds the page
  wmiss_excl,    ///< a write fault, and another node is a writer
  wmiss_shared,  ///< a write fault of a node without a copy, and others read
  upgrade,       ///< a write fault of a node that reads
  evict,
  release,
  writeback,
  truncate,
  extend,
  renew
};
inline constexpr std::size_t kElementaryEvents = 13;
inline constexpr std::array<std::string_view, kElementaryEvents> kElementaryEventNames{
    "none",  "RMISS_CLEAN", "RMISS_DIRTY", "WMISS_NONE", "WMISS_EXCL", "WMISS_SHARED", "UPGRADE",
    "EVICT", "RELEASE",     "WRITEBACK",   "TRUNCATE",   "EXTEND",     "RENEW"};
/// A fault that needed a token.
constexpr bool is_miss(ElementaryEvent event) {
  return event >= ElementaryEvent::rmiss_clean && event <= ElementaryEvent::upgrade;
}

}  // namespace pagetoken
