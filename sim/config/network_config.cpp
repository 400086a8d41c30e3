#include "sim/config/network_config.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

constexpr std::int64_t kMaxMessageBytes = std::int64_t{1} << 30;
constexpr IntegerRange kCount{0, 65'536};

constexpr IntegerKey<NetworkSpec> kNetworkKeys[] = {
    {"latency_ns", &NetworkSpec::latency_ns, {0, kMaxNs}, "one way, end to end, on a star"},
    {"bandwidth_bytes_per_s", &NetworkSpec::bandwidth_bytes_per_s, {1, kMaxBytesPerS}, "of each node's link"},
    {"link_latency_ns",
     &NetworkSpec::link_latency_ns,
     {0, kMaxNs},
     "one way, of each link where the topology is no star; 0 = half of latency_ns"},
    {"jitter_ns",
     &NetworkSpec::jitter_ns,
     {0, kMaxNs},
     "each message takes up to this much longer, drawn uniformly; messages between two nodes then overtake each other, "
     "unless the protocol needs their order or contention is fifo"},
    {"small_message_bytes",
     &NetworkSpec::small_message_bytes,
     {0, kMaxMessageBytes},
     "messages below this size take the latency of their route alone; 0 = none does"},
};

constexpr IntegerKey<TopologySpec> kRackKeys[] = {
    {"nodes_per_rack", &TopologySpec::nodes_per_rack, kCount, "0 = 16"},
    {"uplink_latency_ns", &TopologySpec::uplink_latency_ns, {0, kMaxNs}, "0 = as the other links"},
    {"uplink_bandwidth_bytes_per_s",
     &TopologySpec::uplink_bandwidth_bytes_per_s,
     {0, kMaxBytesPerS},
     "of a rack's link to the others; 0 = the sum of its nodes', less is oversubscribed"},
};
constexpr IntegerKey<TopologySpec> kDragonflyKeys[] = {
    {"groups", &TopologySpec::groups, kCount, "at most as many as routers; 0 = as many as are needed"},
    {"chassis", &TopologySpec::chassis, kCount, "of a group; 0 = 2"},
    {"routers", &TopologySpec::routers, kCount, "of a chassis; 0 = as many as are needed"},
    {"nodes_per_router", &TopologySpec::nodes_per_router, kCount, "0 = 4"},
};
constexpr ListKey kFatTreeLists[] = {
    {"down", &TopologySpec::down, "elements below each switch, from the lowest level up"},
    {"up", &TopologySpec::up, "switches above each element, from the nodes up; by default as many as are below"},
    {"links", &TopologySpec::links, "parallel links between two that are joined; by default 1 each"},
};
constexpr ListKey kTorusLists[] = {{"dimensions", &TopologySpec::dimensions, "places along each side"}};

std::vector<std::int64_t> bind_list(const Value& value) {
  std::vector<std::int64_t> list;
  for (const Value& element : value.elements()) list.push_back(element.integer(kListRange));
  if (list.empty() || list.size() > kMaxListLength)
    value.fail(fmt::format("{} elements", list.size()), fmt::format("allowed: 1 to {}", kMaxListLength));
  return list;
}

void check_fat_tree(Section& section, const TopologySpec& t) {
  for (const ListKey& list : kFatTreeLists) {
    if ((t.*list.member).empty()) continue;
    if (t.down.empty())
      section.find(list.key)->fail(fmt::format("\"{}\" without \"down\"", list.key), "give \"down\", too");
    if ((t.*list.member).size() != t.down.size())
      section.find(list.key)->fail(fmt::format("{} levels", (t.*list.member).size()),
                                   fmt::format("as many as \"down\" has: {}", t.down.size()));
  }
  if (!t.up.empty() && t.up[0] != 1)
    section.find("up")->fail(fmt::format("{} switches above a node", t.up[0]), "a node has 1 link: begin with 1");
}

void check_size(const Value& value, const TopologySpec& t) {
  double size = 1;
  const auto times = [&](const std::vector<std::int64_t>& list) {
    for (const std::int64_t factor : list) size *= static_cast<double>(factor);
  };
  times(t.down);
  times(t.dimensions);
  times({std::max<std::int64_t>(1, t.groups), std::max<std::int64_t>(1, t.chassis),
         std::max<std::int64_t>(1, t.routers), std::max<std::int64_t>(1, t.nodes_per_router)});
  if (size > static_cast<double>(kMaxPlaces))
    value.fail(fmt::format("it has {:.4g} places for nodes", size), fmt::format("allowed: up to {}", kMaxPlaces));
  if (t.groups > 0 && t.routers > 0 && t.groups > t.routers)
    value.below("groups", Json())
        .fail(fmt::format("{} groups of {} routers a chassis", t.groups, t.routers),
              "at most as many groups as routers a chassis: a group has one router for each other");
}

TopologySpec bind_platform(Section section) {
  TopologySpec topology;
  topology.kind = TopologyKind::platform;
  const Value path = section.required("platform", "{\"platform\": \"cluster.xml\"}");
  for (const auto& [key, member] : kRolePatterns) topology.*member = section.text(key, topology.*member);
  section.finish();
  if (path.text().empty()) path.fail("the file name is empty", "a SimGrid platform file");
  topology.file = resolve_path(path.text(), path.file());
  return topology;
}

TopologySpec bind_topology(const Value& value) {
  TopologySpec topology;
  if (value.json().is_string()) {
    topology.kind = static_cast<TopologyKind>(value.choice(kTopologyNames));
    return topology;
  }
  if (!value.json().is_object())
    value.fail_type("a topology's name, {\"name\": ..., ...} or {\"platform\": \"file.xml\"}");
  if (!value.json().contains("name")) return bind_platform(Section(value));
  Section section(value);
  topology.kind = static_cast<TopologyKind>(section.required("name", "\"name\": \"rack\"").choice(kTopologyNames));
  read_keys(section, topology, topology_keys(topology.kind));
  for (const ListKey& list : topology_lists(topology.kind))
    if (const std::optional<Value> found = section.find(list.key)) topology.*list.member = bind_list(*found);
  section.finish();
  if (topology.kind == TopologyKind::fat_tree) check_fat_tree(section, topology);
  check_size(value, topology);
  return topology;
}

Json topology_json(const TopologySpec& t) {
  if (t.kind == TopologyKind::platform) {
    Json json{{"platform", t.file}};
    for (const auto& [key, member] : kRolePatterns) json[std::string(key)] = t.*member;
    return json;
  }
  const std::string_view name = kTopologyNames[static_cast<std::size_t>(t.kind)];
  TopologySpec plain;
  plain.kind = t.kind;
  if (t == plain) return name;
  Json json{{"name", name}};
  write_keys(json, t, topology_keys(t.kind));
  for (const ListKey& list : topology_lists(t.kind))
    if (!(t.*list.member).empty()) json[std::string(list.key)] = t.*list.member;
  return json;
}

/// What the models multiply links by, where it is one number.
constexpr std::array<std::pair<double, double>, 3> kModelFactors{{{1, 1}, {13.01, 0.97}, {0, 0}}};

}  // namespace

std::span<const IntegerKey<NetworkSpec>> network_keys() { return kNetworkKeys; }

std::span<const IntegerKey<TopologySpec>> topology_keys(TopologyKind kind) {
  if (kind == TopologyKind::rack) return kRackKeys;
  if (kind == TopologyKind::dragonfly) return kDragonflyKeys;
  return {};
}

std::span<const ListKey> topology_lists(TopologyKind kind) {
  if (kind == TopologyKind::fat_tree) return kFatTreeLists;
  if (kind == TopologyKind::torus) return kTorusLists;
  return {};
}

NetworkSpec bind_network(Section section, NetworkSpec network) {
  if (const std::optional<Value> topology = section.find("topology")) network.topology = bind_topology(*topology);
  read_keys(section, network, network_keys());
  network.contention = section.choice("contention", network.contention, kContentionNames);
  section.finish();
  return network;
}

Json network_json(const NetworkSpec& network) {
  Json json;
  json["topology"] = topology_json(network.topology);
  write_keys(json, network, network_keys());
  json["contention"] = kContentionNames[static_cast<std::size_t>(network.contention)];
  return json;
}

SimGridSpec bind_simgrid(Section section) {
  SimGridSpec simgrid;
  simgrid.network_model = section.choice("network_model", simgrid.network_model, kNetworkModelNames);
  const auto& factors = kModelFactors[static_cast<std::size_t>(simgrid.network_model)];
  simgrid.latency_factor = section.number("latency_factor", factors.first, kFactorRange);
  simgrid.bandwidth_factor = section.number("bandwidth_factor", factors.second, kFactorRange);
  simgrid.crosstraffic = section.flag("crosstraffic", simgrid.crosstraffic);
  simgrid.transport = section.choice("transport", simgrid.transport, kTransportNames);
  Section options = section.section("options");
  for (const auto& [name, json] : options.value().json().items()) {
    const Value value = *options.find(name);
    if (!json.is_string() && !json.is_number() && !json.is_boolean())
      value.fail_type("a text, a number, true or false");
    if (name.empty() || name.find(':') != name.npos)
      value.fail("no name of an option", "an option of SimGrid such as \"network/TCP-gamma\"");
    simgrid.options.emplace_back(name, json.is_string()    ? value.text()
                                       : json.is_boolean() ? (value.flag() ? "yes" : "no")
                                                           : json.dump());
  }
  section.finish();
  return simgrid;
}

Json simgrid_json(const SimGridSpec& simgrid) {
  Json json{{"network_model", kNetworkModelNames[static_cast<std::size_t>(simgrid.network_model)]},
            {"latency_factor", simgrid.latency_factor},
            {"bandwidth_factor", simgrid.bandwidth_factor},
            {"crosstraffic", simgrid.crosstraffic},
            {"transport", kTransportNames[static_cast<std::size_t>(simgrid.transport)]},
            {"options", Json::object()}};
  for (const auto& [name, value] : simgrid.options) json["options"][name] = value;
  return json;
}

}  // namespace pagetoken
