#include "sim/base/columns.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace pagetoken {

std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows,
                                 std::initializer_list<std::size_t> right) {
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows.front().size());
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const bool is_right = std::find(right.begin(), right.end(), c) != right.end();
      line += is_right ? fmt::format("  {:>{}}", row[c], widths[c]) : fmt::format("  {:<{}}", row[c], widths[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace pagetoken
