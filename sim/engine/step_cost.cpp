#include "sim/engine/step_cost.hpp"

#include <algorithm>

#include "sim/base/portable_math.hpp"

namespace pagetoken {

StepCost::StepCost(const StepCosts& costs, std::uint64_t page_bytes, std::uint32_t cpus) : costs_(costs) {
  const auto set = [&](StepOp op, Entry entry) { entries_[static_cast<std::size_t>(op)] = entry; };
  const auto per_page = [&](std::int64_t ns) { return ns * static_cast<std::int64_t>(page_bytes) / 4096; };
  const std::int64_t flush =
      costs.flush_local_ns + (cpus > 1 ? costs.flush_remote_ns + costs.flush_per_cpu_ns * (cpus - 1) : 0);
  set(StepOp::lock, {costs.spin_lock_ns, 0, 0});
  set(StepOp::access, {costs.hit_ns, 0, 0});
  // A minor fault takes two locks; the rest of its time is spread over the steps that every fault makes. The way back
  // from ->nopage, after the unpin and before the page table lock, is one of them: there the race of the first page
  // of docs/vm-model.md, "Costs" lies, which would be no time at all otherwise.
  const std::int64_t rest = std::max<std::int64_t>(0, costs.minor_fault_ns - 2 * costs.spin_lock_ns);
  const std::int64_t part = rest / 5;
  set(StepOp::find_pte, {part, 0, 0});
  set(StepOp::lookup_or_create, {part, 0, 0});
  set(StepOp::lookup, {part, 0, 0});
  set(StepOp::unpin, {part, 0, 0});
  set(StepOp::set_pte, {part, 0, 0});
  set(StepOp::store, {rest - 4 * part, 0, 0});
  set(StepOp::copy_page, {0, per_page(costs.copy_page_ns), 0});
  set(StepOp::wp_reference, {part, 0, 0});
  set(StepOp::wp_set, {part, 0, flush});
  set(StepOp::wp_refault, {0, costs.zap_pte_ns, flush});
  set(StepOp::zap_range, {0, costs.zap_pte_ns, flush});
  set(StepOp::zap_page, {0, costs.zap_pte_ns, flush});
  set(StepOp::clean_ptes, {0, costs.zap_pte_ns, flush});
  set(StepOp::copy_out, {per_page(costs.cached_read_ns), 0, 0});
  set(StepOp::copy_in, {per_page(costs.cached_write_ns), 0, 0});
  set(StepOp::sigbus, {costs.sigbus_ns, 0, 0});
}

std::int64_t StepCost::drawn(std::int64_t median_ns, RandomStream& stream) const {
  const double sigma = static_cast<double>(costs_.sigma_permille) / 1000;
  return static_cast<std::int64_t>(static_cast<double>(median_ns) * portable::exp(sigma * stream.normal()));
}

}  // namespace pagetoken
