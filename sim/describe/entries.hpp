#pragma once
// What `describe` tells of a thing beside its name and summary, one function a kind. Texts are keys of their own.

#include "protocols/api/declaration.hpp"
#include "sim/base/finding.hpp"
#include "sim/config/guards.hpp"
#include "sim/describe/catalogue.hpp"
#include "sim/workload/formats.hpp"
#include "sim/workload/spec.hpp"

namespace pagetoken {

void tell_protocol(OrderedJson& json, const Declaration& declaration);
void tell_guard(OrderedJson& json, const GuardPreset& preset);
void tell_pattern(OrderedJson& json, const PatternInfo& pattern);
void tell_format(OrderedJson& json, const TraceFormat& format);
void tell_property(OrderedJson& json, const PropertyMeaning& property);

/// A scenario of docs/vm-model.md, "Scenarios", or the one that runs a protocol alone.
struct Scenario {
  std::string name;
  std::string summary;
  std::string start;    ///< what differs from one file of one page, one process, no PTE, no token
  std::string actors;   ///< F = fault, R = revoke, and what they do; steps are those of the model
  std::string checks;   ///< properties
  std::string keys;     ///< of a check's configuration, beside guard
  std::string decided;  ///< where the model leaves a doubt: what was decided, and why
};
std::span<const Scenario> scenarios();
void tell_scenario(OrderedJson& json, const Scenario& scenario);

}  // namespace pagetoken
