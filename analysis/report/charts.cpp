#include "analysis/report/charts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace pagetoken {
namespace {

constexpr const char* kSchema = "https://vega.github.io/schema/vega-lite/v6.json";
// Okabe and Ito's colours, which the colour-blind tell apart; dashes and shapes say the same in grey.
constexpr const char* kColors[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                   "#E69F00", "#56B4E9", "#808080", "#8C510A"};
constexpr const char* kShapes[] = {"circle", "square",        "triangle-up",    "diamond",
                                   "cross",  "triangle-down", "triangle-right", "triangle-left"};
constexpr int kDashes[][4] = {{1, 0, 1, 0}, {6, 3, 6, 3}, {2, 2, 2, 2},   {8, 2, 2, 2},
                              {4, 4, 4, 4}, {1, 3, 1, 3}, {10, 4, 10, 4}, {3, 1, 3, 1}};
constexpr std::size_t kStyles = 8;
constexpr std::size_t kHeatSlices = 3;
constexpr std::size_t kSelectable = 200;

Json nullable(double value) { return std::isnan(value) || std::isinf(value) ? Json() : Json(value); }

/// Colour, dash and shape by series, always the same ones.
Json series_encoding(const Comparison& c, bool lines) {
  Json colors = Json::array();
  Json dashes = Json::array();
  Json shapes = Json::array();
  for (std::size_t s = 0; s < c.series.labels.size(); ++s) {
    colors.push_back(kColors[s % kStyles]);
    dashes.push_back(kDashes[(s + s / kStyles) % kStyles]);
    shapes.push_back(kShapes[(s + s / kStyles) % kStyles]);
  }
  const auto channel = [&](const Json& range) {
    return Json{{"field", "series"},
                {"type", "nominal"},
                {"title", c.series.title},
                {"scale", {{"domain", c.series.labels}, {"range", range}}},
                {"legend", {{"symbolOpacity", 1}}}};
  };
  Json encoding{{"color", channel(colors)}};
  if (lines) {
    encoding["strokeDash"] = channel(dashes);
    encoding["shape"] = channel(shapes);
  }
  return encoding;
}

/// Labels of an axis in seconds: "300 us"; on a logarithmic one ones and threes only.
Json seconds_axis(bool is_log) {
  const std::string value =
      "datum.value === 0 ? '0' : datum.value < 1e-6 ? format(datum.value * 1e9, '~r') + ' ns' : datum.value < 1e-3 ? "
      "format(datum.value * 1e6, '~r') + ' us' : datum.value < 1 ? format(datum.value * 1e3, '~r') + ' ms' : "
      "format(datum.value, '~r') + ' s'";
  if (!is_log) return {{"labelExpr", value}, {"tickCount", 5}};
  return {{"labelExpr", "test(/^[13]e/, format(datum.value, '.0e')) ? (" + value + ") : ''"}};
}
/// Labels of an axis of plain numbers: 0.05 and 16k, not 50m.
Json number_axis() {
  return {{"labelExpr", "abs(datum.value) < 1000 ? format(datum.value, '~g') : format(datum.value, '~s')"}};
}

/// A parameter that the reader sets.
Json choice(const char* name, const Json& value, const Json& options, const char* label) {
  const Json bind{{"input", "select"}, {"options", options}, {"name", label}};
  return Json::array({Json{{"name", name}, {"value", value}, {"bind", bind}}});
}

Json filter(const char* test) { return Json::array({Json{{"filter", test}}}); }

/// Lets the reader choose among slices, where there are several.
void add_slice_choice(Json& spec, const Comparison& c, const std::vector<std::size_t>& slices) {
  if (slices.size() < 2) return;
  Json options = Json::array();
  for (const std::size_t slice : slices) options.push_back(c.slice_label(slice));
  spec["params"] = choice("slice", options.back(), options, "Shown: ");
  spec["transform"] = filter("datum.slice === slice");
}

std::vector<std::size_t> selectable_slices(const Comparison& c, std::size_t limit = kSelectable) {
  std::vector<std::size_t> chosen;
  const std::size_t n = c.slices.size();
  const std::size_t count = std::min(n, limit);
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(count < 2 ? 0 : i * (n - 1) / (count - 1));
  return chosen;
}

const RunRecord* first_run(const Comparison& c, std::size_t series, std::size_t slice) {
  const PointRecord* point = c.cell(series, slice);
  if (!point) return nullptr;
  for (const RunRecord& run : point->runs)
    if (run.ran() && run.repetition == 0) return &run;
  return nullptr;
}

/// Mean over the repetitions of what `read` takes from a run; NaN without any.
template <class Read>
Interval over_runs(const PointRecord* point, Read read) {
  std::vector<double> values;
  if (point)
    for (const RunRecord& run : point->runs)
      if (run.ran() && !std::isnan(read(run))) values.push_back(read(run));
  return values.empty() ? Interval{NAN, NAN, 0} : student_interval(values);
}

Json tooltip(std::initializer_list<std::pair<const char*, const char*>> fields) {
  Json list = Json::array();
  for (const auto& [field, title] : fields) list.push_back({{"field", field}, {"title", title}});
  return list;
}

Json base_spec(const std::string& description) { return {{"$schema", kSchema}, {"description", description}}; }

double seconds(double ns) { return ns / 1e9; }

}  // namespace

TableCell cell_of(Unit unit, double value) {
  return {shown_as(unit, value), std::isnan(value) ? std::nullopt : std::optional(value)};
}

std::optional<Chart> latency_chart(const Comparison& c) {
  Chart chart{
      "latency",
      "Latency of a fault, by percentile",
      "How long an access takes that had to acquire a token. Intervals are 95 %: of the repetitions (Student's t) "
      "where "
      "there are several; of one run alone (order statistics), as if its faults were independent of each other.",
      base_spec("Percentiles of the latency of faults, one line for each series, on a logarithmic axis"),
      {"Latency of faults", {"", "slice"}, {}}};
  chart.table.columns[0] = c.series.title;
  for (const char* name : kQuantileNames) chart.table.columns.push_back(name);
  Json rows = Json::array();
  const std::vector<std::size_t> slices = selectable_slices(c);
  for (const std::size_t slice : slices)
    for (std::size_t s = 0; s < c.series.values.size(); ++s) {
      std::vector<TableCell> row{{c.series.labels[s]}, {c.slice_label(slice)}};
      for (std::size_t q = 0; q < kQuantiles; ++q) {
        const Interval interval =
            over_runs(c.cell(s, slice), [&](const RunRecord& run) { return run.quantiles_ns[q]; });
        row.push_back(cell_of(Unit::nanoseconds, interval.mean));
        if (std::isnan(interval.mean)) continue;
        double low = interval.low();
        double high = interval.high();
        if (const RunRecord* run = first_run(c, s, slice); !interval.known() && run) {
          low = run->quantile_intervals_ns[q][0];
          high = run->quantile_intervals_ns[q][1];
        }
        rows.push_back({{"series", c.series.labels[s]},
                        {"slice", c.slice_label(slice)},
                        {"percentile", kQuantileNames[q]},
                        {"latency", seconds(interval.mean)},
                        {"shown", shown_as(Unit::nanoseconds, interval.mean)},
                        {"low", nullable(seconds(std::max(low, 1.0)))},
                        {"high", nullable(seconds(high))}});
      }
      chart.table.rows.push_back(std::move(row));
    }
  if (rows.empty()) return std::nullopt;
  chart.spec["data"] = {{"values", rows}};
  add_slice_choice(chart.spec, c, slices);
  const Json x{{"field", "percentile"},
               {"type", "ordinal"},
               {"sort", kQuantileNames},
               {"title", "percentile"},
               {"axis", {{"labelAngle", 0}, {"grid", true}}}};
  const auto y = [](const char* field) {
    return Json{{"field", field},
                {"type", "quantitative"},
                {"title", "latency"},
                {"scale", {{"type", "log"}}},
                {"axis", seconds_axis(true)}};
  };
  Json line = series_encoding(c, true);
  line["x"] = x;
  line["y"] = y("latency");
  line["tooltip"] =
      tooltip({{"series", "series"}, {"slice", "slice"}, {"percentile", "percentile"}, {"shown", "latency"}});
  Json rule = series_encoding(c, false);
  rule["x"] = x;
  rule["y"] = y("low");
  rule["y2"] = {{"field", "high"}};
  chart.spec["width"] = "container";
  chart.spec["height"] = 320;
  chart.spec["layer"] = {
      {{"transform", filter("isValid(datum.low)")},
       {"mark", {{"type", "rule"}, {"strokeWidth", 2}}},
       {"encoding", rule}},
      {{"mark", {{"type", "line"}, {"point", {{"size", 60}, {"filled", true}}}}}, {"encoding", line}}};
  return chart;
}

std::optional<Chart> heat_chart(const Comparison& c) {
  Chart chart{
      "heat",
      "Latency of faults over time",
      "Each cell counts the faults of the first repetition that ended in a span of simulated time and took about as "
      "long; what comes before the end of the warm-up is not shown.",
      base_spec("Heat maps of fault latency over simulated time, one for each series"),
      {"Faults over time, all latencies together",
       {"", "slice", "spans", "width of a span", "faults", "faults in the first span", "in the last but one",
        "warm-up (MSER-5)"},
       {}}};
  chart.table.columns[0] = c.series.title;
  Json rows = Json::array();
  const std::vector<std::size_t> slices = selectable_slices(c, kHeatSlices);
  for (const std::size_t slice : slices)
    for (std::size_t s = 0; s < c.series.values.size(); ++s) {
      const RunRecord* run = first_run(c, s, slice);
      if (!run || run->heat.cells.empty()) continue;
      std::map<double, double> sums;
      for (const auto& [from, to, low, high, count] : run->heat.cells) {
        sums[from] += count;
        rows.push_back({{"series", c.series.labels[s]},
                        {"slice", c.slice_label(slice)},
                        {"from", seconds(from)},
                        {"to", seconds(to)},
                        {"low", seconds(low)},
                        {"high", seconds(high)},
                        {"faults", count}});
      }
      const auto last = sums.size() > 1 ? std::prev(sums.end(), 2) : sums.begin();
      chart.table.rows.push_back({{c.series.labels[s]},
                                  {c.slice_label(slice)},
                                  cell_of(Unit::count, static_cast<double>(sums.size())),
                                  cell_of(Unit::nanoseconds, run->heat.bin_ns),
                                  cell_of(Unit::count, run->faults),
                                  cell_of(Unit::count, sums.begin()->second),
                                  cell_of(Unit::count, last->second),
                                  {!run->warm_up.judged    ? "too few spans to tell"
                                   : run->warm_up.too_late ? "does not settle"
                                                           : fmt::format("{} spans", run->warm_up.cut)}});
    }
  if (rows.empty()) return std::nullopt;
  chart.spec["data"] = {{"values", rows}};
  add_slice_choice(chart.spec, c, slices);
  const auto quantitative = [](const char* field, const char* title, bool log) {
    Json channel{{"field", field}, {"type", "quantitative"}, {"title", title}, {"axis", seconds_axis(log)}};
    if (log) channel["scale"] = {{"type", "log"}};
    return channel;
  };
  Json encoding;
  encoding["x"] = quantitative("from", "simulated time", false);
  encoding["x2"] = {{"field", "to"}};
  encoding["y"] = quantitative("low", "latency", true);
  encoding["y2"] = {{"field", "high"}};
  encoding["color"] = {{"field", "faults"},
                       {"type", "quantitative"},
                       {"scale", {{"type", "log"}, {"scheme", "viridis"}}},
                       {"title", "faults"}};
  encoding["tooltip"] = tooltip({{"series", "series"},
                                 {"faults", "faults"},
                                 {"from", "from (s)"},
                                 {"low", "latency from (s)"},
                                 {"high", "to (s)"}});
  chart.spec["facet"] = {{"field", "series"}, {"type", "nominal"}, {"title", nullptr}, {"sort", c.series.labels}};
  chart.spec["columns"] = 3;
  chart.spec["spec"] = {{"width", 240}, {"height", 150}, {"mark", "rect"}, {"encoding", encoding}};
  chart.spec["resolve"] = {{"scale", {{"x", "independent"}}}};
  return chart;
}

std::optional<Chart> message_chart(const Comparison& c) {
  Chart chart{"messages",
              "Messages for each fault, by type",
              "Messages on the wire in the measured part of the run, over the accesses that had to acquire a token. "
              "The table has each "
              "kind of fault with its messages and its hops, those one after another on the critical path: mean, and "
              "the least and "
              "most that one fault saw until it ended. Storage transfers are counted apart.",
              base_spec("Stacked bars: messages for each fault by type of message, one bar for each series"),
              {"Messages and hops by kind of fault",
               {"", "slice", "kind", "faults", "messages", "least", "most", "hops", "fewest", "most hops"},
               {}}};
  chart.table.columns[0] = c.series.title;
  Json rows = Json::array();
  const std::vector<std::size_t> slices = selectable_slices(c);
  for (const std::size_t slice : slices)
    for (std::size_t s = 0; s < c.series.values.size(); ++s) {
      const RunRecord* run = first_run(c, s, slice);
      if (!run) continue;
      for (const auto& entry : run->by_type) {
        const std::string& type = entry.first;
        const auto mean_of = [&](double TypeRecord::*field) {
          return over_runs(
                     c.cell(s, slice),
                     [&](const RunRecord& r) {
                       const auto found = r.by_type.find(type);
                       return r.faults == 0 ? NAN : found == r.by_type.end() ? 0 : found->second.*field / r.faults;
                     })
              .mean;
        };
        const double messages = mean_of(&TypeRecord::count);
        if (!(messages > 0)) continue;
        rows.push_back({{"series", c.series.labels[s]},
                        {"slice", c.slice_label(slice)},
                        {"type", type},
                        {"messages", messages},
                        {"bytes", shown_as(Unit::bytes, mean_of(&TypeRecord::bytes))}});
      }
      for (const auto& [kind, event] : run->events)
        chart.table.rows.push_back({{c.series.labels[s]},
                                    {c.slice_label(slice)},
                                    {kind},
                                    cell_of(Unit::count, event.count),
                                    cell_of(Unit::count, event.messages_mean),
                                    cell_of(Unit::count, event.messages_min),
                                    cell_of(Unit::count, event.messages_max),
                                    cell_of(Unit::count, event.hops_mean),
                                    cell_of(Unit::count, event.hops_min),
                                    cell_of(Unit::count, event.hops_max)});
    }
  if (rows.empty()) return std::nullopt;
  chart.spec["data"] = {{"values", rows}};
  add_slice_choice(chart.spec, c, slices);
  chart.spec["width"] = "container";
  chart.spec["height"] = 34 * c.series.values.size();
  chart.spec["mark"] = {{"type", "bar"}, {"stroke", "white"}, {"strokeWidth", 1}};
  chart.spec["encoding"] = {
      {"y", {{"field", "series"}, {"type", "nominal"}, {"sort", c.series.labels}, {"title", nullptr}}},
      {"x", {{"field", "messages"}, {"type", "quantitative"}, {"title", "messages a fault"}}},
      {"color", {{"field", "type"}, {"type", "nominal"}, {"title", "type"}, {"scale", {{"scheme", "tableau20"}}}}},
      {"order", {{"field", "type"}}},
      {"tooltip",
       tooltip(
           {{"series", "series"}, {"type", "type"}, {"messages", "messages a fault"}, {"bytes", "bytes a fault"}})}};
  return chart;
}

std::optional<Chart> utilisation_chart(const Comparison& c) {
  Chart chart{
      "utilisation",
      "How busy managers, clients, storage and links are",
      "The busiest of each kind in the first repetition: share of simulated time in which a node handled messages or a "
      "disk "
      "served, and share of a network port's bandwidth that was used. A manager near 100 % is what limits the cluster.",
      base_spec("Bars: utilisation of the busiest manager, client, storage server and link, for each series"),
      {"Utilisation of the busiest", {"", "slice", "manager", "client", "storage", "link"}, {}}};
  chart.table.columns[0] = c.series.title;
  Json rows = Json::array();
  const std::vector<std::size_t> slices = selectable_slices(c);
  static constexpr const char* kGroups[] = {"manager", "client", "storage", "link"};
  for (const std::size_t slice : slices)
    for (std::size_t s = 0; s < c.series.values.size(); ++s) {
      const RunRecord* run = first_run(c, s, slice);
      if (!run || run->nodes.empty()) continue;
      std::vector<TableCell> row{{c.series.labels[s]}, {c.slice_label(slice)}};
      for (const char* group : kGroups) {
        double most = NAN;
        std::string who;
        for (const NodeRecord& node : run->nodes) {
          const bool links = std::string(group) == "link";
          if (!links && !node.name.starts_with(group)) continue;
          const double busy = links ? std::fmax(node.link_in, node.link_out) : node.busy;
          if (std::isnan(busy) || busy <= most) continue;
          most = busy;
          who = node.name;
        }
        row.push_back(cell_of(Unit::ratio, most));
        if (!std::isnan(most))
          rows.push_back({{"series", c.series.labels[s]},
                          {"slice", c.slice_label(slice)},
                          {"kind", group},
                          {"busy", most},
                          {"node", who},
                          {"shown", shown_as(Unit::ratio, most)}});
      }
      chart.table.rows.push_back(std::move(row));
    }
  if (rows.empty()) return std::nullopt;
  chart.spec["data"] = {{"values", rows}};
  add_slice_choice(chart.spec, c, slices);
  chart.spec["width"] = "container";
  chart.spec["height"] = 260;
  chart.spec["mark"] = {{"type", "bar"}};
  Json encoding = series_encoding(c, false);
  encoding["x"] = {
      {"field", "kind"}, {"type", "nominal"}, {"sort", kGroups}, {"title", nullptr}, {"axis", {{"labelAngle", 0}}}};
  encoding["xOffset"] = {{"field", "series"}, {"sort", c.series.labels}};
  encoding["y"] = {{"field", "busy"}, {"type", "quantitative"}, {"title", "busy"}, {"axis", {{"format", "~%"}}}};
  encoding["tooltip"] = tooltip({{"series", "series"}, {"kind", "kind"}, {"node", "busiest"}, {"shown", "busy"}});
  chart.spec["encoding"] = encoding;
  return chart;
}

std::optional<Chart> axis_chart(const Comparison& c, std::size_t axis) {
  const ReportAxis& along = c.axes[axis];
  if (!along.is_numeric) return std::nullopt;
  Chart chart{"over-" + std::to_string(axis),
              "Over " + along.title,
              "Means of the repetitions, with bands of 95 % (Student's t).",
              base_spec("Small multiples: four metrics over " + along.title + ", one line for each series"),
              {"Means and half-widths of 95 % intervals over " + along.title, {"", along.title, "others"}, {}}};
  chart.table.columns[0] = c.series.title;
  Json rows = Json::array();
  std::vector<std::string> others;
  const auto other_label = [&](std::size_t slice) {
    std::string text;
    for (std::size_t a = 0; a < c.axes.size(); ++a)
      if (a != axis)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", c.axes[a].title,
                            c.axes[a].labels[c.slices[slice].steps[a]]);
    return text.empty() ? std::string("-") : text;
  };
  std::vector<std::string> titles;
  for (const char* name : kKeyMetrics) {
    const Metric& metric = *find_metric(name);
    titles.push_back(std::string(metric.title) + (metric.unit == Unit::nanoseconds ? " (s)" : ""));
    chart.table.columns.emplace_back(metric.title);
    chart.table.columns.emplace_back("+/-");
  }
  for (std::size_t slice = 0; slice < c.slices.size() && slice < 4 * kSelectable; ++slice) {
    const std::string other = other_label(slice);
    if (std::find(others.begin(), others.end(), other) == others.end()) others.push_back(other);
    const double x = along.number(c.slices[slice].steps[axis]);
    for (std::size_t s = 0; s < c.series.values.size(); ++s) {
      if (!c.cell(s, slice)) continue;
      std::vector<TableCell> row{{c.series.labels[s]}, {along.labels[c.slices[slice].steps[axis]], x}, {other}};
      for (std::size_t k = 0; k < std::size(kKeyMetrics); ++k) {
        const Metric& metric = *find_metric(kKeyMetrics[k]);
        const Interval interval = c.interval(s, slice, static_cast<std::size_t>(&metric - metrics().data()));
        row.push_back(cell_of(metric.unit, interval.mean));
        row.push_back(cell_of(metric.unit, interval.half_width));
        if (std::isnan(interval.mean)) continue;
        const double scale = metric.unit == Unit::nanoseconds ? 1e-9 : 1;
        const bool known = interval.known();
        rows.push_back({{"series", c.series.labels[s]},
                        {"slice", other},
                        {"x", x},
                        {"metric", titles[k]},
                        {"mean", interval.mean * scale},
                        {"low", (known ? interval.low() : interval.mean) * scale},
                        {"high", (known ? interval.high() : interval.mean) * scale},
                        {"shown", shown_as(metric.unit, interval.mean)}});
      }
      chart.table.rows.push_back(std::move(row));
    }
  }
  if (rows.empty()) return std::nullopt;
  chart.spec["data"] = {{"values", rows}};
  if (others.size() > 1) {
    chart.spec["params"] = choice("slice", others.back(), others, "Shown: ");
    chart.spec["transform"] = filter("datum.slice === slice");
  }
  Json x{{"field", "x"}, {"type", "quantitative"}, {"title", along.title}, {"axis", number_axis()}};
  x["axis"]["values"] = along.values;
  x["scale"] =
      along.is_log() ? Json{{"type", "log"}, {"base", 2}, {"nice", false}} : Json{{"zero", false}, {"nice", false}};
  const auto y = [](const char* field) {
    return Json{{"field", field}, {"type", "quantitative"}, {"title", nullptr}, {"axis", {{"format", "~s"}}}};
  };
  Json band = series_encoding(c, false);
  band["x"] = x;
  band["y"] = y("low");
  band["y2"] = {{"field", "high"}};
  Json line = series_encoding(c, true);
  line["x"] = x;
  line["y"] = y("mean");
  line["tooltip"] =
      tooltip({{"series", "series"}, {"x", along.title.c_str()}, {"metric", "metric"}, {"shown", "mean"}});
  chart.spec["facet"] = {{"field", "metric"}, {"type", "nominal"}, {"title", nullptr}, {"sort", titles}};
  chart.spec["columns"] = 2;
  chart.spec["resolve"] = {{"scale", {{"y", "independent"}}}};
  chart.spec["spec"] = {
      {"width", 300},
      {"height", 200},
      {"layer",
       {{{"mark", {{"type", "area"}, {"opacity", 0.25}}}, {"encoding", band}},
        {{"mark", {{"type", "line"}, {"point", {{"size", 50}, {"filled", true}}}}}, {"encoding", line}}}}};
  return chart;
}

std::optional<Chart> winner_chart(const Comparison& c) {
  if (c.series.values.size() < 2) return std::nullopt;
  std::vector<std::size_t> varied;
  for (std::size_t a = 0; a < c.axes.size(); ++a)
    if (c.axes[a].values.size() > 1) varied.push_back(a);
  Chart chart{
      "winners",
      "Where each wins",
      "The best mean in each place. A full colour is a winner beyond chance: better than every other one in paired "
      "differences, Holm-corrected at 95 %; a pale one is the best that was seen, and no more.",
      base_spec("Map of the best series for each metric over the varied axes"),
      {"Best of each place", {"place", "metric", "best", "mean", "beyond chance"}, {}}};
  // Over two axes a map for each metric; over one or none, metrics are the second axis.
  const bool map = varied.size() >= 2;
  Json rows = Json::array();
  std::vector<std::string> titles;
  for (const char* name : kKeyMetrics) {
    const Metric& metric = *find_metric(name);
    titles.emplace_back(metric.title);
    for (std::size_t slice = 0; slice < c.slices.size(); ++slice) {
      const Winner winner = winner_of(c, slice, static_cast<std::size_t>(&metric - metrics().data()));
      if (!winner.series) continue;
      const auto label = [&](std::size_t a) { return c.axes[a].labels[c.slices[slice].steps[a]]; };
      std::string rest;
      for (std::size_t i = 2; i < varied.size(); ++i)
        rest += fmt::format(", {} {}", c.axes[varied[i]].title, label(varied[i]));
      rows.push_back({{"x", varied.empty() ? "all" : label(varied[0])},
                      {"y", map ? label(varied[1]) : std::string(metric.title)},
                      {"map", std::string(metric.title) + rest},
                      {"series", c.series.labels[*winner.series]},
                      {"certain", winner.certain},
                      {"shown", shown_as(metric.unit, winner.mean)}});
      chart.table.rows.push_back({{c.slice_label(slice)},
                                  {std::string(metric.title)},
                                  {c.series.labels[*winner.series]},
                                  cell_of(metric.unit, winner.mean),
                                  {winner.certain ? "yes" : "no"}});
    }
  }
  if (rows.empty()) return std::nullopt;
  chart.spec["data"] = {{"values", rows}};
  if (map) {
    std::vector<std::string> maps;
    for (const Json& row : rows)
      if (std::find(maps.begin(), maps.end(), row.at("map")) == maps.end()) maps.push_back(row.at("map"));
    chart.spec["params"] = choice("map", maps.front(), maps, "Metric: ");
    chart.spec["transform"] = filter("datum.map === map");
  }
  const auto ordinal = [](const char* field, const Json& title, const std::vector<std::string>& sort) {
    return Json{{"field", field}, {"type", "ordinal"}, {"title", title}, {"sort", sort}, {"axis", {{"labelAngle", 0}}}};
  };
  Json encoding;
  encoding["x"] = ordinal("x", varied.empty() ? Json() : Json(c.axes[varied[0]].title),
                          varied.empty() ? std::vector<std::string>{} : c.axes[varied[0]].labels);
  encoding["y"] = map ? ordinal("y", c.axes[varied[1]].title, c.axes[varied[1]].labels) : ordinal("y", Json(), titles);
  Json rect = series_encoding(c, false);
  rect["opacity"] = {{"condition", {{"test", "datum.certain"}, {"value", 0.8}}}, {"value", 0.25}};
  rect["tooltip"] =
      tooltip({{"x", "x"}, {"y", "y"}, {"series", "best"}, {"shown", "mean"}, {"certain", "beyond chance"}});
  chart.spec["width"] = "container";
  chart.spec["height"] = 44 * (map ? c.axes[varied[1]].values.size() : titles.size());
  chart.spec["encoding"] = encoding;
  chart.spec["layer"] = {
      {{"mark", {{"type", "rect"}, {"stroke", "white"}}}, {"encoding", rect}},
      {{"mark", {{"type", "text"}, {"fontSize", 10}}}, {"encoding", {{"text", {{"field", "series"}}}}}}};
  return chart;
}

}  // namespace pagetoken
