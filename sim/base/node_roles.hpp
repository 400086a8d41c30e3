#pragma once
// Which node of a run is what: clients come first, then managers with nodes of their own, then storage.

#include <cstdint>
#include <string>

namespace pagetoken {

struct NodeRoles {
  std::uint32_t clients = 0;
  std::uint32_t managers = 0;  ///< with nodes of their own
  std::uint32_t storage = 0;

  std::uint32_t count() const { return clients + managers + storage; }
  bool is_client(std::uint32_t node) const { return node < clients; }
  bool is_manager(std::uint32_t node) const { return node >= clients && node < clients + managers; }
  bool is_storage(std::uint32_t node) const { return node >= clients + managers; }

  /// "client 3"; in names of hosts, `between` is '-'.
  std::string node_name(std::uint32_t node, char between = ' ') const {
    if (is_client(node)) return std::string("client") + between + std::to_string(node);
    if (is_manager(node)) return std::string("manager") + between + std::to_string(node - clients);
    return std::string("storage") + between + std::to_string(node - clients - managers);
  }
};

}  // namespace pagetoken
