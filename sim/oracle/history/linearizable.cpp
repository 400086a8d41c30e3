// Linearizability of one register. Where every value is written once it is decided by zones, in n log n (P. Gibbons and
// E. Korach, "Testing shared memories", SIAM J. Comput. 26, 1997, section 4); else by the search of J. Wing and C. Gong
// with G. Lowe's memory of configurations ("Testing for linearizability", 2017).

#include <algorithm>
#include <map>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "sim/base/interrupt.hpp"
#include "sim/oracle/history/search.hpp"

namespace pagetoken {

namespace {

/// A write, or the initial value, and the reads of it.
struct ValueCluster {
  std::int64_t first_end = INT64_MAX;
  std::int64_t last_start = INT64_MIN;
  std::uint32_t first_ended = UINT32_MAX;  ///< entry that ends first; none: the initial value
  std::uint32_t last_started = UINT32_MAX;
  std::uint32_t write = UINT32_MAX;
  bool is_initial = false;
  bool has_reads = false;
  bool forward() const { return first_end < last_start; }
};

using ValueClusters = std::map<std::uint32_t, ValueCluster>;

/// The clusters by value; nothing if a value is written twice, or the initial one is written.
bool make_clusters(const History& h, const Indices& entries, ValueClusters& clusters) {
  clusters[0].is_initial = true;
  clusters[0].first_end = INT64_MIN;
  for (const std::uint32_t i : entries) {
    const HistoryEntry& e = h.entries[i];
    ValueCluster& c = clusters[e.value];
    if (e.op == HistoryOp::write) {
      if (c.write != UINT32_MAX || c.is_initial) return false;
      c.write = i;
    } else {
      c.has_reads = true;
    }
    if (e.end < c.first_end) {
      c.first_end = e.end;
      c.first_ended = i;
    }
    if (e.start > c.last_start) {
      c.last_start = e.start;
      c.last_started = i;
    }
  }
  // A write that may never have happened, and that nobody saw, binds nothing.
  std::erase_if(clusters, [&](const auto& c) {
    return c.second.write != UINT32_MAX && !c.second.has_reads && h.entries[c.second.write].end == kUnfinished;
  });
  return true;
}

Judgement contradiction(Indices part, std::string reason) {
  std::erase(part, UINT32_MAX);
  std::sort(part.begin(), part.end());
  part.erase(std::unique(part.begin(), part.end()), part.end());
  return {HistoryVerdict::violated, std::move(part), std::move(reason), 0};
}

Judgement judge_zones(const History& h, const Indices& entries, const ValueClusters& clusters) {
  for (const std::uint32_t i : entries) {
    const HistoryEntry& e = h.entries[i];
    if (e.op != HistoryOp::read || e.value == 0) continue;
    const ValueCluster& c = clusters.at(e.value);
    if (c.write == UINT32_MAX) return contradiction({i}, "a read returns a value that nobody writes");
    if (e.end < h.entries[c.write].start)
      return contradiction({i, c.write}, "a read ends before the write of its value begins");
  }
  std::vector<const ValueCluster*> forward;
  for (const auto& [value, c] : clusters)
    if (c.forward()) forward.push_back(&c);
  std::sort(forward.begin(), forward.end(), [](auto* a, auto* b) { return a->first_end < b->first_end; });
  const auto clash = [&](const ValueCluster& a, const ValueCluster& b) {
    return contradiction({a.first_ended, a.last_started, a.write, b.first_ended, b.last_started, b.write},
                         "each of two values must have been there before the other");
  };
  const ValueCluster* reaches = nullptr;  // of the forward zones so far, the one that ends last
  for (const ValueCluster* c : forward) {
    if (reaches && c->first_end < reaches->last_start) return clash(*reaches, *c);
    if (!reaches || c->last_start > reaches->last_start) reaches = c;
  }
  for (const auto& entry : clusters) {
    const ValueCluster& c = entry.second;
    if (c.forward() || c.last_start == INT64_MIN) continue;
    // Forward zones are apart now: only the last that begins before this one can contain it.
    auto after =
        std::partition_point(forward.begin(), forward.end(), [&](auto* f) { return f->first_end < c.last_start; });
    if (after == forward.begin()) continue;
    const ValueCluster& around = **(after - 1);
    if (c.first_end < around.last_start) return clash(around, c);
  }
  return {};
}

/// Takes operations in an order that their intervals allow. A read of the current value can always be taken at once;
/// which write comes next is what has to be tried.
class LinearizationSearch {
 public:
  LinearizationSearch(const History& h, const Indices& entries, std::uint64_t limit) : limit_(limit) {
    for (const std::uint32_t i : entries) ops_.push_back(&h.entries[i]);
    std::stable_sort(ops_.begin(), ops_.end(), [](auto* a, auto* b) { return a->start < b->start; });
    for (const HistoryEntry* op : ops_) {
      must_ += op->end != kUnfinished ? 1 : 0;
      ++(op->op == HistoryOp::read ? to_come_[op->value].reads : to_come_[op->value].writes);
    }
    done_.resize(ops_.size());
    for (std::size_t i = 0; i < ops_.size(); ++i) by_end_.push_back(i);
    std::stable_sort(by_end_.begin(), by_end_.end(), [&](auto a, auto b) { return ops_[a]->end < ops_[b]->end; });
  }

  HistoryVerdict run() {
    std::vector<Level> levels;
    levels.push_back(enter(0));
    while (!levels.empty()) {
      Level& level = levels.back();
      if (left_ == 0) return HistoryVerdict::ok;
      std::size_t next = ops_.size();
      while (level.at < level.candidates.size() && next == ops_.size()) next = level.candidates[level.at++];
      if (next == ops_.size()) {
        leave(level);
        levels.pop_back();
        continue;
      }
      stop_if_interrupted();
      if (++configurations_ > limit_) return HistoryVerdict::unknown;
      const std::uint32_t before = value_;
      take(next);
      value_ = ops_[next]->value;
      Level deeper = enter(before);
      deeper.taken.insert(deeper.taken.begin(), next);
      SetHash key = set_;
      key.a += SetHash::mix(value_);
      if (left_ != 0 && !seen_.insert(key).second) {
        leave(deeper);
        continue;
      }
      levels.push_back(std::move(deeper));
    }
    return HistoryVerdict::violated;
  }
  std::uint64_t configurations() const { return configurations_; }

 private:
  struct Level {
    std::vector<std::size_t> taken;       ///< the write, and the reads that followed
    std::vector<std::size_t> candidates;  ///< writes that may come next
    std::size_t at = 0;
    std::uint32_t value_before = 0;
    std::size_t low_before = 0;
    std::size_t first_end_before = 0;
  };

  void take(std::size_t i) {
    done_[i] = true;
    set_.toggle(i);
    if (ops_[i]->end != kUnfinished) --left_;
    --(ops_[i]->op == HistoryOp::read ? to_come_[ops_[i]->value].reads : to_come_[ops_[i]->value].writes);
  }
  /// The end of the operation, not done, that ends first: none that starts later may come before it.
  std::int64_t deadline() {
    while (first_end_ < by_end_.size() && done_[by_end_[first_end_]]) ++first_end_;
    return first_end_ < by_end_.size() ? ops_[by_end_[first_end_]]->end : INT64_MAX;
  }

  Level enter(std::uint32_t value_before) {
    Level level;
    level.value_before = value_before;
    level.low_before = low_;
    level.first_end_before = first_end_;
    for (bool again = true; again;) {
      again = false;
      level.candidates.clear();
      const std::int64_t last = deadline();
      while (low_ < ops_.size() && done_[low_]) ++low_;
      for (std::size_t i = low_; i < ops_.size() && ops_[i]->start <= last; ++i) {
        if (done_[i]) continue;
        if (ops_[i]->op == HistoryOp::write) {
          level.candidates.push_back(i);
        } else if (ops_[i]->value == value_) {
          take(i);
          level.taken.push_back(i);
          again = true;
        }
      }
    }
    // A value that is still to be read, and will not be written again, may not be replaced.
    if (to_come_[value_].reads > 0 && to_come_[value_].writes == 0) level.candidates.clear();
    return level;
  }
  void leave(const Level& level) {
    for (const std::size_t i : level.taken) {
      done_[i] = false;
      set_.toggle(i);
      if (ops_[i]->end != kUnfinished) ++left_;
      ++(ops_[i]->op == HistoryOp::read ? to_come_[ops_[i]->value].reads : to_come_[ops_[i]->value].writes);
    }
    value_ = level.value_before;
    low_ = level.low_before;
    first_end_ = level.first_end_before;
  }

  std::uint64_t limit_;
  std::vector<const HistoryEntry*> ops_;  ///< by start
  std::vector<std::size_t> by_end_;
  std::vector<bool> done_;
  struct ToCome {
    std::uint32_t reads = 0;
    std::uint32_t writes = 0;
  };
  absl::flat_hash_map<std::uint32_t, ToCome> to_come_;  ///< by value
  std::size_t must_ = 0;
  std::size_t& left_ = must_;  ///< finished operations that are not done yet
  std::size_t low_ = 0;        ///< all before are done
  std::size_t first_end_ = 0;  ///< all before, in by_end_, are done
  std::uint32_t value_ = 0;
  SetHash set_;
  absl::flat_hash_set<SetHash> seen_;
  std::uint64_t configurations_ = 0;
};

}  // namespace

Judgement judge_linearizable(const History& history, const Indices& entries, const JudgeOptions& options) {
  ValueClusters clusters;
  if (make_clusters(history, entries, clusters)) {
    Judgement j = judge_zones(history, entries, clusters);
    if (j.verdict != HistoryVerdict::violated) return j;
    j.contradiction = shrink(history, j.contradiction, [&](const Indices& part) {
      ValueClusters of_part;
      return make_clusters(history, part, of_part) &&
             judge_zones(history, part, of_part).verdict == HistoryVerdict::violated;
    });
    return j;
  }
  return judge_by_search<LinearizationSearch>(
      history, entries, options,
      "no order of these that respects their intervals lets every read return the value "
      "written last");
}

}  // namespace pagetoken
