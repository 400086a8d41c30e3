#pragma once
// Damages: what disks, editors and other programs do to files.

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace damage {

using Random = std::mt19937_64;

/// What a file consists of: it decides what can be done to it beyond cuts and flips.
enum class Kind : std::uint8_t {
  json,   ///< one document: values are removed, exchanged, and given other types
  lines,  ///< a JSON document a line
  text,   ///< lines of words: lines and words are removed, doubled and replaced
  bytes,  ///< anything else
};

struct Damaged {
  std::string text;
  std::string how;  ///< "type", "cut" ...
};

/// `large`: numbers may become as large as they get; else those that are put in stay small, for files whose numbers say
/// how much work there is to do.
Damaged damaged(std::string_view text, Kind kind, bool large, Random& random);

/// From 0 to n - 1.
std::size_t below(std::size_t n, Random& random);

}  // namespace damage
