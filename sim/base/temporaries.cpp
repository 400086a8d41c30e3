#include "sim/base/temporaries.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace pagetoken {
namespace {

constexpr std::size_t kLongestPath = 1024;

enum class SlotState { free, taken, named };

struct Slot {
  std::atomic<SlotState> state = SlotState::free;
  pid_t owner = 0;  ///< a forked child has the same slots, and may die where its parent goes on
  std::array<char, kLongestPath> path{};
};

std::array<Slot, 32> slots;

}  // namespace

Temporary::Temporary(const std::string& path) {
  if (path.size() >= kLongestPath) return;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    SlotState expected = SlotState::free;
    if (!slots[i].state.compare_exchange_strong(expected, SlotState::taken)) continue;
    std::memcpy(slots[i].path.data(), path.c_str(), path.size() + 1);
    slots[i].owner = ::getpid();
    slots[i].state = SlotState::named;
    slot_ = static_cast<int>(i);
    return;
  }
}

Temporary::~Temporary() {
  if (slot_ >= 0) slots[static_cast<std::size_t>(slot_)].state = SlotState::free;
}

Temporary::Temporary(Temporary&& other) noexcept : slot_(std::exchange(other.slot_, -1)) {}

Temporary& Temporary::operator=(Temporary&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

void remove_temporaries() {
  const pid_t self = ::getpid();
  for (Slot& slot : slots)
    if (slot.state == SlotState::named && slot.owner == self) ::unlink(slot.path.data());
}

}  // namespace pagetoken
