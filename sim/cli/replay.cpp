// pagetoken replay: a counterexample, played again step by step, with the times of the timed engine.

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
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

/// What is the same for the steps of a scenario and of a protocol.
struct Played {
  std::string title;      ///< "fault-revoke under none: violated"
  std::string beginning;  ///< a line
  std::string table;
  Json check, steps;
  const Exploration& found;
  const PathTimes& times;
};

void tell(const Played& played) {
  const PathTimes& times = played.times;
  fmt::print("{} ({})\n{}\n\n  {}\n{}", played.title, one_line(played.found.broken.property.name()),
             one_line(played.found.broken.text, 1000), played.beginning, played.table);
  fmt::print("\n{} ns in all, of which steps were held back {} ns to keep this order\n",
             times.steps.empty() ? 0 : times.steps.back().end_ns, times.slack_ns);
  if (times.window)
    fmt::print(
        "race window: {} takes {} ns from step {} to step {} when nobody else runs; in there the other side has to "
        "fall\n",
        times.window->actor, times.window->width_ns, times.window->from + 1, times.window->to + 1);
}

Json played_json(const Played& played) {
  const PathTimes& times = played.times;
  Json steps = played.steps;
  for (std::size_t i = 0; i < times.steps.size(); ++i) {
    steps[i]["start_ns"] = times.steps[i].start_ns;
    steps[i]["end_ns"] = times.steps[i].end_ns;
    steps[i]["slack_ns"] = times.steps[i].start_ns - times.steps[i].earliest_ns;
  }
  return {{"check", played.check},
          {"property", played.found.broken.property.name()},
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

  const PathTimes times =
      protocol ? protocol_times(*protocol, costs) : path_times(*scenario, StepCost(costs, 4096, 1), {});
  const Played played = protocol
                            ? Played{title_of(protocol->check) + ": " + verdict_word(protocol->result.found),
                                     text_of(protocol->result.scripts),
                                     protocol_steps_text(protocol->result, &times),
                                     protocol_check_json(protocol->check),
                                     protocol_steps_json(protocol->result),
                                     protocol->result.found,
                                     times}
                            : Played{fmt::format("{} under {}: {}", scenario_info(scenario->config.spec.id).name,
                                                 scenario->config.guard.name, verdict_word(scenario->result.found)),
                                     "beginning: " + scenario->result.beginning,
                                     steps_text(scenario->result, &times),
                                     check_json(scenario->config),
                                     scenario_steps_json(scenario->result),
                                     scenario->result.found,
                                     times};
  if (arguments.json != "-") tell(played);
  if (html) {
    html->write(protocol ? protocol_steps_html(*protocol, times) : steps_html(*scenario, times));
    html->commit();
  }
  if (json) {
    json->write(played_json(played).dump(2) + "\n");
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
