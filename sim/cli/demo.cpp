// pagetoken demo: a sweep over protocols and token granularity on the recorded PostgreSQL trace, and its report.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "analysis/report/comparison.hpp"
#include "sim/base/error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/demo_trace.hpp"
#include "sim/cli/report.hpp"
#include "sim/sweep/session.hpp"

namespace pagetoken {
namespace {

constexpr std::int64_t kRecordedPageBytes = 8192;
/// Bytes that one token covers: a PostgreSQL page, and up to 128 of them.
constexpr std::int64_t kGranularities[] = {8192, 32768, 131072, 1048576};

struct DemoArguments {
  std::string directory = "demo-report";
  std::size_t jobs = default_jobs();
};

void write_file(const std::filesystem::path& path, std::string_view text) {
  OutputFile file(path.string());
  file.write(text);
  file.commit();
}

/// The sweep as a user would write it; the trace lies beside it.
Json sweep_json(const ProtocolSet& protocols) {
  Json names = Json::array();
  for (const Declaration* declaration : protocols.declarations()) names.push_back(declaration->name);
  return {{"title", "PostgreSQL under page tokens: which protocol, and how much should one token cover?"},
          {"base",
           {{"protocol", "ivy-fixed"},
            {"cluster", {{"page_bytes", kRecordedPageBytes}}},
            {"workload",
             {{"trace", kDemoTraceName}, {"format", "csv"}, {"order", "serial"}, {"page_bytes", kRecordedPageBytes}}}}},
          {"vary", {{"/protocol", names}, {"/cluster/page_bytes", kGranularities}}}};
}

/// One granularity as a table: a line a protocol.
std::string table_of(const Comparison& comparison, std::size_t slice) {
  static constexpr const char* kShown[] = {"messages_per_access", "hit_ratio",        "fault_p50_ns",
                                           "fault_p99_ns",        "bytes_per_access", "invalidations_per_access"};
  std::vector<TextTable::Column> columns{{"protocol"}};
  for (const char* name : kShown) columns.push_back({std::string(find_metric(name)->title), Align::right});
  columns.push_back({"verdict"});
  TextTable table(columns);
  for (std::size_t s = 0; s < comparison.series.values.size(); ++s) {
    const PointRecord* point = comparison.cell(s, slice);
    if (!point || point->runs.empty()) continue;
    std::vector<std::string> row{comparison.series.labels[s]};
    for (const char* name : kShown) {
      const Metric* metric = find_metric(name);
      const double value = comparison.interval(s, slice, static_cast<std::size_t>(metric - metrics().data())).mean;
      row.push_back(shown_as(metric->unit, value));
    }
    const RunRecord& run = point->runs.front();
    row.push_back(run.ran() ? run.verdict : "failed");
    table.add_row(row);
  }
  return table.text();
}

/// What a protocol costs at each granularity.
std::string granularity_table(const Comparison& comparison) {
  const auto metric = static_cast<std::size_t>(find_metric("messages_per_access") - metrics().data());
  std::vector<TextTable::Column> columns{{"messages an access"}};
  for (std::size_t slice = 0; slice < comparison.slices.size(); ++slice)
    columns.push_back({format_bytes(static_cast<std::uint64_t>(comparison.axes[0].number(slice))), Align::right});
  TextTable table(columns);
  for (std::size_t s = 0; s < comparison.series.values.size(); ++s) {
    std::vector<std::string> row{comparison.series.labels[s]};
    for (std::size_t slice = 0; slice < comparison.slices.size(); ++slice)
      row.push_back(shown_as(Unit::count, comparison.interval(s, slice, metric).mean));
    table.add_row(row);
  }
  return table.text();
}

/// Reads the results back, and puts the summary of each protocol at the recorded granularity beside them.
ResultSet read_results(const Sweep& sweep, const std::string& directory) {
  ResultSet results(directory);
  const ResultsIndex index(directory + "/" + std::string(kResultsFile));
  for (const std::string& run : ordered_runs(sweep, {&index})) {
    const ResultLine* found = index.find(run);
    if (!found) continue;
    read_result(index, *found, [&](const Value& value) {
      results.add_line(value);
      const Json* summary = find_at(value.json(), "/summary");
      const Json* protocol = find_at(value.json(), "/point/~1protocol");
      const Json* bytes = find_at(value.json(), "/point/~1cluster~1page_bytes");
      if (summary && protocol && protocol->is_string() && bytes && *bytes == kRecordedPageBytes)
        write_file(directory + "/" + protocol->get<std::string>() + ".json", summary->dump(2) + "\n");
    });
  }
  return results;
}

std::uint64_t accesses_of(const ResultSet& results) {
  for (const PointRecord& point : results.points())
    for (const RunRecord& run : point.runs)
      if (run.ran()) return static_cast<std::uint64_t>(run.accesses);
  return 0;
}

ExitCode demo(const DemoArguments& arguments, const Cli& cli) {
  const ProtocolSet protocols;
  const std::filesystem::path directory = arguments.directory;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw ConfigError(arguments.directory, "", "cannot be made: " + error.message(), "a directory");
  write_file(directory / kDemoTraceName, demo_trace());
  const std::string config = (directory / "demo.json").string();
  write_file(config, sweep_json(protocols).dump(2) + "\n");

  SweepOptions options;
  options.config = config;
  options.output = arguments.directory;
  options.jobs = arguments.jobs;
  options.quiet = cli.quiet;
  const Sweep sweep = load_sweep(config, {}, protocols.declarations());
  const SweepOutcome outcome = run_sweep(sweep, options, protocols, nullptr);
  if (!outcome.finished()) {
    fmt::print("Interrupted: {} of {} runs are in {}, and the same command goes on.\n", outcome.done, outcome.total,
               arguments.directory);
    return ExitCode::interrupted;
  }

  ReportOptions report;
  report.inputs = {arguments.directory};
  report.html = (directory / "report.html").string();
  report.markdown = (directory / "comparison.md").string();
  report.csv = (directory / "runs.csv").string();
  report.command = fmt::format("pagetoken demo -o {}", arguments.directory);
  write_report(report, protocols);

  const ResultSet results = read_results(sweep, arguments.directory);
  const Comparison comparison(results, "");
  fmt::print(
      "The same {} page accesses of a PostgreSQL server under each protocol: a client for each of its processes, one\n"
      "access at a time in the order in which they were recorded. With tokens for pages of {}:\n\n{}\n"
      "How much should one token cover? Pages of PostgreSQL that share a token are shared by more clients:\n\n{}\n",
      accesses_of(results), format_bytes(kRecordedPageBytes), table_of(comparison, 0), granularity_table(comparison));
  if (!cli.quiet)
    fmt::print("The report is {}; the results and the sweep that made them are beside it.\n", report.html);
  return outcome.failed + outcome.violated > 0 ? ExitCode::violation : ExitCode::ok;
}

}  // namespace

void add_demo(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<DemoArguments>();
  CLI::App* command = app.add_subcommand("demo", "Compares all protocols on the trace that is built in.");
  command->add_option("-o,--output", arguments->directory, "where the results and report.html go")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("-j,--jobs", arguments->jobs, "processes at a time; all cores by default")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  command->footer("Example:\n  pagetoken demo -o demo-report");
  command->callback([arguments, &cli] { cli.command = [arguments, &cli] { return demo(*arguments, cli); }; });
}

}  // namespace pagetoken
