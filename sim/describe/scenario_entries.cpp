// describe: scenarios (docs/vm-model.md, "Scenarios").

#include <fmt/format.h>

#include "sim/check/vm/scenario.hpp"
#include "sim/describe/entries.hpp"

namespace pagetoken {
namespace {

/// Of a check's configuration, beside "guard".
std::string keys_of(const ScenarioInfo& info) {
  std::vector<std::string> keys;
  if (info.invalidator_is_free) keys.push_back(fmt::format("invalidator: {}", fmt::join(kInvalidatorNames, ", ")));
  if (info.most_interferers > 1) keys.push_back("interferers: 1 or 2");
  if (info.may_be_private) keys.push_back("mapping: shared or private");
  if (info.has_order) keys.push_back(fmt::format("revoke_order: a list of {}", fmt::join(kRevokePartNames, ", ")));
  keys.push_back("bounds.rounds: how often each actor runs");
  if (info.has_escape)
    keys.push_back("bounds.escape: try the token under the page lock, else unlock and look up again");
  if (info.has_mmap) keys.push_back("bounds.mmap: whether M takes part");
  return fmt::format("{}", fmt::join(keys, "; "));
}

std::string checks_of(const Properties& p) {
  std::string checks;
  const std::pair<bool, const char*> invariants[] = {{p.i1, "I1 "}, {p.i2, "I2 "}, {p.i3, "I3 "},
                                                     {p.i4, "I4 "}, {p.i5, "I5 "}, {p.i6, "I6 "}};
  for (const auto& [checked, name] : invariants)
    if (checked) checks += name;
  return checks + (p.livelock ? "I7" : "I7 (deadlock alone)");
}

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  for (const ScenarioInfo& info : scenario_infos())
    all.push_back({std::string(info.name), std::string(info.summary), std::string(info.start), std::string(info.actors),
                   checks_of(info.properties), keys_of(info), std::string(info.decided)});
  all.push_back({"protocol", "A protocol's messages and the VM's steps at every node, in every order.",
                 "one file, nobody holds anything",
                 "each node its operations: loads, stores, truncates of the whole file, in every combination",
                 "one writer or many readers, I1 to I6, reads see the last write, I7",
                 "protocol; nodes, pages, operations: 1 to 4; links: fifo or unordered", ""});
  return all;
}

}  // namespace

std::span<const Scenario> scenarios() {
  static const std::vector<Scenario> all = all_scenarios();
  return all;
}

void tell_scenario(OrderedJson& json, const Scenario& scenario) {
  json["start"] = scenario.start;
  json["actors"] = scenario.actors;
  json["checks"] = scenario.checks;
  json["keys"] = scenario.keys;
  if (!scenario.decided.empty()) json["decided"] = scenario.decided;
  for (const PropertyMeaning& property : property_meanings())
    if (scenario.checks.find(property.name) != std::string::npos)
      json["properties"][std::string(property.name)] = property.meaning;
  const std::string_view who =
      scenario.name == "protocol" ? R"("protocol": "ivy-fixed", "nodes": 2)" : R"("guard": "hook")";
  json["example"] = fmt::format(R"({{"scenario": "{}", {}}})", scenario.name, who);
}

void tell_property(OrderedJson& json, const PropertyMeaning& property) {
  json["explained"] = property.explained;
  std::string judged;
  for (const Scenario& scenario : scenarios())
    if (scenario.checks.find(property.name) != std::string::npos)
      judged += (judged.empty() ? "" : ", ") + scenario.name;
  if (!judged.empty()) json["scenarios"] = judged;
}

}  // namespace pagetoken
