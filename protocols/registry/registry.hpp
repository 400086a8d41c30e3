#pragma once
// The protocols that are built into the program: one for each folder beside this one.

#include <span>
#include <string_view>

#include "protocols/api/machine.hpp"

namespace pagetoken {

/// In the order of their names.
std::span<const Factory* const> built_in_protocols();

/// The built-in protocol that declares this name; null if there is none.
const Factory* find_protocol(std::string_view name);

}  // namespace pagetoken
