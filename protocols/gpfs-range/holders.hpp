#pragma once
// The token manager's record of a file: who holds which runs of it, and what a request may have beside them.

#include "protocols/api/message.hpp"
#include "protocols/api/range_holders.hpp"
#include "protocols/api/require.hpp"

namespace pagetoken::gpfs_range {

/// What a holder keeps of a token that conflicts with a request. An EXTEND holder's size may be behind the merged one,
/// so that it has to read it anew.
constexpr Mode kept(Mode asked, Mode had) {
  return asked == Mode::shared && had == Mode::exclusive ? Mode::shared : Mode::none;
}

struct Holders {
  RangeHolders tokens{};
  static constexpr auto fields() { return std::tuple{field("tokens", &Holders::tokens)}; }

  void add(NodeId node, Range range, Mode mode) { tokens.strengthen(node, range, mode); }

  /// What the holder was granted in another mode meanwhile is still on its way to it, and stays.
  void give_up(const RangeMode& given, Mode keep) { tokens.lower(given.holder, given.range, given.mode, keep); }

  /// Who holds what of the required range in a conflicting mode: full runs, grouped by holder.
  RangeList conflicting(const Deferred& request) const {
    RangeList found;
    tokens.conflicting(request.requester, request.range, request.mode).for_each([&](NodeId holder) {
      tokens.of(holder)->for_each(request.range, [&](const PageRun& run) {
        if (!compatible(run.mode, request.mode)) found.push_back({run.range, run.mode, holder});
      });
    });
    return found;
  }

  /// The largest part of the desired range around the required one that conflicts with nobody and is new to the
  /// requester, since a right that is granted twice could not be given up once; empty if it has all that it requires.
  /// The first accessor is given the whole file.
  Range grantable(const Deferred& request) const {
    if (tokens.empty()) return whole_file();
    const PageRuns* own = tokens.of(request.requester);
    if (own && satisfies(own->weakest(request.range), request.mode)) return {};
    require(tokens.conflicting(request.requester, request.range, request.mode).empty(),
            "a conflicting token is still held");
    const Range wide = tokens.clear_around(request.desired, request.range, request.requester, request.mode);
    return own ? own->clear_around(wide, request.range, request.mode) : wide;
  }
};

}  // namespace pagetoken::gpfs_range
