#pragma once
// Timers that protocols have armed: at each node one for a resource and a timer's number at most.

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/api/ids.hpp"
#include "protocols/api/table.hpp"
#include "sim/base/pool.hpp"

namespace pagetoken {

/// Which of the timers that are in the agenda still count. Each of these takes constant time, however many there are:
/// what is cancelled stays in the agenda, and is found to be void when its time comes.
class Timers {
 public:
  struct Timer {
    NodeId node{};
    Resource resource{};
    std::uint8_t number = 0;  ///< in the protocol's declaration
  };

  explicit Timers(std::uint32_t nodes) : armed_(nodes) {}

  /// A slot for the agenda; the same timer armed before counts no more.
  std::uint32_t arm(const Timer& timer) {
    const std::uint32_t slot = pool_.add({timer, true});
    std::vector<Table<std::uint32_t>>& tables = armed_[index_of(timer.node)];
    if (tables.size() <= timer.number) tables.resize(timer.number + 1u);
    Table<std::uint32_t>& table = tables[timer.number];
    if (const std::uint32_t* before = table.find(timer.resource.key())) pool_[*before].counts = false;
    table[timer.resource.key()] = slot;
    return slot;
  }
  void cancel(const Timer& timer) {
    std::vector<Table<std::uint32_t>>& tables = armed_[index_of(timer.node)];
    if (tables.size() <= timer.number) return;
    Table<std::uint32_t>& table = tables[timer.number];
    const std::uint32_t* slot = table.find(timer.resource.key());
    if (!slot) return;
    pool_[*slot].counts = false;
    table.erase(timer.resource.key());
  }
  /// The slot's time has come: its timer, unless that was cancelled or armed anew. The slot is free again.
  std::optional<Timer> fire(std::uint32_t slot) {
    const Entry entry = pool_[slot];
    pool_.free(slot);
    if (!entry.counts) return std::nullopt;
    armed_[index_of(entry.timer.node)][entry.timer.number].erase(entry.timer.resource.key());
    return entry.timer;
  }

 private:
  struct Entry {
    Timer timer{};
    bool counts = false;
  };

  Pool<Entry> pool_;
  std::vector<std::vector<Table<std::uint32_t>>> armed_;  // by node and number: resource key -> slot
};

}  // namespace pagetoken
