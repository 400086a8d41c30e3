#include "sim/check/report/counterexample.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analysis/picture/html_document.hpp"
#include "analysis/picture/sequence.hpp"
#include "sim/base/columns.hpp"
#include "sim/base/html.hpp"
#include "sim/base/memory.hpp"
#include "sim/base/text.hpp"
#include "sim/base/version.hpp"
#include "sim/check/report/check_protocol.hpp"
#include "sim/check/report/check_report.hpp"

namespace pagetoken {
namespace {

bool is_message(const ClusterChoice& c) {
  return c.kind == ClusterChoice::Kind::deliver || c.kind == ClusterChoice::Kind::lose;
}

/// Who takes the step: "node 0 access#0", "node 0 -> node 2", "storage".
std::string actor_text(const ClusterChoice& c) {
  if (c.kind == ClusterChoice::Kind::step) return text_of(c.node) + " " + c.actor;
  if (is_message(c)) return text_of(c.from) + " -> " + text_of(c.node);
  return c.kind == ClusterChoice::Kind::storage ? "storage" : text_of(c.node);
}

/// Where it happens, in a column of its own: "node 0", "0 -> 2".
std::string place_text(const ClusterChoice& c) {
  if (is_message(c)) return fmt::format("{} -> {}", index_of(c.from), index_of(c.node));
  if (c.kind == ClusterChoice::Kind::storage) return fmt::format("storage -> {}", index_of(c.node));
  return text_of(c.node);
}

/// The path of a scenario is of choices, of which a reduced one has several steps.
std::optional<std::size_t> cycle_of(const ScenarioResult& result) {
  if (!result.found.cycle) return std::nullopt;
  const auto first = std::find_if(result.steps.begin(), result.steps.end(),
                                  [&](const ScenarioStep& s) { return s.choice == *result.found.cycle; });
  return static_cast<std::size_t>(first - result.steps.begin());
}

/// A node a lane, clients first.
std::vector<std::uint32_t> nodes_of(const ProtocolOutcome& outcome) {
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t n = 0; n < outcome.check.spec.nodes; ++n) nodes.push_back(n);
  for (const ProtocolStep& s : outcome.result.steps)
    for (const NodeId node : {s.what.from, s.what.node}) nodes.push_back(index_of(node));
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

std::string shown(const CounterexampleStep& step) {
  return step.text.empty() ? step.name : fmt::format("{} {}", step.name, step.text);
}

/// From the step after which an actor holds any lock to the one after which it holds none.
std::vector<SequenceBar> lock_bars(const std::vector<CounterexampleStep>& steps) {
  std::vector<SequenceBar> bars;
  std::map<std::string, SequenceBar> open;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto held = open.find(steps[i].actor);
    if (held == open.end() && !steps[i].locks.empty())
      open[steps[i].actor] = {steps[i].lane, i, steps.size(), steps[i].actor + " holds locks"};
    if (held != open.end() && steps[i].locks.empty()) {
      bars.push_back({held->second.lane, held->second.first, i, held->second.tip});
      open.erase(held);
    }
  }
  for (const auto& [actor, bar] : open) bars.push_back(bar);
  return bars;
}

Sequence sequence_of(const Counterexample& c, const PathTimes& times) {
  Sequence drawn{.label = fmt::format("sequence of {} steps", c.steps.size()),
                 .time_unit = "ns",
                 .lanes = c.lanes,
                 .bars = lock_bars(c.steps),
                 .critical = c.critical};
  for (std::size_t i = 0; i < c.steps.size(); ++i) {
    const CounterexampleStep& s = c.steps[i];
    SequenceRow row{.time = std::to_string(times.steps[i].start_ns),
                    .text = shown(s),
                    .tip = fmt::format("{}: {}: {}; {}", i + 1, s.actor, shown(s),
                                       s.locks.empty() ? "no locks" : "holds " + s.locks),
                    .from = s.from_lane.value_or(s.lane),
                    .to = s.lane,
                    .is_lost = s.is_lost};
    if (s.from_lane && times.enabled_by[i]) {
      row.kind = SequenceRow::Kind::message;
      row.sent_at = times.enabled_by[i]->step;
    }
    drawn.rows.push_back(std::move(row));
  }
  return drawn;
}

std::string window_text(const PathTimes::Window& window) {
  return fmt::format("Race window: {} takes {} ns from step {} to step {} when nobody else runs.", window.actor,
                     window.width_ns, window.from + 1, window.to + 1);
}

}  // namespace

Counterexample counterexample_of(const CheckOutcome& outcome) {
  const ScenarioResult& result = outcome.result;
  Counterexample c{.title = fmt::format("{} under {}: {}", scenario_info(outcome.config.spec.id).name,
                                        outcome.config.guard.name, verdict_word(result.found)),
                   .beginning = result.beginning,
                   .beginning_is = "beginning",
                   .check = check_json(outcome.config),
                   .headings = {"actor"},
                   .critical = result.critical,
                   .critical_unknown_because = result.critical_unknown_because,
                   .cycle = cycle_of(result)};
  for (const ScenarioStep& s : result.steps) {
    const auto lane = std::find(c.lanes.begin(), c.lanes.end(), s.text.actor);
    const auto index = static_cast<std::size_t>(lane - c.lanes.begin());
    if (lane == c.lanes.end()) c.lanes.push_back(s.text.actor);
    c.steps.push_back({.actor = s.text.actor,
                       .name = s.text.name,
                       .text = s.text.text,
                       .locks = s.locks,
                       .node = index_of(s.text.node),
                       .place = {s.text.actor},
                       .lane = index});
  }
  return c;
}

Counterexample counterexample_of(const ProtocolOutcome& outcome) {
  const ProtocolResult& result = outcome.result;
  ProtocolCheck check = outcome.check;
  if (!result.scripts.empty()) check.spec.scripts = result.scripts;
  Counterexample c{.title = title_of(outcome.check) + ": " + verdict_word(result.found),
                   .beginning = text_of(result.scripts),
                   .beginning_is = "programs",
                   .check = protocol_check_json(check),
                   .headings = {"where", "task"},
                   .critical = result.critical,
                   .critical_unknown_because = result.critical_unknown_because,
                   .states = result.states_at_end};
  if (result.found.cycle) c.cycle = *result.found.cycle;
  const std::vector<std::uint32_t> nodes = nodes_of(outcome);
  const auto lane_of = [&](NodeId node) {
    return static_cast<std::size_t>(std::find(nodes.begin(), nodes.end(), index_of(node)) - nodes.begin());
  };
  for (const std::uint32_t node : nodes)
    c.lanes.push_back(fmt::format("{} {}", node < outcome.check.spec.nodes ? "node" : "manager", node));
  for (const ProtocolStep& s : result.steps) {
    c.steps.push_back({.actor = actor_text(s.what),
                       .name = s.what.name,
                       .text = s.what.text,
                       .locks = s.locks,
                       .node = index_of(s.what.node),
                       .place = {place_text(s.what), s.what.actor},
                       .lane = lane_of(s.what.node),
                       .is_lost = s.what.kind == ClusterChoice::Kind::lose});
    if (!is_message(s.what)) continue;
    c.steps.back().from = index_of(s.what.from);
    c.steps.back().from_lane = lane_of(s.what.from);
  }
  return c;
}

std::string verdict_word(const Exploration& found) {
  const Property& property = found.broken.property;
  if (found.verdict != Exploration::Verdict::violated) return name_of(found.verdict);
  return property.is_stuck() ? property.name() : "violated";
}

void tell_found(Json& json, const Exploration& found, const Counterexample& counterexample) {
  const bool violated = found.verdict == Exploration::Verdict::violated;
  json["verdict"] = name_of(found.verdict);
  json["property"] = violated ? Json(found.broken.property.name()) : Json(nullptr);
  json["states"] = found.orbits_states;
  json["transitions"] = found.orbits_transitions;
  json["depth"] = found.depth;
  json["steps"] = violated ? Json(counterexample.steps.size()) : Json(nullptr);
  json["critical_step"] = counterexample.critical ? Json(*counterexample.critical + 1) : Json(nullptr);
  json["counterexample"] = steps_json(counterexample);
  json["compare"] = name_of(found.compare);
  json["symmetry"] = found.symmetry;
  json["states_per_s"] = static_cast<std::int64_t>(found.states_per_s());
  json["bytes_per_state"] = static_cast<std::int64_t>(found.bytes_per_state());
  json["peak_rss_bytes"] = peak_rss_bytes();
  if (violated) {
    json["text"] = found.broken.text;
    if (counterexample.cycle) json["cycle_from"] = *counterexample.cycle + 1;
  }
  if (found.verdict == Exploration::Verdict::unknown) json["reason"] = found.reason;
  if (!counterexample.critical_unknown_because.empty())
    json["critical_step_reason"] = counterexample.critical_unknown_because;
  if (found.reason == "stopped") json["partial"] = true;
  if (!counterexample.states.empty()) json["states_at_end"] = counterexample.states;
}

Json steps_json(const Counterexample& counterexample) {
  Json steps = Json::array();
  for (const CounterexampleStep& s : counterexample.steps) {
    steps.push_back({{"step", steps.size() + 1},
                     {"actor", s.actor},
                     {"node", s.node},
                     {"name", s.name},
                     {"text", s.text},
                     {"locks", s.locks}});
    if (s.from) steps.back()["from"] = *s.from;
  }
  return steps;
}

std::string steps_text(const Counterexample& c, const PathTimes* times) {
  std::vector<std::vector<std::string>> rows{{"step"}};
  if (times) rows.front().insert(rows.front().end(), {"at", "slack"});
  rows.front().insert(rows.front().end(), c.headings.begin(), c.headings.end());
  rows.front().insert(rows.front().end(), {"", "", "locks held after it"});
  for (std::size_t i = 0; i < c.steps.size(); ++i) {
    const CounterexampleStep& s = c.steps[i];
    std::vector<std::string> row{fmt::format("{}{}", c.critical == i ? "*" : " ", i + 1)};
    if (times) {
      const PathTimes::At& at = times->steps[i];
      const std::int64_t slack = at.start_ns - at.earliest_ns;
      row.push_back(fmt::format("{} ns", at.start_ns));
      row.push_back(slack > 0 ? fmt::format("+{} ns", slack) : "");
    }
    row.insert(row.end(), s.place.begin(), s.place.end());
    row.insert(row.end(), {s.name, s.text, s.locks});
    rows.push_back(std::move(row));
  }
  const std::vector<std::string> lines = times ? aligned(rows, {1, 2}) : aligned(rows);
  std::string text;
  for (std::size_t r = 0; r < lines.size(); ++r) {
    if (r > 0 && c.cycle == r - 1) text += "  from here on, over and over:\n";
    text += lines[r] + "\n";
  }
  if (c.critical)
    text +=
        fmt::format("* step {} is the critical one: after it no continuation avoids the violation.\n", *c.critical + 1);
  else if (!c.critical_unknown_because.empty())
    text +=
        fmt::format("the critical step is not known: {} was reached before it was found\n", c.critical_unknown_because);
  if (!c.states.empty()) text += "what the protocol's machines are in then:\n";
  for (const std::string& state : c.states) text += "  " + state + "\n";
  return text;
}

std::string steps_html(const Counterexample& c, const Exploration& found, const PathTimes& times) {
  HtmlDocument page;
  page.section("path", "A shortest path to it");
  page.html(fmt::format("<p class=\"fact\"><strong>{}</strong>: {}</p>\n", escape_html(found.broken.property.name()),
                        escape_html(found.broken.text)));
  page.paragraph(fmt::format("The {}: {}. A bar beside a line: a lock is held (the table says which).", c.beginning_is,
                             c.beginning));
  if (c.critical)
    page.paragraph(
        fmt::format("Step {}, shaded, is critical: after it no continuation avoids the violation.", *c.critical + 1));
  if (times.window) page.paragraph(window_text(*times.window));
  if (c.cycle) page.paragraph(fmt::format("From step {} on it goes on for ever.", *c.cycle + 1));
  page.html("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"sequence\">" +
            sequence_svg(sequence_of(c, times)) + "</div>\n");
  page.section("steps", "Steps");
  page.html(fmt::format("<pre tabindex=\"0\">{}</pre>\n", escape_html(steps_text(c, &times))));
  return page.finish(c.title, {});
}

Json recorded_json(const Counterexample& c, const Exploration& found) {
  Json choices = Json::array();
  for (const PathStep& step : found.path) choices.push_back(step.choice);
  return {{"schema_version", 1},
          {"kind", "counterexample"},
          {"version", kVersion},
          {"check", c.check},
          {"property", found.broken.property.name()},
          {"text", found.broken.text},
          {"initial", found.initial},
          {"beginning", c.beginning},
          {"choices", choices},
          {"cycle", found.cycle ? Json(*found.cycle) : Json(nullptr)},
          {"critical_step", c.critical ? Json(*c.critical + 1) : Json(nullptr)},
          {"steps", steps_json(c)}};
}

}  // namespace pagetoken
