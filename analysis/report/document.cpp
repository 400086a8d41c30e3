// The report as HTML.

#include "analysis/report/document.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/report/assets.hpp"
#include "analysis/report/charts.hpp"
#include "analysis/report/sections.hpp"
#include "analysis/report/sequence.hpp"
#include "sim/base/html.hpp"

namespace pagetoken {
namespace {

/// A chart, with its table folded below it.
void add_chart(HtmlDocument& page, const std::optional<Chart>& chart) {
  if (!chart) return;
  const std::string spec = chart->spec.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  page.html(
      fmt::format("<h3 id=\"t-{0}\">{1}</h3>\n<figure class=\"vega\" id=\"{0}\" aria-labelledby=\"t-{0}\">\n<div "
                  "class=\"chart\"></div>\n<div class=\"tools\"></div>\n<figcaption>{2}</figcaption>\n<script "
                  "type=\"application/json\">{3}</script>\n</figure>\n<details><summary>The numbers of this figure: "
                  "{1}</summary>\n",
                  chart->id, escape_html(chart->title), escape_html(chart->note), script_json(spec)));
  page.table("table-" + chart->id, chart->table);
  page.html("</details>\n");
}

void add_verdicts(HtmlDocument& page, const Comparison& comparison, const ReportContents& contents) {
  page.section("verdicts", "Verdicts");
  page.html("<ul class=\"strip\">\n");
  for (const VerdictCard& card : verdicts(comparison, contents)) {
    page.html(fmt::format("<li class=\"{0}\"><strong>{1}</strong> <span class=\"verdict\">{0}</span>",
                          escape_html(card.verdict), escape_html(card.name)));
    page.list(card.facts);
    page.html("</li>\n");
  }
  page.html("</ul>\n");
}

void add_axes(HtmlDocument& page, const Comparison& comparison) {
  const bool numeric =
      std::any_of(comparison.axes.begin(), comparison.axes.end(), [](const ReportAxis& a) { return a.is_numeric; });
  const std::optional<Chart> winners = winner_chart(comparison);
  if (!numeric && !winners) return;
  page.section("axes", "Over what was varied");
  const std::vector<std::string> texts = crossover_texts(comparison);
  if (!texts.empty()) {
    page.html("<h3>Where the lines cross</h3>\n");
    page.list(texts);
  } else if (numeric && comparison.series.values.size() > 1) {
    page.paragraph("No two lines cross within what was measured.");
  }
  for (std::size_t axis = 0; axis < comparison.axes.size(); ++axis) add_chart(page, axis_chart(comparison, axis));
  add_chart(page, winners);
}

void add_sequences(HtmlDocument& page, const ReportContents& contents) {
  if (contents.sequences.empty()) return;
  page.section("sequences", "A typical fault, and the worst");
  page.paragraph(
      "Messages and waits of single faults, from the run's trace: time goes down, and is not drawn to scale.", "note");
  for (std::size_t i = 0; i < contents.sequences.size(); ++i) page.html(sequence_html(contents.sequences[i], i, i > 1));
}

void add_provenance(HtmlDocument& page, const ReportContents& contents) {
  const ResultSet& results = *contents.results;
  page.section("provenance", "Where this comes from");
  std::uint64_t least = UINT64_MAX;
  std::uint64_t most = 0;
  for (const PointRecord& point : results.points())
    for (const RunRecord& run : point.runs) {
      if (!run.ran()) continue;
      least = std::min(least, run.seed);
      most = std::max(most, run.seed);
    }
  std::vector<std::string> facts{
      fmt::format("Results: {}, made by pagetoken {} on the engine {}.", results.name(),
                  fmt::join(results.versions(), ", "), fmt::join(results.engines(), ", ")),
      fmt::format("Report: made by pagetoken {} with: {}", contents.program_version, contents.command)};
  if (most >= least)
    facts.push_back(least == most ? fmt::format("Seed: {}.", least) : fmt::format("Seeds: {} to {}.", least, most));
  if (results.wall_seconds() > 0)
    facts.push_back(fmt::format("Wall time of the runs, one after another: {:.3g} s.", results.wall_seconds()));
  page.list(facts);
  for (const PointRecord& point : results.points()) {
    if (!point.config) continue;
    page.html(fmt::format(
        "<details><summary>Effective configuration of the first run</summary><pre tabindex=\"0\">{}</pre></details>\n",
        escape_html(point.config->whole.dump(2))));
    break;
  }
  page.html(
      fmt::format("<details class=\"licences\"><summary>Licences of the chart library in this file</summary><pre "
                  "tabindex=\"0\">{}</pre></details>\n",
                  escape_html(chart_licenses())));
}

}  // namespace

std::string report_html(const ReportContents& contents) {
  const Comparison comparison(*contents.results, contents.baseline);
  HtmlDocument page;
  page.section("question", "The question");
  page.list(question(comparison));
  add_verdicts(page, comparison, contents);
  page.section("table", "Comparison");
  page.table("overview", overview_table(comparison));
  page.list(assumptions(comparison));
  if (contents.before) {
    page.section("change", "What changed since " + contents.before->name());
    const ReportTable table = change_table(comparison, Comparison(*contents.before, contents.baseline));
    if (table.rows.empty())
      page.paragraph("The two have no point in common.");
    else
      page.table("changes", table);
  }
  page.section("latency-section", "Latency");
  add_chart(page, latency_chart(comparison));
  add_chart(page, heat_chart(comparison));
  page.section("messages-section", "Messages");
  add_chart(page, message_chart(comparison));
  if (!contents.certified.empty()) page.table("certified", certified_table(contents));
  add_axes(page, comparison);
  page.section("utilisation-section", "Utilisation");
  add_chart(page, utilisation_chart(comparison));
  add_sequences(page, contents);
  page.section("points", "Every point");
  const ReportTable details = detail_table(comparison);
  page.table("details", details);
  if (details.rows.size() >= kMaxDetailRows)
    page.paragraph("More points are left out here; report --csv has them all.");
  add_provenance(page, contents);
  const ResultSet& results = *contents.results;
  return page.finish(results.title().empty() ? "Comparison of " + results.name() : results.title(), {chart_library()});
}

}  // namespace pagetoken
