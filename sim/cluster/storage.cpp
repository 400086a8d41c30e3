#include "sim/cluster/storage.hpp"

#include <algorithm>

namespace pagetoken {

void Storage::create(FileId file, PageIndex size) {
  Inode& i = inode(file);
  i.size = i.original_end = size;
}

PageIndex Storage::size(FileId file) const {
  const Inode* i = inodes_.find(index_of(file));
  return i ? i->size : 0;
}

Block Storage::block_of(FileId file, PageIndex page) const {
  const Inode* i = inodes_.find(index_of(file));
  if (!i) return {};
  if (const Stored* stored = i->pages.find(page)) return stored->block;
  return page < i->original_end ? kOriginal : Block{};
}

Version Storage::content(FileId file, PageIndex page) const {
  const Inode* i = inodes_.find(index_of(file));
  const Stored* stored = i ? i->pages.find(page) : nullptr;
  return stored ? stored->version : Version{};
}

void Storage::write(FileId file, PageIndex page, Version version) {
  const Block block = block_of(file, page);
  if (block.value == 0) return;  // freed meanwhile: the write lands nowhere
  inode(file).pages[page] = {block, version};
}

void Storage::free_blocks(FileId file, Range range) {
  Inode& i = inode(file);
  for (std::uint64_t page; (page = i.pages.next_key(range.begin, range.end)) != range.end;) i.pages.erase(page);
  if (range.end >= i.original_end)
    i.original_end = std::min(i.original_end, range.begin);
  else
    for (PageIndex page = range.begin; page < range.end; ++page) i.pages[page] = {};
}

void Storage::allocate(FileId file, Range range) {
  for (PageIndex page = range.begin; page < range.end; ++page) {
    if (block_of(file, page).value != 0) continue;  // another extender was here first
    inode(file).pages[page] = {next_block_, {}};
    next_block_ = next_block_.next();
  }
}

}  // namespace pagetoken
