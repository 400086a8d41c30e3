#pragma once
// Changing a configuration from outside, before it is checked: --set, and the points of a sweep.

#include <string>
#include <string_view>

#include "sim/json/json.hpp"

namespace pagetoken {

/// Puts `value` at a JSON pointer ("" is the whole document). Objects that are missing on the way are made; "-" appends
/// to an array. What may be written as a name is written out when the pointer goes into it: "protocol": "lease" becomes
/// {"name": "lease"}, "guard" and "costs" {"preset": ...}. Throws ConfigError, naming `origin` (an option, a file) and
/// the pointer, if the pointer is none or leads into a value that has no members.
void set_at(Json& document, std::string_view pointer, Json value, const std::string& origin);

/// `assignment` is "POINTER=VALUE"; the value is read as JSON, and as a string where it is none.
void apply_assignment(Json& document, std::string_view assignment, const std::string& origin);

}  // namespace pagetoken
