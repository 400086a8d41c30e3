#pragma once
// What stable storage holds: sizes, block maps and the content of every page.

#include "protocols/api/ids.hpp"
#include "protocols/api/message.hpp"
#include "protocols/api/table.hpp"
#include "sim/vm/state.hpp"

namespace pagetoken {

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
  struct Inode {
    PageIndex size = 0;
    PageIndex original_end = 0;  ///< pages below have the block they were created with, unless `pages` says otherwise
    Table<Stored> pages;
    static constexpr auto fields() {
      return std::tuple{field("size", &Inode::size), field("original_end", &Inode::original_end),
                        field("pages", &Inode::pages)};
    }
  };
  static constexpr Block kOriginal{1};

  Inode& inode(FileId file) { return inodes_[index_of(file)]; }

  Table<Inode> inodes_;
  Block next_block_{2};
};

}  // namespace pagetoken
