#pragma once
// Numbers that were given out: mostly one after another, so that a few intervals hold them all.

#include <cstdint>
#include <map>

namespace pagetoken {

class IdSet {
 public:
  bool contains(std::uint64_t id) const {
    const auto after = intervals_.upper_bound(id);
    return after != intervals_.begin() && id <= std::prev(after)->second;
  }
  /// False if it was there.
  bool add(std::uint64_t id) {
    const auto after = intervals_.upper_bound(id);
    const bool joins_after = after != intervals_.end() && id + 1 == after->first;
    if (after != intervals_.begin()) {
      const auto before = std::prev(after);
      if (id <= before->second) return false;
      if (id == before->second + 1) {
        before->second = joins_after ? after->second : id;
        if (joins_after) intervals_.erase(after);
        return true;
      }
    }
    const std::uint64_t last = joins_after ? after->second : id;
    if (joins_after) intervals_.erase(after);
    intervals_.emplace(id, last);
    return true;
  }
  std::size_t intervals() const { return intervals_.size(); }

 private:
  std::map<std::uint64_t, std::uint64_t> intervals_;  // first -> last
};

}  // namespace pagetoken
