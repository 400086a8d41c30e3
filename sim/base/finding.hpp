#pragma once
// What a run must satisfy, and what was found where it does not.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocols/api/ids.hpp"
#include "protocols/api/message.hpp"

namespace pagetoken {

enum class PropertyId : std::uint8_t { none, i1, i2, i3, i4, i5, i6, deadlock, livelock, protocol };

/// A property that is judged: one of the model's own, or one that a protocol or its driver states ("protocol:NAME").
class Property {
 public:
  Property() = default;
  Property(PropertyId id) : id_(id) {}  // NOLINT(google-explicit-constructor): each of the model's own is a property
  /// The one that results name so; a name that is none of the model's own is a protocol's.
  static Property called(std::string_view name);

  std::string name() const;
  PropertyId id() const { return id_; }
  /// I1 to I6: of a state, whatever led to it.
  bool is_invariant() const { return id_ >= PropertyId::i1 && id_ <= PropertyId::i6; }
  /// Deadlock or livelock: something that ought to happen never does.
  bool is_stuck() const { return id_ == PropertyId::deadlock || id_ == PropertyId::livelock; }
  bool is_of_protocol() const { return id_ == PropertyId::protocol; }

  friend bool operator==(const Property&, const Property&) = default;

 private:
  PropertyId id_ = PropertyId::none;
  std::string of_protocol_;
};

/// A property of the model and what it demands; I7 stands for deadlock and livelock.
struct PropertyMeaning {
  std::string_view name;
  std::string_view meaning;  ///< "no PTE points to a page that has left the cache"
  std::string_view explained;
};
std::span<const PropertyMeaning> property_meanings();

/// A property that is broken, where, and the two facts that contradict each other.
struct Finding {
  Property property{};
  std::string text{};
  NodeId node = kNoNode;
  Resource resource{};
  std::int64_t time_ns = 0;  ///< in timed runs
};

std::string text_of(NodeId node);               ///< "node 3"
std::string text_of(const Resource& resource);  ///< "page 7 of file 0"

}  // namespace pagetoken
