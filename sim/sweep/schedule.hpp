#pragma once
// Which run comes next.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sim/sweep/workers.hpp"

namespace pagetoken {

/// Hands out every repetition of every point once: repetition 0 of all points first, so that a sweep that is stopped
/// has something to say about all of them. A point whose repetitions are all there may be given more, by what they say
/// and by nothing else: so the outcome does not depend on who was faster.
class Schedule {
 public:
  /// Called when all repetitions of a point have been told of; returns how many there are to be.
  using MoreRepetitions = std::function<std::uint64_t(std::uint64_t point, std::uint64_t repetitions)>;
  /// Whether this process does a task at all (a shard of the sweep).
  using Mine = std::function<bool(const SweepTask&, std::size_t position)>;

  Schedule(std::vector<std::uint64_t> points, std::uint64_t repetitions, Mine mine = {}, MoreRepetitions more = {});

  std::optional<SweepTask> next();
  /// A task is done, now or in an earlier session; tasks that were told of before next() reaches them are not handed
  /// out.
  void done(const SweepTask& task);

  /// Runs that are known to be needed, those done included.
  std::uint64_t total() const { return total_; }
  std::uint64_t done_count() const { return done_count_; }
  bool finished() const { return done_count_ == total_; }
  /// Every task of this process in the sweep's order: by point, then repetition.
  std::vector<SweepTask> all() const;

 private:
  struct Point {
    std::uint64_t number = 0;
    std::uint64_t repetitions = 0;
    std::uint64_t mine = 0;  ///< of them
    std::uint64_t done = 0;
    std::vector<bool> known{};  ///< by repetition: done, or handed out
  };
  bool is_mine(std::size_t position, std::uint64_t repetition) const;
  void ask_for_more(std::size_t position);

  std::vector<Point> points_;
  std::unordered_map<std::uint64_t, std::size_t> position_of_;
  Mine mine_;
  MoreRepetitions more_;
  std::uint64_t base_repetitions_ = 0;
  std::uint64_t cursor_ = 0;  ///< repetition * points + position, over what every point has
  std::deque<SweepTask> extra_;
  std::uint64_t total_ = 0;
  std::uint64_t done_count_ = 0;
};

}  // namespace pagetoken
