// pagetoken sweep: every point of a sweep, on all cores or all ranks, resumable.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/text.hpp"
#include "sim/base/time.hpp"
#include "sim/cli/commands.hpp"
#include "sim/sweep/relayed_workers.hpp"
#include "sim/sweep/session.hpp"

namespace pagetoken {
namespace {

constexpr std::uint64_t kAskBeyond = 100'000;  // runs
constexpr std::size_t kPointsListed = 20;
constexpr const char* kDefaultMetrics[] = {"messages_per_access", "fault_mean_ns"};

struct SweepArguments {
  SweepOptions options;
  std::string shard;
  bool dry_run = false;
};

Shard shard_of(const std::string& text) {
  if (text.empty()) return {};
  std::uint64_t index = 0;
  std::uint64_t of = 0;
  int read = 0;
  const bool ok = std::sscanf(text.c_str(), "%20lu/%20lu%n", &index, &of, &read) == 2;
  if (!ok || static_cast<std::size_t>(read) != text.size() || of == 0 || index == 0 || index > of ||
      text.front() == '-')
    throw ConfigError("--shard", "", fmt::format("{} is no part", quote(text)),
                      "i/n with i from 1 to n, for instance 2/8");
  return {index % of, of};
}

/// Runs that no user means to start: asks at a terminal, and refuses elsewhere.
void require_intended(std::uint64_t points, std::uint64_t repetitions, const SweepOptions& options) {
  const double runs = static_cast<double>(points) * static_cast<double>(repetitions);
  if (runs <= static_cast<double>(kAskBeyond) || options.yes) return;
  const std::string what = fmt::format("{:.4g} runs ({} points, {} repetitions each)", runs, points, repetitions);
  if (!::isatty(STDIN_FILENO) || !::isatty(STDERR_FILENO))
    throw ConfigError(options.config, "/vary", what + " are more than one starts by mistake",
                      fmt::format("at most {}, or --yes", kAskBeyond));
  fmt::print(stderr, "pagetoken: {}: start them? [y/N] ", what);
  char line[16] = {};
  const std::string_view answer = std::fgets(line, sizeof line, stdin) ? line : "";
  stop_if_interrupted();
  if (answer != "y\n" && answer != "Y\n" && answer != "yes\n")
    throw ConfigError(options.config, "/vary", what + " were not wanted", "fewer values, or a constraint");
}

ExitCode list(const Sweep& sweep, const SweepOptions& options, const ProtocolSet& protocols) {
  const Expression* none = nullptr;
  std::optional<Expression> only;
  if (!options.only.empty()) only = sweep.condition(options.only, "--only", "");
  const std::vector<std::uint64_t> points = sweep.points(only ? &*only : none);
  if (!sweep.title().empty()) fmt::print("{}\n", one_line(sweep.title()));
  for (std::size_t i = 0; i < std::min(points.size(), kPointsListed); ++i)
    fmt::print("  {}\n", one_line(point_text(sweep.point(points[i]))));
  if (points.size() > kPointsListed) fmt::print("  and {} more\n", points.size() - kPointsListed);
  fmt::print("{} points, {} repetitions each: {} runs\n", points.size(), sweep.repetitions(),
             points.size() * sweep.repetitions());
  if (points.empty()) return ExitCode::ok;
  const double seconds = estimated_seconds(sweep, points, protocols);
  if (std::isnan(seconds)) return ExitCode::ok;
  fmt::print("about {} of CPU time, {} with {} at a time (estimated from {} that were begun)\n",
             format_duration(static_cast<std::int64_t>(seconds * 1e9)),
             format_duration(static_cast<std::int64_t>(seconds * 1e9 / static_cast<double>(options.jobs))),
             options.jobs, std::min(kSweepPilots, points.size()));
  return ExitCode::ok;
}

std::string told(const SweepOutcome& outcome) {
  std::string text = fmt::format("{} of {} runs are there: {} made in {}", outcome.done, outcome.total, outcome.made,
                                 format_duration(static_cast<std::int64_t>(outcome.seconds * 1e9)));
  if (outcome.before > 0) text += fmt::format(", {} from before", outcome.before);
  text += fmt::format("; {} failed, {} with violations\n", outcome.failed, outcome.violated);
  for (const std::string& failure : outcome.failures) text += fmt::format("  failed: {}\n", one_line(failure, 300));
  if (outcome.failed > outcome.failures.size())
    text += fmt::format("  {} failed in all; --retry-failed makes them again\n", outcome.failed);
  return text;
}

ExitCode sweep(SweepArguments arguments, const Cli& cli) {
  SweepOptions& options = arguments.options;
  options.quiet = cli.quiet;
  options.shard = shard_of(arguments.shard);
  if (options.metrics.empty()) options.metrics.assign(std::begin(kDefaultMetrics), std::end(kDefaultMetrics));
  metrics_called(options.metrics);
  const ProtocolSet protocols(options.plugins);
  std::unique_ptr<Relay> relay;
  if (!arguments.dry_run) relay = Relay::join();
  if (relay && relay->rank() > 0) return serve_sweep(*relay, options, protocols) ? ExitCode::ok : ExitCode::usage;

  const Sweep sweep = load_sweep(options.config, options.overrides, protocols.declarations());
  require_intended(sweep.grid_size(), sweep.repetitions(), options);
  if (arguments.dry_run) return list(sweep, options, protocols);
  if (options.output.empty())
    throw ConfigError("sweep", "", "--output is required", "-o DIR, where the results go; or --dry-run");
  const SweepOutcome outcome = run_sweep(sweep, options, protocols, relay.get());
  fmt::print("{}", told(outcome));
  if (!outcome.finished()) {
    fmt::print("interrupted: the same command goes on\n");
    return ExitCode::interrupted;
  }
  if (!cli.quiet)
    fmt::print("results: {0}/{1}   next: pagetoken report {0} -o report.html\n", options.output, kResultsFile);
  return outcome.failed + outcome.violated > 0 ? ExitCode::violation : ExitCode::ok;
}

}  // namespace

void add_sweep(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<SweepArguments>();
  SweepOptions& options = arguments->options;
  options.jobs = default_jobs();
  CLI::App* command = app.add_subcommand("sweep", "Runs all points of a sweep, in parallel; resumable.");
  command->add_option("CONFIG", options.config, "sweep configuration (JSON, comments allowed)")->required();
  command->add_option("-o,--output", options.output, "where the results go; the same command goes on there")
      ->type_name("DIR");
  command->add_option("-j,--jobs", options.jobs, "processes at a time; all cores by default")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  command
      ->add_option("--set", options.overrides.set, "sets a key of the sweep (/repetitions=3), or else of its base run")
      ->type_name("POINTER=VALUE")
      ->allow_extra_args(false);
  command->add_option("--seed", options.overrides.seed, "of the first repetition")->type_name("N");
  command->add_option("--engine", options.overrides.engine, "event or simgrid")->type_name("NAME");
  command->add_flag("--dry-run", arguments->dry_run, "lists the points and estimates the time");
  command->add_option("--only", options.only, "the points that meet a condition, as in \"constraint\"")
      ->type_name("CONDITION");
  command->add_option("--shard", arguments->shard, "part i of n, for merge to put together")->type_name("i/n");
  command->add_flag("--retry-failed", options.retry_failed, "makes runs again that failed");
  command->add_option("--precision", options.precision, "adds repetitions until 95 % intervals are this narrow, of 1")
      ->type_name("P")
      ->check(CLI::Range(1e-6, 1.0));
  command->add_option("--metric", options.metrics, "what --precision looks at (messages_per_access and fault_mean_ns)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--max-repetitions", options.max_repetitions, "no more than these for --precision")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(2, 1'000'000));
  command->add_option("--plugin", options.plugins, "loads a protocol from a shared library")
      ->type_name("SO")
      ->allow_extra_args(false);
  command->add_flag("--yes", options.yes, "does not ask before very many runs");
  command->footer(
      "Under mpirun, rank 0 hands the points to the other ranks.\n"
      "Exit codes: 0 nothing wrong found, 1 a violation was found or a run failed, 2 a mistake in the configuration,\n"
      "130 interrupted.\n\n"
      "Example:\n  pagetoken sweep configs/sweeps/disjoint-writers.json -o disjoint -j 2");
  command->callback([arguments, &cli] { cli.command = [arguments, &cli] { return sweep(*arguments, cli); }; });
}

}  // namespace pagetoken
