#pragma once
// What the models' judges share. Entries are given by their indices in the history.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sim/oracle/history/history.hpp"

namespace pagetoken {

using Indices = std::vector<std::uint32_t>;

/// Of one key, without syncs.
Judgement judge_linearizable(const History& history, const Indices& entries, const JudgeOptions& options);
Judgement judge_sequential(const History& history, const Indices& entries, const JudgeOptions& options);
/// Close-to-open and release consistency.
Judgement judge_weak(const History& history, const Indices& entries, ConsistencyModel model);

/// Leaves entries out of `part`, which is violated, for as long as it stays so: what remains can spare none. A write
/// goes only with the reads of its value, which else would be of a value that nobody wrote.
Indices shrink(const History& history, Indices part, const std::function<bool(const Indices&)>& violated);

/// What may be spent on making a contradiction smaller, in configurations and operations looked at.
inline constexpr std::uint64_t kShrinkConfigurations = 2'000'000;

/// A set of things that were done, as a hash that changes with each: two words, so that a clash is out of the question.
struct SetHash {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  void toggle(std::uint64_t thing) {
    a ^= mix(thing * 2 + 1);
    b ^= mix(~thing * 2);
  }
  friend bool operator==(const SetHash&, const SetHash&) = default;
  template <class H>
  friend H AbslHashValue(H h, const SetHash& set) {
    return H::combine(std::move(h), set.a, set.b);
  }
  static constexpr std::uint64_t mix(std::uint64_t x) {  // splitmix64
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }
};

/// The first read of a value that is not the initial one and that no write of its key among the entries writes.
std::optional<std::uint32_t> first_read_of_nothing(const History& history, const Indices& entries);

/// Looks for an order that explains the entries. A Search(history, entries, limit) has run() and configurations(); the
/// smaller histories that a contradiction is reduced to may be harder to search: what is not decided soon is kept.
template <class Search>
Judgement judge_by_search(const History& history, const Indices& entries, const JudgeOptions& options,
                          const char* reason) {
  if (const auto read = first_read_of_nothing(history, entries))
    return {HistoryVerdict::violated, {*read}, "a read returns a value that nobody writes", 0};
  std::uint64_t configurations = 0;
  const auto search = [&](const Indices& part, std::uint64_t limit) {
    Search s(history, part, limit);
    const HistoryVerdict verdict = s.run();
    configurations += s.configurations();
    return verdict;
  };
  Judgement j;
  j.verdict = search(entries, options.max_configurations);
  j.configurations = configurations;
  if (j.verdict != HistoryVerdict::violated) return j;
  configurations = 0;
  j.contradiction = shrink(history, entries, [&](const Indices& part) {
    return configurations < kShrinkConfigurations &&
           search(part, kShrinkConfigurations / 10) == HistoryVerdict::violated;
  });
  j.reason = reason;
  return j;
}

}  // namespace pagetoken
