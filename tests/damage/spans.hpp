#pragma once
// Where the values of a JSON text stand, without a library: what is damaged must not be read by what is tested.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace damage {

/// A value of a document. `member` is the piece to take out to remove it: with its key, and a comma if there is one.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t member_begin = 0;
  std::size_t member_end = 0;
};

/// The values within the outermost one, in order; nothing if the text is no JSON. Comments are passed over.
std::vector<Span> values_of(std::string_view text);

/// Whether the text is one JSON value, and nothing else.
bool is_json(std::string_view text);

}  // namespace damage
