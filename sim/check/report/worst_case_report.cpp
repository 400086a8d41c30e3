// The worst cases of a protocol's elementary events.

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sim/base/columns.hpp"
#include "sim/base/text.hpp"
#include "sim/base/version.hpp"
#include "sim/check/report/check_protocol.hpp"

namespace pagetoken {
namespace {

Json cost_json(const WorstCase& worst, const WatchedEvent& event) {
  const auto found = worst.events.find(event);
  if (found == worst.events.end()) return nullptr;
  const WorstCase::Cost& cost = found->second;
  return {{"messages_least", cost.least_messages},
          {"messages", cost.bounded ? Json(cost.messages) : Json("unbounded")},
          {"hops", cost.hops_bounded ? Json(cost.hops) : Json("unbounded")}};
}

/// `budget`: operations in a path.
Json search_json(const WorstCase& worst, std::uint32_t budget) {
  Json json{{"operations", budget == 0 ? Json("without end") : Json(budget)},
            {"verdict", name_of(worst.found.verdict)},
            {"certified", worst.certified},
            {"states", worst.found.states},
            {"transitions", worst.found.transitions}};
  if (worst.found.verdict == Exploration::Verdict::unknown) json["reason"] = worst.found.reason;
  if (worst.found.verdict == Exploration::Verdict::violated) json["property"] = worst.found.broken.property.name();
  return json;
}

std::set<WatchedEvent> events_of(const WorstCases& worst) {
  std::set<WatchedEvent> events;
  for (const WorstCase* w : {&worst.alone, &worst.concurrent})
    for (const auto& [event, cost] : w->events) events.insert(event);
  return events;
}

/// Least and most messages, most hops; a figure of a search that did not end may be too small.
std::vector<std::string> cells(const WorstCase& worst, const WatchedEvent& event) {
  const auto found = worst.events.find(event);
  if (found == worst.events.end()) return {"-", "-", "-"};
  const WorstCase::Cost& cost = found->second;
  const char* at_least = worst.certified ? "" : ">=";
  return {fmt::format("{}", cost.least_messages),
          cost.bounded ? fmt::format("{}{}", at_least, cost.messages) : "unbounded",
          cost.hops_bounded ? fmt::format("{}{}", at_least, cost.hops) : "unbounded"};
}

std::string search_text(std::string text, const WorstCase& worst) {
  text += fmt::format("; {} states", format_count(worst.found.states));
  if (worst.found.verdict == Exploration::Verdict::unknown)
    text += fmt::format(", and not all: {}", worst.found.reason);
  if (worst.found.verdict == Exploration::Verdict::violated)
    text += fmt::format("; violated, {}: {}", worst.found.broken.property.name(), worst.found.broken.text);
  return text + "\n";
}

/// The worse of two verdicts.
Exploration::Verdict verdict_of(const WorstCases& worst) {
  using Verdict = Exploration::Verdict;
  for (const Verdict verdict : {Verdict::violated, Verdict::unknown})
    if (worst.alone.found.verdict == verdict || worst.concurrent.found.verdict == verdict) return verdict;
  return Verdict::ok;
}

std::vector<Operation> menu_of(const ProtocolCheck& check) {
  return check.menu.empty() ? every_operation(check.spec.pages) : check.menu;
}

std::vector<std::string_view> without_effect(const WorstCases& worst) {
  ProtocolSpec spec = worst.check.spec;
  spec.scripts = {menu_of(worst.check)};
  return switches_without_effect(spec, worst.check.guard.base);
}

}  // namespace

WorstCases find_worst_cases(const ProtocolCheck& check, const ProtocolOptions& options) {
  WorstCaseBounds bounds{menu_of(check), true, check.alone};
  WorstCases worst{check, find_worst_case(check.spec, bounds, options), {}};
  if (check.concurrent == 0) return worst;
  bounds.alone = false;
  bounds.budget = check.concurrent;
  worst.concurrent = find_worst_case(check.spec, bounds, options);
  return worst;
}

Json worst_cases_json(const WorstCases& worst) {
  const ProtocolSpec& spec = worst.check.spec;
  Json events = Json::object();
  for (const WatchedEvent& event : events_of(worst))
    events[text_of(event)] = {{"alone", cost_json(worst.alone, event)},
                              {"concurrent", cost_json(worst.concurrent, event)}};
  Json json{
      {"schema_version", 1},
      {"kind", "worst-case"},
      {"version", kVersion},
      {"protocol", worst.check.protocol.name},
      {"params", worst.check.protocol.params},
      {"guard", worst.check.guard.name},
      {"nodes", spec.nodes},
      {"pages", spec.pages},
      {"links", kLinkNames[spec.fifo ? 0 : 1]},
      {"verdict", name_of(verdict_of(worst))},
      {"alone", search_json(worst.alone, worst.check.alone)},
      {"concurrent", worst.check.concurrent == 0 ? Json() : search_json(worst.concurrent, worst.check.concurrent)},
      {"events", events}};
  for (const WorstCase* w : {&worst.alone, &worst.concurrent})
    if (w->found.reason == "stopped") json["partial"] = true;
  tell_bounds(json, bounds_of(spec), worst.alone.found.states + worst.concurrent.found.states, without_effect(worst));
  json["bounds"]["operations"] =
      worst.check.alone == 0 ? Json("without end") : Json(std::max(worst.check.alone, worst.check.concurrent));
  return json;
}

std::string worst_cases_text(const WorstCases& worst) {
  const ProtocolSpec& spec = worst.check.spec;
  const bool at_once = worst.check.concurrent > 0;
  std::vector<std::vector<std::string>> rows{{"", "alone", "", ""}, {"event", "least", "most", "hops"}};
  if (at_once) {
    rows[0].insert(rows[0].end(), {"at once", "", ""});
    rows[1].insert(rows[1].end(), {"least", "most", "hops"});
  }
  for (const WatchedEvent& event : events_of(worst)) {
    std::vector<std::string>& row = rows.emplace_back(1, text_of(event));
    for (std::string& cell : cells(worst.alone, event)) row.push_back(std::move(cell));
    if (!at_once) continue;
    for (std::string& cell : cells(worst.concurrent, event)) row.push_back(std::move(cell));
  }
  std::string text = fmt::format(
      "{} under {}, {} nodes, {} page{}, {} links: messages of one operation, and hops on its "
      "critical path, over every path\n\n",
      worst.check.protocol.name, worst.check.guard.name, spec.nodes, spec.pages, spec.pages == 1 ? "" : "s",
      kLinkNames[spec.fifo ? 0 : 1]);
  for (const std::string& line : at_once ? aligned(rows, {1, 2, 3, 4, 5, 6}) : aligned(rows, {1, 2, 3}))
    text += line + "\n";
  text += "\n" + search_text(worst.check.alone == 0
                                 ? "alone: one operation after another, without end"
                                 : fmt::format("alone: {} operations, one after another", worst.check.alone),
                             worst.alone);
  if (worst.check.concurrent > 0)
    text += search_text(fmt::format("at once: {} operations in any order of their steps", worst.check.concurrent),
                        worst.concurrent);
  return text + without_effect_text(without_effect(worst));
}

}  // namespace pagetoken
