// Close-to-open and release consistency. Both forbid a read to return a value that another value has certainly replaced
// before, as far as the read's process can know; docs/files.md, "History", says when that is so.

#include <algorithm>
#include <map>

#include "sim/oracle/history/search.hpp"

namespace pagetoken {

namespace {
using Clock = std::vector<std::uint32_t>;  ///< how many operations of each process are known of

/// When each operation becomes known to others, and what each one knows.
class WeakOrder {
 public:
  WeakOrder(const History& h, ConsistencyModel model) : h_(h), model_(model), number_(h.entries.size()) {
    std::vector<std::uint32_t> count(h.processes.size());
    for (std::size_t i = 0; i < h.entries.size(); ++i) number_[i] = count[h.entries[i].process]++;
    for (std::size_t i = 0; i < h.entries.size(); ++i)
      if (publishes(h.entries[i])) published_.push_back(static_cast<std::uint32_t>(i));
    if (model == ConsistencyModel::release) find_clocks();
  }

  /// `a`, a write, has certainly been replaced or seen by the time of `b`.
  bool before(std::uint32_t a, std::uint32_t b) const {
    const HistoryEntry& x = h_.entries[a];
    const HistoryEntry& y = h_.entries[b];
    if (x.process == y.process) return number_[a] < number_[b];
    if (model_ == ConsistencyModel::release) return clocks_[b][x.process] > number_[a];
    return close_to_open(a, b);
  }

 private:
  bool publishes(const HistoryEntry& e) const {
    if (e.end == kUnfinished) return false;
    return model_ == ConsistencyModel::release ? e.op == HistoryOp::release
                                               : e.op == HistoryOp::close || e.op == HistoryOp::fsync;
  }
  static bool about(const HistoryEntry& sync, std::uint32_t key) { return sync.key == UINT32_MAX || sync.key == key; }

  /// The writer closed or synced the file, and only then the other opened it (a read), or wrote (a write).
  bool close_to_open(std::uint32_t a, std::uint32_t b) const {
    const HistoryEntry& x = h_.entries[a];
    const HistoryEntry& y = h_.entries[b];
    std::int64_t flushed = kUnfinished;
    for (const std::uint32_t p : published_) {
      const HistoryEntry& sync = h_.entries[p];
      if (sync.process == x.process && number_[p] > number_[a] && about(sync, x.key))
        flushed = std::min(flushed, sync.end);
    }
    if (flushed == kUnfinished) return false;
    if (y.op == HistoryOp::write) return flushed < y.start;
    for (std::uint32_t i = 0; i < b; ++i) {
      const HistoryEntry& open = h_.entries[i];
      if (open.op == HistoryOp::open && open.process == y.process && about(open, y.key) && flushed < open.start)
        return true;
    }
    return false;
  }

  /// Entries are by start, and a release that ended before an acquire starts stands before it.
  void find_clocks() {
    clocks_.assign(h_.entries.size(), Clock(h_.processes.size()));
    std::vector<Clock> of_process(h_.processes.size(), Clock(h_.processes.size()));
    for (std::size_t i = 0; i < h_.entries.size(); ++i) {
      const HistoryEntry& e = h_.entries[i];
      Clock& clock = of_process[e.process];
      if (e.op == HistoryOp::acquire)
        for (const std::uint32_t p : published_) {
          const HistoryEntry& release = h_.entries[p];
          if (release.end >= e.start) continue;
          if (release.key != UINT32_MAX && e.key != UINT32_MAX && release.key != e.key) continue;
          for (std::size_t k = 0; k < clock.size(); ++k) clock[k] = std::max(clock[k], clocks_[p][k]);
          clock[release.process] = std::max(clock[release.process], number_[p] + 1);
        }
      clocks_[i] = clock;
    }
  }

  const History& h_;
  ConsistencyModel model_;
  std::vector<std::uint32_t> number_;  ///< of each entry in its process
  std::vector<std::uint32_t> published_;
  std::vector<Clock> clocks_;  ///< of other processes' operations, before the entry
};

class Weak {
 public:
  Weak(const History& h, const Indices& entries, ConsistencyModel model) : h_(h), order_(h, model) {
    for (const std::uint32_t i : entries)
      if (h.entries[i].op == HistoryOp::write) writes_[h.entries[i].key].push_back(i);
  }

  /// Nothing if the read may be.
  Judgement judge_read(std::uint32_t r) {
    const HistoryEntry& read = h_.entries[r];
    const Indices& writes = writes_[read.key];
    Judgement no{HistoryVerdict::violated, {r}, "a read returns a value that nobody writes", 0};
    if (read.value == 0) {
      const auto known =
          std::find_if(writes.begin(), writes.end(), [&](std::uint32_t w) { return order_.before(w, r); });
      if (known == writes.end()) return {};
      no = {HistoryVerdict::violated,
            {*known, r},
            "a read returns the initial value, which it must know to be replaced",
            0};
    }
    for (const std::uint32_t w : writes) {
      if (h_.entries[w].value != read.value) continue;
      if (read.end < h_.entries[w].start || order_.before(r, w)) {
        no = {HistoryVerdict::violated, {r, w}, "a read returns a value that is written later", 0};
        continue;
      }
      const auto newer = std::find_if(writes.begin(), writes.end(), [&](std::uint32_t n) {
        return n != w && order_.before(w, n) && order_.before(n, r);
      });
      if (newer == writes.end()) return {};
      no = {HistoryVerdict::violated, {w, *newer, r}, "a read returns a value that it must know to be replaced", 0};
    }
    return no;
  }

 private:
  const History& h_;
  WeakOrder order_;
  std::map<std::uint32_t, Indices> writes_;
};

}  // namespace

Judgement judge_weak(const History& history, const Indices& entries, ConsistencyModel model) {
  Weak weak(history, entries, model);
  for (const std::uint32_t i : entries) {
    if (history.entries[i].op != HistoryOp::read) continue;
    Judgement j = weak.judge_read(i);
    if (j.verdict == HistoryVerdict::ok) continue;
    // The syncs that make the order are part of the story.
    Indices part = j.contradiction;
    for (std::uint32_t s = 0; s < history.entries.size(); ++s) {
      const HistoryEntry& sync = history.entries[s];
      const bool involved = std::any_of(j.contradiction.begin(), j.contradiction.end(), [&](std::uint32_t c) {
        return history.entries[c].process == sync.process || model == ConsistencyModel::release;
      });
      if (is_sync(sync.op) && involved) part.push_back(s);
    }
    std::sort(part.begin(), part.end());
    j.contradiction = shrink(history, part, [&](const Indices& smaller) {
      History of_part;
      of_part.keys = history.keys;
      of_part.processes = history.processes;
      Indices all;
      for (const std::uint32_t k : smaller) {
        all.push_back(static_cast<std::uint32_t>(of_part.entries.size()));
        of_part.entries.push_back(history.entries[k]);
      }
      Weak again(of_part, all, model);
      return std::any_of(all.begin(), all.end(), [&](std::uint32_t k) {
        return of_part.entries[k].op == HistoryOp::read && again.judge_read(k).verdict != HistoryVerdict::ok;
      });
    });
    return j;
  }
  return {};
}

}  // namespace pagetoken
