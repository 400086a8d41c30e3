// pagetoken sweep: every point of a sweep, on all cores or all ranks, resumable.

#include "sim/cli/sweep.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "analysis/statistics/statistics.hpp"
#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/line_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/base/text.hpp"
#include "sim/base/time.hpp"
#include "sim/cli/sweep_point.hpp"
#include "sim/sweep/forked_workers.hpp"
#include "sim/sweep/relayed_workers.hpp"
#include "sim/sweep/schedule.hpp"
#include "sim/sweep/sweep_files.hpp"

namespace pagetoken {
namespace {

constexpr std::uint64_t kAskBeyond = 100'000;  // runs
constexpr std::size_t kPointsListed = 20;
constexpr std::size_t kPilots = 5;
constexpr double kPilotSeconds = 0.2;
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

std::vector<const Metric*> metrics_called(const std::vector<std::string>& names) {
  std::vector<const Metric*> found;
  std::vector<std::string_view> known;
  for (const Metric& metric : metrics()) known.push_back(metric.name);
  for (const std::string& name : names) {
    const Metric* metric = find_metric(name);
    if (!metric)
      throw ConfigError("--metric", "", fmt::format("unknown value {}", quote(name)), describe_allowed(name, known));
    found.push_back(metric);
  }
  return found;
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

std::string point_text(const Json& point) {
  std::string text;
  for (const auto& [pointer, value] : point.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : "  ", pointer,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

/// Seconds of CPU that all runs would take, from a few that are begun.
double estimate(const Sweep& sweep, const std::vector<std::uint64_t>& points, const ProtocolSet& protocols) {
  std::vector<std::uint64_t> pilots;
  for (std::size_t i = 0; i < std::min(kPilots, points.size()); ++i)
    pilots.push_back(points[i * (points.size() - 1) / std::max<std::size_t>(1, std::min(kPilots, points.size()) - 1)]);
  // Each in a process of its own: an engine may be good for one run only.
  ForkedWorkers worker(1, [&](const SweepTask& task, bool& spent) {
    spent = true;
    return fmt::format("{}", estimated_seconds(sweep, task.point, protocols, kPilotSeconds));
  });
  double sum = 0;
  std::size_t told = 0;
  for (const std::uint64_t point : pilots) {
    worker.give({point, 0});
    while (worker.unanswered() > 0 && !interrupted())
      for (const SweepReply& reply : worker.wait(std::chrono::milliseconds(100))) {
        const double seconds = reply.bytes.empty() ? NAN : std::strtod(reply.bytes.c_str(), nullptr);
        if (std::isnan(seconds)) continue;
        sum += seconds;
        ++told;
      }
  }
  const double runs = static_cast<double>(points.size()) * static_cast<double>(sweep.repetitions());
  return told == 0 ? NAN : runs * sum / static_cast<double>(told);
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
  const double seconds = estimate(sweep, points, protocols);
  if (std::isnan(seconds)) return ExitCode::ok;
  fmt::print("about {} of CPU time, {} with {} at a time (estimated from {} that were begun)\n",
             format_duration(static_cast<std::int64_t>(seconds * 1e9)),
             format_duration(static_cast<std::int64_t>(seconds * 1e9 / static_cast<double>(options.jobs))),
             options.jobs, std::min(kPilots, points.size()));
  return ExitCode::ok;
}

/// A sweep that goes on in a directory where one was begun.
class Session {
 public:
  Session(const Sweep& sweep, const SweepOptions& options, const ProtocolSet& protocols, Workers& workers)
      : sweep_(sweep),
        options_(options),
        protocols_(protocols),
        workers_(workers),
        metrics_(options.precision > 0 ? metrics_called(options.metrics) : std::vector<const Metric*>{}),
        directory_(options.output),
        record_(make_record()),
        index_(directory_.file(kResultsFile)),
        schedule_(make_schedule()) {}

  SweepOutcome run() {
    tell_damage(index_);
    require_same_sweep();
    write_sweep_record(directory_.path(), record_);
    LineAppender results(directory_.file(kResultsFile), index_.whole_bytes());
    LineAppender timings(directory_.file(kTimingsFile), whole_lines(directory_.file(kTimingsFile)));
    const auto began = std::chrono::steady_clock::now();
    Progress progress("sweep", "runs", 0, Progress::Options{.quiet = true});
    std::unique_ptr<Progress> shown;
    while (!schedule_.finished() && !interrupted()) {
      give();
      if (workers_.unanswered() == 0) {
        // All that was left had been made before; else nobody takes what is left, and nobody ever will.
        if (schedule_.finished() || interrupted()) break;
        throw std::logic_error("runs are left that no worker takes");
      }
      if (!shown)
        shown = std::make_unique<Progress>("sweep", "runs", schedule_.total() - outcome_.before,
                                           Progress::Options{.quiet = options_.quiet});
      for (SweepReply& reply : workers_.wait(std::chrono::milliseconds(100))) take(std::move(reply), results, timings);
      shown->update(schedule_.done_count() - outcome_.before);
    }
    if (shown) shown->clear();
    outcome_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    outcome_.total = schedule_.total();
    outcome_.done = schedule_.done_count();
    if (schedule_.finished()) put_in_order();
    return outcome_;
  }

 private:
  SweepRecord make_record() const {
    SweepRecord record{sweep_.json(), nullptr, options_.shard, true};
    if (options_.precision > 0)
      record.precision = {{"relative_half_width", options_.precision},
                          {"metrics", options_.metrics},
                          {"max_repetitions", options_.max_repetitions}};
    return record;
  }

  Schedule make_schedule() {
    std::optional<Expression> only;
    if (!options_.only.empty()) only = sweep_.condition(options_.only, "--only", "");
    std::vector<std::uint64_t> points = sweep_.points(only ? &*only : nullptr);
    if (points.empty()) throw ConfigError("--only", "", "leaves no point", "a condition that at least one point meets");
    const Shard shard = options_.shard;
    const std::uint64_t repetitions = sweep_.repetitions();
    const bool by_point = options_.precision > 0;  // who judges a point must have all of it
    Schedule::Mine mine = [shard, repetitions, by_point](const SweepTask& task, std::size_t position) {
      return (by_point ? position : position * repetitions + task.repetition) % shard.of == shard.index;
    };
    Schedule::MoreRepetitions more;
    if (options_.precision > 0)
      more = [this](std::uint64_t point, std::uint64_t made) { return more_repetitions(point, made); };
    return {std::move(points), repetitions, shard.of > 1 ? std::move(mine) : Schedule::Mine(), std::move(more)};
  }

  /// Gives out runs for as long as somebody is idle; those whose results are there are only counted.
  void give() {
    while (!interrupted() && workers_.wants()) {
      const std::optional<SweepTask> task = schedule_.next();
      if (!task) return;
      const std::string name = Sweep::run_name(sweep_.document(task->point), sweep_.seed(task->repetition));
      const ResultLine* line = index_.find(name);
      if (!line || (line->failed && options_.retry_failed)) {
        workers_.give(*task);
        continue;
      }
      ++outcome_.before;
      outcome_.failed += line->failed ? 1 : 0;
      outcome_.violated += line->violated ? 1 : 0;
      if (!metrics_.empty() && !line->failed) {
        std::vector<double> values;
        read_result(index_, *line, [&](const Value& value) {
          Section result(value);
          const Summary summary = bind_summary(result.written("summary", "a line that pagetoken sweep wrote"));
          for (const Metric* metric : metrics_) values.push_back(metric->of(summary));
        });
        note_metrics(*task, std::move(values));
      }
      schedule_.done(*task);
    }
  }

  void take(SweepReply reply, LineAppender& results, LineAppender& timings) {
    PointResult result;
    if (reply.death.empty())
      result = PointResult::unpack(reply.bytes);
    else
      result.line = failed_line(sweep_, reply.task, reply.death);
    const std::string name = Sweep::run_name(sweep_.document(reply.task.point), sweep_.seed(reply.task.repetition));
    const std::uint64_t offset = results.append(result.line);
    if (!result.timing.empty()) timings.append(result.timing);
    index_.add(name, {offset, result.line.size() - 1, result.failed(), result.violated});
    ++outcome_.made;
    outcome_.failed += result.failed() ? 1 : 0;
    outcome_.violated += result.violated ? 1 : 0;
    if (result.failed() && outcome_.failures.size() < SweepOutcome::kFailuresTold)
      outcome_.failures.push_back(fmt::format("{}: {}", point_text(sweep_.point(reply.task.point)),
                                              Json::parse(result.line)["error"].get<std::string>()));
    note_metrics(reply.task, std::move(result.metrics));
    schedule_.done(reply.task);
  }

  void note_metrics(const SweepTask& task, std::vector<double> values) {
    if (!metrics_.empty() && !values.empty()) measured_[task.point][task.repetition] = std::move(values);
  }

  std::uint64_t more_repetitions(std::uint64_t point, std::uint64_t made) {
    const auto found = measured_.find(point);
    if (found == measured_.end() || found->second.size() < made) return made;  // some failed: the rest would, too
    std::vector<std::vector<double>> series(metrics_.size());
    for (const auto& [repetition, values] : found->second)
      for (std::size_t m = 0; m < metrics_.size(); ++m)
        if (!std::isnan(values[m])) series[m].push_back(values[m]);
    std::erase_if(series, [&](const auto& values) { return values.size() < made; });
    return repetitions_wanted(series, options_.precision, options_.max_repetitions);
  }

  /// A sweep may be given more values or repetitions, not be turned into another one: nobody could tell whose the
  /// results are.
  void require_same_sweep() const {
    if (!std::filesystem::exists(directory_.file(kSweepFile))) {
      if (index_.lines().empty()) return;
      throw ConfigError(directory_.file(kSweepFile), "", "is missing, though there are results", "another directory");
    }
    const SweepRecord before = read_sweep_record(directory_.path());
    const bool same_shard = before.shard.of == record_.shard.of && before.shard.index == record_.shard.index;
    if (!same_shard && !index_.lines().empty())
      throw ConfigError("--shard", "", fmt::format("{} holds another part of the sweep", quote(options_.output)),
                        "a directory for each part, then pagetoken merge");
    if (before.sweep == record_.sweep) return;
    const std::vector<std::string> names = ordered_runs(sweep_, {&index_});
    const std::set<std::string> wanted(names.begin(), names.end());
    bool extends = varied_in(before) == varied_in(record_);
    for (const auto& [name, line] : index_.lines()) extends = extends && wanted.contains(name);
    if (extends) return;
    const Json change = Json::diff(before.sweep, record_.sweep);
    throw ConfigError(options_.output, "",
                      fmt::format("holds the results of another sweep, which differs at {}",
                                  change.front().at("path").get<std::string>()),
                      "the same sweep, one with more values or repetitions, or another directory");
  }
  std::set<std::string> varied_in(const SweepRecord& record) const {
    const std::string file = directory_.file(kSweepFile);
    Section sweep(Value(record.sweep, file, "/sweep"));
    std::set<std::string> pointers;
    for (const auto& [pointer, unused] : sweep.written("vary", "what pagetoken sweep writes").members())
      pointers.insert(pointer);
    return pointers;
  }

  static std::uint64_t whole_lines(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return 0;
    LineFile file(path, "the times of a sweep's runs");
    for (std::string_view line; file.next(line);) continue;
    return file.whole_bytes();
  }

  /// The file in the sweep's order, whoever made which line first.
  void put_in_order() {
    const std::vector<std::string> names = ordered_runs(sweep_, {&index_});
    std::uint64_t end = 0;
    bool in_order = index_.damaged().empty();
    std::size_t present = 0;
    for (const std::string& name : names) {
      const ResultLine* line = index_.find(name);
      if (!line) continue;
      ++present;
      in_order = in_order && line->offset == end;
      end = line->offset + line->bytes + 1;
    }
    std::error_code ignored;
    in_order = in_order && std::filesystem::file_size(directory_.file(kResultsFile), ignored) == end;
    if (!in_order) write_in_order(directory_.file(kResultsFile), names, {&index_});
    record_.partial = options_.only.empty() ? false : present < names.size();
    write_sweep_record(directory_.path(), record_);
  }

  const Sweep& sweep_;
  const SweepOptions& options_;
  const ProtocolSet& protocols_;
  Workers& workers_;
  std::vector<const Metric*> metrics_;
  SweepDirectory directory_;
  SweepRecord record_;
  ResultsIndex index_;
  std::map<std::uint64_t, std::map<std::uint64_t, std::vector<double>>> measured_;  ///< by point and repetition
  Schedule schedule_;
  SweepOutcome outcome_;
};

SweepWork work_of(const Sweep& sweep, const ProtocolSet& protocols, const SweepOptions& options) {
  const std::vector<const Metric*> wanted =
      options.precision > 0 ? metrics_called(options.metrics) : std::vector<const Metric*>{};
  return [&sweep, &protocols, wanted](const SweepTask& task, bool& spent) {
    spent = uses_up_process(sweep.document(task.point));
    return run_point(sweep, task, protocols, wanted).pack();
  };
}

ExitCode serve(Relay& relay, const SweepOptions& options, const ProtocolSet& protocols) {
  leave_interrupts_to_parent();  // that is, to rank 0
  try {
    const Sweep sweep = load_sweep(options.config, options.overrides, protocols.declarations());
    ForkedWorkers workers(1, work_of(sweep, protocols, options));
    serve_relay(relay, workers);
    return ExitCode::ok;
  } catch (const ConfigError&) {
    return ExitCode::usage;  // rank 0 reads the same files, and tells
  }
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
  if (relay && relay->rank() > 0) return serve(*relay, options, protocols);

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

std::size_t default_jobs() { return std::max(1u, std::thread::hardware_concurrency()); }

SweepOutcome run_sweep(const Sweep& sweep, const SweepOptions& options, const ProtocolSet& protocols, Relay* relay) {
  std::unique_ptr<Workers> workers;
  if (relay)
    workers = std::make_unique<RelayedWorkers>(*relay);
  else
    workers = std::make_unique<ForkedWorkers>(options.jobs, work_of(sweep, protocols, options));
  return Session(sweep, options, protocols, *workers).run();
}

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
