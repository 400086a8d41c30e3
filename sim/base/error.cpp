#include "sim/base/error.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/base/text.hpp"

namespace pagetoken {

namespace {

std::string message(std::string_view file, std::string_view place, std::string_view wrong, std::string_view allowed) {
  std::string line;
  for (const std::string_view part : {file, place, wrong}) {
    if (part.empty()) continue;
    if (!line.empty()) line += ": ";
    line += one_line(part);
  }
  if (!allowed.empty()) {
    if (!line.empty()) line += "; ";
    line += one_line(allowed, 1000);
  }
  return line;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// How many letters must be changed, added, left out or swapped to get from one name to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  const std::size_t columns = b.size() + 1;
  // Rows i-2, i-1 and i of the table of distances between the first i letters of a and the first j of b.
  std::vector<std::size_t> before(columns);
  std::vector<std::size_t> previous(columns);
  std::vector<std::size_t> current(columns);
  for (std::size_t j = 0; j < columns; ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j < columns; ++j) {
      const char x = lower(a[i - 1]);
      const char y = lower(b[j - 1]);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x == y ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y;
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    before.swap(previous);
    previous.swap(current);
  }
  return previous.back();
}

template <typename Name>
std::optional<std::string> nearest(std::string_view wrong, std::span<const Name> allowed) {
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (const Name& name : allowed) {
    const std::size_t shorter = std::min(wrong.size(), name.size());
    const std::size_t longer = std::max(wrong.size(), name.size());
    const std::size_t limit = std::max<std::size_t>(1, shorter / 3);
    // The difference in length is the least distance, and spares the work for an absurdly long name.
    if (longer - shorter > limit) continue;
    const std::size_t d = distance(wrong, name);
    // Where every letter differs, the names have nothing in common.
    if (d <= limit && d < shorter && (!best || d < best_distance)) {
      best = std::string(name);
      best_distance = d;
    }
  }
  return best;
}

template <typename Name>
std::string describe(std::string_view wrong, std::span<const Name> allowed) {
  const std::string list = fmt::format("allowed: {}", fmt::join(allowed, ", "));
  const std::optional<std::string> meant = nearest(wrong, allowed);
  return meant ? fmt::format("did you mean \"{}\"? {}", *meant, list) : list;
}

}  // namespace

ConfigError::ConfigError(std::string_view file, std::string_view place, std::string_view wrong,
                         std::string_view allowed)
    : std::runtime_error(message(file, place, wrong, allowed)),
      file_(file),
      place_(place),
      wrong_(wrong),
      allowed_(allowed) {}

std::optional<std::string> nearest_name(std::string_view wrong, std::span<const std::string_view> allowed) {
  return nearest(wrong, allowed);
}
std::optional<std::string> nearest_name(std::string_view wrong, std::span<const std::string> allowed) {
  return nearest(wrong, allowed);
}

std::string describe_allowed(std::string_view wrong, std::span<const std::string_view> allowed) {
  return describe(wrong, allowed);
}
std::string describe_allowed(std::string_view wrong, std::span<const std::string> allowed) {
  return describe(wrong, allowed);
}

}  // namespace pagetoken
