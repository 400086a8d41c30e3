#pragma once
// The token manager of a file: who is served, who waits, and for whom.

#include <algorithm>
#include <utility>

#include "protocols/api/require.hpp"
#include "protocols/gpfs-range/holders.hpp"
#include "protocols/gpfs-range/waiting.hpp"

namespace pagetoken::gpfs_range {

struct Home {
  Holders holders{};     ///< what nodes hold, or will once their grants and second requests have arrived
  Requests resolving{};  ///< denied; their requesters are asking the holders
  Requests queue{};      ///< wait for some of those, in order of arrival
  NodeSet asked{};       ///< holders that the requests in `resolving` are asking
  NodeSet wanted{};      ///< holders that those in `queue` will ask: later requests do not overtake
  Untracked<Waiting> waiting{};
  static constexpr auto fields() {
    using H = Home;
    return std::tuple{field("holders", &H::holders), field("resolving", &H::resolving), field("queue", &H::queue),
                      field("asked", &H::asked),     field("wanted", &H::wanted),       field("waiting", &H::waiting)};
  }

  /// Puts a request at the end of the queue.
  RequestNumber arrived(const Deferred& request) {
    index();
    const RequestNumber number = ++waiting.value.last;
    queue.add(number, {request, number});
    range_of(request.mode).insert({request.range, number, request.requester});
    return number;
  }

  /// Whether the request may be served now, and who holds what it conflicts with. A request waits while its own node is
  /// asked for something, since what that holds is about to change; while one that it conflicts with was there before;
  /// and while a holder in its way is asked, or will be, by one before it.
  bool may_be_served(RequestNumber number, RangeList& conflicting) {
    Waiting& w = waiting.value;
    w.due.erase(number);
    const Deferred& request = queue.at(number).request;
    conflicting.clear();
    if (asked.contains(request.requester)) return waits_for(number, {});
    if (const RequestNumber before = conflicting_before(number, request); before != 0) {
      w.behind[before].push_back(number);
      return waits_for(number, {});
    }
    conflicting = holders.conflicting(request);
    std::vector<NodeId> in_the_way;
    bool waits = false;
    for (const RangeMode& held : conflicting) {
      if (!in_the_way.empty() && in_the_way.back() == held.holder) continue;
      in_the_way.push_back(held.holder);
      waits |= asked.contains(held.holder) || wanted_before(held.holder, number);
    }
    if (!waits) return true;
    return waits_for(number, std::move(in_the_way));
  }

  /// The request leaves the queue, to be granted.
  Deferred take(RequestNumber number) {
    waits_for(number, {});
    const Deferred request = queue.take(number).request;
    forget(number, request);
    return request;
  }
  /// The request leaves the queue: its requester will ask these holders.
  Deferred deny(RequestNumber number, const RangeList& conflicting) {
    for (const RangeMode& held : conflicting) {
      if (asked.contains(held.holder)) continue;
      asked.add(held.holder);
      // What the holder's own requests want is nobody's concern until it has given way.
      if (const std::vector<RequestNumber>* own = queue.of(held.holder))
        for (const RequestNumber n : *own)
          if (waiting.value.wants.find(n)) waiting.value.due.insert(n);
    }
    waits_for(number, {});
    const Requests::Entry entry = queue.take(number);
    resolving.add(resolving.last_place() + 1, entry);
    return entry.request;
  }
  /// The holders of what a denied request needs have given way; false if there is no such request.
  bool resolved(NodeId requester, Mode mode, Range range) {
    index();
    const std::vector<std::uint64_t>* places = resolving.of(requester);
    if (!places) return false;
    for (const std::uint64_t place : *places) {
      const Deferred& request = resolving.at(place).request;
      if (request.mode != mode || request.range != range) continue;
      const RequestNumber number = resolving.take(place).number;
      forget(number, {.mode = mode, .requester = requester, .range = range});
      return true;
    }
    return false;
  }
  /// A holder is asked no more. Of those that it kept waiting, the first may ask it now; so may all to whom it gave
  /// way.
  void gave_way(NodeId holder, Range range) {
    index();
    Waiting& w = waiting.value;
    if (const std::vector<RequestNumber>* own = queue.of(holder)) w.due.insert(own->begin(), own->end());
    const Waiting::Wanters* wanters = w.wanters.find(index_of(holder));
    if (!wanters) return;
    w.due.insert(*wanters->numbers.begin());
    wanters->ranges.for_each(range, [&](const IntervalIndex::Item& item) { w.due.insert(item.id); });
  }

  /// Those in the queue are looked at again, in order: from now on next_due() says who.
  void begin_round() {
    index();
    Waiting& w = waiting.value;
    if (std::exchange(w.complete, true)) return;
    wanted.clear();
    w.behind.clear();
    w.wants.clear();
    w.wanters.clear();
    for (const auto& [number, entry] : queue.all()) w.due.insert(number);
  }
  /// The first request after this one that has to be looked at; 0 if there is none.
  RequestNumber next_due(RequestNumber after) const {
    const auto next = waiting.value.due.upper_bound(after);
    return next == waiting.value.due.end() ? 0 : *next;
  }

  /// Entries of the indices that were looked at; no part of the state.
  std::uint64_t looks() const {
    std::uint64_t looks = holders.tokens.looks();
    for (const IntervalIndex& ranges : waiting.value.ranges) looks += ranges.looks();
    return looks;
  }

  /// As much of what is desired as disturbs nobody, those included who wait.
  Range grantable(const Deferred& request) {
    index();
    Range wide = holders.grantable(request);
    if (wide.empty()) return wide;
    for_each_conflicting_mode(request.mode, [&](const IntervalIndex& others) {
      wide.begin = std::max(wide.begin, others.reach_before(request.range.begin, request.requester));
      wide.end = std::min(wide.end, others.first_after(request.range.end, request.requester));
    });
    return wide;
  }

 private:
  IntervalIndex& range_of(Mode mode) { return waiting.value.ranges[static_cast<std::size_t>(mode)]; }
  template <class Visitor>
  void for_each_conflicting_mode(Mode mode, Visitor&& visit) {
    for (const Mode other : {Mode::shared, Mode::extend, Mode::exclusive})
      if (!compatible(other, mode)) visit(range_of(other));
  }

  /// The last of those that it conflicts with and that were there before: while any of them is, others are.
  RequestNumber conflicting_before(RequestNumber number, const Deferred& request) {
    RequestNumber last = 0;
    for_each_conflicting_mode(request.mode, [&](const IntervalIndex& others) {
      last = std::max(last, others.latest(request.range, number, request.requester));
    });
    return last;
  }
  bool wanted_before(NodeId holder, RequestNumber number) const {
    if (!waiting.value.complete) return wanted.contains(holder);
    const Waiting::Wanters* wanters = waiting.value.wanters.find(index_of(holder));
    return wanters && *wanters->numbers.begin() < number;
  }

  /// Notes which holders the request waits for: none if it waits for something else, or no more. Whoever is now the
  /// first of those that want a holder is looked at again. Returns false.
  bool waits_for(RequestNumber number, std::vector<NodeId> in_the_way) {
    Waiting& w = waiting.value;
    const std::vector<NodeId>* known = w.wants.find(number);
    if (!known && in_the_way.empty()) return false;
    const std::vector<NodeId> before = known ? *known : std::vector<NodeId>{};
    const Range range = queue.at(number).request.range;
    for (const NodeId holder : before) {
      if (std::binary_search(in_the_way.begin(), in_the_way.end(), holder)) continue;
      Waiting::Wanters& wanters = *w.wanters.find(index_of(holder));
      const bool first = *wanters.numbers.begin() == number;
      wanters.numbers.erase(number);
      wanters.ranges.erase(range.begin, number);
      if (wanters.numbers.empty()) {
        w.wanters.erase(index_of(holder));
        wanted.remove(holder);
      } else if (first && !asked.contains(holder)) {
        w.due.insert(*wanters.numbers.begin());
      }
    }
    for (const NodeId holder : in_the_way) {
      if (std::binary_search(before.begin(), before.end(), holder)) continue;
      Waiting::Wanters& wanters = w.wanters[index_of(holder)];
      wanters.numbers.insert(number);
      wanters.ranges.insert({range, number, holder});
      wanted.add(holder);
    }
    if (in_the_way.empty())
      w.wants.erase(number);
    else
      w.wants[number] = std::move(in_the_way);
    return false;
  }

  /// The request is neither in the queue nor being resolved any more.
  void forget(RequestNumber number, const Deferred& request) {
    Waiting& w = waiting.value;
    range_of(request.mode).erase(request.range.begin, number);
    w.due.erase(number);
    if (const std::vector<RequestNumber>* behind = w.behind.find(number)) {
      for (const RequestNumber n : *behind)
        if (queue.all().contains(n)) w.due.insert(n);
      w.behind.erase(number);
    }
  }

  /// Gives numbers to what was read from somewhere: what is being resolved came before what waits.
  void index() {
    Waiting& w = waiting.value;
    if (std::exchange(w.indexed, true)) return;
    for (Requests* list : {&resolving, &queue}) {
      Requests numbered;
      for (const auto& [place, entry] : list->all()) {
        const RequestNumber number = ++w.last;
        numbered.add(number, {entry.request, number});
        range_of(entry.request.mode).insert({entry.request.range, number, entry.request.requester});
      }
      *list = std::move(numbered);
    }
  }
};

}  // namespace pagetoken::gpfs_range
