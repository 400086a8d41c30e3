#include "sim/sweep/sweep_point.hpp"

#include <chrono>
#include <cstring>
#include <exception>
#include <limits>
#include <new>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"
#include "sim/run/simulate.hpp"

namespace pagetoken {
namespace {

/// The beginning of a line: who it is about.
std::string line_head(const Sweep& sweep, const SweepTask& task, const Json& document) {
  return fmt::format(R"({{"run":"{}","point":{},"repetition":{})",
                     Sweep::run_name(document, sweep.seed(task.repetition)), sweep.point(task.point).dump(),
                     task.repetition);
}

}  // namespace

std::string PointResult::pack() const {
  std::string bytes(1, violated ? '\1' : '\0');
  const auto add = [&](const void* data, std::size_t size) {
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size).append(static_cast<const char*>(data), size);
  };
  add(line.data(), line.size());
  add(timing.data(), timing.size());
  add(metrics.data(), metrics.size() * sizeof(double));
  return bytes;
}

PointResult PointResult::unpack(std::string_view bytes) {
  PointResult result;
  result.violated = bytes.front() != '\0';
  bytes.remove_prefix(1);
  const auto take = [&] {
    std::size_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    const std::string_view part = bytes.substr(sizeof size, size);
    bytes.remove_prefix(sizeof size + size);
    return part;
  };
  result.line = take();
  result.timing = take();
  const std::string_view values = take();
  result.metrics.resize(values.size() / sizeof(double));
  if (!values.empty()) std::memcpy(result.metrics.data(), values.data(), values.size());
  return result;
}

PointResult run_point(const Sweep& sweep, const SweepTask& task, const ProtocolSet& protocols,
                      std::span<const Metric* const> wanted) {
  const Json document = sweep.document(task.point);
  PointResult result;
  try {
    const Simulated run = simulate(sweep.bind(document, sweep.seed(task.repetition)), protocols);
    Json summary = summary_json(run);
    result.timing = fmt::format("{{\"run\":\"{}\",\"perf\":{}}}\n",
                                Sweep::run_name(document, sweep.seed(task.repetition)), summary["perf"].dump());
    // What a clock or the machine says is in the timings: a line is the same whoever makes it.
    summary["perf"] = {{"events", summary["perf"]["events"]}};
    result.violated = run.outcome.violation_count > 0;
    if (!wanted.empty()) {
      const std::string origin = "summary";
      const Summary bound = bind_summary(Value(summary, origin));
      for (const Metric* metric : wanted) result.metrics.push_back(metric->of(bound));
    }
    result.line = fmt::format("{},\"summary\":{}}}\n", line_head(sweep, task, document), summary.dump());
  } catch (const std::bad_alloc&) {
    result = {failed_line(sweep, task, "out of memory"), {}, {}, false};
  } catch (const std::exception& error) {
    result = {failed_line(sweep, task, error.what()), {}, {}, false};
  }
  return result;
}

std::string failed_line(const Sweep& sweep, const SweepTask& task, const std::string& error) {
  Json document = sweep.document(task.point);
  const std::string head = line_head(sweep, task, document);
  document["seed"] = sweep.seed(task.repetition);
  return fmt::format("{},\"error\":{},\"config\":{}}}\n", head, Json(one_line(error, 1000)).dump(), document.dump());
}

bool uses_up_process(const Json& document) { return document.value("engine", Json()) == "simgrid"; }

double estimated_seconds(const Sweep& sweep, std::uint64_t point, const ProtocolSet& protocols, double budget_s) {
  const auto began = std::chrono::steady_clock::now();
  const auto elapsed_s = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  double share = 0;
  try {
    SimulateOptions options;
    options.tick = [&](std::uint64_t done, std::uint64_t total) {
      if (total > 0) share = static_cast<double>(done) / static_cast<double>(total);
      return elapsed_s() < budget_s;
    };
    const Simulated run = simulate(sweep.bind(sweep.document(point), sweep.seed(0)), protocols, options);
    if (!run.outcome.partial) share = 1;
  } catch (const std::exception&) {
    share = 1;  // it fails at once
  }
  return share > 0 ? elapsed_s() / share : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace pagetoken
