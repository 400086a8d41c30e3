#pragma once
// Is a trace right? Each line is checked against those before it: operations, tasks, messages and storage requests
// begin before they end, and once; causes are there, in the same instant at the same node. What the protocol does is
// judged by a model that the caller hands in, for an analysis knows no protocols.

#include <cstdint>
#include <optional>
#include <string>

#include "sim/trace/reader.hpp"

namespace pagetoken {

/// The first step that a model would not have taken.
struct Contradiction {
  std::uint64_t line = 0;
  std::uint32_t node = 0;
  std::string model;  ///< what its handler did, or why it would do nothing
  std::string trace;  ///< what the trace has instead
};

/// Does again what a trace tells.
class StepModel {
 public:
  virtual ~StepModel() = default;
  /// The event of that line, `finish` the last. Texts of the event hold until the next call only.
  virtual std::optional<Contradiction> add(const TraceEvent& event, std::uint64_t line) = 0;
};

/// Reads the trace to its end, or to the first contradiction. Throws ConfigError for a line that is wrong in itself or
/// does not fit those before it, in the reader's form. Memory goes with what is under way at a time.
std::optional<Contradiction> validate(TraceReader& reader, StepModel& model);

}  // namespace pagetoken
