#pragma once
// How many bytes a message has: one rule for all that carry, time or judge messages.

#include <cstdint>
#include <variant>

#include "protocols/api/declaration.hpp"
#include "protocols/api/message.hpp"

namespace pagetoken {

/// What the bytes of a message depend on beside the message.
struct WireFormat {
  std::uint32_t clients = 0;  ///< of the cluster: a set of nodes has a bit for each
  std::uint64_t page_bytes = 0;
};

/// Content of a page: of one that moves, that a shipped write brings, or that a shipped read has found. The size of a
/// file is part of the fixed header.
inline bool carries_page(const Resource& resource, const Message& message) {
  if (resource.kind == ResourceKind::size) return false;
  if (message.data.present) return true;
  const RemoteAccess& access = message.access;
  return (access.kind == AccessKind::write && !access.done) ||
         (access.kind == AccessKind::read && access.done && !access.beyond);
}

/// Without content: the type's header, and the attachment. A set of nodes is a bitmap in words of 8 bytes; a range has
/// its two ends, mode and holder; a clock 4 bytes a node and 16 a write notice.
inline std::uint64_t bare_bytes(const MessageType& type, const Message& message, const WireFormat& format) {
  std::uint64_t bytes = type.bytes;
  if (std::holds_alternative<NodeSet>(message.attachment)) bytes += (std::uint64_t{format.clients} + 63) / 64 * 8;
  if (const auto* ranges = std::get_if<RangeList>(&message.attachment)) bytes += 24 * ranges->size();
  if (const auto* clock = std::get_if<Clock>(&message.attachment))
    bytes += 4 * clock->times.size() + 16 * clock->notices.size();
  return bytes;
}

/// All that goes over the wire.
inline std::uint64_t wire_bytes(const MessageType& type, const Resource& resource, const Message& message,
                                const WireFormat& format) {
  return bare_bytes(type, message, format) + (carries_page(resource, message) ? format.page_bytes : 0);
}

}  // namespace pagetoken
