// What `check` tells of a protocol.

#include <fmt/format.h>

#include "sim/base/text.hpp"
#include "sim/check/report/check_protocol.hpp"
#include "sim/check/report/counterexample.hpp"

namespace pagetoken {
namespace {

/// Who the nodes are that are no clients.
std::string managers_text(const ProtocolSpec& spec) {
  if (!spec.factory->declaration().has_home) return {};
  return fmt::format("  node {} is the manager\n", spec.nodes);
}

}  // namespace

Json protocol_result_json(const ProtocolOutcome& outcome) {
  const ProtocolCheck& check = outcome.check;
  const ProtocolResult& result = outcome.result;
  const Exploration& found = result.found;
  Json json{{"scenario", "protocol"},
            {"guard", check.guard.name},
            {"switches", switches_of(check.guard.scheme)},
            {"variant", nullptr},
            {"protocol", check.protocol.name},
            {"config", protocol_check_json(check)},
            {"nodes", check.spec.nodes},
            {"pages", check.spec.pages},
            {"operations", check.spec.scripts.empty() ? Json(check.spec.operations) : Json(nullptr)},
            {"evictions", check.spec.scripts.empty() ? Json(check.spec.evictions) : Json(nullptr)},
            {"links", kLinkNames[check.spec.fifo ? 0 : 1]},
            {"losses", check.spec.losses},
            {"crashes", check.spec.crashes},
            {"programs", result.stand_for},
            {"orbits", found.symmetry ? Json(found.states) : Json(nullptr)}};
  tell_found(json, found, counterexample_of(outcome));
  tell_bounds(json, bounds_of(check.spec), found.states, switches_without_effect(check.spec, check.guard.base));
  json["bounds"]["evictions"] = json["evictions"];
  tell_lock_order(json, result.lock_order);
  if (found.verdict == Exploration::Verdict::violated) json["program"] = text_of(result.scripts);
  return json;
}

namespace {
/// What symmetry has saved, and what it costs.
std::string symmetry_text(const ProtocolResult& result) {
  if (!result.found.symmetry) return {};
  std::string alike = result.symmetry_text;
  if (!result.programs_text.empty())
    alike = fmt::format("{}; within {} of {} programs clients are, too", result.programs_text, result.alike,
                        result.programs);
  return fmt::format("with symmetry: {} states explored; {}; safety only: progress and livelock were not judged\n",
                     format_count(result.found.states), alike);
}
}  // namespace

std::string protocol_result_text(const ProtocolOutcome& outcome) {
  const ProtocolResult& result = outcome.result;
  const Exploration& found = result.found;
  std::string text = fmt::format("{}: {}", title_of(outcome.check), verdict_word(found));
  if (verdict_word(found) == "violated") text += fmt::format(" ({})", found.broken.property.name());
  if (found.verdict == Exploration::Verdict::violated)
    text += fmt::format("\n{}\n\n  {}\n{}{}", found.broken.text, text_of(result.scripts),
                        managers_text(outcome.check.spec), steps_text(counterexample_of(outcome)));
  else if (found.verdict == Exploration::Verdict::unknown)
    text += fmt::format(" ({})\n", why_unknown(found.reason));
  else
    text += "\n";
  text += lock_cycles_text(result.lock_order);
  text += "\n" + bounds_text(bounds_of(outcome.check.spec));
  text += without_effect_text(switches_without_effect(outcome.check.spec, outcome.check.guard.base));
  return text +
         fmt::format("{} programs, {} states, {} transitions; {}\n", result.stand_for,
                     format_count(found.orbits_states), format_count(found.orbits_transitions),
                     format_rate(found.states_per_s())) +
         symmetry_text(result);
}

}  // namespace pagetoken
