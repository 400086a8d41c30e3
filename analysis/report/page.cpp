// The report as HTML.

#include "analysis/report/page.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analysis/report/assets.hpp"
#include "analysis/report/charts.hpp"
#include "analysis/report/sections.hpp"
#include "analysis/report/sequence.hpp"
#include "sim/base/html.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;

/// JSON that no HTML parser ends early.
std::string embedded(const Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

/// Builds the page; a section with a heading has its place in the contents.
class Page {
 public:
  void section(const std::string& id, const std::string& title) {
    if (open_) body_ += "</section>\n";
    open_ = true;
    contents_.emplace_back(id, title);
    body_ += fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n", id, escape_html(title));
  }
  void html(std::string_view text) { body_ += text; }
  void paragraph(std::string_view text, std::string_view kind = "") {
    body_ += kind.empty() ? fmt::format("<p>{}</p>\n", escape_html(text)) : fmt::format("<p class=\"{}\">{}</p>\n", kind, escape_html(text));
  }
  void list(const std::vector<std::string>& items) {
    body_ += "<ul>\n";
    for (const std::string& item : items) body_ += fmt::format("<li>{}</li>\n", escape_html(item));
    body_ += "</ul>\n";
  }

  void table(const std::string& id, const ReportTable& table) {
    body_ += fmt::format("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table class=\"data\" id=\"{1}\"><caption>{0}</caption>\n<thead><tr>",
                         escape_html(table.caption), id);
    for (const std::string& column : table.columns)
      body_ += fmt::format("<th scope=\"col\" aria-sort=\"none\"><button type=\"button\">{}</button></th>", escape_html(column));
    body_ += "</tr></thead>\n<tbody>\n";
    for (const auto& row : table.rows) {
      body_ += "<tr>";
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string value = row[i].number && std::isfinite(*row[i].number) ? fmt::format(" data-value=\"{:.10g}\"", *row[i].number) : "";
        const char* kind = i == 0 || row[i].number ? "" : " class=\"text\"";
        body_ += i == 0 ? fmt::format("<th scope=\"row\"{}>{}</th>", value, escape_html(row[i].text))
                        : fmt::format("<td{}{}>{}</td>", kind, value, escape_html(row[i].text));
      }
      body_ += "</tr>\n";
    }
    body_ += "</tbody></table></div>\n";
  }

  void chart(const std::optional<Chart>& chart) {
    if (!chart) return;
    body_ += fmt::format("<h3 id=\"t-{0}\">{1}</h3>\n<figure class=\"vega\" id=\"{0}\" aria-labelledby=\"t-{0}\">\n<div class=\"chart\"></div>\n"
                         "<div class=\"tools\"></div>\n<figcaption>{2}</figcaption>\n<script type=\"application/json\">{3}</script>\n</figure>\n",
                         chart->id, escape_html(chart->title), escape_html(chart->note), embedded(chart->spec));
    body_ += fmt::format("<details><summary>The numbers of this figure: {}</summary>\n", escape_html(chart->title));
    table("table-" + chart->id, chart->table);
    body_ += "</details>\n";
  }

  std::string finish(const std::string& title) {
    if (open_) body_ += "</section>\n";
    std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
                      "<link rel=\"icon\" href=\"data:,\">\n";
    out += fmt::format("<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n", escape_html(title), page_style(), escape_html(title));
    out += "<nav aria-label=\"Sections\"><ul>";
    for (const auto& [id, name] : contents_) out += fmt::format("<li><a href=\"#{}\">{}</a></li>", id, escape_html(name));
    out += "</ul></nav>\n</header>\n<main>\n" + body_ + "</main>\n<script>\n";
    out += chart_library();
    out += "\n</script>\n<script>\n";
    out += page_script();
    out += "</script>\n</body>\n</html>\n";
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> contents_;
  std::string body_;
  bool open_ = false;
};

void add_verdicts(Page& page, const Comparison& comparison, const ReportContents& contents) {
  page.section("verdicts", "Verdicts");
  page.html("<ul class=\"strip\">\n");
  for (const VerdictCard& card : verdicts(comparison, contents)) {
    page.html(fmt::format("<li class=\"{0}\"><strong>{1}</strong> <span class=\"verdict\">{0}</span>", escape_html(card.verdict), escape_html(card.name)));
    page.list(card.facts);
    page.html("</li>\n");
  }
  page.html("</ul>\n");
}

void add_axes(Page& page, const Comparison& comparison) {
  const bool numeric = std::any_of(comparison.axes.begin(), comparison.axes.end(), [](const ReportAxis& a) { return a.is_numeric; });
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
  for (std::size_t axis = 0; axis < comparison.axes.size(); ++axis) page.chart(axis_chart(comparison, axis));
  page.chart(winners);
}

void add_sequences(Page& page, const ReportContents& contents) {
  if (contents.sequences.empty()) return;
  page.section("sequences", "A typical fault, and the worst");
  page.paragraph("Messages and waits of single faults, from the run's trace: time goes down, and is not drawn to scale.", "note");
  for (std::size_t i = 0; i < contents.sequences.size(); ++i)
    page.html(sequence_html(contents.sequences[i], i, i > 1));
}

void add_provenance(Page& page, const ReportContents& contents) {
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
      fmt::format("Results: {}, made by pagetoken {} on the engine {}.", results.name(), fmt::join(results.versions(), ", "), fmt::join(results.engines(), ", ")),
      fmt::format("Report: made by pagetoken {} with: {}", contents.program_version, contents.command)};
  if (most >= least) facts.push_back(least == most ? fmt::format("Seed: {}.", least) : fmt::format("Seeds: {} to {}.", least, most));
  if (results.wall_seconds() > 0) facts.push_back(fmt::format("Wall time of the runs, one after another: {:.3g} s.", results.wall_seconds()));
  page.list(facts);
  for (const PointRecord& point : results.points()) {
    if (point.config.is_null()) continue;
    page.html(fmt::format("<details><summary>Effective configuration of the first run</summary><pre tabindex=\"0\">{}</pre></details>\n", escape_html(point.config.dump(2))));
    break;
  }
  page.html(fmt::format("<details class=\"licences\"><summary>Licences of the chart library in this file</summary><pre tabindex=\"0\">{}</pre></details>\n", escape_html(chart_licenses())));
}

}  // namespace

std::string report_html(const ReportContents& contents) {
  const Comparison comparison(*contents.results, contents.baseline);
  Page page;
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
  page.chart(latency_chart(comparison));
  page.chart(heat_chart(comparison));
  page.section("messages-section", "Messages");
  page.chart(message_chart(comparison));
  add_axes(page, comparison);
  page.section("utilisation-section", "Utilisation");
  page.chart(utilisation_chart(comparison));
  add_sequences(page, contents);
  page.section("points", "Every point");
  const ReportTable details = detail_table(comparison);
  page.table("details", details);
  if (details.rows.size() >= kMaxDetailRows) page.paragraph("More points are left out here; report --csv has them all.");
  add_provenance(page, contents);
  const ResultSet& results = *contents.results;
  return page.finish(results.title().empty() ? "Comparison of " + results.name() : results.title());
}

}  // namespace pagetoken
