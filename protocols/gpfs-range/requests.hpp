#pragma once
// Requests that are at the token manager of a file, in an order, and found by who made them.

#include <cstdint>
#include <map>
#include <vector>

#include "protocols/api/message.hpp"
#include "protocols/api/table.hpp"

namespace pagetoken::gpfs_range {

/// Counts the requests of a file as they arrive, from 1; 0 = none.
using RequestNumber = std::uint64_t;

/// As a state it is the list of the requests: places and numbers are given anew when it is read.
class Requests {
 public:
  struct Entry {
    Deferred request{};
    RequestNumber number = 0;
  };

  bool empty() const { return by_place_.empty(); }
  std::uint64_t last_place() const { return by_place_.empty() ? 0 : by_place_.rbegin()->first; }
  const Entry& at(std::uint64_t place) const { return by_place_.at(place); }
  const std::map<std::uint64_t, Entry>& all() const { return by_place_; }
  /// The places of a node's requests; nullptr if it has none.
  const std::vector<std::uint64_t>* of(NodeId requester) const { return of_.find(index_of(requester)); }

  /// `place` lies after all others.
  void add(std::uint64_t place, const Entry& entry) {
    by_place_.emplace_hint(by_place_.end(), place, entry);
    of_[index_of(entry.request.requester)].push_back(place);
  }
  Entry take(std::uint64_t place) {
    const auto at = by_place_.find(place);
    const Entry entry = at->second;
    by_place_.erase(at);
    std::vector<std::uint64_t>& places = of_[index_of(entry.request.requester)];
    std::erase(places, place);
    if (places.empty()) of_.erase(index_of(entry.request.requester));
    return entry;
  }

  friend void encode(Encoder& out, const Requests& requests) {
    out.put_number(requests.by_place_.size());
    for (const auto& [place, entry] : requests.by_place_) out.put(entry.request);
  }
  friend void decode(Decoder& in, Requests& requests) {
    requests.by_place_.clear();
    requests.of_.clear();
    const std::uint64_t count = in.number();
    for (std::uint64_t place = 1; place <= count; ++place) {
      Entry entry;
      in.get(entry.request);
      requests.add(place, entry);
    }
  }

 private:
  std::map<std::uint64_t, Entry> by_place_;
  Table<std::vector<std::uint64_t>> of_;  // by requester
};

}  // namespace pagetoken::gpfs_range
