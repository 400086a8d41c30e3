#pragma once
// How often each duration occurred, at a precision that is enough for every quantile.

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/base/int128.hpp"

namespace pagetoken {

/// Log-linear histogram of int64 values >= 0, usually nanoseconds, in the manner of HdrHistogram: 128 buckets an
/// octave, so a bucket is at most 1/128 of its values wide, and values below 256 have one each. Count, mean, minimum
/// and maximum are exact. Memory is taken an octave (1 KiB) at a time between the smallest and the largest value seen;
/// none when empty.
class Histogram {
 public:
  /// Counts `value`, >= 0, `times` times, >= 1.
  void add(std::int64_t value, std::uint64_t times = 1) {
    assert(value >= 0 && times >= 1);
    // In unsigned arithmetic a bucket below the first one is as far out of range as one beyond the last.
    std::size_t slot = bucket_of(value) - first_bucket_;
    if (slot >= counts_.size()) [[unlikely]]
      slot = grow_to(bucket_of(value));
    counts_[slot] += times;
    count_ += times;
    sum_ += static_cast<int128>(value) * times;
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }

  /// Adds all that `other` counted: the same as if its values had been added here.
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Exact up to the last rounding; 0 when empty, as are the other statistics.
  double mean() const { return empty() ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_); }
  std::int64_t min() const { return empty() ? 0 : min_; }
  std::int64_t max() const { return empty() ? 0 : max_; }

  /// The value of rank ceil(q * count), q in [0, 1]: at least that share of the values is not above it. Off by less
  /// than 0.4 % (half a bucket); exact at 0, at 1, and below 256.
  std::int64_t quantile(double q) const;

  /// Calls visit(low, high, count) for each bucket [low, high] that is not empty, ascending.
  template <typename Visit>
  void for_each_bucket(Visit visit) const {
    for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
      if (counts_[slot] != 0) visit(low_of(first_bucket_ + slot), high_of(first_bucket_ + slot), counts_[slot]);
    }
  }

  /// Same counts in every bucket and same exact statistics; what the histogram was grown to does not matter.
  friend bool operator==(const Histogram& a, const Histogram& b);

 private:
  static constexpr std::size_t kPerOctave = 128;

  static constexpr std::size_t bucket_of(std::int64_t value) {
    const auto v = static_cast<std::uint64_t>(value);
    if (v < 2 * kPerOctave) return v;
    const auto shift = static_cast<std::size_t>(std::bit_width(v)) - 8;
    return shift * kPerOctave + (v >> shift);
  }
  static constexpr std::uint64_t width_of(std::size_t bucket) {
    return bucket < kPerOctave ? 1 : std::uint64_t{1} << (bucket / kPerOctave - 1);
  }
  /// The smallest and the largest value of a bucket.
  static constexpr std::int64_t low_of(std::size_t bucket) {
    const std::size_t mantissa = bucket < kPerOctave ? bucket : bucket % kPerOctave + kPerOctave;
    return static_cast<std::int64_t>(mantissa * width_of(bucket));
  }
  static constexpr std::int64_t high_of(std::size_t bucket) {
    return low_of(bucket) + static_cast<std::int64_t>(width_of(bucket) - 1);
  }
  /// Makes room for a bucket that has no slot yet; returns its slot.
  std::size_t grow_to(std::size_t bucket);

  std::vector<std::uint64_t> counts_;  ///< whole octaves of buckets, from first_bucket_ on
  std::size_t first_bucket_ = 0;
  std::uint64_t count_ = 0;
  int128 sum_ = 0;
  std::int64_t min_ = std::numeric_limits<std::int64_t>::max();  ///< meaningful when not empty, like max_
  std::int64_t max_ = -1;
};

}  // namespace pagetoken
