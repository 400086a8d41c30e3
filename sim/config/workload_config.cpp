#include "sim/config/workload_config.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/config/guards.hpp"
#include "sim/workload/formats.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kPartExample = R"({"weight": 1, "pattern": "uniform"})";
constexpr std::int64_t kMaxColumn = 9999;

void read_key(Section& section, WorkloadSpec& spec, const KeyInfo& key) {
  const std::optional<Value> found = section.find(key.key);
  if (!found) return;
  switch (key.type()) {
    case KeyType::whole:
      set_value(spec, key,
                static_cast<double>(
                    found->integer({static_cast<std::int64_t>(key.min), static_cast<std::int64_t>(key.max)})));
      break;
    case KeyType::number: set_value(spec, key, found->number({key.min, key.max})); break;
    case KeyType::flag: set_value(spec, key, found->flag() ? 1 : 0); break;
    case KeyType::via:
    case KeyType::think: set_value(spec, key, static_cast<double>(found->choice(names_of(key)))); break;
  }
}

void write_key(Json& json, const WorkloadSpec& spec, const KeyInfo& key) {
  Json& value = json[std::string(key.key)];
  const double number = value_of(spec, key);
  switch (key.type()) {
    case KeyType::whole: value = static_cast<std::uint64_t>(number); break;
    case KeyType::number: value = number; break;
    case KeyType::flag: value = number != 0; break;
    case KeyType::via:
    case KeyType::think: value = names_of(key)[static_cast<std::size_t>(number)]; break;
  }
}

/// The columns or headers that the fields of a csv file are in.
std::map<std::string, std::string> bind_map(const Value& value) {
  if (!value.json().is_object()) value.fail_type("an object of fields and columns");
  std::map<std::string, std::string> map;
  for (const auto& [field, column] : value.json().items()) {
    const Value entry = value.below(field, column);
    if (std::find(std::begin(kTraceFields), std::end(kTraceFields), field) == std::end(kTraceFields))
      entry.fail("unknown field", describe_allowed(field, kTraceFields));
    if (column.is_string())
      map[field] = entry.text();
    else if (column.is_number())
      map[field] = std::to_string(entry.integer({0, kMaxColumn}));
    else
      entry.fail_type("a zero-based column or the name in the header");
  }
  return map;
}

WorkloadSpec bind_trace(Section& section, const Value& path) {
  TraceSpec trace;
  if (path.text().empty()) path.fail("the file name is empty", "the path of a trace");
  trace.path = resolve_path(path.text(), path.file());
  if (const std::optional<Value> format = section.find("format"))
    trace.format = require_trace_format(format->text(), format->file(), format->pointer()).name;
  if (const std::optional<Value> map = section.find("map")) trace.map = bind_map(*map);
  trace.order = section.choice("order", trace.order, kOrderNames);
  trace.page_bytes = static_cast<std::uint64_t>(section.integer("page_bytes", 0, kTracePageRange));
  WorkloadSpec spec;
  spec.trace = trace;
  for (const KeyInfo& key : keys_of_trace()) read_key(section, spec, key);
  section.finish();
  return spec;
}

Pattern bind_pattern(const Value& value) { return static_cast<Pattern>(value.choice(pattern_names())); }

WorkloadSpec bind_part(Section& section) {
  const Value name = section.required("pattern", kPartExample);
  const Pattern pattern = bind_pattern(name);
  if (pattern == Pattern::mixed) name.fail("a part cannot be \"mixed\" itself", "any other pattern");
  WorkloadSpec spec = default_spec(pattern);
  for (const KeyInfo& key : keys_of(pattern)) read_key(section, spec, key);
  return spec;
}

std::vector<WeightedPart> bind_parts(const Value& parts) {
  std::vector<WeightedPart> result;
  for (const Value& element : parts.elements()) {
    Section section(element);
    const double weight = section.number("weight", 1, kWeightRange);
    result.push_back({weight, bind_part(section)});
    section.finish();
  }
  if (result.empty()) parts.fail("there are no parts", fmt::format("at least one, for instance {}", kPartExample));
  return result;
}

Json trace_json(const TraceSpec& trace) {
  Json json{{"trace", trace.path},
            {"format", trace.format},
            {"order", name_of(trace.order)},
            {"page_bytes", trace.page_bytes}};
  if (trace.map.empty()) return json;
  for (const auto& [field, column] : trace.map) {
    const bool is_number =
        column.size() <= 4 && !column.empty() && column.find_first_not_of("0123456789") == column.npos;
    if (is_number)
      json["map"][field] = std::stoi(column);
    else
      json["map"][field] = column;
  }
  return json;
}

}  // namespace

std::span<const std::string_view> names_of(const KeyInfo& key) {
  if (key.type() == KeyType::via) return kViaNames;
  if (key.type() == KeyType::think) return kThinkTimeNames;
  return {};
}

WorkloadSpec bind_workload(const Value& value, std::optional<std::int64_t> default_threads) {
  Section section(value);
  const std::optional<Value> trace = section.find("trace");
  if (trace) {
    if (value.json().contains("pattern"))
      section.find("pattern")->fail("\"pattern\" beside \"trace\"", "one of the two");
    return bind_trace(section, *trace);
  }
  const Pattern pattern = bind_pattern(section.required("pattern", R"("pattern": "uniform", or "trace": "file")"));
  WorkloadSpec spec = default_spec(pattern);
  if (default_threads) spec.threads = static_cast<std::uint64_t>(*default_threads);
  for (const KeyInfo& key : keys_of(pattern)) read_key(section, spec, key);
  if (pattern == Pattern::mixed)
    spec.parts = bind_parts(section.required("parts", fmt::format("\"parts\": [{}]", kPartExample)));
  section.finish();
  return spec;
}

Json workload_json(const WorkloadSpec& workload) {
  if (workload.trace) {
    Json json = trace_json(*workload.trace);
    for (const KeyInfo& key : keys_of_trace()) write_key(json, workload, key);
    return json;
  }
  Json json{{"pattern", name_of(workload.pattern)}};
  for (const KeyInfo& key : keys_of(workload.pattern)) write_key(json, workload, key);
  for (const WeightedPart& part : workload.parts) {
    Json element = workload_json(part.spec);
    element["weight"] = part.weight;
    json["parts"].push_back(std::move(element));
  }
  return json;
}

}  // namespace pagetoken
