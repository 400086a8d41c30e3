#include "sim/cluster/contents.hpp"

#include <algorithm>

namespace pagetoken {

std::vector<Version> Contents::cells_of(Version content) const {
  const auto at = std::lower_bound(known_.begin(), known_.end(), content,
                                   [](const Known& known, Version name) { return known.name < name; });
  if (at != known_.end() && at->name == content) return at->of_cell;
  return std::vector<Version>(cells_);  // of zeros
}

Version Contents::name(std::vector<Version> of_cell) {
  last_ = last_.next();
  known_.push_back({last_, std::move(of_cell)});
  return last_;
}

Version Contents::written_cells(Version before, CellMask cells) {
  std::vector<Version> of_cell = cells_of(before);
  for (std::uint32_t c = 0; c < cells_; ++c)
    if (names(cells, c)) of_cell[c] = last_.next();
  return name(std::move(of_cell));
}

Version Contents::merged(Version before, Version other, CellMask cells) {
  if (cells_ == 1) return other;
  std::vector<Version> of_cell = cells_of(before);
  const std::vector<Version> incoming = cells_of(other);
  for (std::uint32_t c = 0; c < cells_; ++c)
    if (names(cells, c)) of_cell[c] = incoming[c];
  if (of_cell == incoming) return other;
  for (const Known& known : known_)
    if (known.of_cell == of_cell) return known.name;
  return name(std::move(of_cell));
}

Version Contents::cell(Version content, std::uint32_t cell) const {
  return cells_ == 1 ? content : cells_of(content)[cell];
}

}  // namespace pagetoken
