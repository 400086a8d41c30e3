#pragma once
// The README of each built-in protocol, as `describe` prints it.

#include <string_view>

namespace pagetoken {

/// Markdown without the title; empty for a protocol that is not built in.
std::string_view notes_of(std::string_view protocol);

}  // namespace pagetoken
