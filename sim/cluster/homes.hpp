#pragma once
// Rules that follow from a cluster's shape alone: those who judge a run from outside need them too.

#include "protocols/api/context.hpp"
#include "protocols/api/ids.hpp"
#include "sim/cluster/shape.hpp"

namespace pagetoken {

/// The default address of a resource's home.
inline NodeId home_of(const ClusterShape& shape, const Resource& resource) {
  const std::uint32_t homes = shape.placement == Placement::hashed ? shape.clients : shape.managers;
  const std::uint32_t first = shape.placement == Placement::dedicated ? shape.clients : 0;
  // H(p) = p mod N of Li and Hudak, files staggered; a file's range and size live with its first page.
  if (homes == 1) return NodeId{first};
  const std::uint64_t page = resource.kind == ResourceKind::page ? resource.page : 0;
  return NodeId{first + static_cast<std::uint32_t>((page + index_of(resource.file)) % homes)};
}

/// What the access pattern of a node would use: to the end of the file while it reads or writes sequentially.
inline Range desired_range(const Resource& resource, Range required, const FileUse& use) {
  return resource.kind == ResourceKind::file && use.sequential ? Range{required.begin, kToInfinity} : required;
}

}  // namespace pagetoken
