#pragma once
// Which page of a cache was used least recently: an exact order, kept beside the state of a VM.

#include <cstdint>
#include <vector>

namespace pagetoken {

/// Slots by their last use. A list through two arrays, so that a use, a removal and the oldest take constant time
/// whatever the number of slots, and no clock's resolution or width decides what came first.
class UseOrder {
 public:
  static constexpr std::uint32_t kNone = ~0u;

  /// The slot is the newest from now on, whether or not it was in the order before.
  void use(std::uint32_t slot) {
    if (slot == newest_) return;
    if (slot >= links_.size()) links_.resize(slot + 1u);
    if (links_[slot].present) unlink(slot);
    links_[slot] = {.older = newest_, .newer = kNone, .present = true};
    (newest_ == kNone ? oldest_ : links_[newest_].newer) = slot;
    newest_ = slot;
  }
  void remove(std::uint32_t slot) {
    if (slot < links_.size() && links_[slot].present) unlink(slot);
  }

  /// The slot whose last use is longest ago among those that `may_go(slot)` accepts; kNone if there is none.
  template <class MayGo>
  std::uint32_t oldest(MayGo&& may_go) const {
    std::uint32_t slot = oldest_;
    while (slot != kNone && (++looks_, !may_go(slot))) slot = links_[slot].newer;
    return slot;
  }
  /// Slots that oldest() has looked at so far.
  std::uint64_t looks() const { return looks_; }

 private:
  struct Link {
    std::uint32_t older = kNone;
    std::uint32_t newer = kNone;
    bool present = false;
  };

  void unlink(std::uint32_t slot) {
    Link& link = links_[slot];
    (link.older == kNone ? oldest_ : links_[link.older].newer) = link.newer;
    (link.newer == kNone ? newest_ : links_[link.newer].older) = link.older;
    link.present = false;
  }

  std::vector<Link> links_;
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  mutable std::uint64_t looks_ = 0;
};

}  // namespace pagetoken
