#pragma once
// A network as a graph: nodes and switches, links of one direction each, shortest routes.

#include <cstdint>
#include <memory>
#include <vector>

#include "protocols/api/ids.hpp"
#include "protocols/api/table.hpp"
#include "sim/engine/topology/spec.hpp"

namespace pagetoken {

class NetworkGraph {
 public:
  /// The most nodes that routes are kept for, except on a star, where they are known without a search.
  static constexpr std::uint32_t kMaxRoutedNodes = 4096;

  struct Link {
    std::uint32_t from = 0;  ///< vertices: the places of nodes first, then switches
    std::uint32_t to = 0;
    std::int64_t latency_ns = 0;
    std::int64_t bandwidth_bytes_per_s = 0;
  };
  /// The way from one node to another.
  struct Route {
    std::int64_t latency_ns = 0;
    std::int64_t bandwidth_bytes_per_s = 0;  ///< of its slowest link
    std::vector<std::uint32_t> links{};
  };

  /// `spec` is fitted to at most as many nodes as it has places for, and is no platform file.
  NetworkGraph(const NetworkSpec& spec, std::uint32_t nodes);
  ~NetworkGraph();

  const std::vector<Link>& links() const { return links_; }
  std::uint32_t vertices() const { return vertices_; }
  /// Between two different nodes: the least latency; of several such ways each destination takes one of its own, so
  /// that they spread. Found when first asked for; valid until the next call.
  const Route& route(NodeId from, NodeId to);
  /// No route between two different nodes is faster.
  std::int64_t least_latency_ns() const;

 private:
  struct Search;

  void add_pair(std::uint32_t a, std::uint32_t b, std::int64_t latency_ns, std::int64_t bandwidth_bytes_per_s);
  void build_star(const NetworkSpec& spec);
  void build_rack(const NetworkSpec& spec);
  void build_fat_tree(const NetworkSpec& spec);
  void build_torus(const NetworkSpec& spec);
  void build_dragonfly(const NetworkSpec& spec);
  Route find(std::uint32_t from, std::uint32_t to);

  std::uint32_t nodes_ = 0;
  std::uint32_t vertices_ = 0;
  bool is_star_ = false;
  std::vector<Link> links_;
  std::unique_ptr<Search> search_;
  std::vector<Table<std::uint32_t>> known_;  // from -> to -> index of its route
  std::vector<Route> routes_;
  Route of_star_;
};

}  // namespace pagetoken
