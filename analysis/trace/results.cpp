#include "analysis/trace/results.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>

#include "sim/base/text.hpp"
#include "sim/base/time.hpp"

namespace pagetoken {

namespace {
constexpr std::size_t kPagesTold = 200;
constexpr std::size_t kPairsTold = 1000;

AnalysisJson parts_json(const PartSums& parts) {
  AnalysisJson json;
  for (std::size_t i = 0; i < kParts; ++i) json[std::string(kPartNames[i])] = parts[i];
  return json;
}
AnalysisJson latency_json(const Histogram& h) {
  return {{"count", h.count()},      {"mean", h.mean()},          {"p50", h.quantile(0.5)}, {"p90", h.quantile(0.9)},
          {"p99", h.quantile(0.99)}, {"p999", h.quantile(0.999)}, {"max", h.max()}};
}
AnalysisJson breakdown_json(const Breakdown& b) {
  return {{"count", b.count}, {"latency_ns", b.latency_ns}, {"parts", parts_json(b.parts)}};
}
AnalysisJson resource_json(std::uint32_t file, std::uint64_t page, bool is_page) {
  AnalysisJson json{{"file", file}};
  if (is_page) json["page"] = page;
  return json;
}

AnalysisJson operation_json(const TraceAnalysis& a, const FinishedOperation& f) {
  const TracedOperation& o = f.operation;
  AnalysisJson json{{"id", o.id},
                    {"kind", kWhatNames[o.what]},
                    {"latency_ns", f.latency()},
                    {"parts", parts_json(f.parts)},
                    {"node", o.node},
                    {"begin_ns", o.begin},
                    {"file", o.file}};
  if (o.is_page) json["page"] = o.page;
  json["event"] = f.event;
  json["result"] = f.result;
  json["retries"] = o.retries;
  AnalysisJson path = AnalysisJson::array();
  for (const Segment& s : f.path) {
    AnalysisJson segment{{"at_ns", s.begin - o.begin},
                         {"ns", s.end - s.begin},
                         {"part", kPartNames[static_cast<std::size_t>(s.part)]},
                         {"node", s.node}};
    if (s.other != kNobody) segment["from"] = s.other;
    if (s.name != 0) segment["name"] = a.names().word(s.name);
    if (s.behind != 0) segment["behind"] = s.behind;
    path.push_back(std::move(segment));
  }
  json["path"] = std::move(path);
  return json;
}

AnalysisJson page_json(const TraceAnalysis& a, const PageRecord& r) {
  AnalysisJson json = resource_json(r.file, r.page, !r.is_file);
  json["faults"] = r.faults;
  json["waited_ns"] = r.waited_ns;
  json["worst_ns"] = r.worst_ns;
  json["handoffs"] = r.handoffs;
  json["messages"] = r.messages;
  json["users"] = r.users.size();
  const SharingVerdict v = a.sharing().verdict(r);
  json["sharing"] = kSharingNames[static_cast<std::size_t>(v.sharing)];
  json["ping_pong"] = v.ping_pong;
  if (v.sharing == Sharing::false_sharing) json["granularity_bytes"] = v.granularity_bytes;
  if (r.runs > 0) {
    json["run_length"] = static_cast<double>(r.run_reads + r.run_writes) / static_cast<double>(r.runs);
    json["run_writes"] = static_cast<double>(r.run_writes) / static_cast<double>(r.runs);
  }
  if (r.handoffs > 0) json["messages_per_handoff"] = static_cast<double>(r.messages) / static_cast<double>(r.handoffs);
  return json;
}

AnalysisJson files_json(const TraceAnalysis& a) {
  struct File {
    std::uint64_t faults = 0;
    std::int64_t waited_ns = 0;
    std::uint64_t handoffs = 0;
    std::uint64_t pages = 0;
  };
  std::map<std::uint32_t, File> files;
  for (const PageRecord& r : a.sharing().pages()) {
    File& f = files[r.file];
    f.faults += r.faults;
    f.waited_ns += r.waited_ns;
    f.handoffs += r.handoffs;
    f.pages += r.is_file ? 0 : 1;
  }
  std::vector<std::pair<std::uint32_t, File>> sorted(files.begin(), files.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& x, const auto& y) { return x.second.waited_ns > y.second.waited_ns; });
  AnalysisJson json = AnalysisJson::array();
  for (std::size_t i = 0; i < std::min(sorted.size(), kPagesTold); ++i) {
    const File& f = sorted[i].second;
    json.push_back({{"file", sorted[i].first},
                    {"faults", f.faults},
                    {"waited_ns", f.waited_ns},
                    {"handoffs", f.handoffs},
                    {"pages", f.pages}});
  }
  return json;
}

/// docs/protocols.md, "When a token pays": a token pays if it is used more often between handoffs than half of what a
/// handoff costs in messages.
AnalysisJson runs_json(const TraceAnalysis& a) {
  const SharingTable& s = a.sharing();
  std::uint64_t handoffs = 0;
  std::uint64_t messages = 0;
  std::uint64_t runs = 0;
  std::uint64_t accesses = 0;
  for (const PageRecord& r : s.pages()) {
    handoffs += r.handoffs;
    if (r.handoffs > 0) messages += r.messages;
    runs += r.runs;
    accesses += r.run_reads + r.run_writes;
  }
  AnalysisJson json{
      {"write", latency_json(s.write_runs())}, {"read", latency_json(s.read_runs())}, {"handoffs", handoffs}};
  if (runs > 0 && handoffs > 0) {
    const double length = static_cast<double>(accesses) / static_cast<double>(runs);
    const double cost = static_cast<double>(messages) / static_cast<double>(handoffs);
    json["mean_length"] = length;
    json["messages_per_handoff"] = cost;
    json["break_even_length"] = cost / 2;
    json["tokens_pay"] = length >= cost / 2;
  }
  return json;
}

AnalysisJson nodes_json(const TraceAnalysis& a) {
  AnalysisJson json = AnalysisJson::array();
  for (std::uint32_t n = 0; n < a.nodes().size(); ++n) {
    const NodeLoad& l = a.nodes()[n];
    if (l.handled == 0) continue;
    AnalysisJson node{{"node", n},
                      {"name", a.node_name(n)},
                      {"handled", l.handled},
                      {"busy_ns", l.busy_ns},
                      {"waited_ns", l.waited_ns},
                      {"worst_wait_ns", l.worst_wait_ns}};
    if (!a.head().roles.is_client(n) || a.nodes().size() <= 256) {
      AnalysisJson busy = AnalysisJson::array();
      const auto used = static_cast<std::size_t>(a.end_ns() / a.period_ns()) + 1;
      for (std::size_t i = 0; i < std::min(used, l.busy.size()); ++i)
        busy.push_back(std::round(l.busy[i] * 1000) / 1000);
      node["busy"] = std::move(busy);
    }
    json.push_back(std::move(node));
  }
  return json;
}
}  // namespace

std::vector<const PageRecord*> hottest_pages(const TraceAnalysis& a) {
  std::vector<const PageRecord*> pages;
  for (const PageRecord& record : a.sharing().pages())
    if (record.faults + record.handoffs > 0) pages.push_back(&record);
  std::sort(pages.begin(), pages.end(), [](const PageRecord* x, const PageRecord* y) {
    return std::tuple(y->waited_ns, y->handoffs, x->file, x->page) <
           std::tuple(x->waited_ns, x->handoffs, y->file, y->page);
  });
  if (pages.size() > kPagesTold) pages.resize(kPagesTold);
  return pages;
}

std::vector<std::vector<std::uint32_t>> sharing_groups(const TraceAnalysis& analysis) {
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(analysis.head().roles.count());
  for (const Migration& m : analysis.sharing().migrations()) boost::add_edge(m.from, m.to, graph);
  std::vector<std::size_t> component(boost::num_vertices(graph));
  if (component.empty()) return {};
  const std::size_t count = boost::strong_components(
      graph, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, graph)));
  std::vector<std::vector<std::uint32_t>> groups(count);
  for (std::uint32_t n = 0; n < component.size(); ++n) groups[component[n]].push_back(n);
  std::erase_if(groups, [](const auto& group) { return group.size() < 2; });
  std::sort(groups.begin(), groups.end(),
            [](const auto& x, const auto& y) { return x.size() != y.size() ? x.size() > y.size() : x < y; });
  return groups;
}

AnalysisJson results_json(const TraceAnalysis& a) {
  AnalysisJson json;
  json["schema"] = "pagetoken-analysis";
  json["version"] = 1;
  json["events"] = a.events();
  json["end_ns"] = a.end_ns();
  json["partial"] = a.partial();
  json["violations"] = a.violations();
  json["unmatched"] = a.odd();
  json["left_open"] = a.left_open();
  json["hits"] = a.hits();
  json["causes"] = AnalysisJson::array();
  for (const TraceCause& c : a.causes())
    json["causes"].push_back({{"kind", c.kind}, {"name", c.name}, {"share", c.share}, {"text", c.text}});
  json["breakdown"] = {{"all", breakdown_json(a.all())}, {"slowest_percent", breakdown_json(a.slowest_percent())}};
  for (std::size_t i = 0; i < kWhatNames.size(); ++i)
    if (!a.latencies()[i].empty()) json["latency_ns"][std::string(kWhatNames[i])] = latency_json(a.latencies()[i]);
  for (const auto& [name, histogram] : a.events_by_name()) json["elementary_events"][name] = latency_json(histogram);
  json["operations"] = AnalysisJson::array();
  for (const FinishedOperation& f : a.slowest()) json["operations"].push_back(operation_json(a, f));
  json["pages"] = AnalysisJson::array();
  for (const PageRecord* r : hottest_pages(a)) json["pages"].push_back(page_json(a, *r));
  json["pages_beyond_limit"] = a.sharing().pages_beyond();
  json["files"] = files_json(a);
  json["sharing"] = AnalysisJson::array();
  const auto migrations = a.sharing().migrations();
  for (std::size_t i = 0; i < std::min(migrations.size(), kPairsTold); ++i)
    json["sharing"].push_back({{"from", migrations[i].from}, {"to", migrations[i].to}, {"count", migrations[i].count}});
  json["sharing_groups"] = sharing_groups(a);
  json["runs"] = runs_json(a);
  json["period_ns"] = a.period_ns();
  json["nodes"] = nodes_json(a);
  json["anomalies"] = AnalysisJson::array();
  for (const Anomaly& anomaly : a.anomalies())
    json["anomalies"].push_back({{"kind", anomaly.kind},
                                 {"count", anomaly.count},
                                 {"worst", anomaly.worst},
                                 {"operation", anomaly.operation},
                                 {"text", anomaly.text}});
  return json;
}

// ---- Text

namespace {
std::string story(const TraceAnalysis& a, const FinishedOperation& f) {
  std::string text;
  std::int64_t told = 0;
  std::vector<const Segment*> longest;
  for (const Segment& s : f.path) longest.push_back(&s);
  std::stable_sort(longest.begin(), longest.end(),
                   [](auto* x, auto* y) { return x->end - x->begin > y->end - y->begin; });
  if (longest.size() > 3) longest.resize(3);
  for (const Segment* s : longest) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", format_duration(s->end - s->begin), kPartNames[static_cast<std::size_t>(s->part)]);
    if (s->part == Part::wire && s->other != kNobody)
      text += " from " + a.node_name(s->other) + " to " + a.node_name(s->node);
    else if (s->part == Part::storage && s->other != kNobody)
      text += " at " + a.node_name(s->other);
    else if (s->part == Part::lock)
      text += " " + a.names().word(s->name);
    else if (s->part != Part::local)
      text += " at " + a.node_name(s->node);
    told += s->end - s->begin;
  }
  if (f.latency() > told) text += ", ...";
  return text;
}
std::string breakdown_rows(const TraceAnalysis& a) {
  TextTable table({{"part"}, {"all", Align::right}, {"slowest 1 %", Align::right}});
  const Breakdown slow = a.slowest_percent();
  const auto share = [](const Breakdown& b, std::size_t i) {
    return b.latency_ns > 0 ? format_percent(static_cast<double>(b.parts[i]) / static_cast<double>(b.latency_ns))
                            : std::string("-");
  };
  for (std::size_t i = 0; i < kParts; ++i)
    table.add_row({std::string(kPartNames[i]), share(a.all(), i), share(slow, i)});
  return table.text();
}
}  // namespace

std::string results_text(const TraceAnalysis& a) {
  std::string text =
      fmt::format("{} operations in {}, {} hits beside{}{}\n", format_count(a.all().count), format_duration(a.end_ns()),
                  format_count(a.hits()), a.partial() ? ", interrupted" : "",
                  a.violations() > 0 ? fmt::format(", {} violations", a.violations()) : "");
  text += "\nWhat to look at first (causes overlap)\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(a.causes().size(), 8); ++i)
    text += fmt::format("  {:<14} {:<30} {}\n", a.causes()[i].kind, a.causes()[i].name, a.causes()[i].text);
  text += "\nWhere the time of operations went\n" + breakdown_rows(a);
  text += "\nThe slowest operations\n";
  TextTable slow({{"operation", Align::right},
                  {"kind"},
                  {"by"},
                  {"file", Align::right},
                  {"page", Align::right},
                  {"latency", Align::right},
                  {"its longest pieces"}});
  for (std::size_t i = 0; i < std::min<std::size_t>(a.slowest().size(), 5); ++i) {
    const FinishedOperation& f = a.slowest()[i];
    slow.add_row({std::to_string(f.operation.id), std::string(kWhatNames[f.operation.what]),
                  a.node_name(f.operation.node), std::to_string(f.operation.file),
                  f.operation.is_page ? std::to_string(f.operation.page) : std::string("-"),
                  format_duration(f.latency()), story(a, f)});
  }
  text += slow.text();
  const auto pages = hottest_pages(a);
  if (!pages.empty()) {
    text += "\nThe pages that were waited for longest\n";
    TextTable table({{"file", Align::right},
                     {"page", Align::right},
                     {"waited", Align::right},
                     {"faults", Align::right},
                     {"handoffs", Align::right},
                     {"accesses a run", Align::right},
                     {"sharing"}});
    for (std::size_t i = 0; i < std::min<std::size_t>(pages.size(), 8); ++i) {
      const PageRecord& r = *pages[i];
      const SharingVerdict v = a.sharing().verdict(r);
      std::string sharing(kSharingNames[static_cast<std::size_t>(v.sharing)]);
      if (v.sharing == Sharing::false_sharing) sharing += fmt::format(", ended by tokens of {} B", v.granularity_bytes);
      if (v.ping_pong) sharing += ", ping-pong";
      table.add_row({std::to_string(r.file), r.is_file ? std::string("all") : std::to_string(r.page),
                     format_duration(r.waited_ns), std::to_string(r.faults), std::to_string(r.handoffs),
                     r.runs > 0 ? fmt::format("{:.1f}", static_cast<double>(r.run_reads + r.run_writes) /
                                                            static_cast<double>(r.runs))
                                : std::string("-"),
                     sharing});
    }
    text += table.text();
  }
  const AnalysisJson runs = runs_json(a);
  if (runs.contains("tokens_pay"))
    text += fmt::format(
        "\nA node uses a page {:.1f} times before it loses it, and a handoff costs {:.1f} messages: {} (break-even "
        "{:.1f}).\n",
        runs.at("mean_length").get<double>(), runs.at("messages_per_handoff").get<double>(),
        runs.at("tokens_pay").get<bool>() ? "caching tokens pays" : "sending each access to its home would cost less",
        runs.at("break_even_length").get<double>());
  for (const Anomaly& anomaly : a.anomalies()) text += "! " + anomaly.kind + ": " + anomaly.text + "\n";
  return text;
}

std::string migration_dot(const TraceAnalysis& a) {
  std::string dot =
      "digraph migrations {\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n";
  const auto migrations = a.sharing().migrations();
  std::vector<bool> used(a.head().roles.count());
  for (const Migration& m : migrations) used[m.from] = used[m.to] = true;
  for (std::uint32_t n = 0; n < used.size(); ++n)
    if (used[n]) dot += fmt::format("  n{} [label=\"{}\"];\n", n, a.node_name(n));
  const double most = migrations.empty() ? 1 : static_cast<double>(migrations.front().count);
  for (const Migration& m : migrations)
    dot += fmt::format("  n{} -> n{} [label=\"{}\", weight={}, penwidth={:.2f}];\n", m.from, m.to, m.count, m.count,
                       0.5 + 4.5 * static_cast<double>(m.count) / most);
  return dot + "}\n";
}

}  // namespace pagetoken
