#pragma once
// What the generators of many patterns are made of.

#include <cstdint>

#include "sim/base/random.hpp"
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

/// The positions of a walk, in bytes: first, first + step, ... `count` of them, then from the first again.
struct Walk {
  std::uint64_t first = 0;
  std::uint64_t step = 0;
  std::uint64_t count = 0;

  std::uint64_t last() const { return first + (count - 1) * step; }
};

/// From page to page of spec.pages pages that begin at `first`, as far as whole accesses fit.
inline Walk walk_of_pages(const Layout& layout, std::uint64_t first) {
  const std::uint64_t page_bytes = layout.context.page_bytes;
  const std::uint64_t whole_pages = (layout.length + page_bytes - 1) / page_bytes * page_bytes;
  return {first, whole_pages, (layout.area_bytes - layout.length) / whole_pages + 1};
}

/// Goes over the positions of a walk in every file, from file to file, for ever.
class Cursor {
 public:
  /// Starts at position `start`, < walk.count, of the first file.
  Cursor(const Walk& walk, std::uint64_t files, std::uint64_t start)
      : first_(walk.first),
        step_(walk.step),
        last_(walk.last()),
        offset_(walk.first + start * walk.step),
        files_(static_cast<std::uint32_t>(files)) {}

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

}  // namespace pagetoken
