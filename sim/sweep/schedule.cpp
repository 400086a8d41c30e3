#include "sim/sweep/schedule.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace pagetoken {

Schedule::Schedule(std::vector<std::uint64_t> points, std::uint64_t repetitions, Mine mine, MoreRepetitions more)
    : mine_(std::move(mine)), more_(std::move(more)), base_repetitions_(repetitions) {
  for (const std::uint64_t number : points) {
    position_of_[number] = points_.size();
    points_.push_back({number, repetitions, 0, 0, std::vector<bool>(repetitions)});
    for (std::uint64_t r = 0; r < repetitions; ++r) points_.back().mine += is_mine(points_.size() - 1, r) ? 1 : 0;
    total_ += points_.back().mine;
  }
}

bool Schedule::is_mine(std::size_t position, std::uint64_t repetition) const {
  return !mine_ || mine_({points_[position].number, repetition}, position);
}

std::optional<SweepTask> Schedule::next() {
  while (!extra_.empty()) {
    const SweepTask task = extra_.front();
    extra_.pop_front();
    Point& point = points_[position_of_.at(task.point)];
    if (point.known[task.repetition]) continue;
    point.known[task.repetition] = true;
    return task;
  }
  for (; cursor_ < base_repetitions_ * points_.size(); ++cursor_) {
    const auto position = static_cast<std::size_t>(cursor_ % points_.size());
    const std::uint64_t repetition = cursor_ / points_.size();
    Point& point = points_[position];
    if (point.known[repetition] || !is_mine(position, repetition)) continue;
    point.known[repetition] = true;
    return SweepTask{point.number, repetition};
  }
  return std::nullopt;
}

void Schedule::done(const SweepTask& task) {
  const std::size_t position = position_of_.at(task.point);
  Point& point = points_[position];
  assert(task.repetition < point.repetitions);
  point.known[task.repetition] = true;
  ++point.done;
  ++done_count_;
  if (point.done == point.mine) ask_for_more(position);
}

void Schedule::ask_for_more(std::size_t position) {
  Point& point = points_[position];
  if (!more_) return;
  const std::uint64_t wanted = more_(point.number, point.repetitions);
  for (std::uint64_t r = point.repetitions; r < wanted; ++r) {
    point.known.push_back(false);
    if (!is_mine(position, r)) continue;
    extra_.push_back({point.number, r});
    ++point.mine;
    ++total_;
  }
  point.repetitions = std::max(point.repetitions, wanted);
}

std::vector<SweepTask> Schedule::all() const {
  std::vector<SweepTask> tasks;
  for (std::size_t p = 0; p < points_.size(); ++p)
    for (std::uint64_t r = 0; r < points_[p].repetitions; ++r)
      if (is_mine(p, r)) tasks.push_back({points_[p].number, r});
  return tasks;
}

}  // namespace pagetoken
