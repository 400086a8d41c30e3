#pragma once
// Which locks are taken while which are held, as lockdep records it: a cycle is a deadlock that may happen, even where
// no run has met it.

#include <array>
#include <cstdint>
#include <vector>

namespace pagetoken {

/// Classes of locks are numbers below 64. Models add as they step, one LockOrder a thread, merged at the end.
class LockOrder {
 public:
  static constexpr std::uint32_t kMaxClasses = 64;

  /// `held`: bit set of the classes that the actor holds while it takes one of class `taken`.
  void add(std::uint64_t held, std::uint32_t taken) { after_[taken] |= held; }
  void merge(const LockOrder& other);

  struct Edge {
    std::uint32_t held = 0;
    std::uint32_t taken = 0;
    friend auto operator<=>(const Edge&, const Edge&) = default;
  };
  /// Ascending.
  std::vector<Edge> edges() const;
  /// Every elementary cycle, each beginning with its lowest class, shorter ones first; a class that is taken while
  /// another lock of it is held is a cycle of one.
  std::vector<std::vector<std::uint32_t>> cycles() const;

 private:
  std::array<std::uint64_t, kMaxClasses> after_{};  // class taken -> classes held
};

}  // namespace pagetoken
