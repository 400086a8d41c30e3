#include "analysis/statistics/summary.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "analysis/statistics/statistics.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kWriter = "what pagetoken run -o writes, or sweep";
/// What fits into 64 bits with a sign, so that it can be turned into nanoseconds.
constexpr NumberRange kQuantity{0, 9.2e18};
constexpr IntegerRange kWhole{0, INT64_MAX};

double quantity(Section& section, std::string_view key) { return written_quantity(section, key, kWriter); }
double quantity_or(Section& section, std::string_view key, double fallback) {
  return section.number(key, fallback, kQuantity);
}
Section part(Section& section, std::string_view key) { return Section(section.written(key, kWriter)); }

/// Element `i` of an array, without the price of a pointer for each: rows have thousands.
double element(const Value& array, std::size_t i, NumberRange range) {
  const Json& json = array.json().at(i);
  if (json.is_number()) {
    const double number = json.get<double>();
    if (number >= range.min && number <= range.max) return number;
  }
  return array.below(std::to_string(i), json).number(range);
}

std::size_t length(const Value& array) {
  if (!array.json().is_array()) array.fail_type("an array");
  return array.json().size();
}

LatencyRecord bind_latency(Section latency) {
  LatencyRecord record;
  record.count = quantity(latency, "count");
  record.mean_ns = quantity(latency, "mean");
  for (std::size_t q = 0; q < kQuantiles; ++q) record.quantiles_ns[q] = quantity(latency, kQuantileKeys[q]);
  Section intervals = latency.section("intervals");
  for (std::size_t q = 0; q < kQuantiles; ++q) {
    record.intervals_ns[q] = {kNoValue, kNoValue};
    const std::optional<Value> interval = intervals.find(kQuantileKeys[q]);
    if (!interval) continue;
    if (length(*interval) != 2) interval->fail(fmt::format("found {}", shown(interval->json())), "two numbers");
    for (std::size_t end = 0; end < 2; ++end) record.intervals_ns[q][end] = element(*interval, end, kQuantity);
  }
  return record;
}

EventRecord bind_event(Section event) {
  return {.count = quantity(event, "count"),
          .messages_mean = quantity(event, "messages_mean"),
          .messages_min = quantity_or(event, "messages_min", kNoValue),
          .messages_max = quantity_or(event, "messages_max", kNoValue),
          .hops_mean = quantity(event, "hops_mean"),
          .hops_min = quantity_or(event, "hops_min", kNoValue),
          .hops_max = quantity_or(event, "hops_max", kNoValue)};
}

TimelineRecord::Row bind_row(const Value& value, std::size_t bins) {
  const std::size_t cells = length(value);
  if (cells % 2 != 0) value.fail(fmt::format("found {}", shown(value.json())), "pairs of a latency bin and a count");
  if (cells > 0 && bins == 0) value.fail("counts faults in bins that have no edges", "edges in latency_edges_ns");
  TimelineRecord::Row row;
  for (std::size_t i = 0; i < cells; i += 2) {
    const double bin = element(value, i, {0, static_cast<double>(bins) - 1});
    if (bin != std::floor(bin)) value.below(std::to_string(i), value.json().at(i)).fail_type("the number of a bin");
    row.emplace_back(static_cast<std::size_t>(bin), element(value, i + 1, kQuantity));
  }
  return row;
}

TimelineRecord bind_timeline(Section timeline) {
  TimelineRecord record;
  record.bin_ns = quantity(timeline, "bin_ns");
  const Value edges = timeline.written("latency_edges_ns", kWriter);
  for (std::size_t i = 0; i < length(edges); ++i) record.edges_ns.push_back(element(edges, i, kQuantity));
  const std::size_t bins = record.edges_ns.empty() ? 0 : record.edges_ns.size() - 1;
  const Value rows = timeline.written("faults", kWriter);
  for (std::size_t i = 0; i < length(rows); ++i)
    record.rows.push_back(bind_row(rows.below(std::to_string(i), rows.json().at(i)), bins));
  return record;
}

/// The name of a thing that is written as a name, or as an object with one.
std::string name_in(const Value& value, std::string_view key) {
  if (value.json().is_string()) return value.text();
  Section section(value);
  return section.text(key, "");
}

ConfigRecord bind_config(const Value& value) {
  Section section(value);
  ConfigRecord record;
  record.whole = value.json();
  record.engine = section.text("engine", "event");
  record.protocol = name_in(section.written("protocol", kWriter), "name");
  if (const std::optional<Value> guard = section.find("guard")) {
    const std::string preset = name_in(*guard, "preset");
    const std::string name = preset.empty() ? name_in(*guard, "name") : preset;
    if (!name.empty()) record.guard = name;
  }
  const Value workload = section.written("workload", kWriter);
  Section pattern(workload);
  const bool is_trace = !pattern.text("trace", "").empty();
  record.workload = is_trace ? workload.json() : Json(pattern.text("pattern", ""));
  Section cluster = part(section, "cluster");
  record.clients = cluster.integer("clients", 0, kWhole);
  record.page_bytes = cluster.integer("page_bytes", 0, kWhole);
  Section network = cluster.section("network");
  record.bandwidth_bytes_per_s = quantity_or(network, "bandwidth_bytes_per_s", 0);
  return record;
}

void bind_counts(Section counts, Summary& summary) {
  summary.accesses = quantity(counts, "accesses");
  summary.hits = quantity(counts, "hits");
  summary.retries = quantity(counts, "retries");
  summary.invalidations = quantity(counts, "invalidations");
  Section faults = part(counts, "faults");
  summary.read_faults = quantity(faults, "read");
  summary.write_faults = quantity(faults, "write");
  summary.upgrades = quantity(faults, "upgrade");
}

void bind_messages(Section messages, Summary& summary) {
  summary.messages = quantity(messages, "total");
  summary.message_bytes = quantity(messages, "bytes");
  summary.storage_messages = quantity(messages, "storage");
  for (const auto& [name, value] : messages.written("by_type", kWriter).members()) {
    Section type(value);
    summary.by_type[name] = {quantity(type, "count"), quantity(type, "bytes")};
  }
}

void bind_verdict(Section verdict, Summary& summary) {
  summary.verdict = verdict.written("oracle", kWriter).text();
  summary.violations = static_cast<std::uint64_t>(verdict.written("violation_count", kWriter).integer(kWhole));
  for (const Value& value : verdict.written("violations", kWriter).elements()) {
    Section violation(value);
    summary.properties.insert(violation.written("property", kWriter).text());
  }
}

NodeRecord bind_node(Section node, double capacity_bytes) {
  NodeRecord record{node.written("name", kWriter).text(), quantity(node, "busy_fraction"), kNoValue, kNoValue};
  const double in = quantity(node, "bytes_in"), out = quantity(node, "bytes_out");
  if (capacity_bytes > 0) {
    record.link_in = in / capacity_bytes;
    record.link_out = out / capacity_bytes;
  }
  return record;
}

}  // namespace

double written_quantity(Section& section, std::string_view key, std::string_view writer) {
  return section.written(key, writer).number(kQuantity);
}

Summary bind_summary(const Value& value) {
  Section section(value);
  Summary summary;
  summary.version = section.written("version", kWriter).text();
  summary.engine = section.written("engine", kWriter).text();
  summary.seed = static_cast<std::uint64_t>(section.written("seed", kWriter).integer(kWhole));
  summary.digest = section.written("workload_digest", kWriter).text();
  bind_verdict(part(section, "verdict"), summary);
  summary.config = bind_config(section.written("config", kWriter));
  summary.simulated_ns = quantity(section, "simulated_ns");
  bind_counts(part(section, "counts"), summary);
  bind_messages(part(section, "messages"), summary);
  for (const auto& [name, event] : section.written("events", kWriter).members())
    summary.events[name] = bind_event(Section(event));
  Section latency = part(section, "latency_ns");
  summary.fault = bind_latency(part(latency, "fault"));
  summary.read = bind_latency(part(latency, "read"));
  summary.write = bind_latency(part(latency, "write"));
  const double capacity_bytes = summary.config.bandwidth_bytes_per_s * summary.simulated_ns / 1e9;
  for (const Value& node : section.written("nodes", kWriter).elements())
    summary.nodes.push_back(bind_node(Section(node), capacity_bytes));
  summary.timeline = bind_timeline(part(section, "timeline"));
  Section perf = section.section("perf");
  summary.wall_s = quantity_or(perf, "wall_s", 0);
  return summary;
}

}  // namespace pagetoken
