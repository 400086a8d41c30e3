#include "analysis/trace/document.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/picture/asset.hpp"
#include "analysis/picture/html_document.hpp"
#include "analysis/trace/results.hpp"
#include "sim/base/html.hpp"
#include "sim/base/text.hpp"
#include "sim/base/time.hpp"

namespace pagetoken {
namespace {

PAGETOKEN_ASSET(trace_style, "document.css")
PAGETOKEN_ASSET(trace_script, "document.js")

constexpr std::size_t kPagesShown = 50;
constexpr std::size_t kMigrationsShown = 100;
constexpr std::size_t kLoadsShown = 16;

TableCell duration_cell(double ns) { return {format_duration(static_cast<std::int64_t>(ns)), ns}; }
template <class T>
TableCell number_cell(T value) {
  return {std::to_string(value), static_cast<double>(value)};
}
double share_of(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

/// "wire 47 %, queue 30 %": those that are there.
std::string sums_text(const PartSums& parts, std::int64_t whole) {
  std::string text;
  for (std::size_t i = 0; i < kParts; ++i)
    if (parts[i] > 0)
      text +=
          fmt::format("{}{} {}", text.empty() ? "" : ", ", kPartNames[i], format_percent(share_of(parts[i], whole)));
  return text;
}

std::string bar_html(const Breakdown& sums) {
  const std::string text = sums_text(sums.parts, sums.latency_ns);
  std::string html = fmt::format("<div class=\"bar\" role=\"img\" aria-label=\"{}\">", text);
  for (std::size_t i = 0; i < kParts; ++i)
    if (sums.parts[i] > 0)
      html += fmt::format("<span class=\"{0}\" title=\"{0} {1}\" style=\"width:{2:.4f}%\">{0}</span>", kPartNames[i],
                          format_duration(sums.parts[i]), 100 * share_of(sums.parts[i], sums.latency_ns));
  return html + fmt::format("</div>\n<p class=\"note\">{}</p>\n", text);
}

ReportTable causes_table(const TraceAnalysis& a) {
  ReportTable table{"Causes, largest share of the sum of all latencies first; they overlap",
                    {"cause", "name", "share", "what it is"},
                    {}};
  for (const TraceCause& c : a.causes())
    table.rows.push_back({{std::string(c.kind)}, {c.name}, {format_percent(c.share), c.share}, {c.text}});
  return table;
}

ReportTable latency_table(const TraceAnalysis& a) {
  ReportTable table{"Latency of operations", {"kind", "count", "mean", "p50", "p99", "p99.9", "max"}, {}};
  const auto add = [&](std::string_view name, const Histogram& h) {
    table.rows.push_back({{std::string(name)},
                          number_cell(h.count()),
                          duration_cell(h.mean()),
                          duration_cell(static_cast<double>(h.quantile(0.5))),
                          duration_cell(static_cast<double>(h.quantile(0.99))),
                          duration_cell(static_cast<double>(h.quantile(0.999))),
                          duration_cell(static_cast<double>(h.max()))});
  };
  for (std::size_t i = 0; i < kWhatNames.size(); ++i)
    if (!a.latencies()[i].empty()) add(kWhatNames[i], a.latencies()[i]);
  for (const auto& [name, histogram] : a.events_by_name())
    if (name != "none") add(name, histogram);
  return table;
}

ReportTable operations_table(const TraceAnalysis& a) {
  ReportTable table{"The slowest operations: choose one to see its story below",
                    {"operation", "kind", "by", "file", "page", "latency", "event", "result", "retries"},
                    {}};
  for (std::size_t i = 0; i < a.slowest().size(); ++i) {
    const FinishedOperation& f = a.slowest()[i];
    const TracedOperation& o = f.operation;
    table.rows.push_back(
        {{std::to_string(o.id), std::nullopt, std::to_string(i)},  // ids may be beyond what a double holds
         {std::string(kWhatNames[o.what])},
         {a.node_name(o.node)},
         number_cell(o.file),
         o.is_page ? number_cell(o.page) : TableCell{"size"},
         duration_cell(static_cast<double>(f.latency())),
         {f.event},
         {f.result},
         number_cell(o.retries)});
  }
  return table;
}

/// What the script shows of an operation.
AnalysisJson story_json(const TraceAnalysis& a, const FinishedOperation& f) {
  const TracedOperation& o = f.operation;
  AnalysisJson story;
  story["title"] =
      fmt::format("{} by {} of file {}{}: {}", kWhatNames[o.what], a.node_name(o.node), o.file,
                  o.is_page ? fmt::format(" page {}", o.page) : std::string(), format_duration(f.latency()));
  story["sums"] = sums_text(f.parts, f.latency());
  story["parts"] = AnalysisJson::array();
  for (std::size_t i = 0; i < kParts; ++i)
    if (f.parts[i] > 0)
      story["parts"].push_back({kPartNames[i], share_of(f.parts[i], f.latency()), format_duration(f.parts[i])});
  story["path"] = AnalysisJson::array();
  for (const Segment& s : f.path)
    story["path"].push_back(
        fmt::format("{} {}{} at {}{}", format_duration(s.end - s.begin), kPartNames[static_cast<std::size_t>(s.part)],
                    s.other == kNobody ? std::string() : " from " + a.node_name(s.other), a.node_name(s.node),
                    s.name == 0 ? std::string() : fmt::format(" ({})", a.names().word(s.name))));
  return story;
}

ReportTable pages_table(const TraceAnalysis& a) {
  ReportTable table{"Pages that were waited for longest",
                    {"page", "waited", "faults", "handoffs", "users", "accesses a run", "sharing"},
                    {}};
  const std::vector<const PageRecord*> pages = hottest_pages(a);
  for (std::size_t i = 0; i < std::min(pages.size(), kPagesShown); ++i) {
    const PageRecord& r = *pages[i];
    const SharingVerdict v = a.sharing().verdict(r);
    std::string sharing(kSharingNames[static_cast<std::size_t>(v.sharing)]);
    if (v.sharing == Sharing::false_sharing) sharing += fmt::format(", ended by tokens of {} B", v.granularity_bytes);
    if (v.ping_pong) sharing += ", ping-pong";
    const double run = r.runs > 0 ? static_cast<double>(r.run_reads + r.run_writes) / static_cast<double>(r.runs) : 0;
    table.rows.push_back({{r.is_file ? fmt::format("{}: all", r.file) : fmt::format("{}: {}", r.file, r.page)},
                          duration_cell(static_cast<double>(r.waited_ns)),
                          number_cell(r.faults),
                          number_cell(r.handoffs),
                          number_cell(r.users.size()),
                          {r.runs > 0 ? fmt::format("{:.1f}", run) : std::string("-"), run},
                          {sharing}});
  }
  return table;
}

ReportTable migrations_table(const TraceAnalysis& a) {
  ReportTable table{"Who takes tokens from whom", {"from", "to", "handoffs"}, {}};
  const auto migrations = a.sharing().migrations();
  for (std::size_t i = 0; i < std::min(migrations.size(), kMigrationsShown); ++i)
    table.rows.push_back(
        {{a.node_name(migrations[i].from)}, {a.node_name(migrations[i].to)}, number_cell(migrations[i].count)});
  return table;
}

/// How busy a node was over time, a bar a period.
std::string load_html(const TraceAnalysis& a, std::uint32_t n) {
  const NodeLoad& load = a.nodes()[n];
  const std::string name = a.node_name(n);
  const auto used = std::min(static_cast<std::size_t>(a.end_ns() / a.period_ns()) + 1, load.busy.size());
  std::string svg = fmt::format(
      "<figure class=\"load\"><figcaption>{0}: busy {1}, {2} handled, longest wait {3}</figcaption><svg viewBox=\"0 0 "
      "{4} 1\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"share of each {5} in which {0} is busy\">",
      name, format_duration(load.busy_ns), load.handled, format_duration(load.worst_wait_ns), used,
      format_duration(a.period_ns()));
  for (std::size_t i = 0; i < used; ++i)
    if (const float busy = std::min(load.busy[i], 1.0f); busy > 0)
      svg += fmt::format("<rect x=\"{}\" y=\"{:.3f}\" width=\"0.9\" height=\"{:.3f}\"/>", i, 1 - busy, busy);
  return svg + "</svg></figure>\n";
}

/// Homes and storage; the busiest clients where no node is a home alone.
std::vector<std::uint32_t> loads_shown(const TraceAnalysis& a) {
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t n = a.head().roles.managers > 0 ? a.head().roles.clients : 0; n < a.nodes().size(); ++n)
    if (!a.nodes()[n].busy.empty()) nodes.push_back(n);
  std::stable_sort(nodes.begin(), nodes.end(),
                   [&](std::uint32_t x, std::uint32_t y) { return a.nodes()[x].busy_ns > a.nodes()[y].busy_ns; });
  if (nodes.size() > kLoadsShown) nodes.resize(kLoadsShown);
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

void add_operations(HtmlDocument& page, const TraceAnalysis& a, const std::map<std::uint64_t, std::string>& sequences) {
  page.section("slowest", "The slowest operations");
  page.table("operations", operations_table(a), false);
  page.html("<div id=\"story\" aria-live=\"polite\"></div>\n");
  AnalysisJson stories = AnalysisJson::array();
  for (std::size_t i = 0; i < a.slowest().size(); ++i) {
    stories.push_back(story_json(a, a.slowest()[i]));
    const auto drawn = sequences.find(a.slowest()[i].operation.id);
    if (drawn != sequences.end())
      page.html(fmt::format("<template id=\"operation-{}\">{}</template>\n", i, drawn->second));
  }
  page.html("<script type=\"application/json\" id=\"operations-data\">" + script_json(stories.dump()) + "</script>\n");
}

}  // namespace

std::string results_document(const TraceAnalysis& a, const std::string& title,
                             const std::map<std::uint64_t, std::string>& sequences) {
  HtmlDocument page;
  page.section("causes-section", "What to look at first");
  page.paragraph(fmt::format("{} operations in {}, {} hits beside{}{}.", a.all().count, format_duration(a.end_ns()),
                             a.hits(), a.partial() ? ", interrupted" : "",
                             a.violations() > 0 ? fmt::format(", {} violations", a.violations()) : ""),
                 "note");
  page.table("causes", causes_table(a));
  page.section("breakdown", "Where the time of operations went");
  const Breakdown slowest = a.slowest_percent();
  page.html(fmt::format("<h3>All {} operations</h3>\n{}", a.all().count, bar_html(a.all())));
  page.html(fmt::format("<h3>The slowest 1 %, {} operations</h3>\n{}", slowest.count, bar_html(slowest)));
  page.table("latencies", latency_table(a));
  add_operations(page, a, sequences);
  page.section("pages-section", "Hot pages");
  page.table("pages", pages_table(a), false);
  page.section("sharing-section", "Who takes tokens from whom");
  page.table("sharing", migrations_table(a), false);
  page.section("load", "Load over time");
  for (const std::uint32_t n : loads_shown(a)) page.html(load_html(a, n));
  page.section("anomalies", "Anomalies");
  std::vector<std::string> anomalies;
  for (const Anomaly& anomaly : a.anomalies()) anomalies.push_back(fmt::format("{}: {}", anomaly.kind, anomaly.text));
  if (anomalies.empty())
    page.paragraph("None.");
  else
    page.list(anomalies);
  return page.finish(title, {trace_script()}, trace_style());
}

}  // namespace pagetoken
