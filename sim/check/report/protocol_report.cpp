// What `check` and `replay` tell of a protocol.

#include <fmt/format.h>

#include "sim/base/columns.hpp"
#include "sim/base/memory.hpp"
#include "sim/base/text.hpp"
#include "sim/base/version.hpp"
#include "sim/check/report/check_protocol.hpp"
#include "sim/run/simulate.hpp"

namespace pagetoken {
namespace {

bool is_message(const ClusterChoice& c) {
  return c.kind == ClusterChoice::Kind::deliver || c.kind == ClusterChoice::Kind::lose;
}

/// Who takes the step: "node 0 access#0", "node 0 -> node 2", "storage".
std::string actor_text(const ClusterChoice& c) {
  switch (c.kind) {
    case ClusterChoice::Kind::step: return text_of(c.node) + " " + c.actor;
    case ClusterChoice::Kind::deliver:
    case ClusterChoice::Kind::lose: return text_of(c.from) + " -> " + text_of(c.node);
    case ClusterChoice::Kind::storage: return "storage";
    case ClusterChoice::Kind::start:
    case ClusterChoice::Kind::timer:
    case ClusterChoice::Kind::crash:
    case ClusterChoice::Kind::restart:
    case ClusterChoice::Kind::tell: break;
  }
  return text_of(c.node);
}

/// Where it happens, in a column of its own: "node 0", "0 -> 2".
std::string place_text(const ClusterChoice& c) {
  if (is_message(c)) return fmt::format("{} -> {}", index_of(c.from), index_of(c.node));
  if (c.kind == ClusterChoice::Kind::storage) return fmt::format("storage -> {}", index_of(c.node));
  return text_of(c.node);
}

/// Who the nodes are that are no clients.
std::string managers_text(const ProtocolSpec& spec) {
  if (!spec.factory->declaration().has_home) return {};
  return fmt::format("  node {} is the manager\n", spec.nodes);
}

}  // namespace

Json protocol_steps_json(const ProtocolResult& result) {
  Json steps = Json::array();
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    const ClusterChoice& c = result.steps[i].what;
    steps.push_back({{"step", i + 1},
                     {"actor", actor_text(c)},
                     {"node", index_of(c.node)},
                     {"name", c.name},
                     {"text", c.text},
                     {"locks", result.steps[i].locks}});
    if (is_message(c)) steps.back()["from"] = index_of(c.from);
  }
  return steps;
}

Json protocol_result_json(const ProtocolOutcome& outcome) {
  const ProtocolCheck& check = outcome.check;
  const ProtocolResult& result = outcome.result;
  const Exploration& found = result.found;
  const bool violated = found.verdict == Exploration::Verdict::violated;
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
            {"verdict", name_of(found.verdict)},
            {"property", violated ? Json(found.broken.property.name()) : Json(nullptr)},
            {"states", found.orbits_states},
            {"transitions", found.orbits_transitions},
            {"symmetry", found.symmetry},
            {"orbits", found.symmetry ? Json(found.states) : Json(nullptr)},
            {"depth", found.depth},
            {"steps", violated ? Json(found.path.size()) : Json(nullptr)},
            {"critical_step", result.critical ? Json(*result.critical + 1) : Json(nullptr)},
            {"counterexample", protocol_steps_json(result)},
            {"states_per_s", static_cast<std::int64_t>(found.states_per_s())},
            {"peak_rss_bytes", peak_rss_bytes()}};
  tell_bounds(json, bounds_of(check.spec), found.states, switches_without_effect(check.spec, check.guard.base));
  json["bounds"]["evictions"] = json["evictions"];
  tell_lock_order(json, result.lock_order);
  if (violated) {
    json["text"] = found.broken.text;
    json["program"] = text_of(result.scripts);
    if (found.cycle) json["cycle_from"] = *found.cycle + 1;
  }
  if (found.verdict == Exploration::Verdict::unknown) json["reason"] = found.reason;
  if (!result.critical_unknown_because.empty()) json["critical_step_reason"] = result.critical_unknown_because;
  if (found.reason == "stopped") json["partial"] = true;
  return json;
}

std::string protocol_steps_text(const ProtocolResult& result, const PathTimes* times) {
  std::vector<std::vector<std::string>> rows{{"step", "where", "task", "", "", "locks held after it"}};
  if (times) rows.front().insert(rows.front().begin() + 1, {"at", "slack"});
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    const ClusterChoice& c = result.steps[i].what;
    std::vector<std::string> row{fmt::format("{}{}", result.critical == i ? "*" : " ", i + 1),
                                 place_text(c),
                                 c.actor,
                                 c.name,
                                 c.text,
                                 result.steps[i].locks};
    if (times) {
      const PathTimes::At& at = times->steps[i];
      const std::int64_t slack = at.start_ns - at.earliest_ns;
      row.insert(row.begin() + 1, {fmt::format("{} ns", at.start_ns), slack > 0 ? fmt::format("+{} ns", slack) : ""});
    }
    rows.push_back(std::move(row));
  }
  const std::vector<std::string> lines = times ? aligned(rows, {1, 2}) : aligned(rows);
  std::string text;
  for (std::size_t r = 0; r < lines.size(); ++r) {
    if (r > 0 && result.found.cycle == r - 1) text += "  from here on, over and over:\n";
    text += lines[r] + "\n";
  }
  if (result.critical)
    text += fmt::format("* step {} is the critical one: after it no continuation avoids the violation.\n",
                        *result.critical + 1);
  else if (!result.critical_unknown_because.empty())
    text += fmt::format("the critical step is not known: {} was reached before it was found\n",
                        result.critical_unknown_because);
  return text;
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
                        managers_text(outcome.check.spec), protocol_steps_text(result, nullptr));
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

Json protocol_counterexample_json(const ProtocolOutcome& outcome) {
  const ProtocolResult& r = outcome.result;
  ProtocolCheck check = outcome.check;
  check.spec.scripts = r.scripts;
  return {{"schema_version", 1},
          {"kind", "counterexample"},
          {"version", kVersion},
          {"check", protocol_check_json(check)},
          {"property", r.found.broken.property.name()},
          {"text", r.found.broken.text},
          {"choices", choices_of(r.found)},
          {"cycle", r.found.cycle ? Json(*r.found.cycle) : Json(nullptr)},
          {"critical_step", r.critical ? Json(*r.critical + 1) : Json(nullptr)},
          {"steps", protocol_steps_json(r)}};
}

}  // namespace pagetoken
