#include "sim/check/report/recording.hpp"

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/version.hpp"
#include "sim/check/report/counterexample.hpp"
#include "sim/explore/explorer.hpp"

namespace pagetoken {

Recording::Recording(const std::string& file) : file_(file), json_(read_json_file(file)), top_(Value(json_, file_)) {
  if (top_.text("kind", "counterexample") != "counterexample" || !json_.contains("check") || !json_.contains("choices"))
    top_.value().fail("not a counterexample", "what pagetoken check --counterexample writes");
  if (const std::int64_t schema = top_.integer("schema_version", 1, {0, 1'000'000}); schema != 1)
    top_.find("schema_version")->fail(fmt::format("version {}", schema), "1: record the counterexample anew");
  // The steps of another version may differ in what the names do not tell.
  if (const std::string version = top_.text("version", std::string(kVersion)); version != kVersion)
    top_.find("version")->fail(fmt::format("recorded by pagetoken {}", version),
                               fmt::format("{}: record the counterexample anew", kVersion));
}

bool Recording::is_of_protocol() const {
  const Json* scenario = find_at(json_, "/check/scenario");
  return scenario && *scenario == "protocol";
}

CheckOutcome Recording::scenario() {
  CheckOutcome outcome{bind_check(top_.required("check", "the scenario").json(), file_), {}};
  ScenarioResult& result = outcome.result;
  VmModel model(outcome.config.spec);
  result.found.initial = static_cast<std::uint32_t>(
      top_.integer("initial", 0, {0, static_cast<std::int64_t>(model.initial_states()) - 1}));
  read_path(result.found);
  result.beginning = model.initial_text(result.found.initial);
  std::vector<std::uint32_t> choices;
  for (const PathStep& step : result.found.path) choices.push_back(step.choice);
  try {
    result.steps = steps_of(model, result.found.initial, choices);
  } catch (const ProtocolError& error) {
    differs(error.what());
  }
  compare_steps(steps_json(counterexample_of(outcome)));
  result.critical = critical(result.steps.size());
  confirm(model, result);
  return outcome;
}

ProtocolOutcome Recording::protocol(const ProtocolSet& protocols) {
  ProtocolOutcome outcome{bind_protocol_check(top_.required("check", "the scenario").json(), file_, protocols), {}};
  ProtocolResult& result = outcome.result;
  result.scripts = outcome.check.spec.scripts;
  if (result.scripts.empty()) top_.find("check")->fail("no \"scripts\"", "the program that was played");
  read_path(result.found);
  const ProtocolWorld world(outcome.check.spec);
  const auto model = world.model(result.scripts);
  std::optional<Finding> at_end;
  try {
    result.steps = steps_of(*model, choices_of(result.found), at_end);
    result.states_at_end = model->cluster().state_texts();
  } catch (const ProtocolError& error) {
    differs(error.what());
  }
  compare_steps(steps_json(counterexample_of(outcome)));
  result.critical = critical(result.steps.size());
  const Property& property = result.found.broken.property;
  if (property == PropertyId::livelock && result.found.cycle) {
    if (!is_cycle(*model, choices_of(result.found), *result.found.cycle))
      differs("its end is not where its cycle begins");
  } else if (!at_end || at_end->property != property) {
    differs(at_end ? at_end->property.name() + " is what its end violates" : property.name() + " holds at its end");
  }
  return outcome;
}

void Recording::read_path(Exploration& found) {
  found.verdict = Exploration::Verdict::violated;
  found.broken.property = Property::called(top_.text("property", ""));
  found.broken.text = top_.text("text", "");
  for (const Value& choice : top_.required("choices", "the choices taken").elements())
    found.path.push_back({.choice = static_cast<std::uint32_t>(choice.integer({0, 65535}))});
  if (const auto cycle = top_.find("cycle"); cycle && !cycle->json().is_null())
    found.cycle = static_cast<std::uint32_t>(cycle->integer({0, static_cast<std::int64_t>(found.path.size())}));
}

void Recording::compare_steps(const Json& played) {
  const std::vector<Value> steps = top_.required("steps", "the steps recorded").elements();
  if (steps.size() != played.size())
    differs(fmt::format("{} steps were recorded, {} are played", steps.size(), played.size()));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Section recorded(steps[i]);
    const auto now = [&](const char* key) { return played.at(i).at(key).get<std::string>(); };
    for (const char* key : {"actor", "name", "text"})
      if (recorded.text(key, "") != now(key))
        differs(fmt::format("step {} is \"{} {} {}\" now", i + 1, now("actor"), now("name"), now("text")));
  }
}

std::optional<std::size_t> Recording::critical(std::size_t steps) {
  const auto critical = top_.find("critical_step");
  if (!critical || critical->json().is_null()) return std::nullopt;
  return static_cast<std::size_t>(critical->integer({1, static_cast<std::int64_t>(std::max<std::size_t>(1, steps))}) -
                                  1);
}

/// The end of the path is wrong in the way that the file says.
void Recording::confirm(VmModel& model, const ScenarioResult& result) const {
  const Property& property = result.found.broken.property;
  if (property == PropertyId::livelock || property.is_of_protocol()) return;
  if (property == PropertyId::deadlock) {
    if (model.choices() != 0 || model.ended()) differs("its end is no deadlock");
    return;
  }
  if (!model.last_broken() && !model.fact(property)) differs(property.name() + " holds at its end");
}

void Recording::differs(const std::string& how) const {
  throw ConfigError(file_, "/choices", "the path is not one that this program takes: " + how,
                    "what pagetoken check --counterexample writes");
}

}  // namespace pagetoken
