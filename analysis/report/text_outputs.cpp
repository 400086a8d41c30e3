// The report for other programs: Markdown and CSV.

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "analysis/report/charts.hpp"
#include "analysis/report/document.hpp"
#include "analysis/report/sections.hpp"
#include "sim/base/text.hpp"

namespace pagetoken {
namespace {

/// Longer texts are shortened in their middle.
constexpr std::size_t kMostCharacters = 10'000;

/// Text of a result in Markdown: it shows as it is. What results say comes from files that anybody may have written,
/// and Markdown passes HTML through; control characters would reach the terminal of whoever looks at the file.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : one_line(text, kMostCharacters)) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '\\':
      case '`':
      case '|':
      case '[':
      case ']': out += '\\'; [[fallthrough]];
      default: out += c;
    }
  }
  return out;
}

/// Text between backticks: more of them than stand together in it, as nothing within is escaped.
std::string code(std::string_view text) {
  const std::string line = one_line(text, kMostCharacters);
  std::string fence = "`";
  while (line.find(fence) != line.npos) fence += '`';
  return fence.size() == 1 ? fence + line + fence : fence + " " + line + " " + fence;
}

std::string markdown_table(const ReportTable& table) {
  std::string out = plain(table.caption) + "\n\n|";
  for (const std::string& column : table.columns) out += " " + plain(column) + " |";
  out += "\n|";
  for (std::size_t i = 0; i < table.columns.size(); ++i) out += i == 0 ? "---|" : "---:|";
  for (const auto& row : table.rows) {
    out += "\n|";
    for (const TableCell& cell : row) out += " " + plain(cell.text) + " |";
  }
  return out + "\n\n";
}

std::string markdown_list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += "- " + plain(item) + "\n";
  return out + "\n";
}

/// A text as a field. A spreadsheet takes what begins with one of these for a formula and runs it, also in quotes: an
/// apostrophe in front makes it a text.
std::string csv_text(std::string_view text) {
  std::string field = one_line(text, kMostCharacters);
  if (!field.empty() && std::string_view("=+-@").find(field.front()) != std::string_view::npos) field = "'" + field;
  if (field.find_first_of(",\"") == field.npos) return field;
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

/// A value that was varied: numbers stay numbers.
std::string csv_value(const Json& value) { return value.is_number() ? value.dump() : csv_text(value_label(value)); }

}  // namespace

std::string report_markdown(const ReportContents& contents) {
  const ResultSet& results = *contents.results;
  const Comparison comparison(results, contents.baseline);
  std::string out =
      "# " + plain(results.title().empty() ? "Comparison of " + results.name() : results.title()) + "\n\n";
  out += markdown_list(question(comparison));
  out += "## Verdicts\n\n";
  for (const VerdictCard& card : verdicts(comparison, contents))
    out += fmt::format("- **{}**: {} ({})\n", plain(card.name), card.verdict,
                       plain(fmt::format("{}", fmt::join(card.facts, "; "))));
  out += "\n## Comparison\n\n" + markdown_table(overview_table(comparison)) + markdown_list(assumptions(comparison));
  if (!contents.certified.empty()) out += "## Worst cases\n\n" + markdown_table(certified_table(contents));
  if (contents.before) {
    const ReportTable changes = change_table(comparison, Comparison(*contents.before, contents.baseline));
    out += fmt::format("## What changed since {}\n\n", plain(contents.before->name())) + markdown_table(changes);
  }
  const std::vector<std::string> crossings = crossover_texts(comparison);
  if (!crossings.empty()) out += "## Where the lines cross\n\n" + markdown_list(crossings);
  out += "## Every point\n\n" + markdown_table(detail_table(comparison));
  out += fmt::format("Made by pagetoken {} with: {}\n", contents.program_version, code(contents.command));
  return out;
}

std::string report_csv(const ReportContents& contents) {
  const ResultSet& results = *contents.results;
  std::set<std::string> pointers;
  for (const PointRecord& point : results.points())
    for (const auto& [pointer, unused] : point.values.items()) pointers.insert(pointer);
  std::string out;
  for (const std::string& pointer : pointers) out += csv_text(pointer) + ",";
  out += "repetition,seed,verdict,error";
  for (const Metric& metric : metrics()) out += "," + std::string(metric.name);
  out += "\n";
  for (const PointRecord& point : results.points())
    for (const RunRecord& run : point.runs) {
      for (const std::string& pointer : pointers) out += csv_value(point.values.value(pointer, Json())) + ",";
      out += fmt::format("{},{},{},{}", run.repetition, run.ran() ? std::to_string(run.seed) : "",
                         csv_text(run.verdict), csv_text(run.error));
      for (std::size_t m = 0; m < metrics().size(); ++m)
        out += run.ran() && !std::isnan(run.metrics[m]) ? fmt::format(",{}", run.metrics[m]) : ",";
      out += "\n";
    }
  return out;
}

}  // namespace pagetoken
