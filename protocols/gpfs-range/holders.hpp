#pragma once
// The token manager's record of a file: who holds which runs of it, and what a request may have beside them.

#include "protocols/api/message.hpp"
#include "protocols/api/require.hpp"
#include "protocols/api/table.hpp"
#include "protocols/gpfs-range/token_runs.hpp"

namespace pagetoken::gpfs_range {

/// What a holder keeps of a token that conflicts with a request. An EXTEND holder's size may be behind the merged one,
/// so that it has to read it anew.
constexpr Mode kept(Mode asked, Mode had) {
  return asked == Mode::shared && had == Mode::exclusive ? Mode::shared : Mode::none;
}

/// True if the request has to wait for one of another node.
inline bool conflicts(const Deferred& request, const Deferred& other) {
  return other.requester != request.requester && other.range.overlaps(request.range) &&
         !compatible(other.mode, request.mode);
}

struct Holders {
  Table<TokenRuns> tokens{};  ///< by node; one that holds nothing has no entry
  static constexpr auto fields() { return std::tuple{field("tokens", &Holders::tokens)}; }

  void add(NodeId node, Range range, Mode mode) { tokens[index_of(node)].strengthen(range, mode); }

  /// What the holder was granted in another mode meanwhile is still on its way to it, and stays.
  void give_up(const RangeMode& given, Mode keep) {
    TokenRuns& runs = tokens[index_of(given.holder)];
    runs.lower(given.range, given.mode, keep);
    if (runs.empty()) tokens.erase(index_of(given.holder));
  }

  /// Who holds what of the required range in a conflicting mode: full runs, grouped by holder.
  RangeList conflicting(const Deferred& request) const {
    RangeList found;
    tokens.for_each([&](std::uint64_t node, const TokenRuns& runs) {
      const NodeId holder{static_cast<std::uint32_t>(node)};
      if (holder == request.requester) return;
      runs.for_each(request.range, [&](const TokenRun& run) {
        if (!compatible(run.mode, request.mode)) found.push_back({run.range, run.mode, holder});
      });
    });
    return found;
  }

  /// The largest part of the desired range around the required one that conflicts with nobody and is new to the
  /// requester, since a right that is granted twice could not be given up once; empty if it has all that it requires.
  /// The first accessor is given the whole file.
  Range grantable(const Deferred& request) const {
    const TokenRuns* own = tokens.find(index_of(request.requester));
    if (own && satisfies(own->weakest(request.range), request.mode)) return {};
    Range wide = tokens.empty() ? whole_file() : request.desired;
    tokens.for_each([&](std::uint64_t node, const TokenRuns& runs) {
      const bool is_own = node == index_of(request.requester);
      runs.for_each(wide, [&](const TokenRun& run) {
        if (is_own ? run.mode < request.mode : compatible(run.mode, request.mode)) return;
        require(is_own || !run.range.overlaps(request.range), "a conflicting token is still held");
        wide = shrink(wide, request.range, run.range);
      });
    });
    return wide;
  }
};

}  // namespace pagetoken::gpfs_range
