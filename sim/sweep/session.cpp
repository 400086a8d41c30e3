#include "sim/sweep/session.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "analysis/statistics/statistics.hpp"
#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/line_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/base/text.hpp"
#include "sim/sweep/forked_workers.hpp"
#include "sim/sweep/relayed_workers.hpp"
#include "sim/sweep/schedule.hpp"
#include "sim/sweep/sweep_point.hpp"

namespace pagetoken {
namespace {

constexpr double kPilotSeconds = 0.2;

/// A sweep that goes on in a directory where one was begun.
class Session {
 public:
  Session(const Sweep& sweep, const SweepOptions& options, Workers& workers)
      : sweep_(sweep),
        options_(options),
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
      for (const SweepReply& reply : workers_.wait(std::chrono::milliseconds(100))) take(reply, results, timings);
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

  void take(const SweepReply& reply, LineAppender& results, LineAppender& timings) {
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

}  // namespace

std::size_t default_jobs() { return std::max(1u, std::thread::hardware_concurrency()); }

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

std::string point_text(const Json& point) {
  std::string text;
  for (const auto& [pointer, value] : point.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : "  ", pointer,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

double estimated_seconds(const Sweep& sweep, const std::vector<std::uint64_t>& points, const ProtocolSet& protocols) {
  std::vector<std::uint64_t> pilots;
  for (std::size_t i = 0; i < std::min(kSweepPilots, points.size()); ++i)
    pilots.push_back(
        points[i * (points.size() - 1) / std::max<std::size_t>(1, std::min(kSweepPilots, points.size()) - 1)]);
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

SweepOutcome run_sweep(const Sweep& sweep, const SweepOptions& options, const ProtocolSet& protocols, Relay* relay) {
  std::unique_ptr<Workers> workers;
  if (relay)
    workers = std::make_unique<RelayedWorkers>(*relay);
  else
    workers = std::make_unique<ForkedWorkers>(options.jobs, work_of(sweep, protocols, options));
  return Session(sweep, options, *workers).run();
}

bool serve_sweep(Relay& relay, const SweepOptions& options, const ProtocolSet& protocols) {
  leave_interrupts_to_parent();  // that is, to rank 0
  try {
    const Sweep sweep = load_sweep(options.config, options.overrides, protocols.declarations());
    ForkedWorkers workers(1, work_of(sweep, protocols, options));
    serve_relay(relay, workers);
    return true;
  } catch (const ConfigError&) {
    return false;
  }
}

}  // namespace pagetoken
