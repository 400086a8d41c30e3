// Histories whose verdicts are known, and random ones against a judge that tries every order.

#include "sim/oracle/history/history.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

struct Op {
  std::uint32_t process;
  char op;
  int value;
  std::int64_t start;
  std::int64_t end;  ///< -1: unfinished
  std::string key = "x";
};

std::string lines_of(const std::vector<Op>& ops) {
  std::string text;
  for (const Op& o : ops)
    text += "{\"process\": " + std::to_string(o.process) + ", \"op\": \"" + o.op + "\", \"key\": \"" + o.key +
            "\", \"value\": " + std::to_string(o.value) + ", \"start_ns\": " + std::to_string(o.start) +
            ", \"end_ns\": " + (o.end < 0 ? "null" : std::to_string(o.end)) + "}\n";
  return text;
}
Judgement judged_text(const std::string& lines, ConsistencyModel model) {
  return judge(parse_history(lines, "h"), model);
}
Judgement judged(const std::vector<Op>& ops, ConsistencyModel model) { return judged_text(lines_of(ops), model); }
std::string sync(int process, const std::string& kind, int t) {
  return "{\"process\": " + std::to_string(process) + ", \"op\": \"sync\", \"kind\": \"" + kind +
         "\", \"start_ns\": " + std::to_string(t) + ", \"end_ns\": " + std::to_string(t + 1) + "}\n";
}

TEST(Linearizable, OverlappingOperationsMayTakeEitherOrder) {
  EXPECT_EQ(
      judged({{0, 'w', 1, 0, 10}, {1, 'r', 0, 5, 15}, {1, 'r', 1, 16, 20}}, ConsistencyModel::linearizable).verdict,
      HistoryVerdict::ok);
  EXPECT_EQ(
      judged({{0, 'w', 1, 0, 10}, {1, 'r', 1, 5, 15}, {2, 'r', 1, 11, 12}}, ConsistencyModel::linearizable).verdict,
      HistoryVerdict::ok);
}

TEST(Linearizable, AStaleReadIsNot) {
  const Judgement j = judged({{0, 'w', 1, 0, 10}, {0, 'w', 2, 11, 20}, {1, 'r', 2, 21, 25}, {1, 'r', 1, 26, 30}},
                             ConsistencyModel::linearizable);
  EXPECT_EQ(j.verdict, HistoryVerdict::violated);
  EXPECT_EQ(j.contradiction.size(), 3u);  // both writes, and the read of the older value
  EXPECT_EQ(
      judged({{0, 'w', 1, 0, 10}, {0, 'w', 2, 11, 20}, {1, 'r', 1, 26, 30}}, ConsistencyModel::sequential).verdict,
      HistoryVerdict::ok);
}

TEST(Linearizable, AReadOfTheInitialValueAfterAWriteIsNot) {
  const Judgement j =
      judged({{0, 'w', 1, 0, 10}, {1, 'r', 0, 20, 30}, {2, 'r', 1, 20, 30}}, ConsistencyModel::linearizable);
  EXPECT_EQ(j.verdict, HistoryVerdict::violated);
  EXPECT_EQ(j.contradiction.size(), 2u);
}

TEST(Linearizable, ALostUpdateIsNot) {  // both read 0 and write; the second write is then read, and the first again
  EXPECT_EQ(judged({{0, 'w', 1, 0, 5}, {1, 'w', 2, 6, 9}, {0, 'r', 1, 10, 12}}, ConsistencyModel::linearizable).verdict,
            HistoryVerdict::violated);
}

TEST(Linearizable, ValuesThatNobodyWroteAndReadsFromTheFutureAreNot) {
  EXPECT_EQ(judged({{1, 'r', 7, 0, 1}}, ConsistencyModel::linearizable).contradiction.size(), 1u);
  EXPECT_EQ(judged({{1, 'r', 7, 0, 1}, {0, 'w', 7, 2, 3}}, ConsistencyModel::linearizable).contradiction.size(), 2u);
}

TEST(Linearizable, UnfinishedWritesMayHappenOrNot) {
  EXPECT_EQ(
      judged({{0, 'w', 1, 0, -1}, {1, 'r', 0, 50, 60}, {1, 'r', 1, 70, 80}}, ConsistencyModel::linearizable).verdict,
      HistoryVerdict::ok);
  EXPECT_EQ(
      judged({{0, 'w', 1, 0, -1}, {1, 'r', 1, 50, 60}, {1, 'r', 0, 70, 80}}, ConsistencyModel::linearizable).verdict,
      HistoryVerdict::violated);
  EXPECT_EQ(judged({{0, 'w', 1, 0, -1}, {1, 'r', 0, 50, 60}}, ConsistencyModel::linearizable).verdict,
            HistoryVerdict::ok);
}

TEST(Linearizable, KeysAreApart) {
  EXPECT_EQ(judged({{0, 'w', 1, 0, 10, "x"}, {1, 'r', 0, 20, 30, "y"}}, ConsistencyModel::linearizable).verdict,
            HistoryVerdict::ok);
}

TEST(Sequential, StoreBufferingIsNotAndItsPartIsWhole) {
  const Judgement j = judged({{0, 'w', 1, 0, 1, "x"},
                              {0, 'r', 0, 2, 3, "y"},
                              {1, 'w', 1, 0, 1, "y"},
                              {1, 'r', 0, 2, 3, "x"},
                              {2, 'w', 5, 0, 1, "z"}},
                             ConsistencyModel::sequential);
  EXPECT_EQ(j.verdict, HistoryVerdict::violated);
  EXPECT_EQ(j.contradiction.size(), 4u);
}

TEST(CloseToOpen, WhoOpensAfterTheCloseSeesIt) {
  const std::string writer = sync(0, "open", 0) + lines_of({{0, 'w', 1, 2, 3}}) + sync(0, "close", 4);
  EXPECT_EQ(judged_text(writer + sync(1, "open", 10) + lines_of({{1, 'r', 0, 12, 13}}), ConsistencyModel::close_to_open)
                .verdict,
            HistoryVerdict::violated);
  EXPECT_EQ(judged_text(writer + sync(1, "open", 10) + lines_of({{1, 'r', 1, 12, 13}}), ConsistencyModel::close_to_open)
                .verdict,
            HistoryVerdict::ok);
  EXPECT_EQ(judged_text(writer + sync(1, "open", 1) + lines_of({{1, 'r', 0, 12, 13}}), ConsistencyModel::close_to_open)
                .verdict,
            HistoryVerdict::ok);
}

TEST(CloseToOpen, OnesOwnWritesAreSeen) {
  EXPECT_EQ(judged({{0, 'w', 1, 2, 3}, {0, 'r', 0, 4, 5}}, ConsistencyModel::close_to_open).verdict,
            HistoryVerdict::violated);
}

TEST(Release, OrderGoesFromReleaseToAcquireAndOn) {
  const std::string chain = lines_of({{0, 'w', 1, 0, 1}}) + sync(0, "release", 2) + sync(1, "acquire", 5) +
                            sync(1, "release", 8) + sync(2, "acquire", 11);
  const Judgement j = judged_text(chain + lines_of({{2, 'r', 0, 15, 16}}), ConsistencyModel::release);
  EXPECT_EQ(j.verdict, HistoryVerdict::violated);
  EXPECT_EQ(judged_text(chain + lines_of({{2, 'r', 1, 15, 16}}), ConsistencyModel::release).verdict,
            HistoryVerdict::ok);
  EXPECT_EQ(judged_text(chain + lines_of({{3, 'r', 0, 15, 16}}), ConsistencyModel::release).verdict,
            HistoryVerdict::ok);  // acquired nothing
}

// ---- Against every order

/// All orders of a small history: does one that `allowed` admits explain every read?
bool explained(const std::vector<Op>& ops, bool real_time) {
  std::vector<std::size_t> order;
  std::vector<bool> used(ops.size());
  const std::function<bool(std::map<std::string, int>)> go = [&](std::map<std::string, int> state) {
    bool all = true;
    for (std::size_t i = 0; i < ops.size(); ++i) all &= used[i] || ops[i].end < 0;
    if (all) return true;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      if (used[i]) continue;
      bool first = true;
      for (std::size_t k = 0; k < ops.size(); ++k) {
        if (used[k] || k == i) continue;
        const bool before = real_time ? ops[k].end >= 0 && ops[k].end < ops[i].start
                                      : ops[k].process == ops[i].process && ops[k].start < ops[i].start;
        first &= !before;
      }
      if (!first) continue;
      const auto value = state.contains(ops[i].key) ? state[ops[i].key] : 0;
      if (ops[i].op == 'r' && ops[i].value != value) continue;
      auto next = state;
      if (ops[i].op == 'w') next[ops[i].key] = ops[i].value;
      used[i] = true;
      const bool found = go(next);
      used[i] = false;
      if (found) return true;
    }
    return false;
  };
  return go({});
}

/// Processes that each do one operation after the other; `unique`: every written value is another.
std::vector<Op> random_history(std::mt19937& random, bool unique, int keys) {
  std::vector<Op> ops;
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  int next_value = 1;
  for (std::uint32_t process = 0; process < 3; ++process) {
    std::int64_t t = below(6);
    for (int i = 0; i < 2 + below(2); ++i) {
      const std::int64_t start = t + below(4);
      t = start + 1 + below(8);
      const bool write = below(2) == 0;
      const int value = write ? (unique ? next_value++ : 1 + below(2)) : below(unique ? 5 : 3);
      const bool last_unfinished = write && below(8) == 0;
      ops.push_back({process, write ? 'w' : 'r', value, start, last_unfinished ? -1 : t, below(keys) == 0 ? "x" : "y"});
      if (last_unfinished) break;
      ++t;
    }
  }
  return ops;
}

TEST(Random, HistoriesAreJudgedAsByEveryOrder) {
  std::mt19937 random(20030607);
  int violated = 0;
  for (int i = 0; i < 2000; ++i) {
    const bool unique = i % 2 == 0;
    const std::vector<Op> one_key = random_history(random, unique, 1);
    const bool linearizable = explained(one_key, true);
    const Judgement j = judged(one_key, ConsistencyModel::linearizable);
    ASSERT_EQ(j.verdict == HistoryVerdict::ok, linearizable) << lines_of(one_key);
    const std::vector<Op> two_keys = random_history(random, unique, 2);
    const bool sequential = explained(two_keys, false);
    const Judgement s = judged(two_keys, ConsistencyModel::sequential);
    ASSERT_EQ(s.verdict == HistoryVerdict::ok, sequential) << lines_of(two_keys);
    violated += (linearizable ? 0 : 1) + (sequential ? 0 : 1);
  }
  EXPECT_GT(violated, 300);
  EXPECT_LT(violated, 3700);
}

TEST(Random, APartThatContradictsDoesSoAloneAndCanSpareNothing) {
  std::mt19937 random(1);
  int checked = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::vector<Op> ops = random_history(random, i % 2 == 0, 1);
    const History history = parse_history(lines_of(ops), "h");
    const Judgement j = judge(history, ConsistencyModel::linearizable);
    if (j.verdict != HistoryVerdict::violated) continue;
    ++checked;
    std::string part;
    for (const std::uint32_t e : j.contradiction) part += line_of(history, history.entries[e]) + "\n";
    ASSERT_EQ(judged_text(part, ConsistencyModel::linearizable).verdict, HistoryVerdict::violated) << lines_of(ops);
  }
  EXPECT_GT(checked, 200);
}

/// Operations on one register that really happened in some order, `at_once` of them at a time.
std::vector<Op> real_history(int count, std::uint32_t at_once, bool unique, std::mt19937& random) {
  std::vector<Op> ops;
  std::vector<std::int64_t> free(at_once);
  int value = 0;
  std::int64_t point = 1000;
  for (int i = 0; i < count; ++i) {
    point += 1 + static_cast<std::int64_t>(random() % 20);
    std::uint32_t process = 0;
    for (std::uint32_t p = 0; p < at_once; ++p)
      if (free[p] < free[process]) process = p;
    if (free[process] >= point) point = free[process] + 1;
    const bool write = random() % 2 == 0;
    if (write) value = unique ? i + 1 : 1 + static_cast<int>(random() % 5);
    const std::int64_t start = std::max(free[process] + 1, point - static_cast<std::int64_t>(random() % 100));
    const std::int64_t end = point + static_cast<std::int64_t>(random() % 100);
    free[process] = end;
    ops.push_back({process, write ? 'w' : 'r', value, start, end});
  }
  return ops;
}

TEST(Large, TenThousandOperationsTakeSeconds) {
  std::mt19937 random(7);
  for (const bool unique : {true, false}) {
    std::vector<Op> ops = real_history(10'000, 10, unique, random);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(judged(ops, ConsistencyModel::linearizable).verdict, HistoryVerdict::ok);
    EXPECT_EQ(judged(ops, ConsistencyModel::sequential).verdict, HistoryVerdict::ok);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
    // One read, late, of a value long gone.
    const auto old = std::find_if(ops.begin(), ops.end(), [](const Op& o) { return o.op == 'w'; });
    const auto late = std::find_if(ops.rbegin(), ops.rend(), [](const Op& o) { return o.op == 'r'; });
    late->value = unique ? old->value : 99;
    const Judgement j = judged(ops, ConsistencyModel::linearizable);
    EXPECT_EQ(j.verdict, HistoryVerdict::violated);
    EXPECT_LE(j.contradiction.size(), 4u);
  }
}

TEST(Format, MistakesNameTheLine) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      parse_history(text, "h.jsonl");
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  const std::string good = lines_of({{0, 'w', 1, 0, 10}});
  EXPECT_EQ(refusal(good), "");
  EXPECT_TRUE(refusal(good + "{").starts_with("h.jsonl: line 2, column 2: "));
  EXPECT_TRUE(refusal(good + R"({"process": 0, "op": "x", "key": "k", "value": 1, "start_ns": 0, "end_ns": 1})")
                  .starts_with("h.jsonl: line 2, op: is \"x\""));
  EXPECT_TRUE(refusal(R"({"process": 0, "op": "r", "key": "k", "value": 1, "start_ns": 5, "end_ns": 1})")
                  .starts_with("h.jsonl: line 1, end_ns"));
  EXPECT_TRUE(refusal(R"({"process": 0, "op": "r", "key": "k", "start_ns": 0, "end_ns": 1})")
                  .starts_with("h.jsonl: line 1, value"));
  EXPECT_TRUE(refusal(R"({"process": 0, "op": "r", "key": "k", "value": 1, "start_ns": 1.5, "end_ns": 2})")
                  .starts_with("h.jsonl: line 1, start_ns"));
}

}  // namespace
}  // namespace pagetoken
