#include "sim/check/report/check_list.hpp"

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"
#include "sim/json/edit.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kVerdictNames[] = {"ok", "violated", "unknown"};
/// A member of an expectation, where it stands in a result.
struct Measure {
  const char* key;
  Json Expectation::*member;
  bool of_violation;  ///< said of a violation alone; else of all the rest alone
};
constexpr Measure kMeasures[] = {{"property", &Expectation::property, true},
                                 {"steps", &Expectation::steps, true},
                                 {"states", &Expectation::states, false},
                                 {"transitions", &Expectation::transitions, false}};
constexpr const char* kOfTheList[] = {"name",     "summary", "long",   "verdict",
                                      "property", "steps",   "states", "transitions"};

/// Takes what is expected out of an entry.
Expectation bind_expectation(Section& entry) {
  Expectation expected;
  if (const auto verdict = entry.find("verdict")) {
    verdict->choice(kVerdictNames);
    expected.verdict = verdict->json();
  }
  if (const auto property = entry.find("property")) expected.property = property->text();
  for (const auto& [key, member] : {std::pair{"steps", &Expectation::steps},
                                    {"states", &Expectation::states},
                                    {"transitions", &Expectation::transitions}})
    if (const auto count = entry.find(key)) expected.*member = count->integer({0, std::int64_t{1} << 62});
  return expected;
}

/// The configuration of one check: what the file says of all, and what the entry says of itself.
Json config_of(const Json& list, const Json& entry) {
  Json config = Json::object();
  for (const auto& [key, value] : list.items())
    if (key != "checks" && key != "mutants" && key != "name" && key != "summary" && key != "$schema")
      config[key] = value;
  if (!config.contains("scenario") && config.contains("protocol")) config["scenario"] = "protocol";
  for (const auto& [key, value] : entry.items()) config[key] = value;
  for (const char* key : kOfTheList) config.erase(key);
  return config;
}

ListedCheck bind_entry(const Json& list, const Value& value, const ProtocolSet& protocols) {
  Section entry(value);
  ListedCheck listed;
  listed.pointer = value.pointer();
  listed.name = entry.required("name", "\"name\": \"two writers\"").text();
  listed.is_long = entry.flag("long", false);
  listed.expected = bind_expectation(entry);
  const Json config = config_of(list, value.json());
  try {
    if (config.value("scenario", Json()) == "protocol")
      listed.check = bind_protocol_check(config, value.file(), protocols);
    else
      listed.check = bind_check(config, value.file());
  } catch (const ConfigError& error) {        // which names a place in the entry, or in what all entries have
    if (error.file() != value.file()) throw;  // or in a guard's own file
    const bool is_shared =
        !error.place().empty() && find_at(list, error.place()) && !find_at(value.json(), error.place());
    throw ConfigError(value.file(), is_shared ? error.place() : value.pointer() + error.place(), error.wrong(),
                      error.allowed());
  }
  return listed;
}

Json result_of(const ListedCheck& listed, const ScenarioOptions& options, Exploration::Verdict& verdict) {
  if (const auto* config = std::get_if<CheckConfig>(&listed.check)) {
    const CheckOutcome outcome{*config, explore_scenario(config->spec, options)};
    verdict = outcome.result.found.verdict;
    return check_result_json(outcome);
  }
  const ProtocolCheck& check = std::get<ProtocolCheck>(listed.check);
  const ProtocolOptions how{.max_states = options.max_states, .stop = options.stop};
  const ProtocolOutcome outcome{check, explore_protocol(check.spec, how)};
  verdict = outcome.result.found.verdict;
  return protocol_result_json(outcome);
}

/// A member of a result, null if it has none.
Json member(const Json& result, const char* key) { return result.value(key, Json()); }

std::string shown_value(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "none" : value.dump();
}

}  // namespace

Json Expectation::json() const {
  Json all = Json::object();
  if (!verdict.is_null()) all["verdict"] = verdict;
  for (const Measure& measure : kMeasures)
    if (!(this->*measure.member).is_null()) all[measure.key] = this->*measure.member;
  return all;
}

bool is_check_list(const Json& json) { return json.is_object() && json.contains("checks"); }

std::vector<ListedCheck> bind_check_list(const Json& json, const std::string& file, const ProtocolSet& protocols) {
  const Value whole(json, file);
  std::vector<ListedCheck> list;
  for (const Value& entry : whole.below("checks", json.at("checks")).elements())
    list.push_back(bind_entry(json, entry, protocols));
  if (list.empty()) whole.below("checks", json.at("checks")).fail("no checks", "one or more");
  return list;
}

ListedResult run_listed(const ListedCheck& listed, const ScenarioOptions& options) {
  ListedResult result;
  result.json = result_of(listed, options, result.verdict);
  const auto compare = [&](const char* key, const Json& expected, const Json& found) {
    if (!expected.is_null() && expected != found)
      result.differs.push_back(fmt::format("{}: {}, expected {}", key, shown_value(found), shown_value(expected)));
  };
  compare("verdict", listed.expected.verdict, name_of(result.verdict));
  const bool violated = result.verdict == Exploration::Verdict::violated;
  for (const Measure& measure : kMeasures)
    compare(measure.key, listed.expected.*measure.member,
            measure.of_violation && !violated ? Json() : member(result.json, measure.key));
  return result;
}

Json listed_json(const ListedCheck& listed, const ListedResult& result) {
  Json json = result.json;
  json["name"] = listed.name;
  json["expected"] = listed.expected.json();
  json["differs"] = result.differs;
  return json;
}

std::string listed_text(const ListedCheck& listed, const ListedResult& result) {
  const bool violated = result.verdict == Exploration::Verdict::violated;
  std::string text = fmt::format("{:9} {}: ", name_of(result.verdict), one_line(listed.name));
  if (violated)
    text += fmt::format("{} in {} steps\n", shown_value(member(result.json, "property")),
                        shown_value(member(result.json, "steps")));
  else
    text += fmt::format("{} states, {} transitions\n", shown_value(member(result.json, "states")),
                        shown_value(member(result.json, "transitions")));
  const bool is_expected = !listed.expected.verdict.is_null() && result.differs.empty();
  if (is_expected && result.verdict != Exploration::Verdict::ok) text.insert(text.size() - 1, ", as expected");
  for (const std::string& difference : result.differs) text += fmt::format("  differs   {}\n", one_line(difference));
  return text;
}

std::string updated_list(std::string text, const std::vector<ListedCheck>& list,
                         const std::vector<ListedResult>& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string& entry = list[i].pointer;
    const bool violated = results[i].verdict == Exploration::Verdict::violated;
    text = with_value(std::move(text), entry + "/verdict", name_of(results[i].verdict));
    for (const Measure& measure : kMeasures) {
      const std::string pointer = entry + "/" + measure.key;
      if (measure.of_violation == violated)
        text = with_value(std::move(text), pointer, member(results[i].json, measure.key));
      else
        text = without_member(std::move(text), pointer);
    }
  }
  return text;
}

}  // namespace pagetoken
