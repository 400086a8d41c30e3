#pragma once
// One access of a workload, as engines consume it.

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "protocols/api/ids.hpp"

namespace pagetoken {

/// What a client does to a file.
enum class Op : std::uint8_t {
  read,
  write,
  append,    ///< writes `length` bytes at the end of the file, wherever that is; `offset` is 0
  truncate,  ///< makes the file shorter: `offset` is the new size, `length` 0
  extend,    ///< makes the file longer without writing: `offset` is the new size, `length` 0
  punch,     ///< drops the pages of [offset, offset + length)
  fsync,     ///< `offset` and `length` are 0
};
inline constexpr std::string_view kOpNames[] = {"read", "write", "append", "truncate", "extend", "punch", "fsync"};
constexpr std::string_view name_of(Op op) { return kOpNames[static_cast<std::size_t>(op)]; }
constexpr bool has_range(Op op) { return op == Op::read || op == Op::write || op == Op::punch; }

/// Pages that one read, write or append may touch: it makes them one after another, and nothing else of its thread.
inline constexpr std::uint64_t kMaxAccessPages = std::uint64_t{1} << 20;

/// How it reaches the file: a load or store that may fault, or read(2) and write(2).
enum class Via : std::uint8_t { mmap, syscall };
inline constexpr std::string_view kViaNames[] = {"mmap", "syscall"};
constexpr std::string_view name_of(Via via) { return kViaNames[static_cast<std::size_t>(via)]; }

/// Bytes, so that digests and copies need no more than the memory it lies in.
struct Access {
  FileId file{};
  Op op = Op::read;
  Via via = Via::mmap;
  std::uint16_t unused = 0;   ///< always 0: there is no padding
  std::uint64_t offset = 0;   ///< bytes from the start of the file; see Op
  std::uint64_t length = 0;   ///< bytes; see Op
  std::int64_t think_ns = 0;  ///< delay before it, >= 0; in Order::recorded the instant at which it starts, see at_ns()

  /// In Order::recorded: nanoseconds since the first access of the whole trace.
  constexpr std::int64_t at_ns() const { return think_ns; }
  /// The first byte that it does not touch; the new size for truncate and extend.
  constexpr std::uint64_t end() const { return offset + length; }
  friend constexpr bool operator==(const Access&, const Access&) = default;
};
static_assert(sizeof(Access) == 32 && std::is_trivially_copyable_v<Access>);
static_assert(std::has_unique_object_representations_v<Access>);

/// Who goes when. `closed`: each thread as fast as it can, one access after the other. `serial`: one access at a time
/// in the whole cluster, in the order of Workload::serial(). `recorded`: at the instants that the trace recorded.
enum class Order : std::uint8_t { closed, serial, recorded };
inline constexpr std::string_view kOrderNames[] = {"closed", "serial", "recorded"};
constexpr std::string_view name_of(Order order) { return kOrderNames[static_cast<std::size_t>(order)]; }

}  // namespace pagetoken
