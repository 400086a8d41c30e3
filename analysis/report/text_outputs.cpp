// The report for other programs: Markdown and CSV.

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "analysis/report/charts.hpp"
#include "analysis/report/page.hpp"
#include "analysis/report/sections.hpp"

namespace pagetoken {
namespace {

std::string in_cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
  return out;
}

std::string markdown_table(const ReportTable& table) {
  std::string out = table.caption + "\n\n|";
  for (const std::string& column : table.columns) out += " " + in_cell(column) + " |";
  out += "\n|";
  for (std::size_t i = 0; i < table.columns.size(); ++i) out += i == 0 ? "---|" : "---:|";
  for (const auto& row : table.rows) {
    out += "\n|";
    for (const TableCell& cell : row) out += " " + in_cell(cell.text) + " |";
  }
  return out + "\n\n";
}

std::string markdown_list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += "- " + item + "\n";
  return out + "\n";
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == text.npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string report_markdown(const ReportContents& contents) {
  const ResultSet& results = *contents.results;
  const Comparison comparison(results, contents.baseline);
  std::string out = "# " + (results.title().empty() ? "Comparison of " + results.name() : results.title()) + "\n\n";
  out += markdown_list(question(comparison));
  out += "## Verdicts\n\n";
  for (const VerdictCard& card : verdicts(comparison, contents))
    out += fmt::format("- **{}**: {} ({})\n", card.name, card.verdict, fmt::join(card.facts, "; "));
  out += "\n## Comparison\n\n" + markdown_table(overview_table(comparison)) + markdown_list(assumptions(comparison));
  if (!contents.certified.empty()) out += "## Worst cases\n\n" + markdown_table(certified_table(contents));
  if (contents.before) {
    const ReportTable changes = change_table(comparison, Comparison(*contents.before, contents.baseline));
    out += fmt::format("## What changed since {}\n\n", contents.before->name()) + markdown_table(changes);
  }
  const std::vector<std::string> crossings = crossover_texts(comparison);
  if (!crossings.empty()) out += "## Where the lines cross\n\n" + markdown_list(crossings);
  out += "## Every point\n\n" + markdown_table(detail_table(comparison));
  out += fmt::format("Made by pagetoken {} with: `{}`\n", contents.program_version, contents.command);
  return out;
}

std::string report_csv(const ReportContents& contents) {
  const ResultSet& results = *contents.results;
  std::set<std::string> pointers;
  for (const PointRecord& point : results.points())
    for (const auto& [pointer, unused] : point.values.items()) pointers.insert(pointer);
  std::string out;
  for (const std::string& pointer : pointers) out += csv_field(pointer) + ",";
  out += "repetition,seed,verdict,error";
  for (const Metric& metric : metrics()) out += "," + std::string(metric.name);
  out += "\n";
  for (const PointRecord& point : results.points())
    for (const RunRecord& run : point.runs) {
      for (const std::string& pointer : pointers)
        out += csv_field(value_label(point.values.value(pointer, nlohmann::json()))) + ",";
      out += fmt::format("{},{},{},{}", run.repetition, run.ran() ? std::to_string(run.seed) : "", run.verdict,
                         csv_field(run.error));
      for (std::size_t m = 0; m < metrics().size(); ++m)
        out += run.ran() && !std::isnan(run.metrics[m]) ? fmt::format(",{}", run.metrics[m]) : ",";
      out += "\n";
    }
  return out;
}

}  // namespace pagetoken
