#include "analysis/report/sections.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

namespace pagetoken {
namespace {

constexpr std::size_t kCrossoversTold = 12;
constexpr std::size_t kValuesTold = 12;

std::string values_text(const ReportAxis& axis) {
  if (axis.labels.size() <= kValuesTold) return fmt::format("{}", fmt::join(axis.labels, ", "));
  return fmt::format("{} values from {} to {}", axis.labels.size(), axis.labels.front(), axis.labels.back());
}

std::string plural(std::size_t n, const std::string& noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string percent_of(double difference, double baseline) {
  return baseline == 0 || std::isnan(baseline) ? "" : fmt::format("{:+.1f} %", 100 * difference / std::abs(baseline));
}

/// A comparison of one cell of a table, until all are known and Holm's correction can be made.
struct Pending {
  std::size_t row = 0;
  std::size_t column = 0;
  std::string text;
  double difference = 0;
  double p_value = 1;
};

void settle(ReportTable& table, const std::vector<Pending>& pending) {
  std::vector<double> p_values;
  for (const Pending& p : pending) p_values.push_back(p.p_value);
  const std::vector<double> adjusted = holm_adjusted(p_values);
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const bool certain = adjusted[i] < 1 - kLevel;
    table.rows[pending[i].row][pending[i].column] = {pending[i].text + (certain ? " *" : ""), pending[i].difference};
  }
}

}  // namespace

std::vector<std::string> question(const Comparison& c) {
  std::vector<std::string> lines;
  if (c.series.values.size() > 1)
    lines.push_back(
        fmt::format("Compared: {} ({}).",
                    c.series.title == "protocol" ? plural(c.series.labels.size(), "protocol") : c.series.title,
                    fmt::join(c.series.labels, ", ")));
  else
    lines.push_back(fmt::format("One {}: {}.", c.series.title, c.series.labels.front()));
  for (const ReportAxis& axis : c.axes)
    lines.push_back(fmt::format("Varied: {} ({}) over {}.", axis.title, axis.pointer, values_text(axis)));
  const std::size_t repetitions = c.results.repetitions();
  lines.push_back(fmt::format(
      "{}, {} in all{}.", plural(c.results.points().size(), "point"), plural(c.results.runs(), "run"),
      repetitions > 1
          ? fmt::format("; up to {} repetitions of a point, each with a seed that all points share", repetitions)
          : "; one repetition of each point, hence no intervals over repetitions"));
  for (const PointRecord& point : c.results.points()) {
    if (!point.config) continue;
    const ConfigRecord& config = *point.config;
    lines.push_back(fmt::format("The first point: {} clients, workload {}, guard {}, {} byte pages.",
                                config.clients == 0 ? "the trace's" : std::to_string(config.clients),
                                (config.workload.is_object() ? "trace " : "") + value_label(config.workload),
                                config.guard.is_null() ? "of its own" : value_label(config.guard), config.page_bytes));
    break;
  }
  return lines;
}

std::vector<VerdictCard> verdicts(const Comparison& c, const ReportContents& contents) {
  std::vector<VerdictCard> cards;
  for (std::size_t s = 0; s < c.series.values.size(); ++s) {
    VerdictCard card{c.series.labels[s], "unknown", {}};
    std::size_t ok = 0;
    std::size_t violated = 0;
    std::size_t unknown = 0;
    std::size_t failed = 0;
    std::uint64_t violations = 0;
    std::set<std::string> properties;
    std::string first_error;
    for (std::size_t slice = 0; slice < c.slices.size(); ++slice) {
      const PointRecord* point = c.cell(s, slice);
      for (const RunRecord& run : point ? point->runs : std::vector<RunRecord>{}) {
        if (!run.ran()) {
          ++failed;
          if (first_error.empty()) first_error = run.error;
          continue;
        }
        (run.verdict == "ok" ? ok : run.verdict == "violated" ? violated : unknown) += 1;
        violations += run.violations;
        properties.insert(run.properties.begin(), run.properties.end());
      }
    }
    card.verdict = violated > 0 ? "violated" : failed > 0 ? "failed" : unknown > 0 || ok == 0 ? "unknown" : "ok";
    if (ok > 0) card.facts.push_back(fmt::format("oracle: ok in {}", plural(ok, "run")));
    if (violated > 0)
      card.facts.push_back(fmt::format("oracle: violated in {} ({} times: {})", plural(violated, "run"), violations,
                                       fmt::join(properties, ", ")));
    if (unknown > 0) card.facts.push_back(fmt::format("oracle: nothing said of {}", plural(unknown, "run")));
    if (failed > 0) card.facts.push_back(fmt::format("{} failed: {}", plural(failed, "run"), first_error));
    const std::string name = card.name.substr(0, card.name.find(' '));
    if (const auto promise = contents.promises.find(name); promise != contents.promises.end())
      card.facts.push_back("promises: " + promise->second);
    bool explored = false;
    for (const ExploredCase& e : contents.explorations) {
      if (e.subject != name) continue;
      explored = true;
      card.facts.push_back(fmt::format("explored: {}, {} states: {}", e.what, e.states, e.verdict));
      if (e.verdict == "violated") card.verdict = "violated";
    }
    if (!explored)
      card.facts.push_back("explored: not in this report (report --check FILE adds what check --json found)");
    cards.push_back(std::move(card));
  }
  return cards;
}

namespace {

/// The mean over all runs of a protocol of what an event cost; NaN where none met it.
double mean_of(const ResultSet& results, const CertifiedCost& cost, double EventRecord::*field) {
  const std::string kind = cost.event.substr(0, cost.event.find('('));
  double sum = 0, count = 0;
  for (const PointRecord& point : results.points()) {
    if (!point.config || point.config->protocol != cost.subject) continue;
    for (const RunRecord& run : point.runs) {
      const auto event = run.events.find(kind);
      if (event == run.events.end()) continue;
      sum += event->second.count * (event->second.*field);
      count += event->second.count;
    }
  }
  return count > 0 ? sum / count : NAN;
}

/// A whole number of messages or hops.
TableCell cell_of_cost(double number) {
  return {std::isinf(number) ? "unbounded" : fmt::format("{:.0f}", number), number};
}

}  // namespace

ReportTable certified_table(const ReportContents& contents) {
  ReportTable table{
      "Certified messages and hops of one operation, over every path of a small cluster; beside them the means of all "
      "of "
      "its kind in these runs, where more nodes may hold a page than the event names",
      {"protocol", "event", "least", "mean of its kind", "most", "mean hops of its kind", "most hops", "explored"},
      {}};
  for (const CertifiedCost& cost : contents.certified)
    table.rows.push_back({{cost.subject},
                          {cost.event},
                          cell_of_cost(cost.least),
                          cell_of(Unit::count, mean_of(*contents.results, cost, &EventRecord::messages_mean)),
                          cell_of_cost(cost.most),
                          cell_of(Unit::count, mean_of(*contents.results, cost, &EventRecord::hops_mean)),
                          cell_of_cost(cost.hops),
                          {cost.what}});
  return table;
}

ReportTable overview_table(const Comparison& c) {
  ReportTable table{
      fmt::format(
          "{} by metric: mean +/- half of the 95 % interval{}", c.series.title,
          c.slices.size() > 1 ? fmt::format("; of each repetition the mean over {} places", c.slices.size()) : ""),
      {c.series.title},
      {}};
  std::vector<Pending> pending;
  for (std::size_t s = 0; s < c.series.values.size(); ++s) table.rows.push_back({{c.series.labels[s]}});
  for (std::size_t m = 0; m < metrics().size(); ++m) {
    const Metric& metric = metrics()[m];
    std::vector<std::vector<double>> values;
    for (std::size_t s = 0; s < c.series.values.size(); ++s) values.push_back(c.overall(s, m));
    if (std::all_of(values.begin(), values.end(), [](const auto& v) { return v.empty(); })) continue;
    table.columns.emplace_back(metric.title);
    const bool compares = c.series.values.size() > 1;
    if (compares) table.columns.push_back("against " + c.series.labels[c.baseline]);
    for (std::size_t s = 0; s < values.size(); ++s) {
      auto& row = table.rows[s];
      const std::vector<double> finite = [&] {
        std::vector<double> kept = values[s];
        std::erase_if(kept, [](double v) { return std::isnan(v); });
        return kept;
      }();
      if (finite.empty()) {
        row.push_back({"-"});
        if (compares) row.push_back({"-"});
        continue;
      }
      const Interval interval = student_interval(finite);
      TableCell cell = cell_of(metric.unit, interval.mean);
      if (interval.known()) cell.text += " +/- " + shown_as(metric.unit, interval.half_width);
      row.push_back(std::move(cell));
      if (!compares) continue;
      if (s == c.baseline) {
        row.push_back({"baseline"});
        continue;
      }
      std::vector<double> mine = values[s];
      std::vector<double> base = values[c.baseline];
      keep_pairs(mine, base);
      if (mine.empty()) {
        row.push_back({"-"});
        continue;
      }
      const PairedDifference paired = paired_difference(mine, base);
      const double base_mean = student_interval(base).mean;
      std::string text = percent_of(paired.difference.mean, base_mean);
      if (text.empty()) text = (paired.difference.mean >= 0 ? "+" : "") + shown_as(metric.unit, paired.difference.mean);
      row.push_back({});
      pending.push_back({s, row.size() - 1, std::move(text), paired.difference.mean, paired.p_value});
    }
  }
  settle(table, pending);
  return table;
}

ReportTable detail_table(const Comparison& c) {
  ReportTable table{"Every point: means over its repetitions", {c.series.title}, {}};
  for (const ReportAxis& axis : c.axes) table.columns.push_back(axis.title);
  table.columns.emplace_back("runs");
  for (const Metric& metric : metrics()) table.columns.emplace_back(metric.title);
  for (std::size_t slice = 0; slice < c.slices.size() && table.rows.size() < kMaxDetailRows; ++slice)
    for (std::size_t s = 0; s < c.series.values.size(); ++s) {
      const PointRecord* point = c.cell(s, slice);
      if (!point) continue;
      std::vector<TableCell> row{{c.series.labels[s]}};
      for (std::size_t a = 0; a < c.axes.size(); ++a) {
        const std::size_t step = c.slices[slice].steps[a];
        row.push_back(
            {c.axes[a].labels[step], c.axes[a].is_numeric ? std::optional(c.axes[a].number(step)) : std::nullopt});
      }
      row.push_back({std::to_string(point->runs.size()), static_cast<double>(point->runs.size())});
      for (std::size_t m = 0; m < metrics().size(); ++m)
        row.push_back(cell_of(metrics()[m].unit, c.interval(s, slice, m).mean));
      table.rows.push_back(std::move(row));
    }
  return table;
}

ReportTable change_table(const Comparison& now, const Comparison& before) {
  ReportTable table{"Now against before, point by point: mean, and the paired difference of equal seeds",
                    {now.series.title, "place", "metric", "before", "now", "change"},
                    {}};
  std::vector<Pending> pending;
  for (std::size_t s = 0; s < now.series.values.size(); ++s)
    for (std::size_t slice = 0; slice < now.slices.size(); ++slice) {
      const PointRecord* point = now.cell(s, slice);
      if (!point) continue;
      for (std::size_t bs = 0; bs < before.series.values.size(); ++bs)
        for (std::size_t bslice = 0; bslice < before.slices.size(); ++bslice) {
          const PointRecord* old = before.cell(bs, bslice);
          if (!old || old->values != point->values) continue;
          for (const char* name : kKeyMetrics) {
            const Metric& metric = *find_metric(name);
            const auto m = static_cast<std::size_t>(&metric - metrics().data());
            std::vector<double> after = now.values(s, slice, m);
            std::vector<double> base = before.values(bs, bslice, m);
            keep_pairs(after, base);
            if (after.empty()) continue;
            const PairedDifference paired = paired_difference(after, base);
            const double base_mean = student_interval(base).mean;
            std::string text = paired.difference.mean == 0 ? "none" : percent_of(paired.difference.mean, base_mean);
            if (text.empty()) text = shown_as(metric.unit, paired.difference.mean);
            pending.push_back({table.rows.size(), 5, std::move(text), paired.difference.mean, paired.p_value});
            table.rows.push_back({{now.series.labels[s]},
                                  {now.slice_label(slice)},
                                  {std::string(metric.title)},
                                  cell_of(metric.unit, base_mean),
                                  cell_of(metric.unit, student_interval(after).mean),
                                  {}});
          }
        }
    }
  settle(table, pending);
  return table;
}

std::vector<std::string> crossover_texts(const Comparison& c) {
  std::vector<std::string> texts;
  for (std::size_t axis = 0; axis < c.axes.size(); ++axis) {
    if (!c.axes[axis].is_numeric) continue;
    for (const char* name : kKeyMetrics)
      for (const Crossover& crossover :
           crossovers(c, axis, static_cast<std::size_t>(find_metric(name) - metrics().data())))
        texts.push_back(crossover.text);
  }
  if (texts.size() > kCrossoversTold) {
    const std::size_t more = texts.size() - kCrossoversTold;
    texts.resize(kCrossoversTold);
    texts.push_back(fmt::format("and {} more, which the tables below the figures show", more));
  }
  return texts;
}

std::vector<std::string> assumptions(const Comparison& c) {
  std::vector<std::string> lines{
      "Repetitions are independent runs with seeds of their own; intervals are Student's t at 95 %, which takes their "
      "means to be nearly normal.",
      "Repetition k of every series met the same accesses, so differences are paired. An asterisk marks one that is "
      "not 0 beyond chance: all comparisons of a table together at 95 %, by Holm's correction.",
      "The warm-up that the configuration names is left out; MSER-5 looks for more of it in the fault counts over "
      "time."};
  std::vector<std::string> unsettled;
  std::set<std::string> digests;
  bool digests_agree = true;
  for (std::size_t slice = 0; slice < c.slices.size(); ++slice) {
    std::map<std::uint64_t, std::set<std::string>> by_repetition;
    for (std::size_t s = 0; s < c.series.values.size(); ++s) {
      const PointRecord* point = c.cell(s, slice);
      if (!point) continue;
      bool flagged = false;
      for (const RunRecord& run : point->runs) {
        flagged = flagged || run.warm_up.too_late;
        if (run.ran() && !run.digest.empty()) by_repetition[run.repetition].insert(run.digest);
      }
      if (flagged) unsettled.push_back(fmt::format("{} ({})", c.series.labels[s], c.slice_label(slice)));
    }
    for (const auto& [repetition, found] : by_repetition) digests_agree = digests_agree && found.size() < 2;
  }
  if (!digests_agree && (c.series.pointer == "/protocol" || c.series.pointer == "/guard"))
    lines.emplace_back(
        "Warning: the workload digests of some repetitions differ between series, so those are not pairs.");
  if (!unsettled.empty()) {
    const std::size_t n = unsettled.size();
    if (n > 5) unsettled.resize(5);
    lines.push_back(
        fmt::format("Warning: {} had not settled by the middle of the run (MSER-5), so longer runs are needed: {}{}.",
                    plural(n, "point"), fmt::join(unsettled, "; "), n > 5 ? " ..." : ""));
  }
  return lines;
}

}  // namespace pagetoken
