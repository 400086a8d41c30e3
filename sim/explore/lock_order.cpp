#include "sim/explore/lock_order.hpp"

#include <algorithm>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/hawick_circuits.hpp>

namespace pagetoken {

void LockOrder::merge(const LockOrder& other) {
  for (std::uint32_t c = 0; c < kMaxClasses; ++c) after_[c] |= other.after_[c];
}

std::vector<LockOrder::Edge> LockOrder::edges() const {
  std::vector<Edge> all;
  for (std::uint32_t held = 0; held < kMaxClasses; ++held)
    for (std::uint32_t taken = 0; taken < kMaxClasses; ++taken)
      if (after_[taken] >> held & 1) all.push_back({held, taken});
  return all;
}

namespace {
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
struct Collect {
  std::vector<std::vector<std::uint32_t>>* cycles;
  template <class Path>
  void cycle(const Path& path, const Graph&) const {
    cycles->emplace_back(path.begin(), path.end());
  }
};
}  // namespace

std::vector<std::vector<std::uint32_t>> LockOrder::cycles() const {
  Graph graph(kMaxClasses);
  std::vector<std::vector<std::uint32_t>> all;
  for (const Edge& e : edges()) {
    if (e.held == e.taken)
      all.push_back({e.held});
    else
      boost::add_edge(e.held, e.taken, graph);
  }
  boost::hawick_circuits(graph, Collect{&all});
  for (std::vector<std::uint32_t>& cycle : all)
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
  return all;
}

}  // namespace pagetoken
