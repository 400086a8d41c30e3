#include "sim/check/report/check_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/text.hpp"
#include "sim/check/report/counterexample.hpp"

namespace pagetoken {
namespace {

/// Of a class of LockOrder.
const char* lock_name(std::uint32_t lock) { return name_of(static_cast<LockKind>(1u << lock)); }

std::string scenario_name(const CheckOutcome& outcome) {
  return std::string(scenario_info(outcome.config.spec.id).name);
}

}  // namespace

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

Json check_result_json(const CheckOutcome& outcome) {
  const ScenarioResult& r = outcome.result;
  Json json{{"scenario", scenario_name(outcome)},
            {"guard", outcome.config.guard_name},
            {"switches", switches_of(outcome.config.guard.scheme)},
            {"variant", nullptr},
            {"protocol", nullptr},
            {"config", check_json(outcome.config)}};
  if (!outcome.config.variant.empty()) json["variant"] = outcome.config.variant;
  tell_found(json, r.found, counterexample_of(outcome));
  if (r.found.verdict == Exploration::Verdict::violated) {
    json["properties"] = r.properties.empty() ? Json::array({r.found.broken.property.name()}) : Json(r.properties);
    json["beginning"] = r.beginning;
  }
  if (r.retries) json["retries"] = r.retries->bounded ? Json(r.retries->retries) : Json("unbounded");
  tell_bounds(json, VmModel(outcome.config.spec).bounds(), r.found.states, without_effect(outcome.config));
  tell_lock_order(json, r.lock_order);
  return json;
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
    text += steps_text(counterexample_of(outcome));
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

}  // namespace pagetoken
