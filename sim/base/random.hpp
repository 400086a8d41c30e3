#pragma once
// Random numbers from named streams: what a stream yields depends on the run's seed and on the stream's own name, and
// on nothing else. A new consumer takes a new name, so the others see the numbers that they saw before, and all
// protocols meet the same workload.

#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>

#include <Random123/philox.h>

#include "sim/base/int128.hpp"
#include "sim/base/portable_math.hpp"

namespace pagetoken {

/// What a stream is for. Only ever append: the number is part of the stream's name.
enum class Purpose : std::uint32_t {
  access = 0,     ///< which page is touched next, how, and by whom
  think = 1,      ///< time between accesses
  cost = 2,       ///< variation of CPU costs
  network = 3,    ///< variation of latencies, loss, reordering
  fuzz = 4,       ///< choices of the fuzzer
  failure = 5,    ///< when and where failures are injected
  storage = 6,    ///< variation of storage times
  placement = 7,  ///< where managers and data are put
  sampling = 8,   ///< what is kept when not all can be, resampling in statistics
  test = 9,
};

/// The stream of 64-bit numbers named (seed, node, thread, purpose). Philox4x32-10 of Salmon, Moraes, Dror and Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), keyed by the seed; its counter holds the rest of the name
/// and the position, so that no two streams overlap. A value: a copy goes on from the same place, separately.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint32_t node, std::uint32_t thread, Purpose purpose)
      : key_{{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}},
        node_(node),
        thread_(thread),
        purpose_(static_cast<std::uint8_t>(purpose)) {}

  /// All 64 bits are random.
  std::uint64_t next() {
    if (used_ == block_.size()) refill();
    return block_[used_++];
  }

  /// Uniform in [0, n), without bias; n >= 1. Lemire, "Fast random integer generation in an interval" (2019).
  std::uint64_t below(std::uint64_t n) {
    assert(n >= 1);
    uint128 product = static_cast<uint128>(next()) * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t threshold = -n % n;
      while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<uint128>(next()) * n;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// True with probability `p`; always for p >= 1, never for p <= 0. A coin takes 16 bits, a quarter of a number, since
  /// workloads toss one an access. Where they do not decide (for one value in 65,536, unless p is a multiple of 2^-16)
  /// a number more does: so the probability is `p` and not the nearest that 16 bits can tell.
  bool chance(double p) {
    if (coins_left_ == 0) {
      coins_ = next();
      coins_left_ = 4;
    }
    const double above = p * 0x1p16 - static_cast<double>(coins_ & 0xffff);  // exact wherever it lies in (0, 1)
    coins_ >>= 16;
    --coins_left_;
    if (above >= 1 || above <= 0) return above >= 1;
    return uniform() < above;
  }

  /// Exponentially distributed, >= 0, with the given mean >= 0, in its unit; at most 36.8 times the mean.
  double exponential(double mean) { return -mean * portable::log(1 - uniform()); }

  /// Normally distributed with mean 0 and standard deviation 1, by Marsaglia's polar method.
  double normal() {
    for (;;) {
      const double x = 2 * uniform() - 1;
      const double y = 2 * uniform() - 1;
      const double square = x * x + y * y;
      if (square > 0 && square < 1) return x * std::sqrt(-2 * portable::log(square) / square);
    }
  }

 private:
  void refill() {
    // The purpose is below 2^8, so blocks up to 2^56 have a counter of their own.
    const r123::Philox4x32::ctr_type counter{
        {static_cast<std::uint32_t>(position_),
         static_cast<std::uint32_t>(position_ >> 32) | std::uint32_t{purpose_} << 24, thread_, node_}};
    const auto words = r123::Philox4x32{}(counter, key_);
    block_ = {words[0] | std::uint64_t{words[1]} << 32, words[2] | std::uint64_t{words[3]} << 32};
    ++position_;
    used_ = 0;
  }

  r123::Philox4x32::key_type key_;
  std::uint32_t node_;
  std::uint32_t thread_;
  std::uint8_t purpose_;
  std::uint8_t used_ = 2;                 ///< numbers of `block_` that were handed out
  std::uint8_t coins_left_ = 0;           ///< in `coins_`, its low bits first
  std::uint64_t coins_ = 0;               ///< the rest of the last number that coins were made of
  std::uint64_t position_ = 0;            ///< blocks made so far
  std::array<std::uint64_t, 2> block_{};  ///< the last block made, meaningless when all of it is used
};

}  // namespace pagetoken
