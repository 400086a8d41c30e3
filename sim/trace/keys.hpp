#pragma once
// The keys and kinds of a trace: a row each, from which enumerators, names, members, limits, what may be missing, and
// what validation allows all derive. docs/files.md, "Trace of a run", says what they mean.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sim/words/words.hpp"

namespace pagetoken {

// The words that texts of some keys are taken from.
inline constexpr std::string_view kAccessWords[] = {"read", "write", "append", "truncate", "extend", "punch", "fsync"};
inline constexpr std::string_view kViaWords[] = {"mmap", "syscall"};
inline constexpr std::string_view kResultWords[] = {"done", "sigbus", "gave_up", "refused"};
inline constexpr std::string_view kModeWords[] = {"shared", "extend", "exclusive"};
inline constexpr std::string_view kKeepWords[] = {"none", "shared", "extend", "exclusive"};
inline constexpr std::string_view kIoWords[] = {"read", "write"};
inline constexpr std::string_view kPhaseWords[] = {"send", "served", "done"};
inline constexpr auto kWaitWords = std::span(kWaitNames).subspan<1>();  ///< who does not wait has no such key
inline constexpr std::span<const std::string_view> kAnyWord{};

inline constexpr std::uint64_t kMaxTraceFile = (1u << 24) - 1;
inline constexpr std::uint64_t kMaxTracePage = (std::uint64_t{1} << 40) - 3;

/// name, type of the member, how the value is written, the largest number, the words that a text may be. In no
/// particular order; `kind` is not among them.
// clang-format off
#define PAGETOKEN_TRACE_KEYS(KEY) \
  KEY(t, std::int64_t, number, INT64_MAX, kAnyWord) \
  KEY(node, std::uint32_t, number, UINT32_MAX, kAnyWord) \
  KEY(op, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(file, std::uint32_t, number, kMaxTraceFile, kAnyWord) \
  KEY(page, std::uint64_t, number, kMaxTracePage, kAnyWord) \
  KEY(size, bool, flag, INT64_MAX, kAnyWord) \
  KEY(by_task, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(by_msg, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(by_request, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(by_timer, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(what, std::string_view, text, INT64_MAX, kAnyWord) \
  KEY(access, std::string_view, text, INT64_MAX, kAccessWords) \
  KEY(via, std::string_view, text, INT64_MAX, kViaWords) \
  KEY(offset, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(length, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(result, std::string_view, text, INT64_MAX, kResultWords) \
  KEY(event, std::string_view, text, INT64_MAX, kElementaryEventNames) \
  KEY(latency, std::int64_t, number, INT64_MAX, kAnyWord) \
  KEY(retries, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(task, std::uint64_t, number, 65535, kAnyWord) \
  KEY(step, std::string_view, text, INT64_MAX, kAnyWord) \
  KEY(text, std::string_view, text, INT64_MAX, kAnyWord) \
  KEY(waits, std::string_view, text, INT64_MAX, kWaitWords) \
  KEY(lock, std::string_view, text, INT64_MAX, kAnyWord) \
  KEY(holder, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(retry, bool, flag, INT64_MAX, kAnyWord) \
  KEY(cost, std::int64_t, number, INT64_MAX, kAnyWord) \
  KEY(delay, std::int64_t, number, INT64_MAX, kAnyWord) \
  KEY(mode, std::string_view, text, INT64_MAX, kModeWords) \
  KEY(keep, std::string_view, text, INT64_MAX, kKeepWords) \
  KEY(range, TraceInterval, interval, INT64_MAX, kAnyWord) \
  KEY(msg, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(to, std::uint32_t, number, UINT32_MAX, kAnyWord) \
  KEY(type, std::string_view, text, INT64_MAX, kAnyWord) \
  KEY(bytes, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(from, std::uint32_t, number, UINT32_MAX, kAnyWord) \
  KEY(waited, std::int64_t, number, INT64_MAX, kAnyWord) \
  KEY(cpu, std::int64_t, number, INT64_MAX, kAnyWord) \
  KEY(request, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(server, std::uint32_t, number, UINT32_MAX, kAnyWord) \
  KEY(io, std::string_view, text, INT64_MAX, kIoWords) \
  KEY(phase, std::string_view, text, INT64_MAX, kPhaseWords) \
  KEY(service, std::int64_t, number, INT64_MAX, kAnyWord) \
  KEY(reads, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(read_bytes, TraceInterval, interval, INT64_MAX, kAnyWord) \
  KEY(read_cells, std::uint64_t, cells, INT64_MAX, kAnyWord) \
  KEY(writes, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(write_bytes, TraceInterval, interval, INT64_MAX, kAnyWord) \
  KEY(write_cells, std::uint64_t, cells, INT64_MAX, kAnyWord) \
  KEY(open, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(last_end, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(sequential, bool, flag, INT64_MAX, kAnyWord) \
  KEY(timer, std::string_view, text, INT64_MAX, kAnyWord) \
  KEY(partial, bool, flag, INT64_MAX, kAnyWord) \
  KEY(violations, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(fingerprint, std::string_view, text, INT64_MAX, kAnyWord) \
  KEY(lines, std::uint64_t, number, INT64_MAX, kAnyWord) \
  KEY(hash, std::string_view, text, INT64_MAX, kAnyWord)

/// name, and the keys that a line of that kind has beside `t`.
#define PAGETOKEN_TRACE_KINDS(KIND) \
  KIND(begin, node, op, what, file) \
  KIND(end, node, op, what, result, event, latency, retries) \
  KIND(step, node, task, what, step, cost) \
  KIND(wake, node, task, delay) \
  KIND(need, node, file, mode) \
  KIND(grant, node, file, mode) \
  KIND(yield, node, file, keep) \
  KIND(yielded, node, file, keep) \
  KIND(send, node, msg, to, type, file, bytes) \
  KIND(handle, node, msg, from, type, file, waited, cpu) \
  KIND(storage, node, request, server, io, file, phase) \
  KIND(hits, node, file, page) \
  KIND(use, node, file, open, last_end, sequential) \
  KIND(evict, node, file) \
  KIND(timer, node, file, timer) \
  KIND(check, lines, hash) \
  KIND(finish, partial, violations)
// clang-format on

enum class TraceKey : std::uint8_t {
#define KEY(NAME, TYPE, VALUE, MAX, WORDS) NAME,
  PAGETOKEN_TRACE_KEYS(KEY)
#undef KEY
};
inline constexpr std::array kTraceKeyNames{
#define KEY(NAME, TYPE, VALUE, MAX, WORDS) std::string_view(#NAME),
    PAGETOKEN_TRACE_KEYS(KEY)
#undef KEY
};
inline constexpr std::size_t kTraceKeys = kTraceKeyNames.size();
constexpr std::string_view name_of(TraceKey key) { return kTraceKeyNames[static_cast<std::size_t>(key)]; }
constexpr std::uint64_t bit(TraceKey key) { return std::uint64_t{1} << static_cast<unsigned>(key); }
static_assert(kTraceKeys <= 64, "an event has a bit for each key");

/// What the text of a key may be; any if there are none.
inline constexpr std::array<std::span<const std::string_view>, kTraceKeys> kTraceWords{
#define KEY(NAME, TYPE, VALUE, MAX, WORDS) std::span<const std::string_view>(WORDS),
    PAGETOKEN_TRACE_KEYS(KEY)
#undef KEY
};

enum class TraceKind : std::uint8_t {
#define KIND(NAME, ...) NAME,
  PAGETOKEN_TRACE_KINDS(KIND)
#undef KIND
};
inline constexpr std::array kTraceKindNames{
#define KIND(NAME, ...) std::string_view(#NAME),
    PAGETOKEN_TRACE_KINDS(KIND)
#undef KIND
};
inline constexpr std::size_t kTraceKinds = kTraceKindNames.size();
constexpr std::string_view name_of(TraceKind kind) { return kTraceKindNames[static_cast<std::size_t>(kind)]; }

/// What a line of each kind must have beside `t`, as bits.
inline constexpr std::array<std::uint64_t, kTraceKinds> kTraceRequired = [] {
  using enum TraceKey;
  const auto keys = [](auto... key) { return (bit(key) | ...); };
  return std::array<std::uint64_t, kTraceKinds>{
#define KIND(NAME, ...) keys(__VA_ARGS__),
      PAGETOKEN_TRACE_KINDS(KIND)
#undef KIND
  };
}();

}  // namespace pagetoken
