#include "sim/check/report/check_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/columns.hpp"
#include "sim/base/memory.hpp"
#include "sim/base/text.hpp"
#include "sim/base/version.hpp"
#include "sim/run/simulate.hpp"

namespace pagetoken {
namespace {

/// Of a class of LockOrder.
const char* lock_name(std::uint32_t lock) { return name_of(static_cast<LockKind>(1u << lock)); }

std::string scenario_name(const CheckOutcome& outcome) {
  return std::string(scenario_info(outcome.config.spec.id).name);
}

}  // namespace

Json scenario_steps_json(const ScenarioResult& result) {
  Json steps = Json::array();
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    const ScenarioStep& s = result.steps[i];
    steps.push_back({{"step", i + 1},
                     {"actor", s.text.actor},
                     {"node", index_of(s.text.node)},
                     {"name", s.text.name},
                     {"text", s.text.text},
                     {"locks", s.locks}});
  }
  return steps;
}

void tell_bounds(Json& json, const Bounds& bounds, std::uint64_t states,
                 const std::vector<std::string_view>& without_effect) {
  json["bounds"] = {{"actors", bounds.actors.size()},    {"names", bounds.actors},          {"rounds", bounds.rounds},
                    {"interferers", bounds.interferers}, {"operations", bounds.operations}, {"states", states}};
  json["without_effect"] = without_effect;
}

std::string bounds_text(const Bounds& bounds) {
  const auto plural = [](std::size_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
  };
  return fmt::format("within {} ({}), {}, {}, at most {} each\n", plural(bounds.actors.size(), "actor"),
                     fmt::join(bounds.actors, ", "), plural(bounds.rounds, "round"),
                     plural(bounds.interferers, "interferer"), plural(bounds.operations, "operation"));
}

std::string without_effect_text(const std::vector<std::string_view>& without_effect) {
  if (without_effect.empty()) return {};
  return fmt::format("without effect, since no path of these actors differs: {}\n", fmt::join(without_effect, ", "));
}

void tell_lock_order(Json& json, const LockOrder& order) {
  json["lock_order"] = json["lock_cycles"] = Json::array();
  for (const LockOrder::Edge& e : order.edges()) json["lock_order"].push_back({lock_name(e.held), lock_name(e.taken)});
  for (const auto& cycle : order.cycles()) {
    Json names = Json::array();
    for (const std::uint32_t lock : cycle) names.push_back(lock_name(lock));
    json["lock_cycles"].push_back(std::move(names));
  }
}

std::string lock_cycles_text(const LockOrder& order) {
  std::string text;
  for (const auto& cycle : order.cycles()) {
    text += "lock order: a cycle, ";
    for (const std::uint32_t lock : cycle) text += fmt::format("{} > ", lock_name(lock));
    text += fmt::format("{}\n", lock_name(cycle.front()));
  }
  return text;
}

std::string verdict_word(const Exploration& found) {
  const Property& property = found.broken.property;
  if (found.verdict != Exploration::Verdict::violated) return name_of(found.verdict);
  return property.is_stuck() ? property.name() : "violated";
}

Json check_result_json(const CheckOutcome& outcome) {
  const ScenarioResult& r = outcome.result;
  const Exploration& found = r.found;
  const bool violated = found.verdict == Exploration::Verdict::violated;
  Json json{{"scenario", scenario_name(outcome)},
            {"guard", outcome.config.guard_name},
            {"switches", switches_of(outcome.config.guard.scheme)},
            {"variant", nullptr},
            {"protocol", nullptr},
            {"config", check_json(outcome.config)},
            {"verdict", name_of(found.verdict)},
            {"property", nullptr},
            {"states", found.states},
            {"transitions", found.transitions},
            {"depth", found.depth},
            {"steps", violated ? Json(r.steps.size()) : Json(nullptr)},
            {"critical_step", r.critical ? Json(*r.critical + 1) : Json(nullptr)},
            {"counterexample", violated ? scenario_steps_json(r) : Json::array()},
            {"compare", name_of(found.compare)},
            {"symmetry", found.symmetry},
            {"states_per_s", static_cast<std::int64_t>(found.states_per_s())},
            {"bytes_per_state", static_cast<std::int64_t>(found.bytes_per_state())},
            {"peak_rss_bytes", peak_rss_bytes()}};
  if (!outcome.config.variant.empty()) json["variant"] = outcome.config.variant;
  if (violated) {
    json["property"] = found.broken.property.name();
    json["properties"] = r.properties.empty() ? Json::array({found.broken.property.name()}) : Json(r.properties);
    json["text"] = found.broken.text;
    json["beginning"] = r.beginning;
    if (found.cycle) json["cycle_from"] = *found.cycle + 1;
  }
  if (found.verdict == Exploration::Verdict::unknown) json["reason"] = found.reason;
  if (!r.critical_unknown_because.empty()) json["critical_step_reason"] = r.critical_unknown_because;
  if (found.reason == "stopped") json["partial"] = true;
  if (r.retries) json["retries"] = r.retries->bounded ? Json(r.retries->retries) : Json("unbounded");
  tell_bounds(json, VmModel(outcome.config.spec).bounds(), found.states, without_effect(outcome.config));
  tell_lock_order(json, r.lock_order);
  return json;
}

std::string steps_text(const ScenarioResult& result, const PathTimes* times) {
  std::vector<std::vector<std::string>> rows{{"step", "actor", "", "", "locks held after it"}};
  if (times) rows.front().insert(rows.front().begin() + 1, {"at", "slack"});
  for (std::size_t i = 0; i < result.steps.size(); ++i) {
    const ScenarioStep& s = result.steps[i];
    std::vector<std::string> row{fmt::format("{}{}", result.critical == i ? "*" : " ", i + 1), s.text.actor,
                                 s.text.name, s.text.text, s.locks};
    if (times) {
      const PathTimes::At& at = times->steps[i];
      const std::int64_t slack = at.start_ns - at.earliest_ns;
      row.insert(row.begin() + 1, {fmt::format("{} ns", at.start_ns), slack > 0 ? fmt::format("+{} ns", slack) : ""});
    }
    rows.push_back(std::move(row));
  }
  const std::vector<std::string> lines = times ? aligned(rows, {1, 2}) : aligned(rows);
  std::string text;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (r > 0 && result.found.cycle && result.steps[r - 1].choice == *result.found.cycle &&
        (r == 1 || result.steps[r - 2].choice != *result.found.cycle))
      text += "  from here on, over and over:\n";
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

std::string check_result_text(const CheckOutcome& outcome) {
  const ScenarioResult& r = outcome.result;
  const Exploration& found = r.found;
  std::string text =
      fmt::format("{} under {}: {}", scenario_name(outcome), outcome.config.guard.name, verdict_word(r.found));
  const bool violated = found.verdict == Exploration::Verdict::violated;
  if (violated && verdict_word(r.found) == "violated") text += fmt::format(" ({})", found.broken.property.name());
  if (found.verdict == Exploration::Verdict::unknown) text += fmt::format(" ({})", why_unknown(found.reason));
  text += "\n";
  if (violated) {
    text += fmt::format("{}\n\n  beginning: {}\n", found.broken.text, r.beginning);
    text += steps_text(r, nullptr);
  }
  text += "\n" + bounds_text(VmModel(outcome.config.spec).bounds());
  text += without_effect_text(without_effect(outcome.config));
  text += fmt::format("{} states, {} transitions, depth {}; compared {}; {} states/s, {} B a state\n",
                      format_count(found.states), format_count(found.transitions), found.depth,
                      found.compare == Compare::exact ? "exactly" : "by 128-bit fingerprint",
                      format_count(static_cast<std::uint64_t>(found.states_per_s())),
                      static_cast<std::uint64_t>(found.bytes_per_state()));
  if (r.retries)
    text += r.retries->bounded
                ? fmt::format("a fault retries at most {} times per round of interference\n", r.retries->retries)
                : std::string("nothing bounds the retries of a fault\n");
  text += lock_cycles_text(r.lock_order);
  return text;
}

Json counterexample_json(const CheckOutcome& outcome) {
  const ScenarioResult& r = outcome.result;
  Json choices = Json::array();
  for (const PathStep& step : r.found.path) choices.push_back(step.choice);
  return {{"schema_version", 1},
          {"kind", "counterexample"},
          {"version", kVersion},
          {"check", check_json(outcome.config)},
          {"property", r.found.broken.property.name()},
          {"text", r.found.broken.text},
          {"initial", r.found.initial},
          {"beginning", r.beginning},
          {"choices", choices},
          {"cycle", r.found.cycle ? Json(*r.found.cycle) : Json(nullptr)},
          {"critical_step", r.critical ? Json(*r.critical + 1) : Json(nullptr)},
          {"steps", scenario_steps_json(r)}};
}

}  // namespace pagetoken
