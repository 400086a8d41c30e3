#pragma once
// When faults ended, and how long they took, in a grid that is small however long the run is.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pagetoken {

/// Counts of faults by simulated time and latency. Time is cut into at most 128 equal spans, of 1,024 ns at first and
/// twice as long whenever the run outgrows them; latency into two bins an octave. What is counted does not depend on
/// the order in which it was told.
class FaultTimeline {
 public:
  static constexpr std::size_t kSpans = 128;
  static constexpr std::size_t kRows = 128;

  /// `time_ns` since counting began; both >= 0.
  void add(std::int64_t time_ns, std::int64_t latency_ns) {
    if (counts_.empty()) counts_.resize(kSpans * kRows);
    while (static_cast<std::size_t>(time_ns >> shift_) >= kSpans) fold();
    const auto span = static_cast<std::size_t>(time_ns >> shift_);
    if (span >= spans_) spans_ = span + 1;
    ++counts_[span * kRows + row_of(latency_ns)];
  }

  bool empty() const { return spans_ == 0; }
  std::size_t spans() const { return spans_; }  ///< up to the last that has a fault
  std::int64_t span_ns() const { return std::int64_t{1} << shift_; }
  std::uint64_t count(std::size_t span, std::size_t row) const { return counts_[span * kRows + row]; }

  /// Latencies of row r are in [edge(r), edge(r + 1)): powers of two, and 1.5 times those.
  static constexpr std::int64_t edge_ns(std::size_t row) {
    const std::int64_t power = std::int64_t{1} << (row / 2);
    return row % 2 == 0 ? power : power + power / 2;
  }
  static constexpr std::size_t row_of(std::int64_t latency_ns) {
    if (latency_ns < 2) return 0;
    const auto value = static_cast<std::uint64_t>(latency_ns);
    const auto octave = static_cast<std::size_t>(std::bit_width(value)) - 1;
    return 2 * octave + ((value >> (octave - 1)) & 1);
  }

 private:
  /// Spans become twice as long.
  void fold() {
    ++shift_;
    for (std::size_t span = 0; span < kSpans; ++span)
      for (std::size_t row = 0; row < kRows; ++row) {
        const std::uint64_t both =
            2 * span + 1 < kSpans ? counts_[2 * span * kRows + row] + counts_[(2 * span + 1) * kRows + row] : 0;
        counts_[span * kRows + row] = both;
      }
    spans_ = (spans_ + 1) / 2;
  }

  std::vector<std::uint64_t> counts_;
  std::size_t spans_ = 0;
  unsigned shift_ = 10;
};

}  // namespace pagetoken
