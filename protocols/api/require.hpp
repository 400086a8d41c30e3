#pragma once
// Errors that a protocol makes, as opposed to those its user makes.

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pagetoken {

/// A protocol or the VM did what its own rules forbid. A driver catches it, reports it with the path that led there
/// and counts it as a violation of its property.
class ProtocolError : public std::logic_error {
 public:
  explicit ProtocolError(const std::string& what, const char* property = "protocol:require")
      : std::logic_error(what), property_(property) {}
  const char* property() const { return property_; }

  /// The same, and where it was made: "ivy-fixed: on_message of TOK_GRANT at node 2, about page 0 of file 0". Said
  /// once, by the cluster that ran the handler.
  ProtocolError at(const std::string& where) const {
    ProtocolError placed(where + ": " + what(), property_);
    placed.is_placed_ = true;
    return placed;
  }
  bool is_placed() const { return is_placed_; }

 private:
  const char* property_;
  bool is_placed_ = false;
};

/// To be called where something of a protocol was caught: what is no ProtocolError becomes one, so that it is reported
/// as any other mistake of the protocol, with the path that led there. `who`, if not empty, says who threw it.
[[noreturn]] inline void blame(std::string_view who = {}) {
  const std::string threw = who.empty() ? "throws " : std::string(who) + " threw ";
  try {
    throw;
  } catch (const ProtocolError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw ProtocolError(threw + "an exception: " + error.what());
  } catch (...) {
    throw ProtocolError(threw + "what is no std::exception");
  }
}

/// States a fact that must hold here: an event that the present state forbids is a ProtocolError, never ignored.
inline void require(bool holds, const char* what) {
  if (!holds) [[unlikely]]
    throw ProtocolError(what);
}

}  // namespace pagetoken
