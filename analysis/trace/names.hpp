#pragma once
// Words that occur again and again in a trace, as numbers.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>

namespace pagetoken {

class Names {
 public:
  Names() { of(""); }
  /// 0 for "", and for words beyond 65,535 of them.
  std::uint16_t of(std::string_view word) {
    const auto found = numbers_.find(absl::string_view(word.data(), word.size()));
    if (found != numbers_.end()) return found->second;
    if (words_.size() > UINT16_MAX) return 0;
    const auto number = static_cast<std::uint16_t>(words_.size());
    words_.emplace_back(word);
    numbers_.emplace(words_.back(), number);
    return number;
  }
  const std::string& word(std::uint16_t number) const { return words_[number]; }

 private:
  absl::flat_hash_map<std::string, std::uint16_t> numbers_;
  std::vector<std::string> words_;
};

}  // namespace pagetoken
