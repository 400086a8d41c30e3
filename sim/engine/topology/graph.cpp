#include "sim/engine/topology/graph.hpp"

#include <algorithm>
#include <cassert>
#include <functional>

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths_no_color_map.hpp>

namespace pagetoken {

/// Boost's graph, turned round: one search from a destination gives the cost of the way from every vertex to it.
struct NetworkGraph::Search {
  /// Hops come second, so that a way makes progress on links without latency, too.
  struct Cost {
    std::int64_t latency_ns = 0;
    std::int64_t hops = 0;
    auto operator<=>(const Cost&) const = default;
    friend Cost operator+(const Cost& a, const Cost& b) { return {a.latency_ns + b.latency_ns, a.hops + b.hops}; }
  };
  using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Cost, boost::no_property,
                                                   std::uint32_t, std::uint32_t>;

  Search(const std::vector<Link>& links, std::uint32_t vertices) : costs(vertices), leaving(vertices) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ends;
    std::vector<Cost> edges;
    for (std::uint32_t l = 0; l < links.size(); ++l) {
      ends.emplace_back(links[l].to, links[l].from);
      edges.push_back({links[l].latency_ns, 1});
      leaving[links[l].from].push_back(l);
    }
    graph = Graph(boost::edges_are_unsorted_multi_pass, ends.begin(), ends.end(), edges.begin(), vertices);
  }

  const std::vector<Cost>& to(std::uint32_t destination) {
    std::vector<Cost>& cost = costs[destination];
    if (cost.empty()) {
      cost.resize(boost::num_vertices(graph));
      const auto index = boost::get(boost::vertex_index, graph);
      boost::dijkstra_shortest_paths_no_color_map(
          graph, destination,
          boost::weight_map(boost::get(boost::edge_bundle, graph))
              .distance_map(boost::make_iterator_property_map(cost.begin(), index))
              .distance_inf(Cost{INT64_MAX, INT64_MAX})
              .distance_zero(Cost{})
              .distance_compare(std::less<Cost>())
              .distance_combine(std::plus<Cost>()));
    }
    return cost;
  }

  Graph graph;
  std::vector<std::vector<Cost>> costs;             // destination -> vertex; empty until asked for
  std::vector<std::vector<std::uint32_t>> leaving;  // vertex -> links
};

NetworkGraph::NetworkGraph(const NetworkSpec& spec, std::uint32_t nodes) : nodes_(nodes) {
  const std::uint64_t room = places(spec.topology);
  assert(room >= nodes);
  vertices_ = room == UINT64_MAX ? nodes : static_cast<std::uint32_t>(room);
  switch (spec.topology.kind) {
    case TopologyKind::star: build_star(spec); break;
    case TopologyKind::rack: build_rack(spec); break;
    case TopologyKind::fat_tree: build_fat_tree(spec); break;
    case TopologyKind::torus: build_torus(spec); break;
    case TopologyKind::dragonfly: build_dragonfly(spec); break;
    case TopologyKind::platform: assert(false); break;
  }
  if (!is_star_) known_.resize(nodes_);
}

NetworkGraph::~NetworkGraph() = default;

/// Both directions.
void NetworkGraph::add_pair(std::uint32_t a, std::uint32_t b, std::int64_t latency_ns, std::int64_t bandwidth) {
  links_.push_back({a, b, latency_ns, bandwidth});
  links_.push_back({b, a, latency_ns, bandwidth});
}

/// Link 2n leads from node n to the switch, 2n + 1 back.
void NetworkGraph::build_star(const NetworkSpec& spec) {
  is_star_ = true;
  const std::uint32_t hub = vertices_++;
  const std::int64_t there = spec.latency_ns / 2;
  for (std::uint32_t n = 0; n < nodes_; ++n) {
    links_.push_back({n, hub, there, spec.bandwidth_bytes_per_s});
    links_.push_back({hub, n, spec.latency_ns - there, spec.bandwidth_bytes_per_s});
  }
}

void NetworkGraph::build_rack(const NetworkSpec& spec) {
  const TopologySpec& t = spec.topology;
  const std::uint32_t core = vertices_++;
  std::uint32_t top_of_rack = 0;
  for (std::uint32_t n = 0; n < nodes_; ++n) {
    if (n % t.nodes_per_rack == 0) {
      top_of_rack = vertices_++;
      add_pair(top_of_rack, core, t.uplink_latency_ns, t.uplink_bandwidth_bytes_per_s);
    }
    add_pair(n, top_of_rack, spec.link_latency_ns, spec.bandwidth_bytes_per_s);
  }
}

/// A parallel-ports generalized fat tree: every element has a label with a digit for each level; an element of level l
/// and one of level l + 1 are joined if their labels differ at most in digit l.
void NetworkGraph::build_fat_tree(const NetworkSpec& spec) {
  const TopologySpec& t = spec.topology;
  const std::size_t levels = t.down.size();
  // What digit d counts at a level: the children below where the level has not been passed, the parents above else.
  const auto base = [&](std::size_t level, std::size_t d) {
    return static_cast<std::uint64_t>(d >= level ? t.down[d] : t.up[d]);
  };
  const auto size_of = [&](std::size_t level) {
    std::uint64_t size = 1;
    for (std::size_t d = 0; d < levels; ++d) size *= base(level, d);
    return static_cast<std::uint32_t>(size);
  };
  std::uint32_t first = 0;  // vertex of the level below
  for (std::size_t level = 0; level < levels; ++level) {
    const std::uint32_t above = vertices_;
    vertices_ += size_of(level + 1);
    for (std::uint32_t child = 0; child < size_of(level); ++child) {
      // The parent's label is the child's, with each of the values that digit `level` can have up there.
      std::uint64_t rest = child;
      std::uint64_t weight = 1;
      std::uint64_t parent = 0;
      std::uint64_t step = 0;
      for (std::size_t d = 0; d < levels; ++d) {
        const std::uint64_t digit = rest % base(level, d);
        rest /= base(level, d);
        if (d == level)
          step = weight;
        else
          parent += digit * weight;
        weight *= base(level + 1, d);
      }
      for (std::int64_t p = 0; p < t.up[level]; ++p)
        for (std::int64_t parallel = 0; parallel < t.links[level]; ++parallel)
          add_pair(first + child, above + static_cast<std::uint32_t>(parent + static_cast<std::uint64_t>(p) * step),
                   spec.link_latency_ns, spec.bandwidth_bytes_per_s);
    }
    first = above;
  }
}

void NetworkGraph::build_torus(const NetworkSpec& spec) {
  for (std::uint32_t place = 0; place < vertices_; ++place) {
    std::uint32_t stride = 1;
    for (const std::int64_t length : spec.topology.dimensions) {
      const auto size = static_cast<std::uint32_t>(length);
      const std::uint32_t at = place / stride % size;
      if (size > 1)
        add_pair(place, place - at * stride + (at + 1) % size * stride, spec.link_latency_ns,
                 spec.bandwidth_bytes_per_s);
      stride *= size;
    }
  }
}

void NetworkGraph::build_dragonfly(const NetworkSpec& spec) {
  const TopologySpec& t = spec.topology;
  const auto groups = static_cast<std::uint32_t>(t.groups);
  const auto chassis = static_cast<std::uint32_t>(t.chassis);
  const auto routers = static_cast<std::uint32_t>(t.routers);
  const auto nodes = static_cast<std::uint32_t>(t.nodes_per_router);
  const std::uint32_t first = vertices_;
  vertices_ += groups * chassis * routers;
  const auto router = [&](std::uint32_t g, std::uint32_t c, std::uint32_t r) {
    return first + (g * chassis + c) * routers + r;
  };
  const auto join = [&](std::uint32_t a, std::uint32_t b) {
    add_pair(a, b, spec.link_latency_ns, spec.bandwidth_bytes_per_s);
  };
  for (std::uint32_t place = 0; place < first; ++place) join(place, first + place / nodes);
  for (std::uint32_t g = 0; g < groups; ++g)
    for (std::uint32_t c = 0; c < chassis; ++c)
      for (std::uint32_t r = 0; r < routers; ++r) {
        for (std::uint32_t other = r + 1; other < routers; ++other) join(router(g, c, r), router(g, c, other));
        for (std::uint32_t other = c + 1; other < chassis; ++other) join(router(g, c, r), router(g, other, r));
      }
  // Group g reaches group h by router h of its first chassis, and arrives at router g of theirs.
  for (std::uint32_t g = 0; g < groups; ++g)
    for (std::uint32_t h = g + 1; h < groups; ++h) join(router(g, 0, h), router(h, 0, g));
}

const NetworkGraph::Route& NetworkGraph::route(NodeId from, NodeId to) {
  const std::uint32_t a = index_of(from);
  const std::uint32_t b = index_of(to);
  if (is_star_) {
    of_star_.links = {2 * a, 2 * b + 1};
    of_star_.latency_ns = links_[2 * a].latency_ns + links_[2 * b + 1].latency_ns;
    of_star_.bandwidth_bytes_per_s = links_[2 * a].bandwidth_bytes_per_s;
    return of_star_;
  }
  if (const std::uint32_t* known = known_[a].find(b)) return routes_[*known];
  known_[a][b] = static_cast<std::uint32_t>(routes_.size());
  return routes_.emplace_back(find(a, b));
}

NetworkGraph::Route NetworkGraph::find(std::uint32_t from, std::uint32_t to) {
  if (!search_) search_ = std::make_unique<Search>(links_, vertices_);
  const std::vector<Search::Cost>& left = search_->to(to);
  Route route{left[from].latency_ns, INT64_MAX, {}};
  std::vector<std::uint32_t> ways;
  for (std::uint32_t at = from; at != to; at = links_[route.links.back()].to) {
    ways.clear();
    for (const std::uint32_t l : search_->leaving[at])
      if (Search::Cost{links_[l].latency_ns, 1} + left[links_[l].to] == left[at]) ways.push_back(l);
    route.links.push_back(ways[to % ways.size()]);
    route.bandwidth_bytes_per_s =
        std::min(route.bandwidth_bytes_per_s, links_[route.links.back()].bandwidth_bytes_per_s);
  }
  return route;
}

std::int64_t NetworkGraph::least_latency_ns() const {
  constexpr std::int64_t kFar = INT64_MAX / 4;
  std::int64_t out = kFar;
  std::int64_t in = kFar;
  std::int64_t direct = kFar;
  for (const Link& link : links_) {
    const bool leaves_node = link.from < nodes_;
    const bool reaches_node = link.to < nodes_;
    if (leaves_node && reaches_node)
      direct = std::min(direct, link.latency_ns);
    else if (leaves_node)
      out = std::min(out, link.latency_ns);
    else if (reaches_node)
      in = std::min(in, link.latency_ns);
  }
  return std::min(direct, out + in);
}

}  // namespace pagetoken
