// pagetoken demo: five protocols on one recorded workload.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/base/text.hpp"
#include "sim/base/time.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/demo_trace.hpp"
#include "sim/cli/simulate.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kProtocols[] = {"nocache", "dlm-file", "gpfs-range", "ivy-fixed", "ivy-dynamic"};
constexpr std::int64_t kPageBytes = 8192;

struct DemoArguments {
  std::string directory = "demo-report";
};

void write_file(const std::filesystem::path& path, std::string_view text) {
  OutputFile file(path.string());
  file.write(text);
  file.commit();
}

Simulated run_protocol(std::string_view protocol, const std::string& trace, const ProtocolSet& protocols,
                       const Cli& cli) {
  const Json config = {
      {"protocol", protocol},
      {"cluster", {{"page_bytes", kPageBytes}}},
      {"workload", {{"trace", trace}, {"format", "csv"}, {"order", "serial"}, {"page_bytes", kPageBytes}}}};
  std::unique_ptr<Progress> progress;
  SimulateOptions options;
  options.tick = [&](std::uint64_t done, std::uint64_t total) {
    if (!progress)
      progress =
          std::make_unique<Progress>(std::string(protocol), "accesses", total, Progress::Options{.quiet = cli.quiet});
    progress->update(done);
    return !interrupted();
  };
  return simulate(bind_run_config(config, "demo", protocols.declarations()), protocols, options);
}

std::vector<std::string> row_of(const Simulated& run) {
  const Statistics& s = run.outcome.statistics;
  const Histogram& fault = s.latency_ns[static_cast<std::size_t>(OperationKind::fault)];
  const double accesses = static_cast<double>(s.accesses);
  return {run.config.protocol.name,
          fmt::format("{:.3f}", static_cast<double>(s.messages) / accesses),
          format_percent(static_cast<double>(s.hits) / accesses),
          format_duration(fault.quantile(0.5)),
          format_duration(fault.quantile(0.99)),
          format_count(s.invalidations),
          std::string(verdict_of(run))};
}

std::vector<TextTable::Column> columns() {
  return {{"protocol"},
          {"messages/access", Align::right},
          {"hits", Align::right},
          {"fault p50", Align::right},
          {"fault p99", Align::right},
          {"invalidations", Align::right},
          {"verdict"}};
}

std::string explanation(const std::vector<Simulated>& runs) {
  const Simulated& run = runs.front();
  if (runs.back().outcome.partial)
    return "Interrupted: the last protocol is partial, and those that would follow it are not there.\n";
  return fmt::format(
      "The same {} page accesses of a PostgreSQL server under each protocol: {} processes, a client each,\n"
      "one access at a time in the order in which they were recorded, pages of 8 KiB, guard {}.\n"
      "Fewer messages and lower latencies are better; a fault is an access that had to ask for a token,\n"
      "an invalidation a copy lost to another client's write; verdict is what the oracle says of every access.\n",
      run.outcome.statistics.accesses, run.clients, run.config.guard.name);
}

std::string markdown(const std::vector<Simulated>& runs) {
  std::string out = "# Five page-token protocols on a PostgreSQL trace\n\n" + explanation(runs) + "\n|";
  for (const TextTable::Column& column : columns()) out += ' ' + column.title + " |";
  out += "\n|";
  for (const TextTable::Column& column : columns()) out += column.align == Align::right ? "---:|" : "---|";
  for (const Simulated& run : runs) out += "\n| " + fmt::format("{}", fmt::join(row_of(run), " | ")) + " |";
  out += fmt::format(
      "\n\nThe summary of each run is beside this file, with the configuration that made it. The recording had slowed\n"
      "the server five to six times: the order of the accesses and who shares which page are real, their rates are "
      "not.\n"
      "Made by `pagetoken demo`, version {}.\n",
      PAGETOKEN_VERSION);
  return out;
}

ExitCode demo(const DemoArguments& arguments, const Cli& cli) {
  const ProtocolSet protocols;
  const std::filesystem::path directory = arguments.directory;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw ConfigError(arguments.directory, "", "cannot be made: " + error.message(), "a directory");
  const std::string trace = (directory / kDemoTraceName).string();
  write_file(trace, demo_trace());

  std::vector<Simulated> runs;
  TextTable table(columns());
  ExitCode code = ExitCode::ok;
  for (const std::string_view protocol : kProtocols) {
    runs.push_back(run_protocol(protocol, trace, protocols, cli));
    const Simulated& run = runs.back();
    write_file(directory / (std::string(protocol) + ".json"), summary_json(run).dump(2) + "\n");
    table.add_row(row_of(run));
    if (run.outcome.violation_count > 0) code = ExitCode::violation;
    if (run.outcome.partial) {
      code = ExitCode::interrupted;
      break;
    }
  }
  write_file(directory / "comparison.md", markdown(runs));
  fmt::print("{}\n{}\n", explanation(runs), table.text());
  if (!cli.quiet)
    fmt::print("The comparison is in {}, the summaries beside it.\n", (directory / "comparison.md").string());
  return code;
}

}  // namespace

void add_demo(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<DemoArguments>();
  CLI::App* command = app.add_subcommand("demo", "Compares five protocols on the trace that is built in.");
  command->add_option("-o,--output", arguments->directory, "where the summaries and comparison.md go")
      ->type_name("DIR")
      ->capture_default_str();
  command->footer("Example:\n  pagetoken demo -o demo-report");
  command->callback([arguments, &cli] { cli.command = [arguments, &cli] { return demo(*arguments, cli); }; });
}

}  // namespace pagetoken
