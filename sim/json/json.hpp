#pragma once
// Reading JSON that a person wrote: comments allowed, and whatever is wrong is said in one line.

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pagetoken {

using Json = nlohmann::json;

/// The largest configuration file, in bytes, and the deepest nesting of arrays and objects.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20;
inline constexpr int kMaxJsonDepth = 64;

/// Reads a whole file of at most `kMaxConfigBytes` (a pipe will do).
/// Throws ConfigError if it is missing, a directory, unreadable or too long.
std::string read_config_text(const std::filesystem::path& path);

/// Parses one JSON document; `//` and `/* */` comments are skipped. `file` is what errors call the text.
/// Throws ConfigError on broken JSON (with line and column), invalid UTF-8, NUL bytes, an empty text, a key that
/// occurs twice in an object, and nesting deeper than `kMaxJsonDepth`.
Json parse_json(std::string_view text, const std::string& file);

/// Both of the above.
Json read_json_file(const std::filesystem::path& path);

/// `pointer` extended by one key or index, escaped as RFC 6901 says.
std::string pointer_below(const std::string& pointer, std::string_view key);

/// A value as an error message shows it: scalars as JSON, arrays and objects by their size.
std::string shown(const Json& value);

}  // namespace pagetoken
