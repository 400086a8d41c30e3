// pagetoken replay: a counterexample, played again step by step, with the times of the timed engine.

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/check/report/counterexample.hpp"
#include "sim/check/report/recording.hpp"
#include "sim/cli/commands.hpp"
#include "sim/config/costs.hpp"

namespace pagetoken {
namespace {

struct ReplayArguments {
  std::string file;
  std::string html;
  std::string json;
  std::string costs = "modern";
  std::vector<std::string> plugins;
};

void tell(const Counterexample& c, const Exploration& found, const PathTimes& times) {
  fmt::print("{} ({})\n{}\n\n  {}: {}\n{}", c.title, one_line(found.broken.property.name()),
             one_line(found.broken.text, 1000), c.beginning_is, c.beginning, steps_text(c, &times));
  fmt::print("\n{} ns in all, of which steps were held back {} ns to keep this order\n",
             times.steps.empty() ? 0 : times.steps.back().end_ns, times.slack_ns);
  if (times.window)
    fmt::print(
        "race window: {} takes {} ns from step {} to step {} when nobody else runs; in there the other side has to "
        "fall\n",
        times.window->actor, times.window->width_ns, times.window->from + 1, times.window->to + 1);
}

Json played_json(const Counterexample& c, const Exploration& found, const PathTimes& times) {
  Json steps = steps_json(c);
  for (std::size_t i = 0; i < times.steps.size(); ++i) {
    steps[i]["start_ns"] = times.steps[i].start_ns;
    steps[i]["end_ns"] = times.steps[i].end_ns;
    steps[i]["slack_ns"] = times.steps[i].start_ns - times.steps[i].earliest_ns;
  }
  return {{"check", c.check},
          {"property", found.broken.property.name()},
          {"steps", steps},
          {"slack_ns", times.slack_ns},
          {"window_ns", times.window ? Json(times.window->width_ns) : Json(nullptr)}};
}

ExitCode replay(const ReplayArguments& arguments) {
  const Json costs_json = arguments.costs;
  const std::string option = "--costs";
  const StepCosts costs = bind_costs(Value(costs_json, option));
  const ProtocolSet protocols(arguments.plugins);
  Recording recording(arguments.file);
  std::optional<CheckOutcome> scenario;
  std::optional<ProtocolOutcome> protocol;
  if (recording.is_of_protocol())
    protocol = recording.protocol(protocols);
  else
    scenario = recording.scenario();
  std::unique_ptr<OutputFile> html, json;
  if (!arguments.html.empty()) html = std::make_unique<OutputFile>(arguments.html);
  if (!arguments.json.empty()) json = std::make_unique<OutputFile>(arguments.json);

  const Counterexample played = protocol ? counterexample_of(*protocol) : counterexample_of(*scenario);
  const Exploration& found = protocol ? protocol->result.found : scenario->result.found;
  const PathTimes times = protocol ? times_of(*protocol, costs) : times_of(*scenario, costs);
  if (arguments.json != "-") tell(played, found, times);
  if (html) {
    html->write(steps_html(played, found, times));
    html->commit();
  }
  if (json) {
    json->write(played_json(played, found, times).dump(2) + "\n");
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
  command->add_option("--plugin", arguments->plugins, "a shared library with a protocol; may be repeated")
      ->type_name("SO")
      ->expected(1)
      ->take_all();
  command->footer("Exit codes: 1 the violation happened again, 2 the file is none of this program's.");
  command->callback([arguments, &cli] { cli.command = [arguments] { return replay(*arguments); }; });
}

}  // namespace pagetoken
