// pagetoken run: one simulation.

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/base/text.hpp"
#include "sim/cli/commands.hpp"
#include "sim/config/network_config.hpp"
#include "sim/run/simulate.hpp"

namespace pagetoken {
namespace {

struct RunArguments {
  std::string config;
  Overrides overrides;
  std::vector<std::string> plugins;
  std::string output;
  std::string trace;
  bool json = false;
};

/// One file under two names of the command line would be lost to the other, however either is spelled.
void refuse_same_file(const std::string& option, const std::string& path, const std::string& other_option,
                      const std::string& other) {
  if (path.empty() || other.empty()) return;
  std::error_code error;  // of a path that cannot be resolved: whoever opens it says why
  const bool same = std::filesystem::weakly_canonical(path, error) == std::filesystem::weakly_canonical(other, error);
  if (same && !error)
    throw ConfigError(option, "", fmt::format("{} is the file of {} already", quote(path), other_option),
                      "another file");
}

ExitCode run(const RunArguments& arguments, const Cli& cli) {
  const ProtocolSet protocols(arguments.plugins);
  const RunConfig config = load_run_config(arguments.config, arguments.overrides, protocols.declarations());
  refuse_same_file("-o", arguments.output, "CONFIG", arguments.config);
  refuse_same_file("--trace", arguments.trace, "CONFIG", arguments.config);
  refuse_same_file("--trace", arguments.trace, "-o", arguments.output);
  std::unique_ptr<OutputFile> output;  // opened first: a place that cannot be written is found before the work is done
  std::unique_ptr<TraceWriter> trace;
  if (!arguments.output.empty()) output = std::make_unique<OutputFile>(arguments.output);
  if (!arguments.trace.empty()) trace = std::make_unique<TraceWriter>(arguments.trace);

  std::unique_ptr<Progress> progress;
  SimulateOptions options;
  options.trace = trace.get();
  options.tick = [&](std::uint64_t done, std::uint64_t total) {
    if (!progress)
      progress = std::make_unique<Progress>("run", "accesses", total, Progress::Options{.quiet = cli.quiet});
    progress->update(done);
    return !interrupted();
  };
  const Simulated result = simulate(config, protocols, options);
  if (progress) progress->clear();

  const Json summary = output || arguments.json ? summary_json(result) : Json();
  if (output) {
    output->write(summary.dump(2) + "\n");
    output->commit();
  }
  fmt::print("{}", arguments.json ? summary.dump(2) + "\n" : summary_text(result));
  if (result.outcome.partial) return ExitCode::interrupted;
  return exit_code_of(result.outcome.violation_count > 0, !config.oracle);
}

}  // namespace

void add_run(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand("run", "Runs one simulation and prints its summary.");
  command->add_option("CONFIG", arguments->config, "run configuration (JSON, comments allowed)")
      ->required()
      ->check(wrong_path);
  command->add_option("--set", arguments->overrides.set, "sets the key at a JSON pointer, e.g. /cluster/clients=8")
      ->type_name("POINTER=VALUE")
      ->allow_extra_args(false);
  command->add_option("--seed", arguments->overrides.seed, "of all random streams")->type_name("N")->check(wrong_seed);
  command
      ->add_option("--engine", arguments->overrides.engine,
                   "event: links unshared or fifo; simgrid: links and disks shared")
      ->type_name("ENGINE");
  command->add_option("--trace", arguments->trace, "writes every event as a line of JSON; compressed if named .zst")
      ->type_name("FILE")
      ->check(wrong_path);
  command->add_option("-o,--output", arguments->output, "writes the summary as JSON to a file")
      ->type_name("SUMMARY")
      ->check(wrong_path);
  command->add_option("--plugin", arguments->plugins, "loads a protocol from a shared library")
      ->type_name("SO")
      ->allow_extra_args(false);
  command->add_flag("--json", arguments->json, "prints the summary as JSON");
  command->footer(
      "SimGrid's models of the network, /simgrid/network_model: " + std::string(kModelHelp) +
      ".\n\n"
      "Exit codes: 0 nothing wrong found, 1 the oracle found a violation, 2 a mistake in the configuration, 4 no "
      "verdict:\n"
      "the oracle was turned off.\n\n"
      "Example:\n  pagetoken run configs/runs/uniform.json --set /protocol=ivy-dynamic --seed 7 -o summary.json");
  command->callback([arguments, &cli] { cli.command = [arguments, &cli] { return run(*arguments, cli); }; });
}

}  // namespace pagetoken
