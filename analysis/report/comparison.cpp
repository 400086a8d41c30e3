#include "analysis/report/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

namespace pagetoken {
namespace {

constexpr const char* kSeriesFirst[] = {"/protocol", "/protocol/name", "/guard", "/guard/preset"};

std::string words_of(const std::string& pointer) {
  std::string word = pointer.substr(pointer.rfind('/') + 1);
  std::replace(word.begin(), word.end(), '_', ' ');
  return word.empty() ? pointer : word;
}

std::vector<ReportAxis> axes_of(const ResultSet& results) {
  std::vector<ReportAxis> axes;
  std::set<std::string> pointers;
  for (const PointRecord& point : results.points())
    for (const auto& [pointer, unused] : point.values.items()) pointers.insert(pointer);
  for (const std::string& pointer : pointers) {
    ReportAxis axis{pointer, words_of(pointer), {}, {}, true};
    for (const PointRecord& point : results.points()) {
      const Json value = point.values.value(pointer, Json());
      if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end()) continue;
      axis.values.push_back(value);
      axis.is_numeric = axis.is_numeric && value.is_number();
    }
    if (axis.is_numeric) std::sort(axis.values.begin(), axis.values.end());
    axis.is_numeric = axis.is_numeric && axis.values.size() > 1;
    for (const Json& value : axis.values) axis.labels.push_back(value_label(value));
    axes.push_back(std::move(axis));
  }
  return axes;
}

std::size_t step_of(const ReportAxis& axis, const PointRecord& point) {
  const Json value = point.values.value(axis.pointer, Json());
  return static_cast<std::size_t>(std::find(axis.values.begin(), axis.values.end(), value) - axis.values.begin());
}

/// What params hold, in short: "hold_ns=0".
std::string params_label(const Json& params) {
  std::string text;
  for (const auto& [key, value] : params.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

/// Where the straight line between two points of an axis is zero.
double crossing(const ReportAxis& axis, std::size_t step, double before, double after) {
  const double share = before / (before - after);
  const double a = axis.number(step);
  const double b = axis.number(step + 1);
  return axis.is_log() ? a * std::pow(b / a, share) : a + (b - a) * share;
}

}  // namespace

bool ReportAxis::is_log() const { return is_numeric && number(0) > 0 && number(values.size() - 1) >= 8 * number(0); }

std::string value_label(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_object()) return value.is_null() ? "(default)" : value.dump();
  for (const char* key : {"name", "preset", "pattern", "trace"}) {
    const auto found = value.find(key);
    if (found == value.end() || !found->is_string()) continue;
    Json rest = value;
    rest.erase(key);
    std::string text = found->get<std::string>();
    if (text.find('/') != text.npos) text = text.substr(text.rfind('/') + 1);
    if (const auto params = rest.find("params"); params != rest.end()) rest = Json(*params);
    const std::string params = rest.size() <= 6 ? params_label(rest) : "";
    return params.empty() ? text : text + " (" + params + ")";
  }
  return value.dump();
}

void keep_pairs(std::vector<double>& a, std::vector<double>& b) {
  const std::size_t n = std::min(a.size(), b.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) continue;
    a[kept] = a[i];
    b[kept++] = b[i];
  }
  a.resize(kept);
  b.resize(kept);
}

Comparison::Comparison(const ResultSet& set, const std::string& baseline_name) : results(set), axes(axes_of(set)) {
  auto chosen = axes.end();
  for (const char* pointer : kSeriesFirst)
    if (chosen == axes.end())
      chosen = std::find_if(axes.begin(), axes.end(), [&](const ReportAxis& a) { return a.pointer == pointer; });
  if (chosen == axes.end())
    chosen = std::find_if(axes.begin(), axes.end(), [](const ReportAxis& a) { return !a.is_numeric; });
  if (chosen == axes.end()) {
    // Nothing has names: one series, and everything else is an axis.
    series = {"", "run", {Json()}, {"all runs"}, false};
  } else {
    series = *chosen;
    axes.erase(chosen);
  }
  std::map<std::vector<std::size_t>, std::size_t> slice_of;
  for (const PointRecord& point : set.points()) {
    std::vector<std::size_t> steps;
    for (const ReportAxis& axis : axes) steps.push_back(step_of(axis, point));
    slice_of.try_emplace(steps, 0);
  }
  for (auto& [steps, number] : slice_of) {
    number = slices.size();
    slices.push_back({steps});
  }
  cells.resize(series.values.size() * slices.size());
  for (const PointRecord& point : set.points()) {
    std::vector<std::size_t> steps;
    for (const ReportAxis& axis : axes) steps.push_back(step_of(axis, point));
    const std::size_t row = series.pointer.empty() ? 0 : step_of(series, point);
    cells[row * slices.size() + slice_of.at(steps)] = &point;
  }
  const auto named = std::find(series.labels.begin(), series.labels.end(), baseline_name);
  if (named != series.labels.end()) baseline = static_cast<std::size_t>(named - series.labels.begin());
}

std::vector<double> Comparison::values(std::size_t s, std::size_t slice, std::size_t metric) const {
  std::vector<double> found(results.repetitions(), kNoValue);
  if (const PointRecord* point = cell(s, slice))
    for (const RunRecord& run : point->runs)
      if (run.ran() && run.repetition < found.size()) found[run.repetition] = run.metrics[metric];
  while (!found.empty() && std::isnan(found.back())) found.pop_back();
  return found;
}

std::vector<double> Comparison::overall(std::size_t s, std::size_t metric) const {
  std::vector<double> sums;
  std::size_t used = 0;
  for (std::size_t slice = 0; slice < slices.size(); ++slice) {
    // A slice that some series lacks would favour it.
    bool everywhere = true;
    std::size_t repetitions = results.repetitions();
    for (std::size_t other = 0; other < series.values.size(); ++other) {
      const std::vector<double> found = values(other, slice, metric);
      const bool has_nothing = std::all_of(found.begin(), found.end(), [](double v) { return std::isnan(v); });
      if (other == s) everywhere = everywhere && !has_nothing;
      if (!has_nothing) repetitions = std::min(repetitions, found.size());
      if (!cell(other, slice)) everywhere = false;
    }
    if (!everywhere) continue;
    std::vector<double> found = values(s, slice, metric);
    found.resize(std::min(found.size(), used == 0 ? repetitions : std::min(repetitions, sums.size())));
    if (used++ == 0) sums.assign(found.size(), 0);
    sums.resize(found.size());
    for (std::size_t r = 0; r < sums.size(); ++r) sums[r] += found[r];
  }
  for (double& sum : sums) sum /= static_cast<double>(used);
  return sums;
}

Interval Comparison::interval(std::size_t s, std::size_t slice, std::size_t metric) const {
  std::vector<double> found = values(s, slice, metric);
  std::erase_if(found, [](double v) { return std::isnan(v); });
  if (found.empty()) return {kNoValue, kNoValue, 0};
  return student_interval(found);
}

std::string Comparison::slice_label(std::size_t slice) const {
  std::string text;
  for (std::size_t a = 0; a < axes.size(); ++a)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", axes[a].title, axes[a].labels[slices[slice].steps[a]]);
  return text.empty() ? "all" : text;
}

std::vector<Crossover> crossovers(const Comparison& c, std::size_t axis, std::size_t metric) {
  std::vector<Crossover> found;
  const ReportAxis& along = c.axes[axis];
  const Metric& m = metrics()[metric];
  for (std::size_t slice = 0; slice < c.slices.size(); ++slice) {
    const std::size_t step = c.slices[slice].steps[axis];
    if (step + 1 >= along.values.size()) continue;
    std::vector<std::size_t> next_steps = c.slices[slice].steps;
    ++next_steps[axis];
    const auto next =
        std::find_if(c.slices.begin(), c.slices.end(), [&](const auto& s) { return s.steps == next_steps; });
    if (next == c.slices.end()) continue;
    const auto other = static_cast<std::size_t>(next - c.slices.begin());
    for (std::size_t a = 0; a < c.series.values.size(); ++a)
      for (std::size_t b = a + 1; b < c.series.values.size(); ++b) {
        const double before = c.interval(a, slice, metric).mean - c.interval(b, slice, metric).mean;
        const double after = c.interval(a, other, metric).mean - c.interval(b, other, metric).mean;
        if (!(before * after < 0)) continue;
        const double at = crossing(along, step, before, after);
        const bool a_first = (before < 0) == (m.better != Better::higher);
        std::string where;
        for (std::size_t x = 0; x < c.axes.size(); ++x)
          if (x != axis && c.axes[x].values.size() > 1)
            where += fmt::format(", at {} {}", c.axes[x].title, c.axes[x].labels[c.slices[slice].steps[x]]);
        found.push_back(
            {fmt::format("{}: {} is better up to about {:.3g} {}, {} beyond (measured at {} and {}{})", m.title,
                         c.series.labels[a_first ? a : b], at, along.title, c.series.labels[a_first ? b : a],
                         along.labels[step], along.labels[step + 1], where),
             at});
      }
  }
  return found;
}

Winner winner_of(const Comparison& c, std::size_t slice, std::size_t metric) {
  Winner winner;
  const Metric& m = metrics()[metric];
  for (std::size_t s = 0; s < c.series.values.size(); ++s) {
    const double mean = c.interval(s, slice, metric).mean;
    if (std::isnan(mean)) continue;
    if (winner.series && !(m.better == Better::higher ? mean > winner.mean : mean < winner.mean)) continue;
    winner = {s, false, mean};
  }
  if (!winner.series) return winner;
  std::vector<double> p_values;
  for (std::size_t s = 0; s < c.series.values.size(); ++s) {
    if (s == *winner.series) continue;
    std::vector<double> mine = c.values(*winner.series, slice, metric);
    std::vector<double> others = c.values(s, slice, metric);
    if (std::all_of(others.begin(), others.end(), [](double v) { return std::isnan(v); })) continue;
    keep_pairs(mine, others);
    p_values.push_back(paired_difference(mine, others).p_value);
  }
  const std::vector<double> adjusted = holm_adjusted(p_values);
  winner.certain = std::all_of(adjusted.begin(), adjusted.end(), [](double p) { return p < 1 - kLevel; });
  return winner;
}

}  // namespace pagetoken
