#pragma once
// A protocol's state in a few words, from its fields(): what says something is named, what is at rest is left out.

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "protocols/api/fields.hpp"
#include "protocols/api/ids.hpp"

namespace pagetoken {

/// Appends to `text`: a flag that is set, a count that is not zero, a list or set that is not empty, by its name; a
/// mode that is not none, and any other enum that is not 0, with its value; a node, as self or other.
template <class T>
void tell_state(std::string& text, std::string_view name, const T& value, NodeId self) {
  const auto add = [&](std::string_view what) { text.append(text.empty() ? "" : " ").append(what); };
  const auto add_value = [&](std::string_view what) { add(std::string(name).append("=").append(what)); };
  if constexpr (std::is_same_v<T, NodeId>) {
    if (value != kNoNode) add_value(value == self ? "self" : "other");
  } else if constexpr (std::is_same_v<T, Mode>) {
    if (value != Mode::none) add_value(name_of(value));
  } else if constexpr (std::is_enum_v<T>) {
    if (static_cast<std::uint64_t>(value) != 0) add_value(std::to_string(static_cast<std::uint64_t>(value)));
  } else if constexpr (std::is_integral_v<T>) {
    if (value != T{}) add(name);
  } else if constexpr (requires {
                         { value.empty() } -> std::convertible_to<bool>;
                       }) {
    if (!value.empty()) add(name);
  } else if constexpr (requires {
                         { value.has_value() } -> std::convertible_to<bool>;
                       }) {
    if (value.has_value()) add(name);
  } else if constexpr (HasFields<T>) {
    for_each_field(value, [&](std::string_view inner, const auto& member) { tell_state(text, inner, member, self); });
  }
}

/// "is_owner held=shared copies"; "at rest" where nothing says anything.
template <HasFields T>
std::string state_text(const T& state, NodeId self) {
  std::string text;
  tell_state(text, "", state, self);
  return text.empty() ? "at rest" : text;
}

}  // namespace pagetoken
