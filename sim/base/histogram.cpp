#include "sim/base/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace pagetoken {

std::size_t Histogram::grow_to(std::size_t bucket) {
  const std::size_t octave_begin = bucket - bucket % kPerOctave;
  if (counts_.empty()) {
    first_bucket_ = octave_begin;
    counts_.assign(kPerOctave, 0);
  } else if (bucket < first_bucket_) {
    counts_.insert(counts_.begin(), first_bucket_ - octave_begin, 0);
    first_bucket_ = octave_begin;
  } else {
    counts_.resize(octave_begin + kPerOctave - first_bucket_, 0);
  }
  return bucket - first_bucket_;
}

void Histogram::merge(const Histogram& other) {
  if (other.empty()) return;
  for (const std::size_t bucket : {bucket_of(other.min_), bucket_of(other.max_)}) {
    if (bucket - first_bucket_ >= counts_.size()) grow_to(bucket);
  }
  for (std::size_t slot = 0; slot < other.counts_.size(); ++slot) {
    // The other may have grown to octaves that it then used no bucket of.
    if (other.counts_[slot] != 0) counts_[other.first_bucket_ + slot - first_bucket_] += other.counts_[slot];
  }
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::int64_t Histogram::quantile(double q) const {
  assert(q >= 0 && q <= 1);
  if (empty()) return 0;
  const double wanted = std::ceil(q * static_cast<double>(count_));
  const auto rank = std::clamp<std::uint64_t>(wanted < 1 ? 1 : static_cast<std::uint64_t>(wanted), 1, count_);
  // The two that are known exactly, which no bucket can tell.
  if (rank == 1) return min_;
  if (rank == count_) return max_;
  std::uint64_t below = 0;
  std::size_t slot = 0;
  while (below + counts_[slot] < rank) below += counts_[slot++];
  const std::int64_t low = low_of(first_bucket_ + slot);
  const std::int64_t high = high_of(first_bucket_ + slot);
  return std::clamp(low + (high - low) / 2, min_, max_);
}

bool operator==(const Histogram& a, const Histogram& b) {
  if (a.count_ != b.count_ || a.sum_ != b.sum_ || a.min_ != b.min_ || a.max_ != b.max_) return false;
  const auto same = [](const Histogram& one, const Histogram& two) {
    for (std::size_t slot = 0; slot < one.counts_.size(); ++slot) {
      const std::size_t there = one.first_bucket_ + slot - two.first_bucket_;
      if (one.counts_[slot] != (there < two.counts_.size() ? two.counts_[there] : 0)) return false;
    }
    return true;
  };
  return same(a, b) && same(b, a);
}

}  // namespace pagetoken
