#include "sim/check/cluster/renaming.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pagetoken {

Renaming identity(std::uint32_t count) {
  Renaming to(count);
  std::iota(to.begin(), to.end(), 0u);
  return to;
}

Renaming exchange(std::uint32_t count, std::uint32_t a, std::uint32_t b) {
  Renaming to = identity(count);
  std::swap(to[a], to[b]);
  return to;
}

std::vector<Renaming> group_of(const std::vector<std::uint32_t>& class_of) {
  std::vector<Renaming> group;
  const Renaming all = identity(static_cast<std::uint32_t>(class_of.size()));
  Renaming to = all;
  do {
    if (std::ranges::all_of(all, [&](std::uint32_t n) { return class_of[n] == class_of[to[n]]; })) group.push_back(to);
  } while (std::ranges::next_permutation(to).found);
  return group;
}

std::string members_text(const std::string& noun, const std::vector<std::uint32_t>& class_of) {
  std::string text;
  for (std::uint32_t first = 0; first < class_of.size(); ++first) {
    std::vector<std::uint32_t> members;
    for (std::uint32_t n = first; n < class_of.size(); ++n)
      if (class_of[n] == first) members.push_back(n);
    if (class_of[first] == first && members.size() > 1)
      text += fmt::format("{}{} {}", text.empty() ? "" : "; ", noun, fmt::join(members, ", "));
  }
  return text;
}

}  // namespace pagetoken
