// The summary of a run, as JSON and as text.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "analysis/statistics/statistics.hpp"
#include "sim/base/text.hpp"
#include "sim/base/time.hpp"
#include "sim/base/version.hpp"
#include "sim/run/simulate.hpp"

namespace pagetoken {
namespace {

constexpr std::pair<const char*, double> kQuantilesOfSummary[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"p9999", 0.9999}};

Json latency_json(const Histogram& h) {
  Json json{{"count", h.count()}, {"mean", h.mean()}, {"max", h.max()}};
  for (const auto& [name, q] : kQuantilesOfSummary) json[name] = h.quantile(q);
  return json;
}

/// Where each quantile lies with 95 % confidence, were the values independent; none where there are too few to say.
Json quantile_intervals(const Histogram& h) {
  Json json = Json::object();
  const auto count = static_cast<double>(h.count());
  for (const auto& [name, q] : kQuantilesOfSummary) {
    const RankInterval ranks = quantile_ranks(h.count(), q);
    if (ranks.clamped) continue;
    json[name] = {h.quantile(static_cast<double>(ranks.low) / count),
                  h.quantile(static_cast<double>(ranks.high) / count)};
  }
  return json;
}

/// Faults by when they ended and how long they took: a row of [latency bin, count, ...] for each span of time.
Json timeline_json(const FaultTimeline& timeline) {
  Json rows = Json::array();
  std::size_t last = 0;
  std::size_t first = FaultTimeline::kRows;
  for (std::size_t span = 0; span < timeline.spans(); ++span)
    for (std::size_t row = 0; row < FaultTimeline::kRows; ++row)
      if (timeline.count(span, row) > 0) {
        first = std::min(first, row);
        last = std::max(last, row);
      }
  for (std::size_t span = 0; span < timeline.spans(); ++span) {
    Json cells = Json::array();
    for (std::size_t row = first; row <= last; ++row)
      if (const std::uint64_t count = timeline.count(span, row)) {
        cells.push_back(row - first);
        cells.push_back(count);
      }
    rows.push_back(std::move(cells));
  }
  Json edges = Json::array();
  for (std::size_t row = first; row <= last + 1 && !timeline.empty(); ++row)
    edges.push_back(FaultTimeline::edge_ns(row));
  return {{"bin_ns", timeline.span_ns()}, {"latency_edges_ns", std::move(edges)}, {"faults", std::move(rows)}};
}

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

Json violations_json(const RunOutcome& outcome) {
  Json list = Json::array();
  for (const Finding& v : outcome.violations)
    list.push_back(
        {{"property", v.property.name()},
         {"time_ns", v.time_ns},
         {"node", v.node == kNoNode ? Json() : Json(index_of(v.node))},
         {"page", v.resource.kind == ResourceKind::page && v.node != kNoNode ? Json(v.resource.page) : Json()},
         {"file", v.node == kNoNode ? Json() : Json(index_of(v.resource.file))},
         {"text", v.text}});
  return list;
}

Json events_json(const Statistics& s) {
  Json events = Json::object();
  for (std::size_t e = 1; e < kElementaryEvents; ++e) {
    const EventCount& event = s.events[e];
    const double count = static_cast<double>(event.count);
    events[std::string(kElementaryEventNames[e])] = {
        {"count", event.count},
        {"messages_mean", ratio(static_cast<double>(event.messages), count)},
        {"hops_mean", ratio(static_cast<double>(event.hops), count)},
        {"latency_ns", latency_json(event.latency_ns)}};
    if (event.messages_min > event.messages_max) continue;  // none that has an end
    Json& extremes = events[std::string(kElementaryEventNames[e])];
    extremes["messages_min"] = event.messages_min;
    extremes["messages_max"] = event.messages_max;
    extremes["hops_min"] = event.hops_min;
    extremes["hops_max"] = event.hops_max;
  }
  return events;
}

Json messages_json(const Statistics& s, const Declaration& declaration) {
  Json by_type = Json::object();
  const std::size_t types = declaration.messages.size();
  for (std::size_t t = 0; t < s.by_type.size(); ++t) {
    const std::string name = (t < types ? "" : "SIZE_") + std::string(declaration.messages[t % types].name);
    by_type[name] = {{"count", s.by_type[t].count}, {"bytes", s.by_type[t].bytes}};
  }
  return {{"total", s.messages},       {"data", s.data_messages},  {"storage", s.storage_messages},
          {"after", s.messages_after}, {"bytes", s.message_bytes}, {"by_type", std::move(by_type)}};
}

Json nodes_json(const Simulated& run) {
  const Statistics& s = run.outcome.statistics;
  const double span = static_cast<double>(s.end_ns - s.start_ns);
  Json nodes = Json::array();
  for (std::uint32_t n = 0; n < s.nodes.size(); ++n)
    nodes.push_back({{"name", run.nodes.node_name(n, '-')},
                     {"messages_in", s.nodes[n].messages_in},
                     {"messages_out", s.nodes[n].messages_out},
                     {"bytes_in", s.nodes[n].bytes_in},
                     {"bytes_out", s.nodes[n].bytes_out},
                     {"busy_fraction", ratio(static_cast<double>(s.nodes[n].busy_ns), span)}});
  return nodes;
}

}  // namespace

const char* verdict_of(const Simulated& run) {
  if (run.outcome.violation_count > 0) return "violated";
  return run.config.oracle && !run.outcome.partial ? "ok" : "unknown";
}

Json summary_json(const Simulated& run) {
  const RunOutcome& o = run.outcome;
  const Statistics& s = o.statistics;
  Json latency = Json::object();
  for (std::size_t k = 0; k < kOperationKinds; ++k)
    latency[std::string(kOperationKindNames[k])] = latency_json(s.latency_ns[k]);
  latency["fault"]["intervals"] = quantile_intervals(s.latency_ns[static_cast<std::size_t>(OperationKind::fault)]);
  return {{"version", kVersion},
          {"config", run.effective_config},
          {"seed", run.config.seed},
          {"engine", kEngineNames[static_cast<std::size_t>(run.config.engine)]},
          {"fingerprint", o.fingerprint},
          {"verdict",
           {{"oracle", verdict_of(run)}, {"violation_count", o.violation_count}, {"violations", violations_json(o)}}},
          {"partial", o.partial},
          {"counts",
           {{"accesses", s.accesses},
            {"hits", s.hits},
            {"minor_faults", s.minor_faults},
            {"retries", s.retries},
            {"sigbus", s.sigbus},
            {"refused", s.refused},
            {"errors", s.errors},
            {"invalidations", s.invalidations},
            {"downgrades", s.downgrades},
            {"faults", {{"read", s.read_faults}, {"write", s.write_faults}, {"upgrade", s.upgrades}}}}},
          {"workload_digest", run.workload_digest},
          {"simulated_ns", s.end_ns - s.start_ns},
          {"events", events_json(s)},
          {"messages", messages_json(s, *run.declaration)},
          {"latency_ns", std::move(latency)},
          {"nodes", nodes_json(run)},
          {"timeline", timeline_json(s.timeline)},
          {"perf",
           {{"events", o.events},
            {"wall_s", run.wall_s},
            {"events_per_s", ratio(static_cast<double>(o.events), run.wall_s)},
            {"accesses_per_s", ratio(static_cast<double>(o.total_accesses), run.wall_s)},
            {"messages_per_s", ratio(static_cast<double>(s.messages), run.wall_s)},
            {"peak_rss_bytes", run.peak_rss_bytes}}}};
}

std::string summary_text(const Simulated& run) {
  const RunOutcome& o = run.outcome;
  const Statistics& s = o.statistics;
  std::string out = fmt::format("verdict    {}", verdict_of(run));
  if (!run.config.oracle) out += " (the oracle was turned off)";
  if (o.partial) out += " (interrupted: what was done until then)";
  out += '\n';
  for (std::size_t i = 0; i < o.violations.size() && i < 3; ++i)
    out += fmt::format("  {} at {}: {}\n", o.violations[i].property.name(), format_duration(o.violations[i].time_ns),
                       o.violations[i].text);
  if (o.violation_count > 3) out += fmt::format("  and {} more\n", format_count(o.violation_count - 3));
  out += fmt::format("protocol   {}, guard {}, {} clients, seed {}\n", run.config.protocol.name, run.config.guard.name,
                     run.nodes.clients, run.config.seed);
  const double accesses = static_cast<double>(s.accesses);
  out += fmt::format("accesses   {} in {}, {} hits ({} minor faults)\n", format_count(s.accesses),
                     format_duration(s.end_ns - s.start_ns),
                     format_percent(ratio(static_cast<double>(s.hits), accesses)), format_count(s.minor_faults));
  out += fmt::format("faults     {} read, {} write, {} upgrade, {} retries, {} SIGBUS\n", format_count(s.read_faults),
                     format_count(s.write_faults), format_count(s.upgrades), format_count(s.retries),
                     format_count(s.sigbus));
  out += fmt::format("copies     {} invalidated, {} downgraded\n", format_count(s.invalidations),
                     format_count(s.downgrades));
  out += fmt::format("messages   {} ({:.3f} an access), {} with data, {}, storage {}\n", format_count(s.messages),
                     ratio(static_cast<double>(s.messages), accesses), format_count(s.data_messages),
                     format_bytes(s.message_bytes), format_count(s.storage_messages));
  TextTable latency({{"latency"},
                     {"count", Align::right},
                     {"mean", Align::right},
                     {"p50", Align::right},
                     {"p99", Align::right},
                     {"p99.9", Align::right},
                     {"max", Align::right}});
  for (std::size_t k = 0; k < kOperationKinds; ++k) {
    const Histogram& h = s.latency_ns[k];
    if (h.empty()) continue;
    latency.add_row({std::string(kOperationKindNames[k]), format_count(h.count()),
                     format_duration(static_cast<std::int64_t>(h.mean())), format_duration(h.quantile(0.5)),
                     format_duration(h.quantile(0.99)), format_duration(h.quantile(0.999)), format_duration(h.max())});
  }
  out += '\n' + latency.text();
  TextTable events({{"event"},
                    {"count", Align::right},
                    {"messages", Align::right},
                    {"hops", Align::right},
                    {"p50", Align::right},
                    {"p99", Align::right}});
  bool any = false;
  for (std::size_t e = 1; e < kElementaryEvents; ++e) {
    const EventCount& event = s.events[e];
    if (event.count == 0) continue;
    any = true;
    const double count = static_cast<double>(event.count);
    const bool timed = !event.latency_ns.empty();
    events.add_row({std::string(kElementaryEventNames[e]), format_count(event.count),
                    fmt::format("{:.2f}", static_cast<double>(event.messages) / count),
                    fmt::format("{:.2f}", static_cast<double>(event.hops) / count),
                    timed ? format_duration(event.latency_ns.quantile(0.5)) : "-",
                    timed ? format_duration(event.latency_ns.quantile(0.99)) : "-"});
  }
  if (any) out += '\n' + events.text();
  out += fmt::format("\n{} events in {:.2f} s ({}), fingerprint {}\n", format_count(o.events), run.wall_s,
                     format_rate(ratio(static_cast<double>(o.events), run.wall_s)), o.fingerprint.substr(0, 16));
  return out;
}

}  // namespace pagetoken
