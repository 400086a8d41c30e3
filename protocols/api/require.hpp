#pragma once
// Errors that a protocol makes, as opposed to those its user makes.

#include <stdexcept>
#include <string>

namespace pagetoken {

/// A protocol or the VM did what its own rules forbid. A driver catches it, reports it with the path that led there
/// and counts it as a violation of its property.
class ProtocolError : public std::logic_error {
 public:
  explicit ProtocolError(const std::string& what, const char* property = "protocol:require")
      : std::logic_error(what), property_(property) {}
  const char* property() const { return property_; }

 private:
  const char* property_;
};

/// States a fact that must hold here: an event that the present state forbids is a ProtocolError, never ignored.
inline void require(bool holds, const char* what) {
  if (!holds) [[unlikely]]
    throw ProtocolError(what);
}

}  // namespace pagetoken
