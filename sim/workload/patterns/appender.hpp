#pragma once
// Of append and log-rotate.

#include <limits>

#include "sim/base/int128.hpp"
#include "sim/workload/patterns/draws.hpp"

namespace pagetoken {

/// Every thread counts its own appends only, so that its accesses do not depend on the others' progress.
class Appender {
 public:
  Appender(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread), file_(draws_.file(client % draws_.files())) {}

  /// A log of that many pages is truncated when all who write it have made their share, if they are equally fast.
  Appender(const Layout& layout, std::uint32_t client, std::uint32_t thread, std::uint64_t log_pages)
      : Appender(layout, client, thread) {
    const std::uint64_t sharers =
        (layout.context.clients - client % draws_.files() + draws_.files() - 1) / draws_.files();
    writers_ = sharers * layout.context.threads;
    rank_ = std::uint64_t{client / draws_.files()} * layout.context.threads + thread;
    const uint128 log_bytes = static_cast<uint128>(log_pages) * layout.context.page_bytes;
    const uint128 round_bytes = static_cast<uint128>(layout.length) * writers_;
    share_ = static_cast<std::uint64_t>((log_bytes + round_bytes - 1) / round_bytes);
  }

  Access next() {
    if (made_ == share_) {
      made_ = 0;
      if (round_++ % writers_ == rank_) {
        Access access = draws_.access(file_, Op::truncate, 0);
        access.length = 0;
        return access;
      }
    }
    ++made_;
    return draws_.access(file_, Op::append, 0);
  }

 private:
  Draws draws_;
  FileId file_;
  std::uint64_t share_ = std::numeric_limits<std::uint64_t>::max();  ///< appends of this thread before a log is full
  std::uint64_t writers_ = 1;                                        ///< threads that append to this log
  std::uint64_t rank_ = 0;                                           ///< of this one among them
  std::uint64_t made_ = 0;                                           ///< appends of this round
  std::uint64_t round_ = 0;
};

/// Files begin empty, and an access may be longer than any page.
inline void lay_out_appends(Layout& layout) {
  set_length(layout, "access_bytes", kMaxAccessBytes);
  layout.needed_bytes = 0;
}

}  // namespace pagetoken
