// Sequential consistency: one order of all operations that keeps each process's own. To decide it is NP-complete
// (Gibbons and Korach 1997); this is a search with a memory of configurations and a limit.

#include <algorithm>
#include <map>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "sim/base/interrupt.hpp"
#include "sim/oracle/history/search.hpp"

namespace pagetoken {

namespace {

class SequentialSearch {
 public:
  SequentialSearch(const History& h, const Indices& entries, std::uint64_t limit) : limit_(limit) {
    std::map<std::uint32_t, std::vector<const HistoryEntry*>> processes;
    for (const std::uint32_t i : entries) processes[h.entries[i].process].push_back(&h.entries[i]);
    for (auto& [process, ops] : processes) queues_.push_back(std::move(ops));  // entries are by start
    next_.resize(queues_.size());
    values_.resize(h.keys.size());
    for (const auto& queue : queues_)
      for (const HistoryEntry* op : queue) {
        left_ += op->end != kUnfinished ? 1 : 0;
        ++(op->op == HistoryOp::read ? to_come(*op).reads : to_come(*op).writes);
      }
  }

  HistoryVerdict run() {
    std::vector<Level> levels;
    levels.push_back(enter());
    while (!levels.empty()) {
      if (left_ == 0) return HistoryVerdict::ok;
      Level& level = levels.back();
      if (level.at == level.candidates.size()) {
        leave(level);
        levels.pop_back();
        continue;
      }
      stop_if_interrupted();
      if (++configurations_ > limit_) return HistoryVerdict::unknown;
      const std::size_t process = level.candidates[level.at++];
      const HistoryEntry& write = *queues_[process][next_[process]];
      const std::uint32_t before = values_[write.key];
      advance(process);
      set_value(write.key, write.value);
      Level deeper = enter();
      deeper.writer = process;
      deeper.key = write.key;
      deeper.value_before = before;
      if (left_ != 0 && !seen_.insert(set_).second) {
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
    std::vector<std::size_t> reads;       ///< processes whose reads followed, one entry a read
    std::vector<std::size_t> candidates;  ///< processes whose next operation is a write, earliest first
    std::size_t at = 0;
    std::size_t writer = SIZE_MAX;
    std::uint32_t key = 0;
    std::uint32_t value_before = 0;
  };

  /// Reads and writes of a value that have still to come.
  struct ToCome {
    std::uint32_t reads = 0;
    std::uint32_t writes = 0;
  };
  ToCome& to_come(const HistoryEntry& op) { return to_come_[std::uint64_t{op.key} << 32 | op.value]; }
  /// The key's value is not needed any more, or will be written again.
  bool may_replace(std::uint32_t key) {
    const auto found = to_come_.find(std::uint64_t{key} << 32 | values_[key]);
    return found == to_come_.end() || found->second.reads == 0 || found->second.writes > 0;
  }

  std::uint64_t position(std::size_t process) const { return std::uint64_t{process} << 32 | next_[process]; }
  void advance(std::size_t process) {
    set_.toggle(position(process));
    const HistoryEntry& op = *queues_[process][next_[process]];
    if (op.end != kUnfinished) --left_;
    --(op.op == HistoryOp::read ? to_come(op).reads : to_come(op).writes);
    ++next_[process];
    set_.toggle(position(process));
  }
  void retreat(std::size_t process) {
    set_.toggle(position(process));
    --next_[process];
    const HistoryEntry& op = *queues_[process][next_[process]];
    if (op.end != kUnfinished) ++left_;
    ++(op.op == HistoryOp::read ? to_come(op).reads : to_come(op).writes);
    set_.toggle(position(process));
  }
  void set_value(std::uint32_t key, std::uint32_t value) {
    const auto name = [&] { return std::uint64_t{1} << 62 | std::uint64_t{key} << 32 | values_[key]; };
    set_.toggle(name());
    values_[key] = value;
    set_.toggle(name());
  }

  Level enter() {
    Level level;
    for (bool again = true; again;) {  // a read of what is there may as well come now
      again = false;
      for (std::size_t p = 0; p < queues_.size(); ++p)
        while (next_[p] < queues_[p].size()) {
          const HistoryEntry& op = *queues_[p][next_[p]];
          if (op.op != HistoryOp::read || op.value != values_[op.key]) break;
          advance(p);
          level.reads.push_back(p);
          again = true;
        }
    }
    for (std::size_t p = 0; p < queues_.size(); ++p)
      if (next_[p] < queues_[p].size() && queues_[p][next_[p]]->op == HistoryOp::write &&
          may_replace(queues_[p][next_[p]]->key))
        level.candidates.push_back(p);
    // Mostly the order in which things happened is one.
    std::stable_sort(level.candidates.begin(), level.candidates.end(), [&](std::size_t a, std::size_t b) {
      return queues_[a][next_[a]]->start < queues_[b][next_[b]]->start;
    });
    return level;
  }
  void leave(const Level& level) {
    for (auto read = level.reads.rbegin(); read != level.reads.rend(); ++read) retreat(*read);
    if (level.writer == SIZE_MAX) return;
    set_value(level.key, level.value_before);
    retreat(level.writer);
  }

  std::uint64_t limit_;
  std::vector<std::vector<const HistoryEntry*>> queues_;
  std::vector<std::size_t> next_;
  std::vector<std::uint32_t> values_;
  absl::flat_hash_map<std::uint64_t, ToCome> to_come_;
  std::size_t left_ = 0;  ///< finished operations that are not done yet
  SetHash set_;
  absl::flat_hash_set<SetHash> seen_;
  std::uint64_t configurations_ = 0;
};

}  // namespace

Judgement judge_sequential(const History& history, const Indices& entries, const JudgeOptions& options) {
  return judge_by_search<SequentialSearch>(
      history, entries, options,
      "no order of these that keeps each process's own lets every read return the value written last");
}

}  // namespace pagetoken
