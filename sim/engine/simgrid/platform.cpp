#include "sim/engine/simgrid/platform.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <fstream>

#include <signal.h>

#include <fnmatch.h>

#include "sim/engine/topology/graph.hpp"

namespace pagetoken {

namespace sg4 = simgrid::s4u;

namespace {

using Policy = sg4::Link::SharingPolicy;
constexpr double kHostSpeed = 1e9;  // SimGrid wants one; nothing is computed on hosts

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

/// SimGrid's engine takes over the signals of an interrupt and of a crash; they stay as they were.
class SignalsKept {
 public:
  SignalsKept() {
    for (std::size_t i = 0; i < kNumbers.size(); ++i) sigaction(kNumbers[i], nullptr, &before_[i]);
  }
  ~SignalsKept() {
    for (std::size_t i = 0; i < kNumbers.size(); ++i) sigaction(kNumbers[i], &before_[i], nullptr);
  }
  SignalsKept(const SignalsKept&) = delete;
  SignalsKept& operator=(const SignalsKept&) = delete;

 private:
  static constexpr std::array<int, 3> kNumbers{SIGINT, SIGSEGV, SIGBUS};
  std::array<struct sigaction, 3> before_{};
};

std::vector<std::string> engine_arguments(const SimGridSpec& spec) {
  const auto option = [](const std::string& name, const std::string& value) { return "--cfg=" + name + ":" + value; };
  std::vector<std::string> arguments{
      "pagetoken",
      "--log=root.thresh:critical",
      "--log=no_loc",  // no backtraces, of which a line is too much and which take half a second
      option("network/model", std::string(kNetworkModelNames[static_cast<std::size_t>(spec.network_model)])),
      option("network/crosstraffic", spec.crosstraffic ? "yes" : "no"),
      option("network/optim", "Lazy"),
      option("network/TCP-gamma", "0"),   // else long routes are capped
      option("surf/precision", "1e-12"),  // else events within a nanosecond become one
      option("debug/clean-atexit", "no"),
      option("debug/verbose-exit", "no")};
  if (spec.latency_factor > 0)
    arguments.push_back(option("network/latency-factor", std::to_string(spec.latency_factor)));
  if (spec.bandwidth_factor > 0)
    arguments.push_back(option("network/bandwidth-factor", std::to_string(spec.bandwidth_factor)));
  for (const auto& [name, value] : spec.options) arguments.push_back(option(name, value));
  return arguments;
}

sg4::Engine* make_engine(const SimGridSpec& spec, const std::vector<std::string>& more) {
  if (sg4::Engine::has_instance()) throw std::logic_error("a second SimGrid engine in one process");
  const SignalsKept signals;
  std::vector<std::string> arguments = engine_arguments(spec);
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  // Never deleted: SimGrid's own end of an engine is for programs that end there.
  return new sg4::Engine(&count, pointers.data());
}

std::string name_of_node(const SimGridSetup& setup, std::uint32_t node) { return setup.nodes.node_name(node, '-'); }

/// Builds one of the topologies by name: hosts[n] is node n's.
class PlatformBuilder {
 public:
  explicit PlatformBuilder(const SimGridSetup& setup) : setup_(setup), network_(setup.network) {
    policy_ = network_.contention == Contention::none ? Policy::FATPIPE : Policy::SHARED;
    duplex_ = network_.contention == Contention::none ? Policy::FATPIPE : Policy::SPLITDUPLEX;
    hosts_.resize(setup.nodes.count());
  }

  std::vector<sg4::Host*> build() {
    switch (network_.topology.kind) {
      case TopologyKind::star: star(); break;
      case TopologyKind::rack: rack(); break;
      case TopologyKind::fat_tree: fat_tree(); break;
      case TopologyKind::torus: torus(); break;
      case TopologyKind::dragonfly: dragonfly(); break;
      case TopologyKind::platform: break;
    }
    return hosts_;
  }

 private:
  sg4::LinkInRoute link(sg4::NetZone* zone, const std::string& name, std::int64_t bandwidth, std::int64_t latency_ns) {
    sg4::Link* made = zone->create_link(name, static_cast<double>(bandwidth));
    made->set_latency(seconds(latency_ns));
    made->set_sharing_policy(policy_);
    made->seal();
    return sg4::LinkInRoute(made);
  }

  /// A node and its two links to the zone's middle.
  void attach(sg4::NetZone* zone, std::uint32_t node, std::int64_t up_ns, std::int64_t down_ns) {
    const std::string name = name_of_node(setup_, node);
    const sg4::LinkInRoute up = link(zone, name + "-up", network_.bandwidth_bytes_per_s, up_ns);
    const sg4::LinkInRoute down = link(zone, name + "-down", network_.bandwidth_bytes_per_s, down_ns);
    sg4::Host* host = zone->create_host(name, kHostSpeed);
    zone->add_route(host->get_netpoint(), nullptr, nullptr, nullptr, {up}, false);
    zone->add_route(nullptr, host->get_netpoint(), nullptr, nullptr, {down}, false);
    hosts_[node] = host;
  }

  void star() {
    sg4::NetZone* zone = sg4::create_star_zone("network");
    const std::int64_t there = network_.latency_ns / 2;
    for (std::uint32_t n = 0; n < hosts_.size(); ++n) attach(zone, n, there, network_.latency_ns - there);
    zone->seal();
  }

  void rack() {
    const TopologySpec& t = network_.topology;
    sg4::NetZone* core = sg4::create_star_zone("network");
    for (std::uint32_t first = 0; first < hosts_.size(); first += static_cast<std::uint32_t>(t.nodes_per_rack)) {
      const std::string name = "rack-" + std::to_string(first / t.nodes_per_rack);
      sg4::NetZone* zone = sg4::create_star_zone(name);
      zone->set_parent(core);
      for (std::uint32_t n = first; n < first + t.nodes_per_rack && n < hosts_.size(); ++n)
        attach(zone, n, network_.link_latency_ns, network_.link_latency_ns);
      simgrid::kernel::routing::NetPoint* top = zone->create_router(name + "-switch");
      zone->seal();
      const auto uplink = [&](const char* direction) {
        return link(core, name + direction, t.uplink_bandwidth_bytes_per_s, t.uplink_latency_ns);
      };
      core->add_route(zone->get_netpoint(), nullptr, top, nullptr, {uplink("-up")}, false);
      core->add_route(nullptr, zone->get_netpoint(), nullptr, top, {uplink("-down")}, false);
    }
    core->seal();
  }

  /// SimGrid's clusters ask for the host of each place; places without a node get one that is not used.
  sg4::ClusterCallbacks hosts_of_places() {
    return sg4::ClusterCallbacks([this](sg4::NetZone* zone, const std::vector<unsigned long>&, unsigned long place) {
      const bool used = place < hosts_.size();
      const auto node = static_cast<std::uint32_t>(place);
      sg4::Host* host =
          zone->create_host(used ? name_of_node(setup_, node) : "spare-" + std::to_string(place), kHostSpeed);
      if (used) hosts_[node] = host;
      return std::pair<simgrid::kernel::routing::NetPoint*, simgrid::kernel::routing::NetPoint*>(host->get_netpoint(),
                                                                                                 nullptr);
    });
  }

  double bandwidth() const { return static_cast<double>(network_.bandwidth_bytes_per_s); }
  double latency_s() const { return seconds(network_.link_latency_ns); }
  static std::vector<unsigned int> numbers(const std::vector<std::int64_t>& list) { return {list.begin(), list.end()}; }

  void fat_tree() {
    const TopologySpec& t = network_.topology;
    const sg4::FatTreeParams shape(static_cast<unsigned int>(t.down.size()), numbers(t.down), numbers(t.up),
                                   numbers(t.links));
    sg4::create_fatTree_zone("network", nullptr, shape, hosts_of_places(), bandwidth(), latency_s(), duplex_)->seal();
  }
  void torus() {
    const std::vector<std::int64_t>& sides = network_.topology.dimensions;
    sg4::create_torus_zone("network", nullptr, {sides.begin(), sides.end()}, hosts_of_places(), bandwidth(),
                           latency_s(), duplex_)
        ->seal();
  }
  /// From the graph, with shortest routes: those of SimGrid 3.32's own dragonfly go to the first chassis of a group and
  /// not to the one that is meant.
  void dragonfly() {
    sg4::NetZone* zone = sg4::create_dijkstra_zone("network", true);
    const NetworkGraph graph(network_, setup_.nodes.count());
    std::vector<simgrid::kernel::routing::NetPoint*> points;
    for (std::uint32_t v = 0; v < graph.vertices(); ++v) {
      if (v >= places(network_.topology)) {
        points.push_back(zone->create_router("router-" + std::to_string(v)));
        continue;
      }
      sg4::Host* host =
          zone->create_host(v < hosts_.size() ? name_of_node(setup_, v) : "spare-" + std::to_string(v), kHostSpeed);
      if (v < hosts_.size()) hosts_[v] = host;
      points.push_back(host->get_netpoint());
    }
    for (const NetworkGraph::Link& l : graph.links()) {
      const std::string name = "link-" + std::to_string(l.from) + "-" + std::to_string(l.to);
      zone->add_route(points[l.from], points[l.to], nullptr, nullptr,
                      {link(zone, name, l.bandwidth_bytes_per_s, l.latency_ns)}, false);
    }
    zone->seal();
  }

  const SimGridSetup& setup_;
  const NetworkSpec& network_;
  Policy policy_{};
  Policy duplex_{};
  std::vector<sg4::Host*> hosts_;
};

/// "node-9" before "node-10".
bool in_natural_order(const std::string& a, const std::string& b) {
  std::size_t i = 0;
  std::size_t j = 0;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  while (i < a.size() && j < b.size()) {
    if (!digit(a[i]) || !digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    std::size_t a_end = i;
    std::size_t b_end = j;
    while (a_end < a.size() && digit(a[a_end])) ++a_end;
    while (b_end < b.size() && digit(b[b_end])) ++b_end;
    while (i + 1 < a_end && a[i] == '0') ++i;
    while (j + 1 < b_end && b[j] == '0') ++j;
    if (a_end - i != b_end - j) return a_end - i < b_end - j;
    if (const int order = a.compare(i, a_end - i, b, j, b_end - j); order != 0) return order < 0;
    i = a_end;
    j = b_end;
  }
  return a.size() - i < b.size() - j;
}

/// Hosts of a platform file by the patterns of the parts. Patterns that say something choose before those that take
/// any.
std::vector<sg4::Host*> assign_roles(const SimGridSetup& setup, std::vector<sg4::Host*> free) {
  struct Part {
    const char* key;
    const std::string& pattern;
    std::uint32_t first, count;
  };
  const TopologySpec& t = setup.network.topology;
  const Part parts[] = {{"clients", t.clients, 0, setup.nodes.clients},
                        {"managers", t.managers, setup.nodes.clients, setup.nodes.managers},
                        {"storage", t.storage, setup.nodes.clients + setup.nodes.managers, setup.nodes.storage}};
  std::sort(free.begin(), free.end(),
            [](const sg4::Host* a, const sg4::Host* b) { return in_natural_order(a->get_name(), b->get_name()); });
  std::vector<sg4::Host*> hosts(setup.nodes.count());
  for (const bool any : {false, true})
    for (const Part& part : parts) {
      if ((part.pattern == "*") != any) continue;
      std::uint32_t taken = 0;
      for (sg4::Host*& host : free) {
        if (taken == part.count) break;
        if (!host || ::fnmatch(part.pattern.c_str(), host->get_cname(), 0) != 0) continue;
        hosts[part.first + taken++] = std::exchange(host, nullptr);
      }
      if (taken < part.count)
        throw PlatformError(std::string("/cluster/network/topology/") + part.key,
                            "\"" + part.pattern + "\" leaves " + std::to_string(taken) + " hosts of " + t.file +
                                " for " + std::to_string(part.count) + " " + part.key,
                            "a pattern that matches as many hosts, or a smaller cluster");
    }
  return hosts;
}

std::vector<sg4::Host*> load_file(const SimGridSetup& setup, sg4::Engine& engine) {
  const std::string& file = setup.network.topology.file;
  if (!std::ifstream(file).good())
    throw PlatformError("/cluster/network/topology/platform", file + " cannot be read", "a SimGrid platform file");
  if (!file.ends_with(".xml"))
    throw PlatformError("/cluster/network/topology/platform", file + " is no XML file", "a name that ends in .xml");
  engine.load_platform(file);
  return assign_roles(setup, engine.get_all_hosts());
}

/// The contention that was asked for, on links that come from a file or from SimGrid's clusters.
void set_contention(const SimGridSetup& setup, sg4::Engine& engine) {
  const bool from_file = setup.network.topology.kind == TopologyKind::platform;
  std::vector<sg4::Link*> links = engine.get_all_links();
  std::erase_if(links, [](const sg4::Link* link) { return link->get_name() == "__loopback__"; });
  if (setup.network.contention == Contention::none && from_file)
    for (sg4::Link* link : links) link->set_sharing_policy(Policy::FATPIPE);
  if (setup.network.contention != Contention::fifo || links.empty()) return;
  // One transfer at a time on the narrowest links; a wider one takes as many as fit beside each other.
  double narrowest = static_cast<double>(setup.network.bandwidth_bytes_per_s);
  if (from_file) {
    narrowest = links[0]->get_bandwidth();
    for (const sg4::Link* link : links) narrowest = std::min(narrowest, link->get_bandwidth());
  }
  for (sg4::Link* link : links)
    link->set_concurrency_limit(
        std::max(1, static_cast<int>(std::lround(std::min(1e6, link->get_bandwidth() / narrowest)))));
}

void add_disks(const SimGridSetup& setup, Platform& platform) {
  if (setup.network.contention != Contention::fluid) return;
  for (std::uint32_t n = setup.nodes.clients + setup.nodes.managers; n < setup.nodes.count(); ++n) {
    sg4::Host* host = platform.hosts[n];
    const std::vector<sg4::Disk*> own = host->get_disks();
    platform.disks.push_back(own.empty()
                                 ? host->create_disk("disk", static_cast<double>(setup.storage_read_bytes_per_s),
                                                     static_cast<double>(setup.storage_write_bytes_per_s))
                                       ->seal()
                                 : own.front());
  }
}

}  // namespace

Platform build_platform(const SimGridSetup& setup, const std::vector<std::string>& more) {
  Platform platform;
  platform.engine = make_engine(setup.simgrid, more);
  platform.hosts = setup.network.topology.kind == TopologyKind::platform ? load_file(setup, *platform.engine)
                                                                         : PlatformBuilder(setup).build();
  add_disks(setup, platform);
  set_contention(setup, *platform.engine);
  platform.engine->seal_platform();
  return platform;
}

void try_all_routes(const Platform& platform, const std::string& file) {
  constexpr double kMostLatency_s = 1'000;  // what is far beyond never passes: it cannot be told from a little more
  std::vector<sg4::Link*> links;
  for (const sg4::Host* from : platform.hosts)
    for (const sg4::Host* to : platform.hosts) {
      if (from == to) continue;
      links.clear();
      double latency_s = 0;
      from->route_to(to, links, &latency_s);
      const std::string where = " from " + from->get_name() + " to " + to->get_name();
      if (links.empty() && latency_s <= 0)
        throw PlatformError("/cluster/network/topology/platform", file + ": there is no route" + where,
                            "a platform file with a route between every two hosts that are used");
      if (!(latency_s <= kMostLatency_s))
        throw PlatformError("/cluster/network/topology/platform",
                            file + ": a latency of " + std::to_string(latency_s) + " s" + where, "at most 1,000 s");
    }
}

}  // namespace pagetoken
