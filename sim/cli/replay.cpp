// pagetoken replay: a counterexample, played again step by step, with the times of the timed engine.

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/cli/check_report.hpp"
#include "sim/cli/commands.hpp"
#include "sim/config/costs.hpp"

namespace pagetoken {
namespace {

struct ReplayArguments {
  std::string file;
  std::string html;
  std::string json;
  std::string costs = "modern";
};

/// Reads a counterexample and plays it: every step must be the one that was recorded.
class Recording {
 public:
  explicit Recording(const std::string& file) : file_(file), json_(read_json_file(file)), top_(Value(json_, file_)) {
    if (top_.text("kind", "counterexample") != "counterexample" || !json_.contains("check") ||
        !json_.contains("choices"))
      top_.value().fail("not a counterexample", "what pagetoken check --counterexample writes");
    if (const std::int64_t schema = top_.integer("schema_version", 1, {0, 1'000'000}); schema != 1)
      top_.find("schema_version")->fail(fmt::format("version {}", schema), "1: record the counterexample anew");
    version_ = top_.text("version", PAGETOKEN_VERSION);
  }

  CheckOutcome outcome() {
    CheckOutcome outcome{bind_check(top_.required("check", "the scenario").json(), file_), {}};
    VmModel model(outcome.config.spec);
    Exploration& found = outcome.result.found;
    found.verdict = Exploration::Verdict::violated;
    found.broken.property = top_.text("property", "");
    found.broken.text = top_.text("text", "");
    found.initial = static_cast<std::uint32_t>(
        top_.integer("initial", 0, {0, static_cast<std::int64_t>(model.initial_states()) - 1}));
    outcome.result.beginning = model.initial_text(found.initial);
    play(model, outcome.result);
    confirm(model, outcome.result);
    return outcome;
  }

 private:
  void play(VmModel& model, ScenarioResult& result) {
    std::vector<std::uint32_t> choices;
    for (const Value& choice : top_.required("choices", "the choices taken").elements())
      choices.push_back(static_cast<std::uint32_t>(choice.integer({0, 65535})));
    try {
      result.steps = steps_of(model, result.found.initial, choices);
    } catch (const ProtocolError& error) {
      differs(error.what());
    }
    for (const std::uint32_t choice : choices) result.found.path.push_back({.choice = choice});
    const std::vector<Value> steps = top_.required("steps", "the steps recorded").elements();
    if (steps.size() != result.steps.size())
      differs(fmt::format("{} steps were recorded, {} are played", steps.size(), result.steps.size()));
    for (std::size_t i = 0; i < steps.size(); ++i) {
      Section recorded(steps[i]);
      const ChoiceText& played = result.steps[i].text;
      if (recorded.text("actor", "") != played.actor || recorded.text("name", "") != played.name ||
          recorded.text("text", "") != played.text)
        differs(fmt::format("step {} is \"{} {} {}\" now", i + 1, played.actor, played.name, played.text));
    }
    if (const auto cycle = top_.find("cycle"); cycle && !cycle->json().is_null())
      result.found.cycle = static_cast<std::uint32_t>(cycle->integer({0, static_cast<std::int64_t>(choices.size())}));
    if (const auto critical = top_.find("critical_step"); critical && !critical->json().is_null())
      result.critical = static_cast<std::size_t>(
          critical->integer({1, static_cast<std::int64_t>(std::max<std::size_t>(1, result.steps.size()))}) - 1);
  }

  /// The end of the path is wrong in the way that the file says.
  void confirm(VmModel& model, const ScenarioResult& result) const {
    const std::string& property = result.found.broken.property;
    if (property == "livelock" || property.starts_with("protocol:")) return;
    if (property == "deadlock") {
      if (model.choices() != 0 || model.ended()) differs("its end is no deadlock");
      return;
    }
    if (!model.last_broken() && !model.fact(property)) differs(property + " holds at its end");
  }

  [[noreturn]] void differs(const std::string& how) const {
    throw ConfigError(
        file_, "/choices", "the path is not one that this program takes: " + how,
        fmt::format("a counterexample of pagetoken {}; this one was recorded by {}", PAGETOKEN_VERSION, version_));
  }

  const std::string file_;
  const Json json_;
  Section top_;
  std::string version_;
};

ExitCode replay(const ReplayArguments& arguments) {
  const Json costs_json = arguments.costs;
  const std::string option = "--costs";
  const StepCosts costs = bind_costs(Value(costs_json, option));
  const CheckOutcome outcome = Recording(arguments.file).outcome();
  std::unique_ptr<OutputFile> html, json;
  if (!arguments.html.empty()) html = std::make_unique<OutputFile>(arguments.html);
  if (!arguments.json.empty()) json = std::make_unique<OutputFile>(arguments.json);
  const PathTimes times = path_times(outcome, StepCost(costs, 4096, 1), {});

  if (arguments.json != "-") {
    const ScenarioResult& r = outcome.result;
    fmt::print("{} under {}: {} ({})\n{}\n\n  beginning: {}\n{}", scenario_info(outcome.config.spec.id).name,
               outcome.config.guard.name, verdict_word(r), r.found.broken.property, r.found.broken.text, r.beginning,
               steps_text(r, &times));
    fmt::print("\n{} ns in all, of which steps were held back {} ns to keep this order\n",
               times.steps.empty() ? 0 : times.steps.back().end_ns, times.slack_ns);
    if (times.window)
      fmt::print(
          "race window: {} takes {} ns from step {} to step {} when nobody else runs; in there the other side has to "
          "fall\n",
          times.window->actor, times.window->width_ns, times.window->from + 1, times.window->to + 1);
  }
  if (html) {
    html->write(steps_html(outcome, times));
    html->commit();
  }
  if (json) {
    Json steps = counterexample_json(outcome)["steps"];
    for (std::size_t i = 0; i < times.steps.size(); ++i) {
      steps[i]["start_ns"] = times.steps[i].start_ns;
      steps[i]["end_ns"] = times.steps[i].end_ns;
      steps[i]["slack_ns"] = times.steps[i].start_ns - times.steps[i].earliest_ns;
    }
    Json all{{"check", check_json(outcome.config)},
             {"property", outcome.result.found.broken.property},
             {"steps", steps},
             {"slack_ns", times.slack_ns},
             {"window_ns", times.window ? Json(times.window->width_ns) : Json(nullptr)}};
    json->write(all.dump(2) + "\n");
    json->commit();
  }
  return ExitCode::violation;
}

}  // namespace

void add_replay(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command = app.add_subcommand("replay", "Plays a counterexample again, step by step, with times.");
  command->add_option("FILE", arguments->file, "what check --counterexample wrote")->required();
  command->add_option("--html", arguments->html, "writes a page with a sequence diagram")->type_name("FILE");
  command->add_option("--json", arguments->json, "writes steps and times as JSON; - is the standard output")
      ->type_name("FILE");
  command->add_option("--costs", arguments->costs, "modern or 2003: what the steps cost")
      ->type_name("NAME")
      ->capture_default_str();
  command->footer("Exit codes: 1 the violation happened again, 2 the file is none of this program's.");
  command->callback([arguments, &cli] { cli.command = [arguments] { return replay(*arguments); }; });
}

}  // namespace pagetoken
