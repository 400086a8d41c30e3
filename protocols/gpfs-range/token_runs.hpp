#pragma once
// The tokens of one node over a file: what is held of which pages.

#include <algorithm>
#include <vector>

#include "protocols/api/fields.hpp"
#include "protocols/api/ids.hpp"

namespace pagetoken::gpfs_range {

struct TokenRun {
  Range range{};
  Mode mode = Mode::none;
  static constexpr auto fields() {
    return std::tuple{field("range", &TokenRun::range), field("mode", &TokenRun::mode)};
  }
};

/// Maximal runs of pages held in one mode: ascending, disjoint, neighbours that touch differ in mode.
struct TokenRuns {
  std::vector<TokenRun> runs{};
  static constexpr auto fields() { return std::tuple{field("runs", &TokenRuns::runs)}; }

  bool empty() const { return runs.empty(); }

  /// Calls visit(TokenRun) for each run that overlaps the range, with its full extent, ascending.
  template <class Visitor>
  void for_each(Range range, Visitor&& visit) const {
    for (auto it = first_ending_after(range.begin); it != runs.end() && it->range.begin < range.end; ++it) visit(*it);
  }

  /// The weakest mode held over the range; none where there is a gap.
  Mode weakest(Range range) const {
    Mode mode = Mode::exclusive;
    PageIndex reached = range.begin;
    for_each(range, [&](const TokenRun& run) {
      mode = run.range.begin > reached ? Mode::none : std::min(mode, run.mode);
      reached = run.range.end;
    });
    return reached < range.end ? Mode::none : mode;
  }

  /// Replaces what is held over the range.
  void assign(Range range, Mode mode) {
    if (range.empty()) return;
    auto it = runs.begin() + (first_ending_after(range.begin) - runs.cbegin());
    if (it != runs.end() && it->range.begin < range.begin) {  // split what straddles the front
      const TokenRun front{{it->range.begin, range.begin}, it->mode};
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
    std::vector<TokenRun> stronger;
    for_each(range, [&](const TokenRun& run) {
      if (run.mode > mode) stronger.push_back({intersection(run.range, range), run.mode});
    });
    assign(range, mode);
    for (const TokenRun& run : stronger) assign(run.range, run.mode);
  }

  /// Down from `from` to `to` over the range: what is held there in another mode stays.
  void lower(Range range, Mode from, Mode to) {
    std::vector<Range> lowered;
    for_each(range, [&](const TokenRun& run) {
      if (run.mode == from) lowered.push_back(intersection(run.range, range));
    });
    for (const Range& piece : lowered) assign(piece, to);
  }

 private:
  std::vector<TokenRun>::const_iterator first_ending_after(PageIndex page) const {
    return std::lower_bound(runs.begin(), runs.end(), page,
                            [](const TokenRun& run, PageIndex p) { return run.range.end <= p; });
  }
  /// Makes one run of this one and of the neighbours that continue it.
  void join(std::vector<TokenRun>::iterator it) {
    const auto continues = [](const TokenRun& a, const TokenRun& b) {
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

}  // namespace pagetoken::gpfs_range
