#pragma once
// What stable storage holds: sizes, block maps and the content of every page.

#include <vector>

#include "protocols/api/ids.hpp"
#include "protocols/api/message.hpp"
#include "protocols/api/table.hpp"
#include "sim/vm/state.hpp"

namespace pagetoken {

/// Nothing here takes work that grows with the size of a file or of a range: only with what is kept of it.
class Storage {
 public:
  /// Gives a file its size before the run: blocks of zeros. Sizes in pages.
  void create(FileId file, PageIndex size);

  PageIndex size(FileId file) const;
  void set_size(FileId file, PageIndex size) { inode(file).size = size; }
  Block block_of(FileId file, PageIndex page) const;
  Version content(FileId file, PageIndex page) const;
  void write(FileId file, PageIndex page, Version version);
  void free_blocks(FileId file, Range range);
  /// Fresh blocks of zeros, where there are none.
  void allocate(FileId file, Range range);

  /// Entries that free_blocks() and allocate() have looked at so far; no part of the state.
  std::uint64_t looks() const;

  friend void encode(Encoder& out, const Storage& storage) {
    out.put(storage.inodes_);
    out.put(storage.next_block_);
  }
  friend void decode(Decoder& in, Storage& storage) {
    in.get(storage.inodes_);
    in.get(storage.next_block_);
  }

 private:
  struct Stored {
    Block block{};
    Version version{};
    static constexpr auto fields() {
      return std::tuple{field("block", &Stored::block), field("version", &Stored::version)};
    }
  };
  /// Pages that have one thing in common: that their blocks were freed (0), or allocated together. Blocks are compared
  /// for one page only, so that one number serves for all pages of an extent.
  struct Extent {
    Range range{};
    Block block{};
    static constexpr auto fields() {
      return std::tuple{field("range", &Extent::range), field("block", &Extent::block)};
    }
  };
  using Extents = std::vector<Extent>;  // ascending, disjoint, neighbours that touch differ
  struct Inode {
    PageIndex size = 0;
    PageIndex original_end = 0;  ///< pages below have the block they were created with, unless ...
    Extents extents{};           ///< ... these say otherwise, unless ...
    Table<Stored> pages{};       ///< ... these do
    static constexpr auto fields() {
      return std::tuple{field("size", &Inode::size), field("original_end", &Inode::original_end),
                        field("extents", &Inode::extents), field("pages", &Inode::pages)};
    }
  };
  /// A run of pages from the one that was asked about that are alike, and the block that they have.
  struct Run {
    PageIndex end = 0;
    Block block{};
  };
  static constexpr Block kOriginal{1};

  Inode& inode(FileId file) { return inodes_[index_of(file)]; }
  /// The run that begins at `page`, up to `end` at most.
  static Run run_at(const Inode& inode, PageIndex page, PageIndex end);
  /// Makes the range free of extents.
  void cut(Extents& extents, Range range);
  void insert(Extents& extents, const Extent& extent);

  Table<Inode> inodes_;
  Block next_block_{2};
  std::uint64_t looks_ = 0;
};

}  // namespace pagetoken
