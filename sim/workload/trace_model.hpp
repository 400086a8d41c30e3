#pragma once
// A recorded workload in memory, 24 bytes an access.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/workload/csv_reader.hpp"
#include "sim/workload/model.hpp"

namespace pagetoken {

class TraceModel final : public WorkloadModel {
 public:
  /// Loads spec.trace. `clients`: those configured, 0 = as many as the trace has. `page_bytes`: of the cluster. Throws
  /// ConfigError for whatever is wrong with the trace, more clients than configured, or an access beyond kMaxPages.
  TraceModel(const WorkloadSpec& spec, std::uint32_t clients, std::uint64_t page_bytes);

  std::uint32_t clients() const { return static_cast<std::uint32_t>(accesses_.size()); }

  std::unique_ptr<AccessSource> source(std::uint32_t client, std::uint32_t thread) const override;
  std::unique_ptr<SerialSource> serial() const override;
  std::optional<std::uint64_t> accesses_of(std::uint32_t client) const override { return accesses_[client].size(); }
  std::vector<std::uint64_t> initial_bytes() const override;

  /// The n-th access of a client, its think time as the order has it.
  Access access(std::uint32_t client, std::uint64_t n) const;
  const std::vector<std::uint32_t>& turns() const { return turns_; }

 private:
  struct Packed {
    std::uint64_t offset;
    std::int64_t time_ns;
    std::uint32_t length;
    std::uint32_t file_and_op;  ///< file in the low 24 bits, op above
  };
  static_assert(sizeof(Packed) == 24);

  void load(CsvReader& reader);
  void add(const TraceRow& row, const CsvReader& reader);
  void order_by_time();

  Order order_;
  Via via_;
  std::int64_t think_ns_;
  std::uint64_t file_bytes_;                   ///< 0 = what the largest access needs
  std::uint64_t max_end_;                      ///< first byte that no page may hold
  std::uint64_t max_length_;                   ///< of an access
  std::vector<std::vector<Packed>> accesses_;  ///< of each client, in its order
  std::vector<std::uint32_t> turns_;           ///< serial: the client of each access of the file, in its order
  std::vector<std::uint64_t> needed_bytes_;    ///< of each file
};

}  // namespace pagetoken
