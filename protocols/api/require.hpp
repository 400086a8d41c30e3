#pragma once
// Errors that a protocol makes, as opposed to those its user makes.

#include <stdexcept>
#include <string>

namespace pagetoken {

/// A protocol or the VM did what its own rules forbid. A driver catches it, reports it with the path that led there
/// and counts it as a violation of the property `protocol:require`.
class ProtocolError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// States a fact that must hold here: an event that the present state forbids is a ProtocolError, never ignored.
inline void require(bool holds, const char* what) {
  if (!holds) [[unlikely]]
    throw ProtocolError(what);
}

}  // namespace pagetoken
