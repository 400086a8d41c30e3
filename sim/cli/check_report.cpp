#include "sim/cli/check_report.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "sim/base/text.hpp"
#include "sim/cli/columns.hpp"
#include "sim/cli/simulate.hpp"

namespace pagetoken {
namespace {

/// Of a class of LockOrder.
const char* lock_name(std::uint32_t lock) { return name_of(static_cast<LockKind>(1u << lock)); }

std::string scenario_name(const CheckOutcome& outcome) {
  return std::string(scenario_info(outcome.config.spec.id).name);
}

std::string guard_name(const CheckOutcome& outcome) {
  const std::string& name = outcome.config.guard.name;
  return name.substr(0, name.find(", "));
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
  const std::string& property = found.broken.property;
  if (found.verdict != Exploration::Verdict::violated) return name_of(found.verdict);
  return property == "deadlock" || property == "livelock" ? property : "violated";
}

Json check_result_json(const CheckOutcome& outcome) {
  const ScenarioResult& r = outcome.result;
  const Exploration& found = r.found;
  const bool violated = found.verdict == Exploration::Verdict::violated;
  Json json{{"scenario", scenario_name(outcome)},
            {"guard", guard_name(outcome)},
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
    json["property"] = found.broken.property;
    json["properties"] = r.properties.empty() ? Json::array({found.broken.property}) : Json(r.properties);
    json["text"] = found.broken.text;
    json["beginning"] = r.beginning;
    if (found.cycle) json["cycle_from"] = *found.cycle + 1;
  }
  if (found.verdict == Exploration::Verdict::unknown) json["reason"] = found.reason;
  if (found.reason == "stopped") json["partial"] = true;
  if (r.retries) json["retries"] = r.retries->bounded ? Json(r.retries->retries) : Json("unbounded");
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
  return text;
}

std::string check_result_text(const CheckOutcome& outcome) {
  const ScenarioResult& r = outcome.result;
  const Exploration& found = r.found;
  std::string text =
      fmt::format("{} under {}: {}", scenario_name(outcome), outcome.config.guard.name, verdict_word(r.found));
  const bool violated = found.verdict == Exploration::Verdict::violated;
  if (violated && verdict_word(r.found) == "violated") text += fmt::format(" ({})", found.broken.property);
  if (found.verdict == Exploration::Verdict::unknown) text += fmt::format(" ({} reached)", found.reason);
  text += "\n";
  if (violated) {
    text += fmt::format("{}\n\n  beginning: {}\n", found.broken.text, r.beginning);
    text += steps_text(r, nullptr);
  }
  text += fmt::format("\n{} states, {} transitions, depth {}; compared {}; {} states/s, {} B a state\n",
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

namespace {

std::string matrix_cell(const ScenarioResult& r) {
  const std::string word = verdict_word(r.found);
  if (word == "violated") return fmt::format("{}/{}", r.found.broken.property, r.steps.size());
  if (word == "deadlock" || word == "livelock") return fmt::format("{}/{}", word, r.steps.size());
  return word;
}

/// "truncate-", "sem": a heading of two lines.
std::pair<std::string, std::string> heading(const std::string& guard) {
  const std::size_t cut = guard.find_first_of("-+");
  if (cut == std::string::npos) return {"", guard};
  return {guard.substr(0, cut + 1), guard.substr(cut + 1)};
}

}  // namespace

std::string matrix_text(const std::vector<CheckOutcome>& outcomes) {
  std::vector<std::string> guards;
  for (const CheckOutcome& o : outcomes)
    if (std::find(guards.begin(), guards.end(), guard_name(o)) == guards.end()) guards.push_back(guard_name(o));
  std::map<std::pair<std::string, std::string>, std::string> usual;
  for (const CheckOutcome& o : outcomes)
    if (o.config.variant.empty()) usual[{scenario_name(o), guard_name(o)}] = matrix_cell(o.result);

  std::vector<std::size_t> widths;
  for (const std::string& guard : guards) {
    std::size_t width = std::max(heading(guard).first.size(), heading(guard).second.size());
    for (const auto& [key, cell] : usual)
      if (key.second == guard) width = std::max(width, cell.size());
    widths.push_back(width);
  }
  std::string first = fmt::format("{:<22}", ""), second = first;
  for (std::size_t g = 0; g < guards.size(); ++g) {
    first += fmt::format("  {:<{}}", heading(guards[g]).first, widths[g]);
    second += fmt::format("  {:<{}}", heading(guards[g]).second, widths[g]);
  }
  std::string text = first + "\n" + second + "\n";
  for (const ScenarioInfo& info : scenario_infos()) {
    text += fmt::format("{:<22}", info.name);
    for (std::size_t g = 0; g < guards.size(); ++g)
      text += fmt::format("  {:<{}}", usual[{std::string(info.name), guards[g]}], widths[g]);
    text += "\n";
  }
  text += "\nI2/23: invariant I2 is violated, in 23 steps at the shortest.\n\n";

  std::size_t variants = 0, same = 0;
  std::string other;
  for (const CheckOutcome& o : outcomes) {
    if (o.config.variant.empty()) continue;
    ++variants;
    const std::string& before = usual[{scenario_name(o), guard_name(o)}];
    const std::string now = matrix_cell(o.result);
    if (now.substr(0, now.find('/')) == before.substr(0, before.find('/'))) {
      ++same;
      continue;
    }
    if (o.config.spec.id == ScenarioId::revoke_orders && guard_name(o) != "none") continue;  // no guard takes part
    other += fmt::format("  {:<22}  {:<15}  {:<50}  {} (was {})\n", scenario_name(o), guard_name(o), o.config.variant,
                         now, before);
  }
  text += fmt::format("{} variants, of which {} change nothing; the others (revoke-orders under none only):\n{}",
                      variants, same, other);
  return text;
}

Json counterexample_json(const CheckOutcome& outcome) {
  const ScenarioResult& r = outcome.result;
  Json choices = Json::array();
  for (const PathStep& step : r.found.path) choices.push_back(step.choice);
  return {{"schema_version", 1},
          {"kind", "counterexample"},
          {"version", PAGETOKEN_VERSION},
          {"check", check_json(outcome.config)},
          {"property", r.found.broken.property},
          {"text", r.found.broken.text},
          {"initial", r.found.initial},
          {"beginning", r.beginning},
          {"choices", choices},
          {"cycle", r.found.cycle ? Json(*r.found.cycle) : Json(nullptr)},
          {"critical_step", r.critical ? Json(*r.critical + 1) : Json(nullptr)},
          {"steps", scenario_steps_json(r)}};
}

}  // namespace pagetoken
