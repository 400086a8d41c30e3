// pagetoken check: every interleaving of a scenario.

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/check/cluster/audit.hpp"
#include "sim/check/report/check_list.hpp"
#include "sim/check/report/check_protocol.hpp"
#include "sim/check/report/check_report.hpp"
#include "sim/check/report/counterexample.hpp"
#include "sim/cli/check_matrix.hpp"
#include "sim/cli/commands.hpp"
#include "sim/config/overrides.hpp"

namespace pagetoken {
namespace {

struct CheckArguments {
  std::string config;
  std::vector<std::string> set;
  bool matrix = false;
  bool deep = false;
  std::string json;
  std::string counterexample;
  std::optional<std::uint64_t> max_states;
  std::uint32_t jobs = 0;
  bool fingerprint = false;
  bool symmetry = false;
  std::vector<std::string> plugins;
  bool worst_case = false;
  bool coverage = false;
  bool audit = false;
  bool update = false;
};

std::uint32_t jobs_of(const CheckArguments& arguments) {
  return arguments.jobs != 0 ? arguments.jobs : std::max(1u, std::thread::hardware_concurrency());
}

std::uint64_t max_states_of(const CheckArguments& arguments) {
  return arguments.max_states.value_or(ScenarioOptions{}.max_states);
}

ScenarioOptions options_of(const CheckArguments& arguments) {
  ScenarioOptions options;
  options.max_states = max_states_of(arguments);
  options.compare = arguments.fingerprint ? Compare::fingerprint : Compare::exact;
  options.stop = [] { return interrupted(); };
  return options;
}

std::unique_ptr<OutputFile> open_output(const std::string& path) {
  return path.empty() ? nullptr : std::make_unique<OutputFile>(path);
}

void write_json(OutputFile& file, const Json& json) {
  file.write(json.dump(2) + "\n");
  file.commit();
}

bool is_violated(const Exploration& found) { return found.verdict == Exploration::Verdict::violated; }
bool is_unknown(const Exploration& found) { return found.verdict == Exploration::Verdict::unknown; }

ExitCode exit_code(bool violated, bool unknown) {
  return interrupted() ? ExitCode::interrupted : exit_code_of(violated, unknown);
}
ExitCode exit_code(const Exploration& found) { return exit_code(is_violated(found), is_unknown(found)); }

/// How to go on.
void after_check(const CheckArguments& arguments, const Cli& cli, const Exploration& found) {
  if (cli.quiet) return;
  if (found.verdict == Exploration::Verdict::violated && !arguments.counterexample.empty())
    fmt::print("play it again: pagetoken replay {}\n", arguments.counterexample);
  if (found.verdict == Exploration::Verdict::unknown)
    fmt::print(stderr, "pagetoken: check: not explored to the end ({}){}\n", found.reason,
               found.reason == "actors" || found.reason == "stopped" ? "" : "; raise --max-states");
}

ExitCode check_matrix(const CheckArguments& arguments, const Cli& cli) {
  const std::vector<CheckConfig> configs = matrix_configs(matrix_guards(arguments.set));
  const std::unique_ptr<OutputFile> json = open_output(arguments.json);
  MatrixOptions options{options_of(arguments), jobs_of(arguments), cli.quiet};
  std::vector<CheckOutcome> outcomes = explore_all(configs, options);
  const std::string text = matrix_text(outcomes);
  std::string more;
  if (arguments.deep) {
    options.each.max_states = arguments.max_states.value_or(kDeepStates);
    std::vector<CheckOutcome> deep = explore_all(deep_configs(configs), options);
    more = deep_text(deep, outcomes);
    std::move(deep.begin(), deep.end(), std::back_inserter(outcomes));
  }
  if (json) {
    Json all = Json::array();
    for (const CheckOutcome& outcome : outcomes) all.push_back(check_result_json(outcome));
    write_json(*json, all);
  }
  if (json == nullptr || arguments.json != "-") fmt::print("{}{}", text, more);
  const auto any = [&](bool (*is)(const Exploration&)) {
    return std::any_of(outcomes.begin(), outcomes.end(), [&](const CheckOutcome& o) { return is(o.result.found); });
  };
  return exit_code(any(is_violated), any(is_unknown));
}

ExitCode check_worst_case(const CheckArguments& arguments, const ProtocolCheck& check) {
  const std::unique_ptr<OutputFile> json = open_output(arguments.json);
  const WorstCases worst =
      find_worst_cases(check, {.max_states = max_states_of(arguments), .stop = [] { return interrupted(); }});
  if (json) write_json(*json, worst_cases_json(worst));
  if (arguments.json != "-") fmt::print("{}", worst_cases_text(worst));
  return exit_code(is_violated(worst.alone.found) || is_violated(worst.concurrent.found),
                   !worst.alone.certified || !worst.concurrent.certified);
}

ExitCode check_protocol(const CheckArguments& arguments, const Json& config, const Cli& cli) {
  const ProtocolSet protocols(arguments.plugins);
  ProtocolOutcome outcome{bind_protocol_check(config, arguments.config, protocols), {}};
  if (arguments.worst_case) return check_worst_case(arguments, outcome.check);
  Audit audit;
  Coverage coverage;
  WrapMachine wrap;
  if (arguments.audit) wrap = [&](std::unique_ptr<Machine> machine) { return audit.around(std::move(machine)); };
  if (arguments.coverage) wrap = [&](std::unique_ptr<Machine> machine) { return coverage.around(std::move(machine)); };
  const std::unique_ptr<OutputFile> json = open_output(arguments.json);
  const std::unique_ptr<OutputFile> counterexample = open_output(arguments.counterexample);
  Progress progress("check", "programs", 0, Progress::Options{.quiet = cli.quiet});
  outcome.result = explore_protocol(outcome.check.spec, {.max_states = max_states_of(arguments),
                                                         .on_progress = [&](std::uint64_t n) { progress.update(n); },
                                                         .stop = [] { return interrupted(); },
                                                         .wrap = wrap});
  progress.clear();
  const Declaration& declaration = outcome.check.spec.factory->declaration();
  if (json) {
    Json all = protocol_result_json(outcome);
    if (arguments.coverage) all["coverage"] = coverage_json(coverage, declaration);
    if (arguments.audit) all["audit"] = {{"handlers_run", audit.runs()}, {"cases", audit.cases()}};
    write_json(*json, all);
  }
  if (arguments.json != "-") {
    fmt::print("{}", protocol_result_text(outcome));
    if (arguments.coverage) fmt::print("{}", coverage_text(coverage, declaration));
    if (arguments.audit)
      fmt::print("audit: {} handlers run, each three times; {} different states and events\n", audit.runs(),
                 audit.cases());
  }
  if (counterexample && is_violated(outcome.result.found))
    write_json(*counterexample, recorded_json(counterexample_of(outcome), outcome.result.found));
  after_check(arguments, cli, outcome.result.found);
  return exit_code(outcome.result.found);
}

/// Each check of a list; what counts is whether it finds what the list says.
ExitCode check_list(const CheckArguments& arguments, const std::string& text, const Json& config, const Cli& cli) {
  for (const auto& [asked, option] : {std::pair{arguments.worst_case, "--worst-case"},
                                      {arguments.coverage, "--coverage"},
                                      {arguments.audit, "--audit"},
                                      {!arguments.counterexample.empty(), "--counterexample"}})
    if (asked) throw ConfigError("check", "", fmt::format("{} of a list of checks", option), "a file with one check");
  const ProtocolSet protocols(arguments.plugins);
  const std::vector<ListedCheck> list = bind_check_list(config, arguments.config, protocols);
  const std::unique_ptr<OutputFile> json = open_output(arguments.json);
  const bool tells = arguments.json != "-" && !arguments.update;
  Progress progress("check", "checks", list.size(), Progress::Options{.quiet = cli.quiet});
  ScenarioOptions options = options_of(arguments);
  options.threads = std::min(jobs_of(arguments), 2u);
  std::vector<ListedResult> results;
  Json all = Json::array();
  bool violated = false, unknown = false;
  std::size_t expecting = 0, as_expected = 0;
  for (const ListedCheck& listed : list) {
    if (interrupted()) break;
    const ListedResult& result = results.emplace_back(run_listed(listed, options));
    progress.update(results.size());
    const bool expects = !listed.expected.verdict.is_null();
    if (expects) ++expecting;
    if (expects && result.differs.empty()) ++as_expected;
    violated |= !result.differs.empty() || (!expects && result.verdict == Exploration::Verdict::violated);
    unknown |= !expects && result.verdict == Exploration::Verdict::unknown;
    if (json) all.push_back(listed_json(listed, result));
    if (!tells) continue;
    progress.clear();
    fmt::print("{}", listed_text(listed, result));
  }
  progress.clear();
  if (tells && expecting > 0) fmt::print("{} of {} find what the file expects\n", as_expected, expecting);
  if (json) write_json(*json, all);
  if (arguments.update && !interrupted()) fmt::print("{}", updated_list(text, list, results));
  return exit_code(violated && !arguments.update, unknown);
}

ExitCode check_one(const CheckArguments& arguments, const Cli& cli) {
  const std::string text = read_config_text(arguments.config);
  Json config = parse_json(text, arguments.config);
  for (const std::string& assignment : arguments.set) apply_assignment(config, assignment, "--set");
  if (arguments.symmetry && config.is_object()) config["symmetry"] = true;
  if (is_check_list(config)) return check_list(arguments, text, config, cli);
  if (arguments.update) throw ConfigError("check", "", "--update of one check", "a file with a list \"checks\"");
  if (config.is_object() && config.value("scenario", Json()) == "protocol")
    return check_protocol(arguments, config, cli);
  for (const auto& [asked, option] : {std::pair{arguments.worst_case, "--worst-case"},
                                      {arguments.coverage, "--coverage"},
                                      {arguments.audit, "--audit"}})
    if (asked) throw ConfigError("check", "", fmt::format("{} of a VM scenario", option), "the scenario protocol");
  CheckOutcome outcome{bind_check(config, arguments.config), {}};
  const std::unique_ptr<OutputFile> json = open_output(arguments.json);
  const std::unique_ptr<OutputFile> counterexample = open_output(arguments.counterexample);

  Progress progress("check", "states", 0, Progress::Options{.quiet = cli.quiet});
  ScenarioOptions options = options_of(arguments);
  options.threads = std::min(jobs_of(arguments), 2u);
  options.on_progress = [&](std::uint64_t states) { progress.update(states); };
  outcome.result = explore_scenario(outcome.config.spec, options);
  progress.clear();

  if (json) write_json(*json, check_result_json(outcome));
  if (arguments.json != "-") fmt::print("{}", check_result_text(outcome));
  if (counterexample && is_violated(outcome.result.found))
    write_json(*counterexample, recorded_json(counterexample_of(outcome), outcome.result.found));
  after_check(arguments, cli, outcome.result.found);
  return exit_code(outcome.result.found);
}

ExitCode check(const CheckArguments& arguments, const Cli& cli) {
  if (arguments.matrix != arguments.config.empty())
    throw ConfigError("check", "", arguments.matrix ? "both CONFIG and --matrix" : "no CONFIG",
                      "a configuration, or --matrix for every guard preset and every VM scenario");
  if (arguments.worst_case + arguments.coverage + arguments.audit > (arguments.matrix ? 0 : 1))
    throw ConfigError("check", "", "options that exclude each other",
                      "one of --matrix, --worst-case, --coverage, --audit");
  if (!arguments.counterexample.empty() && (arguments.worst_case || arguments.audit))
    throw ConfigError("check", "", "--counterexample with --worst-case or --audit", "a check that looks for one path");
  if (arguments.update && (arguments.matrix || arguments.json == "-"))
    throw ConfigError("check", "", arguments.matrix ? "--update with --matrix" : "--update with --json -",
                      "a file with a list \"checks\", whose text it prints");
  if (arguments.deep && !arguments.matrix) throw ConfigError("check", "", "--deep without --matrix", "both");
  if (!arguments.matrix) return check_one(arguments, cli);
  if (!arguments.counterexample.empty())
    throw ConfigError("check", "", "--counterexample with --matrix",
                      "one configuration, whose counterexample is wanted");
  if (arguments.symmetry || !arguments.plugins.empty())
    throw ConfigError("check", "", arguments.symmetry ? "--symmetry with --matrix" : "--plugin with --matrix",
                      "the scenario protocol");
  return check_matrix(arguments, cli);
}

}  // namespace

void add_check(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = app.add_subcommand("check", "Explores every interleaving of a scenario.");
  command->add_option("CONFIG", arguments->config,
                      "what to check (JSON, comments allowed): see configs/checks; or a list \"checks\" of such");
  command->add_flag("--matrix", arguments->matrix, "every guard preset, with its variants, in every VM scenario");
  command->add_flag("--deep", arguments->deep,
                    "with --matrix, defaults and single switches again, with two rounds and two interferers");
  command->add_flag("--worst-case", arguments->worst_case,
                    "the most messages and hops of each elementary event, over every path (scenario protocol)");
  command->add_flag("--coverage", arguments->coverage,
                    "also the table of states and events that were met (scenario protocol)");
  command->add_flag("--audit", arguments->audit,
                    "runs each handler thrice and compares: nondeterminism, peeking (scenario protocol)");
  command->add_flag("--update", arguments->update,
                    "prints the file of a list of checks with what was found in place of what was expected");
  command
      ->add_option(
          "--set", arguments->set,
          "sets the key at a JSON pointer, e.g. /guard=frlock; with --matrix /guard alone, in place of presets")
      ->type_name("POINTER=VALUE")
      ->allow_extra_args(false);
  command->add_option("--json", arguments->json, "writes the result as JSON to a file; - is the standard output")
      ->type_name("FILE");
  command
      ->add_option("--counterexample", arguments->counterexample, "writes what replay needs, if there is a violation")
      ->type_name("FILE");
  command
      ->add_option("--max-states", arguments->max_states,
                   fmt::format("more end in unknown; {} by default, {} of what --deep repeats",
                               ScenarioOptions{}.max_states, kDeepStates))
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("-j,--jobs", arguments->jobs, "threads; all cores by default. The result is the same for any number")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  command->add_flag("--fingerprint", arguments->fingerprint, "tells states apart by 128 bits of hash, to save memory");
  command->add_flag("--symmetry", arguments->symmetry,
                    "explores one of what differs in the names of interchangeable clients and pages only; safety only");
  command->add_option("--plugin", arguments->plugins, "a shared library with a protocol; may be repeated")
      ->type_name("SO")
      ->expected(1)
      ->take_all();
  command->footer(
      "Exit codes: 0 nothing wrong found, 1 a violation, a deadlock or a livelock was found, 2 a mistake in the\n"
      "configuration, 4 nothing wrong found, but not everything was explored (a worst case is not certified).\n"
      "Of a list of checks: 1 if one finds something else than it says in \"verdict\", \"property\", \"steps\",\n"
      "\"states\" and \"transitions\".\n\n"
      "Example:\n  pagetoken check configs/checks/fault-truncate.json --set /guard=none --counterexample race.json\n"
      "  pagetoken replay race.json --html race.html\n"
      "  pagetoken check protocols/nocache/check.json");
  command->callback([arguments, &cli] { cli.command = [arguments, &cli] { return check(*arguments, cli); }; });
}

}  // namespace pagetoken
