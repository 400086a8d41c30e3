#pragma once
// Of the patterns that draw pages uniformly.

#include "sim/workload/patterns/draws.hpp"

namespace pagetoken {

class UniformPages {
 public:
  /// `base`: where an access begins, from the start of its page.
  UniformPages(const Layout& layout, std::uint32_t client, std::uint32_t thread, std::uint64_t base = 0)
      : draws_(layout, client, thread), slots_(layout.slots), page_bytes_(layout.context.page_bytes), base_(base) {}

  Access next() {
    const FileId file = draws_.any_file();
    const std::uint64_t page = draws_.random().below(slots_);
    return draws_.access(file, draws_.read_or_write(), base_ + page * page_bytes_);
  }

 private:
  Draws draws_;
  std::uint64_t slots_;
  std::uint64_t page_bytes_;
  std::uint64_t base_;
};

/// The end of the access that reaches furthest, where any of layout.slots pages is drawn.
inline std::uint64_t end_of_drawn(const Layout& layout) {
  return (layout.slots - 1) * layout.context.page_bytes + layout.length;
}

}  // namespace pagetoken
