#pragma once
// Changes single values in the text of a JSON document and leaves the rest of it, comments too, as it is.

#include <string>

#include "sim/json/json.hpp"

namespace pagetoken {

/// `text`, which is a valid document (parse_json), with this value at an RFC 6901 pointer. A member that is not there
/// is added behind the others of its object; what the pointer leads through must be there.
std::string with_value(std::string text, const std::string& pointer, const Json& value);
/// The same without this member of an object; nothing changes if there is none.
std::string without_member(std::string text, const std::string& pointer);

}  // namespace pagetoken
