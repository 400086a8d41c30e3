#pragma once
// The model of a pattern: a layout, or the layouts of the parts of `mixed`.

#include <memory>
#include <optional>
#include <vector>

#include "sim/workload/layout.hpp"
#include "sim/workload/model.hpp"
#include "sim/workload/serial.hpp"

namespace pagetoken {

struct PatternDefinition;

class PatternModel final : public WorkloadModel {
 public:
  /// Throws ConfigError as Workload's constructor says.
  PatternModel(const WorkloadSpec& spec, const LayoutContext& context);

  std::unique_ptr<AccessSource> source(std::uint32_t client, std::uint32_t thread) const override;
  std::unique_ptr<SerialSource> serial() const override;
  std::optional<std::uint64_t> accesses_of(std::uint32_t) const override { return std::nullopt; }
  std::vector<std::uint64_t> initial_bytes() const override;

 private:
  void add_parts(const WorkloadSpec& spec);

  LayoutContext context_;
  const PatternDefinition& pattern_;
  std::optional<TurnSource::Rule> turns_;  ///< of a serial workload; nothing: clients are drawn
  std::uint64_t file_bytes_;               ///< 0 = what the largest access needs
  std::vector<Layout> layouts_;            ///< one, or one a part
  std::vector<double> cumulative_;         ///< mixed: share of the parts up to each, ascending to 1
};

}  // namespace pagetoken
