#pragma once
// What a network looks like: one description, which both engines build theirs from.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pagetoken {

/// `platform` is a SimGrid platform file, written {"platform": "file.xml"}.
enum class TopologyKind : std::uint8_t { star, rack, fat_tree, torus, dragonfly, platform };
inline constexpr std::array<std::string_view, 5> kTopologyNames{"star", "rack", "fat-tree", "torus", "dragonfly"};

/// How transfers that meet on a link delay each other: not at all, one after the other, or by sharing its bandwidth.
enum class Contention : std::uint8_t { none, fifo, fluid };
inline constexpr std::array<std::string_view, 3> kContentionNames{"none", "fifo", "fluid"};

/// The shape, without what links are like. Only the members of its kind mean something; 0 and empty lists are chosen by
/// `fitted` from the number of nodes. Nodes take the places in order: clients, managers, storage.
struct TopologySpec {
  TopologyKind kind = TopologyKind::star;

  // rack: nodes on a switch each rack, the switches on one in the middle.
  std::int64_t nodes_per_rack = 0;
  std::int64_t uplink_latency_ns = 0;             ///< of each of a rack's two directions; 0 = as the other links
  std::int64_t uplink_bandwidth_bytes_per_s = 0;  ///< 0 = the sum of the rack's nodes: not oversubscribed

  // fat-tree: from the leaves to the root; each list has an element a level.
  std::vector<std::int64_t> down{};   ///< elements below a switch of the level
  std::vector<std::int64_t> up{};     ///< switches of the level above each element
  std::vector<std::int64_t> links{};  ///< parallel links between two that are joined

  // torus
  std::vector<std::int64_t> dimensions{};

  // dragonfly: groups, all joined; chassis of a group; routers of a chassis; nodes of a router.
  std::int64_t groups = 0;
  std::int64_t chassis = 0;
  std::int64_t routers = 0;
  std::int64_t nodes_per_router = 0;

  // platform: patterns of host names, where * stands for any letters and ? for one.
  std::string file{};
  std::string clients = "*";
  std::string managers = "*";
  std::string storage = "*";

  friend bool operator==(const TopologySpec&, const TopologySpec&) = default;
};

/// A topology with its links.
struct NetworkSpec {
  TopologySpec topology{};
  std::int64_t latency_ns = 15'000;                    ///< one way, end to end, on a star: half of it a link
  std::int64_t bandwidth_bytes_per_s = 1'250'000'000;  ///< of every link but a rack's uplink
  std::int64_t link_latency_ns = 0;  ///< of a link where the topology is no star; 0 = half of latency_ns
  std::int64_t jitter_ns = 0;        ///< each message takes up to so much longer, uniformly
  Contention contention = Contention::none;
  std::int64_t small_message_bytes = 0;  ///< messages below take the latency of their route alone
};

/// SimGrid's models of the network. CM02 takes latency + bytes / bandwidth, as the event loop does.
enum class NetworkModel : std::uint8_t { cm02, lv08, smpi };
inline constexpr std::array<std::string_view, 3> kNetworkModelNames{"CM02", "LV08", "SMPI"};

/// How transfers are handed to SimGrid: to its kernel, or as communications of its public interface.
enum class Transport : std::uint8_t { kernel, cb };
inline constexpr std::array<std::string_view, 2> kTransportNames{"kernel", "cb"};

/// What only the SimGrid engine looks at.
struct SimGridSpec {
  NetworkModel network_model = NetworkModel::cm02;
  double latency_factor = 0;  ///< what links' latencies are multiplied by; 0 = the model's own
  double bandwidth_factor = 0;
  bool crosstraffic = false;  ///< a transfer takes 5 % of its bandwidth on the way back, for acknowledgements
  Transport transport = Transport::kernel;
  std::vector<std::pair<std::string, std::string>> options{};  ///< SimGrid's own, passed on: name and value
};

/// `spec` with what was left to be chosen, for this many nodes.
NetworkSpec fitted(NetworkSpec spec, std::uint32_t nodes);

/// How many nodes a fitted topology has places for; UINT64_MAX where it grows with them.
std::uint64_t places(const TopologySpec& spec);

}  // namespace pagetoken
