#pragma once
// Reading JSON that a person wrote: comments allowed, and whatever is wrong is said in one line.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

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

/// One line of a file of lines, which errors name: "FILE: line 7, column 3", "FILE: line 7, /key".
Json parse_json_line(std::string_view text, const std::string& file, std::uint64_t line);

/// A whole file.
Json read_json_file(const std::filesystem::path& path);

/// `pointer` extended by one key or index, escaped as RFC 6901 says.
std::string pointer_below(const std::string& pointer, std::string_view key);

/// The keys of an RFC 6901 pointer, unescaped. `origin` is what errors name; throws ConfigError.
std::vector<std::string> keys_of_pointer(std::string_view pointer, const std::string& origin);

/// What stands at a pointer, or null: also where the way leads through what has no members, or no such index.
const Json* find_at(const Json& document, const std::string& pointer);

/// A value as an error message shows it: scalars as JSON, arrays and objects by their size.
std::string shown(const Json& value);

}  // namespace pagetoken
