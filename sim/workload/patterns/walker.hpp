#pragma once
// Of the patterns that go over positions one after another.

#include "sim/workload/patterns/draws.hpp"

namespace pagetoken {

/// Reads or writes at each position of a client's walk; its threads start spread evenly over it.
class Walker {
 public:
  /// `delay_ns`: before the first access, beside its think time.
  Walker(const Layout& layout, const Walk& walk, std::uint32_t client, std::uint32_t thread, double write_fraction,
         std::int64_t delay_ns = 0)
      : draws_(layout, client, thread, write_fraction),
        cursor_(walk, layout.spec.files, walk.count * thread / layout.context.threads),
        delay_ns_(delay_ns) {}
  Walker(const Layout& layout, const Walk& walk, std::uint32_t client, std::uint32_t thread)
      : Walker(layout, walk, client, thread, layout.spec.write_fraction) {}

  Access next() {
    Access access = draws_.access(draws_.file(cursor_.file()), draws_.read_or_write(), cursor_.offset());
    access.think_ns += delay_ns_;
    delay_ns_ = 0;
    cursor_.advance();
    return access;
  }

 private:
  Draws draws_;
  Cursor cursor_;
  std::int64_t delay_ns_;  ///< 0 after the first access
};

}  // namespace pagetoken
