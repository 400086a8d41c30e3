#pragma once
// Shared libraries that were cut off: the system maps them all the same, and whoever touches what is missing is killed.

#include <string>

namespace pagetoken {

/// What is missing of an ELF file for this machine, by what its own tables say: empty if all is there. Also empty for
/// what is no such file, or cannot be read: the system's loader says that itself.
std::string missing_of_library(const std::string& path);

}  // namespace pagetoken
