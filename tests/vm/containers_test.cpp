// Table against std::map and NodeSet against std::set, drawn at random.

#include <deque>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "protocols/api/fifo.hpp"
#include "protocols/api/node_set.hpp"
#include "protocols/api/table.hpp"
#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

using Model = std::map<std::uint64_t, std::uint32_t>;
constexpr std::uint64_t kEnd = ~std::uint64_t{0};

Model contents(const Table<std::uint32_t>& table) {
  Model all;
  std::uint64_t last = 0;
  table.for_each([&](std::uint64_t key, std::uint32_t value) {
    EXPECT_TRUE(all.empty() || last < key) << "not ascending";
    last = key;
    all[key] = value;
  });
  return all;
}

/// Keys from a small range collide and come back; now and then one far away.
std::uint64_t draw_key(RandomStream& random, std::uint64_t range) {
  const std::uint64_t key = random.below(range);
  return random.below(8) == 0 ? (key << 40) | 5 : key;
}

void change(Table<std::uint32_t>& table, Model& model, RandomStream& random, std::uint64_t range) {
  const std::uint64_t key = draw_key(random, range);
  if (random.below(5) < 2) {
    ASSERT_EQ(table.erase(key), model.erase(key) == 1);
  } else {
    const auto value = static_cast<std::uint32_t>(random.below(1000));
    table[key] = value;
    model[key] = value;
  }
}

void expect_same(const Table<std::uint32_t>& table, const Model& model, std::uint64_t key) {
  ASSERT_EQ(table.size(), model.size());
  const auto found = model.find(key);
  const std::uint32_t* value = table.find(key);
  ASSERT_EQ(value != nullptr, found != model.end());
  if (value) {
    ASSERT_EQ(*value, found->second);
  }
  const auto next = model.lower_bound(key);
  ASSERT_EQ(table.next_key(key, kEnd), next == model.end() ? kEnd : next->first);
}

class TableSizes : public testing::TestWithParam<std::uint64_t> {};

TEST_P(TableSizes, AgreesWithAMap) {
  RandomStream random(GetParam(), 0, 0, Purpose::test);
  Table<std::uint32_t> table;
  Model model;
  for (int i = 0; i < 5000; ++i) {
    change(table, model, random, GetParam());
    expect_same(table, model, draw_key(random, GetParam()));
    if (i % 97 == 0) {
      EXPECT_EQ(contents(table), model);
    }
    if (i % 1999 == 1998) {
      table.clear();
      model.clear();
    }
    if (HasFailure()) FAIL() << "after change " << i;
  }
}

TEST_P(TableSizes, SurvivesItsBytes) {
  RandomStream random(GetParam() + 1000, 0, 0, Purpose::test);
  Table<std::uint32_t> table, copy;
  Model model;
  for (int i = 0; i < 400; ++i) {
    change(table, model, random, GetParam());
    Encoder out;
    out.put(table);
    Decoder in(out.bytes().data());
    in.get(copy);  // into a table that holds something else
    ASSERT_EQ(contents(copy), model) << "after change " << i;
    change(copy, model, random, GetParam());
    std::swap(table, copy);
  }
}

INSTANTIATE_TEST_SUITE_P(KeyRange, TableSizes, testing::Values(4, 8, 12, 40, 500));

TEST(Table, EraseInALoopOverNextKeyVisitsEachOnce) {
  Table<std::uint32_t> table;
  for (std::uint32_t key = 0; key < 100; ++key) table[key * 7] = key;
  std::uint32_t visited = 0;
  for (std::uint64_t key = 0; (key = table.next_key(key, 350)) != 350; ++visited) EXPECT_TRUE(table.erase(key));
  EXPECT_EQ(visited, 50u);
  EXPECT_EQ(table.size(), 50u);
  EXPECT_EQ(table.next_key(0, kEnd), 350u);
}

std::set<std::uint32_t> contents(const NodeSet& nodes) {
  std::set<std::uint32_t> all;
  nodes.for_each([&](NodeId node) {
    EXPECT_TRUE(all.empty() || *all.rbegin() < index_of(node)) << "not ascending";
    all.insert(index_of(node));
  });
  return all;
}

class NodeSetSizes : public testing::TestWithParam<std::uint32_t> {};

TEST_P(NodeSetSizes, AgreesWithASet) {
  RandomStream random(GetParam(), 0, 0, Purpose::test);
  NodeSet nodes;
  std::set<std::uint32_t> model;
  for (int i = 0; i < 2000; ++i) {
    const auto node = static_cast<std::uint32_t>(random.below(GetParam()));
    if (random.below(2) == 0) {
      nodes.add(NodeId{node});
      model.insert(node);
    } else {
      nodes.remove(NodeId{node});
      model.erase(node);
    }
    const auto other = static_cast<std::uint32_t>(random.below(2 * GetParam()));
    ASSERT_EQ(nodes.contains(NodeId{other}), model.contains(other));
    ASSERT_EQ(nodes.size(), model.size());
    ASSERT_EQ(nodes.empty(), model.empty());
    ASSERT_EQ(contents(nodes), model);
    Encoder out;
    out.put(nodes);
    NodeSet copy{NodeId{1}, NodeId{99}};
    Decoder in(out.bytes().data());
    in.get(copy);
    ASSERT_EQ(copy, nodes);
  }
}

INSTANTIATE_TEST_SUITE_P(Nodes, NodeSetSizes, testing::Values(2, 63, 64, 65, 200, 1000));

TEST(NodeSet, WordsThatBecameZeroAreNoPartOfTheValue) {
  NodeSet grown{NodeId{1}, NodeId{130}};
  grown.remove(NodeId{130});
  const NodeSet small{NodeId{1}};
  EXPECT_EQ(grown, small);
  Encoder a, b;
  a.put(grown);
  b.put(small);
  EXPECT_EQ(a.bytes(), b.bytes());
}

TEST(Table, AKeyThatComesAndGoesStaysWhereItIs) {
  // As a token does that passes from node to node, among those of many pages that stay.
  Table<std::uint32_t> table;
  for (std::uint64_t key = 0; key < 5000; ++key) table[key * 3] = 1;
  const std::size_t before = table.longest_search();
  for (int i = 0; i < 10'000; ++i) {
    table[1] = 2;
    table[1'000'000 + i % 7] = 3;
    ASSERT_TRUE(table.erase(1));
    ASSERT_TRUE(table.erase(1'000'000 + i % 7));
  }
  table[1] = 2;
  EXPECT_LE(table.longest_search(), before + 8);
}

/// Counts how often one was moved or copied into its place.
struct Moved {
  int value = 0;
  static inline std::uint64_t moves = 0;
  Moved(int v = 0) : value(v) {}
  Moved(const Moved& other) : value(other.value) { ++moves; }
  Moved& operator=(const Moved& other) {
    value = other.value;
    ++moves;
    return *this;
  }
};

TEST(Fifo, AgreesWithADequeAndMovesEachAFewTimesAtMost) {
  RandomStream random(1, 0, 0, Purpose::test);
  Fifo<Moved> fifo;
  std::deque<int> model;
  std::uint64_t pushed = 0;
  for (int i = 0; i < 100'000; ++i) {
    const bool grows = i / 20'000 % 2 == 0;
    if (random.below(5) < (grows ? 4u : 1u)) {
      fifo.push_back(i);
      model.push_back(i);
      ++pushed;
    } else if (!model.empty()) {
      ASSERT_EQ(fifo.front().value, model.front());
      fifo.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(fifo.size(), model.size());
    ASSERT_EQ(fifo.empty(), model.empty());
  }
  ASSERT_TRUE(std::equal(fifo.begin(), fifo.end(), model.begin(), model.end(),
                         [](const Moved& a, int b) { return a.value == b; }));
  EXPECT_LE(Moved::moves, 5 * pushed);
}

TEST(Fifo, IsEncodedAsTheListOfWhatWaits) {
  Fifo<std::uint32_t> fifo;
  for (const std::uint32_t n : {1, 2, 3, 4, 5, 6, 7}) fifo.push_back(n);
  fifo.pop_front();
  fifo.pop_front();
  Encoder out;
  out.put(fifo);
  Encoder expected;
  expected.put(std::vector<std::uint32_t>{3, 4, 5, 6, 7});
  EXPECT_EQ(out.bytes(), expected.bytes());
  Fifo<std::uint32_t> read;
  Decoder in(out.bytes().data());
  in.get(read);
  EXPECT_EQ(read, fifo);
  EXPECT_EQ(read.front(), 3u);
}

}  // namespace
}  // namespace pagetoken
