#pragma once
// Paths that only the explorer's scenarios run (docs/vm-model.md, "Scenarios"): a fault that gives up where the kernel
// would return to the user and try again, revokes in any order, and a page locked before its token is asked for.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sim/vm/program.hpp"

namespace pagetoken {

enum class RevokePart : std::uint8_t { unmap, unmap_nodirty, writeback, writeback_nomkclean, drop, release };
inline constexpr std::array<std::string_view, 6> kRevokePartNames{
    "unmap", "unmap_nodirty", "writeback", "writeback_nomkclean", "drop", "release"};

/// F1-F10 with the retries of its scheme; ends where another has set the PTE.
Program single_fault_path(const GuardScheme& scheme, const PathOptions& options);
/// W1-W3, then one store; gives up if the PTE changed. Under mkwrite none it asks for no token.
Program single_write_protect_path(const GuardScheme& scheme, const PathOptions& options);
/// A store by user code, skipped when the PTE is not writable.
Program store_if_writable_path(const GuardScheme& scheme, const PathOptions& options);
/// The parts of a revoke in the order given, and no guard.
Program ordered_revoke_path(const GuardScheme& scheme, const PathOptions& options, std::span<const RevokePart> order);
/// A fill of a page that is locked before its token is asked for, as by a file system whose read takes the cluster
/// lock. `escape`: it only tries, and where that fails unlocks the page, takes and drops the token, and starts again.
Program page_lock_first_path(const GuardScheme& scheme, const PathOptions& options, bool escape);

}  // namespace pagetoken
