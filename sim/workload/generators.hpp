#pragma once
// The patterns themselves: each generator is a value that yields one thread's accesses, next() by next(). It copies
// what it needs of the layout: copied into a local variable for a batch, it then lives in registers, which is worth a
// factor of two, because stores to the batch could otherwise change what the layout says.

#include <cstdint>
#include <limits>

#include "sim/base/int128.hpp"
#include "sim/base/random.hpp"
#include "sim/base/zipf.hpp"
#include "sim/workload/layout.hpp"

namespace pagetoken {

/// The random choices and constants that most patterns share.
class Draws {
 public:
  Draws(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : Draws(layout, client, thread, layout.spec.write_fraction) {}
  Draws(const Layout& layout, std::uint32_t client, std::uint32_t thread, double write_fraction)
      : access_(layout.context.seed, client, layout.context.first_stream + thread, Purpose::access),
        think_(layout.context.seed, client, layout.context.first_stream + thread, Purpose::think),
        length_(layout.length),
        first_file_(static_cast<std::uint32_t>(layout.spec.first_file)),
        files_(static_cast<std::uint32_t>(layout.spec.files)),
        write_fraction_(write_fraction),
        think_ns_(static_cast<std::int64_t>(layout.spec.think_ns)),
        constant_think_(layout.constant_think),
        via_(layout.spec.via) {}

  RandomStream& random() { return access_; }
  std::uint32_t files() const { return files_; }
  FileId file(std::uint32_t index) const { return FileId{first_file_ + index}; }
  FileId any_file() { return file(files_ == 1 ? 0 : static_cast<std::uint32_t>(access_.below(files_))); }
  std::uint64_t length() const { return length_; }

  /// Nothing is drawn where there is no choice, which keeps the patterns of writers fast.
  Op read_or_write() {
    if (write_fraction_ >= 1) return Op::write;
    if (write_fraction_ <= 0) return Op::read;
    return access_.chance(write_fraction_) ? Op::write : Op::read;
  }
  std::int64_t think_ns() {
    if (constant_think_) return think_ns_;
    return static_cast<std::int64_t>(think_.exponential(static_cast<double>(think_ns_)));
  }
  Access access(FileId file, Op op, std::uint64_t offset) {
    return {.file = file, .op = op, .via = via_, .offset = offset, .length = length_, .think_ns = think_ns()};
  }

 private:
  RandomStream access_;
  RandomStream think_;
  std::uint64_t length_;
  std::uint32_t first_file_;
  std::uint32_t files_;
  double write_fraction_;
  std::int64_t think_ns_;
  bool constant_think_;
  Via via_;
};

/// Goes over the positions of a walk in every file, from file to file, for ever.
class Cursor {
 public:
  /// Starts at position `start`, < walk.count, of the first file.
  Cursor(const Walk& walk, std::uint32_t files, std::uint64_t start)
      : first_(walk.first),
        step_(walk.step),
        last_(walk.first + (walk.count - 1) * walk.step),
        offset_(walk.first + start * walk.step),
        files_(files) {}

  std::uint64_t offset() const { return offset_; }
  std::uint32_t file() const { return file_; }
  void advance() {
    if (offset_ != last_) {
      offset_ += step_;
      return;
    }
    offset_ = first_;
    file_ = file_ + 1 == files_ ? 0 : file_ + 1;
  }

 private:
  std::uint64_t first_;
  std::uint64_t step_;
  std::uint64_t last_;
  std::uint64_t offset_;
  std::uint32_t files_;
  std::uint32_t file_ = 0;
};

/// disjoint, strided, sequential-segments, ping-pong, producer-consumer.
class Walker {
 public:
  Walker(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread, write_fraction_of(layout.spec, client)), cursor_(start(layout, client, thread)) {
    if (layout.spec.pattern == Pattern::sequential_segments) {
      delay_ns_ = static_cast<std::int64_t>(layout.spec.start_interval_ns * client);
    }
  }

  Access next() {
    Access access = draws_.access(draws_.file(cursor_.file()), draws_.read_or_write(), cursor_.offset());
    access.think_ns += delay_ns_;
    delay_ns_ = 0;
    cursor_.advance();
    return access;
  }

 private:
  static double write_fraction_of(const WorkloadSpec& spec, std::uint32_t client) {
    if (spec.pattern != Pattern::producer_consumer) return spec.write_fraction;
    return client < spec.producers ? 1 : 0;
  }
  /// The threads of a client start spread evenly over what it walks.
  static Cursor start(const Layout& layout, std::uint32_t client, std::uint32_t thread) {
    const Walk walk = walk_of(layout, client);
    return {walk, static_cast<std::uint32_t>(layout.spec.files), walk.count * thread / layout.context.threads};
  }

  Draws draws_;
  Cursor cursor_;
  std::int64_t delay_ns_ = 0;  ///< before the first access, beside its think time; 0 after it
};

class Migrant {
 public:
  Migrant(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread), cursor_(start(layout, client, thread)) {}

  Access next() {
    const Access access =
        draws_.access(draws_.file(cursor_.file()), has_read_ ? Op::write : Op::read, cursor_.offset());
    if (has_read_) cursor_.advance();
    has_read_ = !has_read_;
    return access;
  }

 private:
  static Cursor start(const Layout& layout, std::uint32_t client, std::uint32_t thread) {
    const Walk walk = walk_of(layout, client);
    const std::uint64_t threads = std::uint64_t{layout.context.clients} * layout.context.threads;
    const std::uint64_t rank = std::uint64_t{client} * layout.context.threads + thread;
    // In 128 bits: a large file times many clients.
    const auto position = static_cast<std::uint64_t>(static_cast<uint128>(walk.count) * rank / threads);
    return {walk, static_cast<std::uint32_t>(layout.spec.files), position};
  }

  Draws draws_;
  Cursor cursor_;
  bool has_read_ = false;  ///< the page at the cursor, which is to be written next
};

/// uniform, read-mostly, those clients of truncate-storm that do not truncate, and false-sharing.
class UniformPages {
 public:
  UniformPages(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread), slots_(layout.slots), page_bytes_(layout.context.page_bytes) {
    if (layout.spec.pattern == Pattern::false_sharing) base_ = client * layout.length;
  }

  Access next() {
    const FileId file = draws_.any_file();
    const std::uint64_t page = draws_.random().below(slots_);
    return draws_.access(file, draws_.read_or_write(), base_ + page * page_bytes_);
  }

 private:
  Draws draws_;
  std::uint64_t slots_;
  std::uint64_t page_bytes_;
  std::uint64_t base_ = 0;  ///< from the start of the page
};

class ZipfPages {
 public:
  ZipfPages(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread),
        rank_(layout.slots, layout.spec.exponent),
        page_bytes_(layout.context.page_bytes) {}

  Access next() {
    const FileId file = draws_.any_file();
    const std::uint64_t page = rank_(draws_.random());
    return draws_.access(file, draws_.read_or_write(), page * page_bytes_);
  }

 private:
  Draws draws_;
  Zipf rank_;
  std::uint64_t page_bytes_;
};

/// append, and log-rotate: every thread counts its own appends only, so that its accesses do not depend on the others'
/// progress. A log is truncated when all have made their share, if they are equally fast.
class Appender {
 public:
  Appender(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread), file_(draws_.file(client % draws_.files())) {
    if (layout.spec.pattern != Pattern::log_rotate) return;
    const std::uint64_t sharers =
        (layout.context.clients - client % draws_.files() + draws_.files() - 1) / draws_.files();
    writers_ = sharers * layout.context.threads;
    rank_ = std::uint64_t{client / draws_.files()} * layout.context.threads + thread;
    const uint128 log_bytes = static_cast<uint128>(layout.spec.rotate_pages) * layout.context.page_bytes;
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

/// The clients of truncate-storm that truncate.
class Truncator {
 public:
  Truncator(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread),
        low_bytes_(layout.spec.low_pages * layout.context.page_bytes),
        high_bytes_(layout.needed_bytes),
        interval_ns_(static_cast<std::int64_t>(layout.spec.truncate_interval_ns)) {}

  Access next() {
    is_low_ = !is_low_;
    if (is_low_) file_ = draws_.any_file();
    return {.file = file_,
            .op = is_low_ ? Op::truncate : Op::extend,
            .via = Via::syscall,
            .offset = is_low_ ? low_bytes_ : high_bytes_,
            .think_ns = interval_ns_};
  }

 private:
  Draws draws_;
  std::uint64_t low_bytes_;
  std::uint64_t high_bytes_;
  std::int64_t interval_ns_;
  FileId file_{};        ///< truncated last
  bool is_low_ = false;  ///< it was not extended again yet
};

}  // namespace pagetoken
