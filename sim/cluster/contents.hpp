#pragma once
// What pages hold where a page has more than one cell.

#include <cstdint>
#include <vector>

#include "protocols/api/message.hpp"
#include "protocols/api/table.hpp"

namespace pagetoken {

/// Names the contents of pages. The content of a page with one cell is the version that its last store wrote, and
/// nothing is kept here. With more cells a content is one version a cell, and its name is a version as well: that of
/// the store that made it, or a new one where a merge did. Equal contents made by merges have one name.
class Contents {
 public:
  /// `cells`: 1 to kMaxCells.
  explicit Contents(std::uint32_t cells) : cells_(cells) {}

  std::uint32_t cells() const { return cells_; }
  /// The newest name given; 0 before the first store.
  Version last() const { return last_; }
  /// The content after a store to some cells of `before`.
  Version written(Version before, CellMask cells) {
    return cells_ == 1 ? last_ = last_.next() : written_cells(before, cells);
  }
  /// `before` with these cells taken from `other`.
  Version merged(Version before, Version other, CellMask cells);
  /// The store that wrote the cell; 0 = none.
  Version cell(Version content, std::uint32_t cell) const;

  friend void encode(Encoder& out, const Contents& contents) {
    out.put(contents.last_);
    out.put(contents.known_);
  }
  friend void decode(Decoder& in, Contents& contents) {
    in.get(contents.last_);
    in.get(contents.known_);
  }

 private:
  Version written_cells(Version before, CellMask cells);
  struct Known {
    Version name{};
    std::vector<Version> of_cell{};
    static constexpr auto fields() {
      return std::tuple{field("name", &Known::name), field("of_cell", &Known::of_cell)};
    }
  };
  bool names(CellMask cells, std::uint32_t cell) const { return cells == kWholePage || (cells >> cell & 1) != 0; }
  std::vector<Version> cells_of(Version content) const;
  Version name(std::vector<Version> of_cell);

  std::uint32_t cells_;
  Version last_{};
  std::vector<Known> known_;  // ascending by name
};

}  // namespace pagetoken
