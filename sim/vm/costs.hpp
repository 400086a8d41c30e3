#pragma once
// What the steps of the VM and the handlers cost in a timed run (docs/vm-model.md, "Costs").

#include <cstdint>

#include "protocols/api/fields.hpp"

namespace pagetoken {

/// Nanoseconds each, the median of a lognormal distribution whose shape is `sigma_permille` / 1000 (0 = constant).
/// The defaults are `modern`, measured on a virtual machine with 4 KiB pages.
struct StepCosts {
  std::int64_t spin_lock_ns = 30;        ///< lock + unlock, uncontended; charged at the lock
  std::int64_t sleep_handoff_ns = 3000;  ///< wake-up of a task that slept (lock, I/O, token)
  std::int64_t minor_fault_ns = 800;     ///< the whole of a fault that finds its page, spread over its steps
  std::int64_t hit_ns = 5;               ///< load or store through a present PTE
  std::int64_t copy_page_ns = 300;       ///< 4 KiB
  std::int64_t zap_pte_ns = 50;          ///< per PTE
  std::int64_t flush_local_ns = 100;     ///< TLB flush, one per batch
  std::int64_t flush_remote_ns = 1500;   ///< added when the process runs on other CPUs
  std::int64_t flush_per_cpu_ns = 200;   ///< added for each CPU beyond the first
  std::int64_t cached_read_ns = 430;     ///< read(2) of a cached 4 KiB page
  std::int64_t cached_write_ns = 730;    ///< write(2) to a cached 4 KiB page
  std::int64_t sigbus_ns = 3200;         ///< delivery of the signal
  std::int64_t handler_ns = 2000;        ///< CPU per message handled
  std::int64_t sigma_permille = 0;

  static constexpr auto fields() {
    using C = StepCosts;
    return std::tuple{field("spin_lock_ns", &C::spin_lock_ns),
                      field("sleep_handoff_ns", &C::sleep_handoff_ns),
                      field("minor_fault_ns", &C::minor_fault_ns),
                      field("hit_ns", &C::hit_ns),
                      field("copy_page_ns", &C::copy_page_ns),
                      field("zap_pte_ns", &C::zap_pte_ns),
                      field("flush_local_ns", &C::flush_local_ns),
                      field("flush_remote_ns", &C::flush_remote_ns),
                      field("flush_per_cpu_ns", &C::flush_per_cpu_ns),
                      field("cached_read_ns", &C::cached_read_ns),
                      field("cached_write_ns", &C::cached_write_ns),
                      field("sigbus_ns", &C::sigbus_ns),
                      field("handler_ns", &C::handler_ns),
                      field("sigma_permille", &C::sigma_permille)};
  }
};
static_assert(fields_complete<StepCosts>());

/// An estimate that keeps the ratio "race window / revoke latency" of 2003.
constexpr StepCosts costs_of_2003() {
  return {.spin_lock_ns = 100,
          .sleep_handoff_ns = 10000,
          .minor_fault_ns = 2000,
          .hit_ns = 10,
          .copy_page_ns = 3000,
          .zap_pte_ns = 150,
          .flush_local_ns = 500,
          .flush_remote_ns = 4000,
          .flush_per_cpu_ns = 0,
          .cached_read_ns = 3400,
          .cached_write_ns = 4000,
          .sigbus_ns = 8000,
          .handler_ns = 20000,
          .sigma_permille = 0};
}

}  // namespace pagetoken
