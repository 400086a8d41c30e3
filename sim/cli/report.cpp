// pagetoken report: one page that compares.

#include "sim/cli/report.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "analysis/report/check_results.hpp"
#include "analysis/report/document.hpp"
#include "analysis/report/fault_watch.hpp"
#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/base/version.hpp"
#include "sim/cli/commands.hpp"
#include "sim/describe/catalogue.hpp"
#include "sim/run/simulate.hpp"
#include "sim/sweep/sweep_files.hpp"

namespace pagetoken {
namespace {

/// Runs with more accesses than this are not made again for a picture.
constexpr std::int64_t kMostWatchedAccesses = 2'000'000;

ResultSet results_of_directory(const std::string& directory, const ProtocolSet& protocols) {
  const SweepRecord record = read_sweep_record(directory);
  const Sweep sweep = recorded_sweep(record, directory, protocols.declarations());
  const ResultsIndex index(directory + "/" + std::string(kResultsFile));
  tell_damage(index);
  ResultSet results(directory);
  results.describe(sweep.title());
  std::size_t missing = 0;
  for (const std::string& run : ordered_runs(sweep, {&index})) {
    if (const ResultLine* line = index.find(run))
      read_result(index, *line, [&](const Value& value) { results.add_line(value); });
    else
      ++missing;
  }
  read_timings(directory, [&](std::string_view, double wall_s) { results.add_wall_seconds(wall_s); });
  if (results.points().empty()) throw ConfigError(directory, "", "has no results", "a directory that sweep has filled");
  if (missing > 0)
    fmt::print(stderr, "pagetoken: {}: {} runs are missing; the report is of the others\n", one_line(directory),
               missing);
  return results;
}

/// What run -o wrote, or a line of a sweep's results.
Summary read_summary(const std::string& path) {
  const Json json = read_json_file(path);
  const Json* found = json.is_object() ? find_at(json, "/summary") : nullptr;
  const Value value = found ? Value(*found, path, "/summary") : Value(json, path);
  if (!value.json().is_object() || !value.json().contains("config") || !value.json().contains("counts"))
    value.fail("is no summary", "what run -o wrote, or the directory of a sweep");
  Section section(value);
  const Value version = section.written("version", "what pagetoken run -o writes");
  if (version.text() != kVersion)
    version.fail(fmt::format("this summary was made by pagetoken {}", shown(version.json())),
                 fmt::format("summaries of pagetoken {}", kVersion));
  return bind_summary(value);
}

/// Directories each as a set of its own; all summaries together as one.
std::vector<ResultSet> read_results(const ReportOptions& options, const ProtocolSet& protocols) {
  std::vector<ResultSet> sets;
  std::vector<Summary> summaries;
  for (const std::string& input : options.inputs) {
    if (std::filesystem::is_directory(input))
      sets.push_back(results_of_directory(input, protocols));
    else
      summaries.push_back(read_summary(input));
  }
  if (!summaries.empty()) {
    sets.emplace_back(fmt::format("{} summaries", summaries.size()));
    sets.back().add_summaries(std::move(summaries));
  }
  if (sets.size() > 2)
    throw ConfigError("report", "", fmt::format("{} sets of results", sets.size()),
                      "one, or two of the same sweep: before and after");
  return sets;
}

/// Makes a run again, to look at its faults. Nothing where it cannot be made: its trace may not be here any more.
std::vector<FaultSequence> watched(const PointRecord& point, const std::string& who, const std::string& origin,
                                   const ProtocolSet& protocols) {
  const RunRecord& run = point.runs.front();
  try {
    const RunConfig config = bind_run_config(point.config->whole, origin, protocols.declarations());
    if (config.engine != Engine::event) return {};
    if (config.warmup_accesses + config.stop.accesses.value_or(0) > kMostWatchedAccesses) return {};
    FaultWatch watch(static_cast<std::int64_t>(run.quantiles_ns.front()),
                     static_cast<std::int64_t>(run.quantiles_ns.back()));
    // What the file says of the run's length is not trusted: it may have been written by hand.
    const auto goes_on = [](std::uint64_t done, std::uint64_t) {
      return done <= static_cast<std::uint64_t>(kMostWatchedAccesses) && !interrupted();
    };
    const Simulated again = simulate(config, protocols, {.watch = &watch, .tick = goes_on});
    return watch.sequences(who, again.nodes);
  } catch (const ConfigError&) {
    return {};
  }
}

/// The typical and the worst fault of the first place of each series, from runs that are made again and watched.
std::vector<FaultSequence> sequences_of(const ResultSet& results, const std::string& baseline,
                                        const ProtocolSet& protocols) {
  std::vector<FaultSequence> sequences;
  const Comparison comparison(results, baseline);
  for (std::size_t s = 0; s < comparison.series.values.size(); ++s) {
    for (std::size_t slice = 0; slice < comparison.slices.size(); ++slice) {
      const PointRecord* point = comparison.cell(s, slice);
      if (!point || !point->config || point->runs.empty() || !point->runs.front().ran()) continue;
      const RunRecord& run = point->runs.front();
      if (run.faults == 0 || run.faults > static_cast<double>(kMostWatchedAccesses)) continue;
      if (point->config->engine != "event") continue;
      std::string who = comparison.series.labels[s];
      if (comparison.slices.size() > 1) who += " (" + comparison.slice_label(slice) + ")";
      for (FaultSequence& sequence : watched(*point, who, results.name(), protocols))
        sequences.push_back(std::move(sequence));
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
  contents.program_version = kVersion;
  contents.command = options.command;
  const Comparison comparison(*contents.results, options.baseline);
  if (!options.baseline.empty() && comparison.series.labels[comparison.baseline] != options.baseline)
    throw ConfigError("--baseline", "", fmt::format("unknown value {}", quote(options.baseline)),
                      describe_allowed(options.baseline, comparison.series.labels));
  for (const CatalogueEntry& entry : catalogue(protocols.declarations()))
    if (entry.kind == Kind::protocol)
      contents.promises[entry.name] = described(entry, protocols.declarations()).value("consistency", "");
  for (const std::string& check : options.checks) {
    const Json json = read_json_file(check);
    add_check_results(Value(json, check), contents);
  }
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
