#pragma once

#include <string_view>

namespace pagetoken {

/// "0.1.0": that of the project. It stands in whatever the program writes for itself to read again.
extern const std::string_view kVersion;

}  // namespace pagetoken
