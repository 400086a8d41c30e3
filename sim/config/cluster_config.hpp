#pragma once
// The cluster of a run configuration: its keys with ranges, read and written by the same tables.

#include <span>

#include "sim/config/keys.hpp"
#include "sim/config/run_config.hpp"

namespace pagetoken {

std::span<const IntegerKey<ClusterConfig>> cluster_keys();
std::span<const IntegerKey<StorageConfig>> storage_keys();

/// Starts from `defaults`, which the workload and the engine have a say in. Throws ConfigError.
ClusterConfig bind_cluster(Section section, const ClusterConfig& defaults);
Json cluster_json(const ClusterConfig& cluster);

}  // namespace pagetoken
