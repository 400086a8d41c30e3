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

/// kSwitchMeanings says what each is.
struct GuardScheme {
  Check check = Check::none;
  bool page_lock_across = false;
  bool recheck_mapping = false;
  InvalidateLock invalidate_lock = InvalidateLock::none;
  bool fs_lock_across = false;
  bool fs_lock_in_truncate = false;
  Mkwrite mkwrite = Mkwrite::none;
  bool unmap_twice = false;
  bool state_first = true;
  bool revoke_lock_first = true;
  bool section_spans_free = false;
  PinScope pin_scope = PinScope::nopage;
  GrantWait grant_wait = GrantWait::before_lock;
  bool dirty_before_unpin = true;
  bool barriers = true;
  bool fair_rwsem = true;
  bool mm_dropped_first = false;
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

/// What each switch is, in the order of fields().
struct SwitchMeaning {
  std::string_view name;
  std::string_view meaning;
};
inline constexpr std::array kSwitchMeanings{
    SwitchMeaning{"check", "what a fault samples at F2 and compares at F8, under the page table lock"},
    SwitchMeaning{"page_lock_across", "the page lock is held from lookup to set_pte"},
    SwitchMeaning{"recheck_mapping", "under the page lock: is the page still in the cache, inside i_size?"},
    SwitchMeaning{"invalidate_lock",
                  "rwsem over page-cache creation: none, while a page is filled, or the whole fault"},
    SwitchMeaning{"fs_lock_across", "the file system's own lock L is held from F3 to F10, and around a revoke"},
    SwitchMeaning{"fs_lock_in_truncate", "truncate, punch and invalidate take L too"},
    SwitchMeaning{"mkwrite", "how a write to a read-only shared PTE gets its EXCLUSIVE token"},
    SwitchMeaning{"unmap_twice", "truncate unmaps again (T2 to T4) after it has emptied the cache"},
    SwitchMeaning{"state_first", "a revoke marks the token and waits for pins (R1, R2) before it unmaps"},
    SwitchMeaning{"revoke_lock_first", "a revoke takes the scheme's locks before it marks the token"},
    SwitchMeaning{"section_spans_free", "the scheme's section ends after T6 instead of after T5"},
    SwitchMeaning{"pin_scope",
                  "a fault's token stays pinned until ->nopage returns, the page is locked, or the PTE is set"},
    SwitchMeaning{"grant_wait", "tokens are awaited before the scheme's lock is taken, or under it"},
    SwitchMeaning{"dirty_before_unpin", "mkwrite dirties the page before it drops its pin"},
    SwitchMeaning{
        "barriers",
        "false: i_size or token may be loaded before the sample and used after it, or a truncate's counter may be "
        "seen to move before its i_size"},
    SwitchMeaning{"fair_rwsem", "a queued writer blocks new readers"},
    SwitchMeaning{"mm_dropped_first", "frlock: a fault that has to retry drops the mmap_sem before it waits on i_sem"},
    SwitchMeaning{"copy_faults", "write(2) copies from the user's buffer with faults disabled or enabled"},
};
static_assert(std::apply(
    [](const auto&... fields) {
      std::size_t i = 0;
      return sizeof...(fields) == kSwitchMeanings.size() && ((fields.name == kSwitchMeanings[i++].name) && ...);
    },
    GuardScheme::fields()));

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
