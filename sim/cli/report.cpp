// pagetoken report: one page that compares.

#include "sim/cli/report.hpp"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <istream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "analysis/report/page.hpp"
#include "sim/base/error.hpp"
#include "sim/base/input_file.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/cli/catalogue.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/fault_watch.hpp"
#include "sim/cli/sweep_files.hpp"

namespace pagetoken {
namespace {

/// Runs with more accesses than this are not made again for a picture.
constexpr double kMostWatchedAccesses = 2e6;

double seconds_in(const std::string& path) {
  double seconds = 0;
  InputFile input(path);
  if (!input.is_open()) return 0;
  InputBuffer buffer(input);
  std::istream file(&buffer);
  file.exceptions(std::ios::badbit);
  for (std::string line; std::getline(file, line);) {
    const Json timing = Json::parse(line, nullptr, false);
    if (timing.is_object() && timing.contains("perf")) seconds += timing["perf"].value("wall_s", 0.0);
  }
  return seconds;
}

ResultSet results_of_directory(const std::string& directory, const ProtocolSet& protocols) {
  const SweepRecord record = read_sweep_record(directory);
  const std::string file = directory + "/" + std::string(kSweepFile);
  const Sweep sweep(record.sweep, file, file, protocols.declarations());
  const ResultsIndex index(directory + "/" + std::string(kResultsFile));
  tell_damage(index);
  ResultSet results(directory);
  results.describe(record.sweep);
  std::size_t missing = 0;
  for (const std::string& run : ordered_runs(sweep, {&index})) {
    const ResultLine* line = index.find(run);
    if (line)
      results.add_line(Json::parse(index.read(*line)));
    else
      ++missing;
  }
  results.add_wall_seconds(seconds_in(directory + "/" + std::string(kTimingsFile)));
  if (results.points().empty()) throw ConfigError(directory, "", "has no results", "a directory that sweep has filled");
  if (missing > 0)
    fmt::print(stderr, "pagetoken: {}: {} runs are missing; the report is of the others\n", one_line(directory),
               missing);
  return results;
}

Json read_summary(const std::string& path) {
  Json json = read_json_file(path);
  if (json.is_object() && json.contains("summary")) json = Json(std::move(json["summary"]));
  if (!json.is_object() || !json.contains("config") || !json.contains("counts"))
    throw ConfigError(path, "", "is no summary", "what run -o wrote, or the directory of a sweep");
  if (const Json version = json.value("version", Json()); version != PAGETOKEN_VERSION)
    throw ConfigError(path, "/version", fmt::format("this summary was made by pagetoken {}", shown(version)),
                      "summaries of pagetoken " PAGETOKEN_VERSION);
  return json;
}

/// Directories each as a set of its own; all summaries together as one.
std::vector<ResultSet> read_results(const ReportOptions& options, const ProtocolSet& protocols) {
  std::vector<ResultSet> sets;
  std::vector<Json> summaries;
  for (const std::string& input : options.inputs) {
    if (std::filesystem::is_directory(input))
      sets.push_back(results_of_directory(input, protocols));
    else
      summaries.push_back(read_summary(input));
  }
  if (!summaries.empty()) {
    sets.emplace_back(fmt::format("{} summaries", summaries.size()));
    sets.back().add_summaries(summaries);
  }
  if (sets.size() > 2)
    throw ConfigError("report", "", fmt::format("{} sets of results", sets.size()),
                      "one, or two of the same sweep: before and after");
  return sets;
}

/// What check --worst-case found: of operations alone, and at once where they cost more.
void add_worst_cases(const Json& json, std::vector<CertifiedCost>& certified) {
  const auto number = [](const Json& cost, const char* key) {
    return cost[key].is_number() ? cost[key].get<double>() : INFINITY;
  };
  for (const auto& [how, words] :
       {std::pair{"alone", "one operation after another"}, {"concurrent", "operations at once"}}) {
    if (!json.value(how, Json()).is_object() || !json[how].value("certified", false)) continue;
    for (const auto& [event, costs] : json["events"].items()) {
      const Json cost = costs.value(how, Json());
      if (!cost.is_object()) continue;
      certified.push_back({json["protocol"], event, number(cost, "messages_least"), number(cost, "messages"),
                           number(cost, "hops"),
                           fmt::format("{} nodes, {} page{}, {}", json["nodes"].dump(), json["pages"].dump(),
                                       json["pages"] == 1 ? "" : "s", words)});
    }
  }
}

void add_exploration(const Json& json, ReportContents& contents) {
  if (json.is_array()) {
    for (const Json& element : json) add_exploration(element, contents);
    return;
  }
  if (!json.is_object() || !json.contains("verdict")) return;
  if (json.value("kind", "") == "worst-case") return add_worst_cases(json, contents.certified);
  const auto text = [&](const char* key) {
    const Json value = json.value(key, Json());
    return value.is_string() ? value.get<std::string>() : value.is_object() ? value.value("name", "") : std::string();
  };
  contents.explorations.push_back({text("protocol"),
                                   text("scenario") + (text("guard").empty() ? "" : ", guard " + text("guard")),
                                   text("verdict"), json.value("states", std::uint64_t{0})});
}

/// The typical and the worst fault of the first place of each series, from runs that are made again and watched.
std::vector<FaultSequence> sequences_of(const ResultSet& results, const std::string& baseline,
                                        const ProtocolSet& protocols) {
  std::vector<FaultSequence> sequences;
  const Comparison comparison(results, baseline);
  for (std::size_t s = 0; s < comparison.series.values.size(); ++s) {
    for (std::size_t slice = 0; slice < comparison.slices.size(); ++slice) {
      const PointRecord* point = comparison.cell(s, slice);
      if (!point || point->config.is_null() || point->runs.empty() || !point->runs.front().ran()) continue;
      const RunRecord& run = point->runs.front();
      if (run.faults == 0 || run.faults > kMostWatchedAccesses || point->config.value("engine", "") != "event")
        continue;
      const Json stop = point->config.value("stop", Json::object());
      if (stop.value("accesses", 0.0) > kMostWatchedAccesses) continue;
      FaultWatch watch(static_cast<std::int64_t>(run.quantiles_ns.front()),
                       static_cast<std::int64_t>(run.quantiles_ns.back()));
      try {
        const Simulated again = simulate(bind_run_config(point->config, results.name(), protocols.declarations()),
                                         protocols, {.watch = &watch});
        std::string who = comparison.series.labels[s];
        if (comparison.slices.size() > 1) who += " (" + comparison.slice_label(slice) + ")";
        for (FaultSequence& sequence : watch.sequences(who, again)) sequences.push_back(std::move(sequence));
      } catch (const ConfigError&) {
        // A trace that is not here any more: there is no picture.
      }
      break;
    }
  }
  return sequences;
}

void write(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  OutputFile file(path);
  file.write(text);
  file.commit();
}

ExitCode report(ReportOptions options, const Cli& cli) {
  if (options.html.empty() && options.markdown.empty() && options.csv.empty())
    throw ConfigError("report", "", "there is nothing to write", "-o FILE.html, --markdown FILE or --csv FILE");
  const ProtocolSet protocols(options.plugins);
  options.command = "pagetoken report";
  for (const std::string& input : options.inputs) options.command += " " + input;
  if (!options.baseline.empty()) options.command += " --baseline '" + options.baseline + "'";
  if (!options.html.empty()) options.command += " -o " + options.html;
  write_report(options, protocols);
  if (!cli.quiet && !options.html.empty() && options.html != "-") fmt::print("the report is in {}\n", options.html);
  return ExitCode::ok;
}

}  // namespace

void write_report(const ReportOptions& options, const ProtocolSet& protocols) {
  const std::vector<ResultSet> sets = read_results(options, protocols);
  ReportContents contents;
  contents.results = &sets.back();
  if (sets.size() == 2) contents.before = &sets.front();
  contents.baseline = options.baseline;
  contents.program_version = PAGETOKEN_VERSION;
  contents.command = options.command;
  const Comparison comparison(*contents.results, options.baseline);
  if (!options.baseline.empty() && comparison.series.labels[comparison.baseline] != options.baseline)
    throw ConfigError("--baseline", "", fmt::format("unknown value {}", quote(options.baseline)),
                      describe_allowed(options.baseline, comparison.series.labels));
  for (const CatalogueEntry& entry : catalogue(protocols.declarations()))
    if (entry.kind == Kind::protocol)
      contents.promises[entry.name] = described(entry, protocols.declarations()).value("consistency", "");
  for (const std::string& check : options.checks) add_exploration(read_json_file(check), contents);
  if (!options.no_sequences && !options.html.empty())
    contents.sequences = sequences_of(*contents.results, options.baseline, protocols);
  if (!options.html.empty()) write(options.html, report_html(contents));
  if (!options.markdown.empty()) write(options.markdown, report_markdown(contents));
  if (!options.csv.empty()) write(options.csv, report_csv(contents));
}

void add_report(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand("report", "Compares protocols: one self-contained page.");
  command->add_option("INPUT", options->inputs, "directory of a sweep (two: before and after), or summaries")
      ->required();
  command->add_option("-o,--output", options->html, "the page")->type_name("FILE.html");
  command->add_option("--markdown", options->markdown, "tables as Markdown")->type_name("FILE");
  command->add_option("--csv", options->csv, "a line a run")->type_name("FILE");
  command->add_option("--baseline", options->baseline, "what the others are compared with; the first by default")
      ->type_name("NAME");
  command->add_option("--check", options->checks, "adds what check --json found")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--no-sequences", options->no_sequences, "does not run points again for pictures of single faults");
  command->add_option("--plugin", options->plugins, "loads a protocol from a shared library")
      ->type_name("SO")
      ->allow_extra_args(false);
  command->footer("Example:\n  pagetoken report disjoint -o report.html --csv report.csv");
  command->callback([options, &cli] { cli.command = [options, &cli] { return report(*options, cli); }; });
}

}  // namespace pagetoken
