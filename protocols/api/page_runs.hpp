#pragma once
// What one node holds over a file: which pages in which mode.

#include <algorithm>
#include <vector>

#include "protocols/api/fields.hpp"
#include "protocols/api/ids.hpp"

namespace pagetoken {

struct PageRun {
  Range range{};
  Mode mode = Mode::none;
  static constexpr auto fields() { return std::tuple{field("range", &PageRun::range), field("mode", &PageRun::mode)}; }
};

/// Maximal runs of pages held in one mode: ascending, disjoint, neighbours that touch differ in mode.
struct PageRuns {
  std::vector<PageRun> runs{};
  static constexpr auto fields() { return std::tuple{field("runs", &PageRuns::runs)}; }

  bool empty() const { return runs.empty(); }

  /// Calls visit(PageRun) for each run that overlaps the range, with its full extent, ascending.
  template <class Visitor>
  void for_each(Range range, Visitor&& visit) const {
    for (auto it = first_ending_after(range.begin); it != runs.end() && it->range.begin < range.end; ++it) visit(*it);
  }

  /// The weakest mode held over the range; none where there is a gap.
  Mode weakest(Range range) const {
    Mode mode = Mode::exclusive;
    PageIndex reached = range.begin;
    for_each(range, [&](const PageRun& run) {
      mode = run.range.begin > reached ? Mode::none : std::min(mode, run.mode);
      reached = run.range.end;
    });
    return reached < range.end ? Mode::none : mode;
  }

  /// The part of `wide` around `core` in which nothing is held in `mode` or a stronger one; `core` itself is never cut.
  Range clear_around(Range wide, Range core, Mode mode) const {
    const auto middle = first_ending_after(core.begin);
    for (auto it = middle; it != runs.begin() && (it - 1)->range.end > wide.begin; --it) {
      if ((it - 1)->mode < mode) continue;
      wide.begin = (it - 1)->range.end;
      break;
    }
    for (auto it = middle; it != runs.end() && it->range.begin < wide.end; ++it) {
      if (it->mode < mode) continue;
      if (it->range.begin < core.begin) wide.begin = core.begin;
      if (it->range.end <= core.end) continue;
      wide.end = std::max(core.end, it->range.begin);
      break;
    }
    return wide;
  }

  /// Replaces what is held over the range.
  void assign(Range range, Mode mode) {
    if (range.empty()) return;
    auto it = runs.begin() + (first_ending_after(range.begin) - runs.cbegin());
    if (it != runs.end() && it->range.begin < range.begin) {  // split what straddles the front
      const PageRun front{{it->range.begin, range.begin}, it->mode};
      it->range.begin = range.begin;
      it = runs.insert(it, front) + 1;
    }
    auto last = it;
    while (last != runs.end() && last->range.end <= range.end) ++last;
    if (last != runs.end() && last->range.begin < range.end) last->range.begin = range.end;
    it = runs.erase(it, last);
    if (mode != Mode::none) join(runs.insert(it, {range, mode}));
  }

  /// Holds at least `mode` over the range: what is stronger stays.
  void strengthen(Range range, Mode mode) {
    std::vector<PageRun> stronger;
    for_each(range, [&](const PageRun& run) {
      if (run.mode > mode) stronger.push_back({intersection(run.range, range), run.mode});
    });
    assign(range, mode);
    for (const PageRun& run : stronger) assign(run.range, run.mode);
  }

  /// Holds at most `mode` over the range.
  void weaken(Range range, Mode mode) {
    std::vector<Range> stronger;
    for_each(range, [&](const PageRun& run) {
      if (run.mode > mode) stronger.push_back(intersection(run.range, range));
    });
    for (const Range& piece : stronger) assign(piece, mode);
  }

  /// Down from `from` to `to` over the range: what is held there in another mode stays.
  void lower(Range range, Mode from, Mode to) {
    std::vector<Range> lowered;
    for_each(range, [&](const PageRun& run) {
      if (run.mode == from) lowered.push_back(intersection(run.range, range));
    });
    for (const Range& piece : lowered) assign(piece, to);
  }

 private:
  std::vector<PageRun>::const_iterator first_ending_after(PageIndex page) const {
    return std::lower_bound(runs.begin(), runs.end(), page,
                            [](const PageRun& run, PageIndex p) { return run.range.end <= p; });
  }
  /// Makes one run of this one and of the neighbours that continue it.
  void join(std::vector<PageRun>::iterator it) {
    const auto continues = [](const PageRun& a, const PageRun& b) {
      return a.range.end == b.range.begin && a.mode == b.mode;
    };
    if (it + 1 != runs.end() && continues(*it, *(it + 1))) {
      it->range.end = (it + 1)->range.end;
      it = runs.erase(it + 1) - 1;
    }
    if (it != runs.begin() && continues(*(it - 1), *it)) {
      (it - 1)->range.end = it->range.end;
      runs.erase(it);
    }
  }
};

/// The part of `wide` around `core` that does not meet the obstacle; `core` itself is never cut.
constexpr Range shrink(Range wide, Range core, Range obstacle) {
  if (Range{wide.begin, core.begin}.overlaps(obstacle)) wide.begin = std::min(core.begin, obstacle.end);
  if (Range{core.end, wide.end}.overlaps(obstacle)) wide.end = std::max(core.end, obstacle.begin);
  return wide;
}

}  // namespace pagetoken
