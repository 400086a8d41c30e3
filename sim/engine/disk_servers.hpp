#pragma once
// Storage nodes as servers: requests travel to them, wait for the disk, and come back.

#include <cstdint>
#include <vector>

#include "sim/base/pool.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/engine/network.hpp"
#include "sim/trace/sink.hpp"

namespace pagetoken {

struct DiskRequest {
  bool is_write = false;
  NodeId node{};
  NodeId server{};
  FileId file{};
  PageIndex page = 0;
  Version version{};
  Cause cause{};
  std::uint64_t id = 0;  ///< for the trace, like the three below
  std::int64_t arrived_ns = 0;
  std::int64_t waited_ns = 0;
  std::int64_t service_ns = 0;
};

class DiskServers {
 public:
  DiskServers(const EngineOptions& options, Cluster& cluster, Calendar& calendar, Network& network,
              Statistics& statistics, TraceSink* trace);

  /// A node's request begins to travel; its id and times are filled in.
  void send(const DiskRequest& request);

  // Events of a request.
  void arrived(NodeId server, std::uint32_t slot);
  void moved(NodeId server, std::uint32_t slot);
  void done(NodeId server, std::uint32_t slot);
  /// It is back at its node, and gone here.
  DiskRequest replied(std::uint32_t slot);

 private:
  struct Server {
    std::int64_t free_ns = 0;
    std::uint32_t transfers = 0;  ///< under way, where the carrier has the disks
    std::int64_t busy_since_ns = 0;
  };
  std::int64_t latency_ns(const DiskRequest& request) const;
  void tell(const DiskRequest& request, std::string_view phase);

  const EngineOptions& options_;
  Cluster& cluster_;
  Calendar& calendar_;
  Network& network_;
  Statistics& statistics_;
  TraceSink* trace_;
  Pool<DiskRequest> requests_;
  std::vector<Server> servers_;  // by number of the node
  std::uint64_t next_id_ = 0;
};

}  // namespace pagetoken
