#include "sim/config/cluster_config.hpp"

#include <bit>

#include <fmt/format.h>

#include "sim/config/network_config.hpp"

namespace pagetoken {
namespace {

constexpr std::int64_t kMaxPageBytes = std::int64_t{1} << 30;

constexpr IntegerKey<ClusterConfig> kClusterKeys[] = {
    {"clients", &ClusterConfig::clients, {0, kMaxClients}, "nodes that access files; 0 = as many as the trace has"},
    {"cpus_per_client",
     &ClusterConfig::cpus_per_client,
     {1, 1024},
     "what a TLB flush of other CPUs costs grows with it"},
    {"threads_per_client", &ClusterConfig::threads_per_client, {1, 1024}, "threads that access files, in one process"},
    {"managers",
     &ClusterConfig::managers,
     {1, kMaxClients},
     "nodes that homes are spread over; unused where the placement is hashed"},
    {"page_bytes", &ClusterConfig::page_bytes, {1, kMaxPageBytes}, "bytes of a page, a power of two"},
    {"cache_pages",
     &ClusterConfig::cache_pages,
     {0, std::int64_t{1} << 40},
     "pages that a client caches at most; 0 = unlimited"},
};

constexpr IntegerKey<StorageConfig> kStorageKeys[] = {
    {"nodes", &StorageConfig::nodes, {1, kMaxClients}, "storage servers"},
    {"read_ns", &StorageConfig::read_ns, {0, kMaxNs}, "before the first byte of a read"},
    {"write_ns", &StorageConfig::write_ns, {0, kMaxNs}, "before a write is durable"},
    {"bandwidth_bytes_per_s", &StorageConfig::bandwidth_bytes_per_s, {1, kMaxBytesPerS}, "of each server"},
    {"read_bandwidth_bytes_per_s",
     &StorageConfig::read_bandwidth_bytes_per_s,
     {0, kMaxBytesPerS},
     "of each server's reads; 0 = bandwidth_bytes_per_s"},
    {"write_bandwidth_bytes_per_s",
     &StorageConfig::write_bandwidth_bytes_per_s,
     {0, kMaxBytesPerS},
     "of each server's writes; 0 = bandwidth_bytes_per_s"},
};

StorageConfig bind_storage(Section section) {
  StorageConfig storage;
  read_keys(section, storage, storage_keys());
  section.finish();
  return storage;
}

}  // namespace

std::span<const IntegerKey<ClusterConfig>> cluster_keys() { return kClusterKeys; }
std::span<const IntegerKey<StorageConfig>> storage_keys() { return kStorageKeys; }

ClusterConfig bind_cluster(Section section, const ClusterConfig& defaults) {
  ClusterConfig cluster = defaults;
  read_keys(section, cluster, cluster_keys());
  cluster.placement = section.choice("placement", cluster.placement, kPlacementNames);
  cluster.network = bind_network(section.section("network"), cluster.network);
  cluster.storage = bind_storage(section.section("storage"));
  section.finish();
  if (!std::has_single_bit(static_cast<std::uint64_t>(cluster.page_bytes)))
    section.find("page_bytes")
        ->fail(fmt::format("{} is no power of two", cluster.page_bytes), "allowed: 1, 2, 4, ..., 4096, ...");
  if (cluster.placement == Placement::colocated && cluster.clients > 0 && cluster.managers > cluster.clients)
    section.value()
        .below("managers", Json())
        .fail(fmt::format("{} managers do not fit on {} clients", cluster.managers, cluster.clients),
              "at most as many as clients where the placement is colocated");
  return cluster;
}

Json cluster_json(const ClusterConfig& cluster) {
  Json json;
  write_keys(json, cluster, cluster_keys());
  json["placement"] = kPlacementNames[static_cast<std::size_t>(cluster.placement)];
  json["network"] = network_json(cluster.network);
  write_keys(json["storage"], cluster.storage, storage_keys());
  return json;
}

}  // namespace pagetoken
