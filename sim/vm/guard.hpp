#pragma once
// A guard scheme: how the fault side ties "looked up under lock A" to "installed under lock B", as a set of switches.
// The presets are JSON files in configs/guards; where each comes from is in their "source".

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "protocols/api/fields.hpp"

namespace pagetoken {

/// What the fault samples before it looks the page up, and compares under the page table lock.
enum class Check : std::uint8_t { none, isize, frlock, count, seqsched, notifier };
/// Where the rwsem over page-cache creation is held: nowhere, while a page is created or filled, or the whole fault.
enum class InvalidateLock : std::uint8_t { none, fill, whole };
/// How a write to a read-only shared PTE gets its EXCLUSIVE token.
enum class Mkwrite : std::uint8_t { none, under_page_lock, unlocked_relock, returns_locked };
/// How long a fault's token stays pinned: until ->nopage returns, the page lock is held, or the PTE is set.
enum class PinScope : std::uint8_t { nopage, until_page_lock, until_pte };
enum class GrantWait : std::uint8_t { before_lock, under_lock };
enum class CopyFaults : std::uint8_t { disabled, enabled };

struct GuardScheme {
  Check check = Check::none;
  bool page_lock_across = false;  ///< the page lock is held from lookup to set_pte
  bool recheck_mapping = false;   ///< under the page lock: is the page still in the cache, inside i_size?
  InvalidateLock invalidate_lock = InvalidateLock::none;
  bool fs_lock_across = false;       ///< the DFS's own lock L is held from F3 to F10, and around a revoke
  bool fs_lock_in_truncate = false;  ///< truncate, punch and invalidate take L too
  Mkwrite mkwrite = Mkwrite::none;
  bool unmap_twice = false;         ///< truncate unmaps again (T2-T4) after it emptied the cache
  bool state_first = true;          ///< a revoke marks the token and waits for pins (R1, R2) before it unmaps
  bool revoke_lock_first = true;    ///< the scheme's locks are taken before R1
  bool section_spans_free = false;  ///< the scheme's section ends after T6 instead of after T5
  PinScope pin_scope = PinScope::nopage;
  GrantWait grant_wait = GrantWait::before_lock;
  bool dirty_before_unpin = true;  ///< mkwrite dirties the page before it drops its pin
  bool barriers = true;            ///< false: i_size or token may be loaded before the sample and used after it, or
                                   ///< a truncate's counter may be seen to move before its i_size
  bool fair_rwsem = true;          ///< a queued writer blocks new readers
  bool mm_dropped_first = false;   ///< frlock: a fault that has to retry drops the mmap_sem before it waits on i_sem
  CopyFaults copy_faults = CopyFaults::disabled;

  static constexpr auto fields() {
    using G = GuardScheme;
    return std::tuple{field("check", &G::check),
                      field("page_lock_across", &G::page_lock_across),
                      field("recheck_mapping", &G::recheck_mapping),
                      field("invalidate_lock", &G::invalidate_lock),
                      field("fs_lock_across", &G::fs_lock_across),
                      field("fs_lock_in_truncate", &G::fs_lock_in_truncate),
                      field("mkwrite", &G::mkwrite),
                      field("unmap_twice", &G::unmap_twice),
                      field("state_first", &G::state_first),
                      field("revoke_lock_first", &G::revoke_lock_first),
                      field("section_spans_free", &G::section_spans_free),
                      field("pin_scope", &G::pin_scope),
                      field("grant_wait", &G::grant_wait),
                      field("dirty_before_unpin", &G::dirty_before_unpin),
                      field("barriers", &G::barriers),
                      field("fair_rwsem", &G::fair_rwsem),
                      field("mm_dropped_first", &G::mm_dropped_first),
                      field("copy_faults", &G::copy_faults)};
  }
  friend bool operator==(const GuardScheme&, const GuardScheme&) = default;
};
static_assert(fields_complete<GuardScheme>());

/// The names that JSON uses for each switch's values, in the order of the enumerators.
template <class E>
struct SwitchNames;
template <>
struct SwitchNames<Check> {
  static constexpr std::array<std::string_view, 6> names{"none", "isize", "frlock", "count", "seqsched", "notifier"};
};
template <>
struct SwitchNames<InvalidateLock> {
  static constexpr std::array<std::string_view, 3> names{"none", "fill", "whole"};
};
template <>
struct SwitchNames<Mkwrite> {
  static constexpr std::array<std::string_view, 4> names{"none", "under_page_lock", "unlocked_relock",
                                                         "returns_locked"};
};
template <>
struct SwitchNames<PinScope> {
  static constexpr std::array<std::string_view, 3> names{"nopage", "until_page_lock", "until_pte"};
};
template <>
struct SwitchNames<GrantWait> {
  static constexpr std::array<std::string_view, 2> names{"before_lock", "under_lock"};
};
template <>
struct SwitchNames<CopyFaults> {
  static constexpr std::array<std::string_view, 2> names{"disabled", "enabled"};
};

}  // namespace pagetoken
