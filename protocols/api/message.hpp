#pragma once
// What nodes say to each other: one fixed header for all protocols, and at most one attachment.

#include <variant>
#include <vector>

#include "protocols/api/fields.hpp"
#include "protocols/api/ids.hpp"
#include "protocols/api/node_set.hpp"

namespace pagetoken {

struct VersionKind;
/// A page's content: every store writes a version that no other store writes. 0 = zero-filled, never written.
using Version = Fresh<VersionKind>;

/// Cells of a page, bit c for cell c. A page has one cell unless false sharing or diffs are the question.
using CellMask = std::uint32_t;
inline constexpr std::uint32_t kMaxCells = 32;
inline constexpr CellMask kWholePage = 0;  ///< as a mask: all cells, however many there are

/// The content that travels with a message: a page's version, or the size of a file (for a size resource).
/// Protocols pass it along and never look inside.
struct Data {
  bool present = false;         ///< false: no content travels, the page is where storage has it
  bool dirty = false;           ///< the receiver takes over the duty to write it back
  Version version{};            ///< of a page
  CellMask cells = kWholePage;  ///< of a page: those that are meant; to install is to merge them into what is there
  PageIndex size = 0;           ///< of a file, in pages
  static constexpr auto fields() {
    return std::tuple{field("present", &Data::present), field("dirty", &Data::dirty), field("version", &Data::version),
                      field("cells", &Data::cells), field("size", &Data::size)};
  }
  friend bool operator==(const Data&, const Data&) = default;
};

enum class AccessKind : std::uint8_t { read, write, truncate, extend, append };

/// The access of a node that does not cache: it travels to where the page is, and its result comes back.
struct RemoteAccess {
  AccessKind kind = AccessKind::read;
  bool done = false;       ///< applied
  bool beyond = false;     ///< applied, and found beyond the end of the file
  std::uint16_t task = 0;  ///< whose of the requester's it is
  PageIndex page = 0;  ///< of a read or write; new size of a truncate or extend; length of an append, then its start
  Version version{};   ///< what a write writes, or a read found
  CellMask cells = kWholePage;  ///< of the page: those that it touches
  static constexpr auto fields() {
    using A = RemoteAccess;
    return std::tuple{field("kind", &A::kind),  field("done", &A::done), field("beyond", &A::beyond),
                      field("task", &A::task),  field("page", &A::page), field("version", &A::version),
                      field("cells", &A::cells)};
  }
  friend bool operator==(const RemoteAccess&, const RemoteAccess&) = default;
};

/// Which operation caused a message, and how many messages lie between: drivers count with it, protocols keep it when
/// they keep a request for later. No part of the state.
struct Cause {
  std::uint64_t operation = 0;  ///< 0 = none
  std::uint8_t event =
      0;  ///< elementary event that the messages are charged to (docs/protocols.md, "Elementary events")
  std::uint8_t hops = 0;  ///< length of the chain of messages that led here

  static constexpr std::uint8_t kMostHops = 32;  ///< that notes tell apart: a chain that grows in a cycle is longer
  void encode_notes(Encoder& out) const {
    out.put_number(operation);
    out.put(hops < kMostHops ? hops : kMostHops);
  }
  void decode_notes(Decoder& in) {
    operation = in.number();
    in.get(hops);
  }
};

struct RangeMode {
  Range range{};
  Mode mode = Mode::none;
  NodeId holder = kNoNode;
  static constexpr auto fields() {
    return std::tuple{field("range", &RangeMode::range), field("mode", &RangeMode::mode),
                      field("holder", &RangeMode::holder)};
  }
  friend bool operator==(const RangeMode&, const RangeMode&) = default;
};
using RangeList = std::vector<RangeMode>;
/// Tells that a page was written in an interval of a node.
struct WriteNotice {
  NodeId writer = kNoNode;
  std::uint32_t interval = 0;
  Resource page{};
  static constexpr auto fields() {
    return std::tuple{field("writer", &WriteNotice::writer), field("interval", &WriteNotice::interval),
                      field("page", &WriteNotice::page)};
  }
  friend bool operator==(const WriteNotice&, const WriteNotice&) = default;
};
/// A vector clock, one entry a node, with the write notices that go with it.
struct Clock {
  std::vector<std::uint32_t> times{};
  std::vector<WriteNotice> notices{};
  static constexpr auto fields() {
    return std::tuple{field("times", &Clock::times), field("notices", &Clock::notices)};
  }
  friend bool operator==(const Clock&, const Clock&) = default;
};

using Attachment = std::variant<std::monostate, NodeSet, RangeList, Clock>;

struct EpochKind;
using Epoch = Fresh<EpochKind>;  ///< token ids, request ids, epochs: only compared

struct Message {
  std::uint8_t type = 0;       ///< index into the declaration's list of message types
  Mode mode = Mode::none;      ///< asked for, granted or kept
  std::uint8_t flags = 0;      ///< the protocol's own
  NodeId requester = kNoNode;  ///< on whose behalf
  Range range{};               ///< required, granted or revoked
  Range desired{};             ///< what the requester's pattern would use
  std::uint32_t count = 0;     ///< the protocol's own (acknowledgements to await, say)
  Epoch epoch{};
  Data data{};            ///< filled in by the driver as `send` says
  RemoteAccess access{};  ///< for nodes that do not cache
  Untracked<Cause> cause{};
  Attachment attachment{};
  static constexpr auto fields() {
    return std::tuple{field("type", &Message::type),   field("mode", &Message::mode),
                      field("flags", &Message::flags), field("requester", &Message::requester),
                      field("range", &Message::range), field("desired", &Message::desired),
                      field("count", &Message::count), field("epoch", &Message::epoch),
                      field("data", &Message::data),   field("access", &Message::access),
                      field("cause", &Message::cause), field("attachment", &Message::attachment)};
  }
};

/// A request that a node keeps until it can serve it.
struct Deferred {
  std::uint8_t type = 0;
  Mode mode = Mode::none;
  NodeId requester = kNoNode;
  Range range{};
  Range desired{};
  RemoteAccess access{};
  Untracked<Cause> cause{};
  static constexpr auto fields() {
    return std::tuple{field("type", &Deferred::type),           field("mode", &Deferred::mode),
                      field("requester", &Deferred::requester), field("range", &Deferred::range),
                      field("desired", &Deferred::desired),     field("access", &Deferred::access),
                      field("cause", &Deferred::cause)};
  }
};
inline Deferred defer(const Message& m) { return {m.type, m.mode, m.requester, m.range, m.desired, m.access, m.cause}; }

inline void encode(Encoder& out, const Attachment& value) {
  out.put_number(value.index());
  if (const auto* nodes = std::get_if<NodeSet>(&value)) out.put(*nodes);
  if (const auto* ranges = std::get_if<RangeList>(&value)) out.put(*ranges);
  if (const auto* clock = std::get_if<Clock>(&value)) out.put(*clock);
}
inline void decode(Decoder& in, Attachment& value) {
  switch (in.number()) {
    case 0: value = std::monostate{}; break;
    case 1: in.get(value.emplace<NodeSet>()); break;
    case 2: in.get(value.emplace<RangeList>()); break;
    case 3: in.get(value.emplace<Clock>()); break;
  }
}

}  // namespace pagetoken
