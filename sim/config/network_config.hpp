#pragma once
// The network of a run configuration, its topologies by name with their keys, and what is said to SimGrid.

#include <span>

#include "sim/config/keys.hpp"
#include "sim/engine/topology/spec.hpp"

namespace pagetoken {

inline constexpr std::int64_t kMaxNs = 1'000'000'000'000'000;         // 11 days
inline constexpr std::int64_t kMaxBytesPerS = 1'000'000'000'000'000;  // 1 PB/s
/// The most places that a topology may have.
inline constexpr std::int64_t kMaxPlaces = std::int64_t{1} << 20;

/// A key whose value is a list of positive numbers.
struct ListKey {
  std::string_view key;
  std::vector<std::int64_t> TopologySpec::*member;
  std::string_view description;
};

std::span<const IntegerKey<NetworkSpec>> network_keys();
/// The keys of a topology that is asked for by name, beside "name".
std::span<const IntegerKey<TopologySpec>> topology_keys(TopologyKind kind);
std::span<const ListKey> topology_lists(TopologyKind kind);
inline constexpr IntegerRange kListRange{1, 65'536};
inline constexpr std::size_t kMaxListLength = 8;
/// Which host of a platform file plays which part.
inline constexpr std::array<std::pair<std::string_view, std::string TopologySpec::*>, 3> kRolePatterns{
    {{"clients", &TopologySpec::clients}, {"managers", &TopologySpec::managers}, {"storage", &TopologySpec::storage}}};

/// Factors of latency and bandwidth; 0 is the model's own.
inline constexpr NumberRange kFactorRange{0, 1e6};
inline constexpr std::string_view kModelHelp =
    "CM02: latency + bytes / bandwidth, as the event engine has it; LV08: latencies times 13.01 and 0.97 of the "
    "bandwidth, a fit to wide-area TCP; SMPI: factors by message size, a fit to MPI on gigabit Ethernet (latencies "
    "times 1.01 to 11.7)";

/// Throws ConfigError.
NetworkSpec bind_network(Section section, NetworkSpec network);
Json network_json(const NetworkSpec& network);
SimGridSpec bind_simgrid(Section section);
Json simgrid_json(const SimGridSpec& simgrid);

}  // namespace pagetoken
