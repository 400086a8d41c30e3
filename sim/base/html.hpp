#pragma once

#include <string>
#include <string_view>

namespace pagetoken {

/// Text as it stands in an element or in an attribute within double quotes. Control characters become blanks.
std::string escape_html(std::string_view text);

}  // namespace pagetoken
