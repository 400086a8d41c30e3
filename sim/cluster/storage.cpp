#include "sim/cluster/storage.hpp"

#include <algorithm>

namespace pagetoken {

namespace {
/// What is allocated at once and is longer becomes an extent. Pages that have entries of their own are numbered one by
/// one, as if each had been allocated alone: so it does not matter to an explorer whether they were.
constexpr PageIndex kFewPages = 1024;

template <class List>
auto first_ending_after(List& extents, PageIndex page) {
  return std::lower_bound(extents.begin(), extents.end(), page,
                          [](const auto& extent, PageIndex p) { return extent.range.end <= p; });
}
}  // namespace

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
  if (!i->extents.empty()) {
    const auto extent = first_ending_after(i->extents, page);
    if (extent != i->extents.end() && extent->range.contains(page)) return extent->block;
  }
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
  for (std::uint64_t page = range.begin; (page = i.pages.next_key(page, range.end)) != range.end; ++page) {
    ++looks_;
    i.pages.erase(page);
  }
  cut(i.extents, range);
  if (range.end >= i.original_end)
    i.original_end = std::min(i.original_end, range.begin);
  else
    insert(i.extents, {range, Block{}});
}

Storage::Run Storage::run_at(const Inode& inode, PageIndex page, PageIndex end) {
  if (const Stored* stored = inode.pages.find(page)) return {page + 1, stored->block};
  end = inode.pages.next_key(page, end);
  const auto extent = first_ending_after(inode.extents, page);
  if (extent != inode.extents.end()) {
    if (extent->range.contains(page)) return {std::min(end, extent->range.end), extent->block};
    end = std::min(end, extent->range.begin);
  }
  if (page < inode.original_end) return {std::min(end, inode.original_end), kOriginal};
  return {end, Block{}};
}

void Storage::allocate(FileId file, Range range) {
  Inode& i = inode(file);
  for (PageIndex page = range.begin; page < range.end;) {
    ++looks_;
    const Run run = run_at(i, page, range.end);
    const Range gap{page, run.end};
    page = run.end;
    if (run.block.value != 0) continue;  // another extender was here first
    cut(i.extents, gap);
    if (gap.end - gap.begin > kFewPages) {
      insert(i.extents, {gap, next_block_});
      next_block_ = next_block_.next();
      continue;
    }
    for (PageIndex p = gap.begin; p < gap.end; ++p) {
      i.pages[p] = {next_block_, {}};
      next_block_ = next_block_.next();
    }
  }
}

std::uint64_t Storage::looks() const {
  std::uint64_t looks = looks_;
  inodes_.for_each([&](std::uint64_t, const Inode& i) { looks += i.pages.looks(); });
  return looks;
}

void Storage::cut(Extents& extents, Range range) {
  auto it = first_ending_after(extents, range.begin);
  if (it != extents.end() && it->range.begin < range.begin) {  // what straddles the front is split
    const Extent front{{it->range.begin, range.begin}, it->block};
    it->range.begin = range.begin;
    it = extents.insert(it, front) + 1;
  }
  auto last = it;
  for (; last != extents.end() && last->range.end <= range.end; ++last) ++looks_;
  if (last != extents.end() && last->range.begin < range.end) last->range.begin = range.end;
  extents.erase(it, last);
}

/// The range is free of extents.
void Storage::insert(Extents& extents, const Extent& extent) {
  auto it = extents.insert(first_ending_after(extents, extent.range.begin), extent);
  const auto continues = [](const Extent& a, const Extent& b) {
    return a.range.end == b.range.begin && a.block == b.block;
  };
  if (it + 1 != extents.end() && continues(*it, *(it + 1))) {
    it->range.end = (it + 1)->range.end;
    it = extents.erase(it + 1) - 1;
  }
  if (it != extents.begin() && continues(*(it - 1), *it)) {
    (it - 1)->range.end = it->range.end;
    extents.erase(it);
  }
}

}  // namespace pagetoken
