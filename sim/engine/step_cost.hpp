#pragma once
// From a step of the VM to nanoseconds.

#include <array>

#include "sim/base/random.hpp"
#include "sim/vm/costs.hpp"
#include "sim/vm/vm.hpp"

namespace pagetoken {

class StepCost {
 public:
  StepCost(const StepCosts& costs, std::uint64_t page_bytes, std::uint32_t cpus);

  /// Of a step just made, without jitter; `amount`: see Step.
  std::int64_t of(StepOp op, std::uint32_t amount) const {
    const Entry& entry = entries_[static_cast<std::size_t>(op)];
    if (amount == 0) return entry.once_ns;
    return entry.once_ns + amount * entry.each_ns + entry.batch_ns;
  }
  /// From the end of a wait to the waiter's next step: nothing for a spin lock, else a wake-up.
  std::int64_t wake_up(const Instruction& next) const {
    return next.op == StepOp::lock && next.lock == LockKind::page_table_lock ? 0 : costs_.sleep_handoff_ns;
  }
  /// A draw around the median `ns`; without a stream `ns` itself.
  std::int64_t jittered(std::int64_t ns, RandomStream* stream) const {
    return !stream || ns == 0 ? ns : drawn(ns, *stream);
  }
  const StepCosts& costs() const { return costs_; }

 private:
  struct Entry {
    std::int64_t once_ns = 0;
    std::int64_t each_ns = 0;   // times the step's amount
    std::int64_t batch_ns = 0;  // once if the amount is not 0
  };
  std::int64_t drawn(std::int64_t median_ns, RandomStream& stream) const;
  StepCosts costs_;
  std::array<Entry, kOps> entries_{};
};

}  // namespace pagetoken
