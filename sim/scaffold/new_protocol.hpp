#pragma once
// A folder to begin a protocol with.

#include <string>
#include <vector>

namespace pagetoken {

/// Writes the folder `parent`/`name`, which must not be there: a protocol that builds out of tree, its checks, of which
/// one fails on purpose, a README. Returns the files. Throws ConfigError for a name that is none (lower-case letters,
/// digits and dashes, a letter first, at most 32) and for what cannot be written; then nothing is left behind.
std::vector<std::string> new_protocol(const std::string& name, const std::string& parent);

}  // namespace pagetoken
