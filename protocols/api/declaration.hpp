#pragma once
// What a protocol says of itself; `pagetoken describe NAME` prints it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "protocols/api/ids.hpp"

namespace pagetoken {

enum class Granularity : std::uint8_t { page, range, file };
enum class Consistency : std::uint8_t {
  linearizable,  ///< per page, an operation being the interval from fault start to access performed
  sequential,
  close_to_open,
  release
};
/// Who handles a message: the receiver's view of the resource, or the record of its home.
enum class Role : std::uint8_t { local, home };
/// What the driver must offer to tasks, and the oracle may expect.
enum class Caching : std::uint8_t { tokens, none };

struct MessageType {
  std::string_view name;  ///< as in docs/protocols.md, "Message types"; of size resources it is counted as SIZE_<name>
  Role role = Role::local;
  std::uint32_t bytes = 64;  ///< on the wire, without content and attachment
  std::string_view description;
};
/// A row of a protocol's table of messages, and the enumerator that it is about.
template <class Type>
struct MessageRow {
  Type type;
  MessageType message;
};
/// The rows, one for each enumerator before `kTypes`, in their order: messages are routed by their number. A row that
/// is missing or out of place does not compile.
template <auto kTypes, std::size_t N>
consteval std::array<MessageType, N> message_table(const MessageRow<decltype(kTypes)> (&rows)[N]) {
  static_assert(N == static_cast<std::size_t>(kTypes), "each type of message has a row");
  std::array<MessageType, N> table{};
  for (std::size_t i = 0; i < N; ++i) {
    if (static_cast<std::size_t>(rows[i].type) != i) throw "a row stands where another type's belongs";
    table[i] = rows[i].message;
  }
  return table;
}

struct TimerType {
  std::string_view name;  ///< commented "when to ..."
  bool any_time = false;  ///< in the explorer it may fire at any moment (a hold time), else after ticks
  std::int64_t ticks = 0;
};
struct Parameter {
  std::string_view name;  ///< ends in its unit
  std::int64_t default_value = 0;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view description;
};

struct Declaration {
  std::string_view name;
  std::string_view summary;  ///< one sentence
  std::string_view source;   ///< paper or code, with section
  Granularity granularity = Granularity::page;
  Consistency consistency = Consistency::linearizable;
  Caching caching = Caching::tokens;
  bool has_home = true;    ///< false: managers are not used
  bool needs_fifo = true;  ///< messages between two nodes arrive in the order they were sent
  bool needs_reliable = true;
  bool hears_sync = false;       ///< on_sync is called, and each call answered by sync_done; written cells are kept
  bool has_extend_mode = false;  ///< false: EXTEND is asked for as EXCLUSIVE
  std::vector<MessageType> messages;
  std::vector<TimerType> timers;
  std::vector<Parameter> parameters;
};

}  // namespace pagetoken
