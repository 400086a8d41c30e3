#pragma once
// The invariants of docs/vm-model.md, "Invariants", as functions of a node's state: the explorer asks them of every
// state, a timed run of what an event has touched.

#include <optional>
#include <string>

#include "sim/base/finding.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/cluster/storage.hpp"
#include "sim/vm/vm.hpp"

namespace pagetoken {

/// I3 over a range: what is mapped or cached is covered by a token, what is mapped writable by an EXCLUSIVE one.
/// Private copies are exempt; REVOKING counts as held.
std::optional<Finding> check_tokens(const Vm& vm, NodeId node, FileId file, Range range);

/// Whether I3 holds for one page: what every access asks.
bool tokens_cover(const Vm& vm, FileId file, PageIndex page);

/// I1, I2 and I5 over a range of a node at rest: PTEs point into the cache and inside i_size, and nothing is backed by
/// a freed block. Pages with an operation in progress are passed over unless `all_at_rest`.
std::optional<Finding> check_rest(const Vm& vm, NodeId node, FileId file, Range range, const Storage& storage,
                                  bool all_at_rest);

/// I2 of an access that a home has just performed for a node that does not cache: its page lies inside the file.
std::optional<Finding> check_applied(NodeId node, const Resource& page, const Storage& storage);

/// Every unfinished task and what it waits for, with the holder of a lock: for deadlocks.
std::string who_waits(const Cluster& cluster);

}  // namespace pagetoken
