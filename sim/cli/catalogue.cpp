#include "sim/cli/catalogue.hpp"

#include <algorithm>

#include "sim/config/guards.hpp"
#include "sim/config/workload_config.hpp"
#include "sim/workload/formats.hpp"
#include "sim/workload/spec.hpp"

namespace pagetoken {
namespace {

struct Scenario {
  std::string_view name;
  std::string_view summary;
};

/// Of vm-model.md section 7, and the one that runs protocols alone.
constexpr Scenario kScenarios[] = {
    {"fault-truncate", "A read fault races a truncate to zero."},
    {"fault-revoke", "A read fault under a SHARED token races the revoke of that token and a remote write."},
    {"fault-punch", "A read fault races a hole punched into its page."},
    {"fault-invalidate", "A read fault races an invalidation inside i_size, without a token."},
    {"cow-truncate", "A write fault on a private mapping races a truncate to zero."},
    {"cow-truncate-extend", "A write fault on a private mapping races a truncate to zero and an extend."},
    {"truncate-extend", "A read fault races a truncate to zero and an extend."},
    {"two-truncates", "A read fault races a truncate, an extend, and another truncate."},
    {"fault-sibling", "Two read faults of one process race a truncate to zero."},
    {"wp-revoke", "A write fault on a read-only PTE races the revoke of its SHARED token."},
    {"revoke-orders", "Two stores race a revoke whose steps come in any order."},
    {"write-mmap-same-page", "write(2) to a page from a buffer that maps the same page, against a revoke."},
    {"cross-node-write", "Two nodes write(2) each to the file that the other's buffer maps."},
    {"fault-write-mmap", "A fault, a write(2) and a queued mmap(2) of one process, and a truncate, on one fair rwsem."},
    {"page-lock-cluster-lock",
     "A fault takes the page lock, then the token inside the read; a revoke takes them the other way."},
    {"protocol", "A protocol's messages in every order, with losses and crashes, without the VM's steps."},
};

constexpr std::string_view kGranularityNames[] = {"page", "range", "file"};
constexpr std::string_view kConsistencyNames[] = {"linearizable", "sequential", "close-to-open", "release"};
constexpr std::string_view kCachingNames[] = {"tokens", "none"};
constexpr std::string_view kRoleNames[] = {"local", "home"};

template <class E, std::size_t N>
std::string_view name_in(const std::string_view (&names)[N], E value) {
  return names[static_cast<std::size_t>(value)];
}

/// What a parameter's name ends in, where that is a unit: its last word or, for rates, the last three.
std::string_view unit_of(std::string_view name) {
  constexpr std::string_view units[] = {"bytes_per_s", "ns", "us", "ms", "s", "bytes", "pages", "permille", "percent"};
  for (const std::string_view unit : units)
    if (name.size() > unit.size() && name.ends_with(unit) && name[name.size() - unit.size() - 1] == '_') return unit;
  return "";
}

void tell_protocol(OrderedJson& json, const Declaration& declaration) {
  json["source"] = declaration.source;
  json["granularity"] = name_in(kGranularityNames, declaration.granularity);
  json["consistency"] = name_in(kConsistencyNames, declaration.consistency);
  json["caching"] = name_in(kCachingNames, declaration.caching);
  json["has_home"] = declaration.has_home;
  json["has_extend_mode"] = declaration.has_extend_mode;
  json["needs_fifo"] = declaration.needs_fifo;
  json["needs_reliable"] = declaration.needs_reliable;
  json["parameters"] = OrderedJson::array();
  for (const Parameter& p : declaration.parameters)
    json["parameters"].push_back({{"name", p.name},
                                  {"default", p.default_value},
                                  {"min", p.min},
                                  {"max", p.max},
                                  {"unit", unit_of(p.name)},
                                  {"description", p.description}});
  json["messages"] = OrderedJson::array();
  for (const MessageType& m : declaration.messages)
    json["messages"].push_back({{"name", m.name},
                                {"handled_by", name_in(kRoleNames, m.role)},
                                {"bytes", m.bytes},
                                {"description", m.description}});
  json["timers"] = OrderedJson::array();
  for (const TimerType& t : declaration.timers)
    json["timers"].push_back({{"name", t.name}, {"any_time", t.any_time}, {"ticks", t.ticks}});
}

void tell_guard(OrderedJson& json, const GuardPreset& preset) {
  json["source"] = preset.source;
  const Json switches = switches_of(preset.scheme);
  for_each_field(preset.scheme, [&](std::string_view name, const auto&) {  // in the order of the model
    json["switches"][std::string(name)] = switches[std::string(name)];
  });
}

/// A value of a key as JSON writes it: KeyInfo has them all as numbers.
OrderedJson value_of_key(const KeyInfo& key, double value) {
  if (std::holds_alternative<double WorkloadSpec::*>(key.field)) return value;
  if (std::holds_alternative<bool WorkloadSpec::*>(key.field)) return value != 0;
  if (const auto names = names_of(key); !names.empty()) return names[static_cast<std::size_t>(value)];
  return static_cast<std::int64_t>(value);
}

void tell_pattern(OrderedJson& json, const PatternInfo& pattern) {
  json["default_clients"] = pattern.default_clients;
  json["min_clients"] = pattern.min_clients;
  for (const KeyInfo& key : keys_of(pattern.pattern))
    json["keys"].push_back({{"name", key.key},
                            {"default", value_of_key(key, key.fallback)},
                            {"min", value_of_key(key, key.min)},
                            {"max", value_of_key(key, key.max)},
                            {"description", key.description}});
  if (pattern.pattern == Pattern::mixed) json["parts"] = R"("parts": [{"weight": 1, "pattern": NAME, its keys}, ...])";
}

}  // namespace

std::vector<CatalogueEntry> catalogue(std::span<const Declaration* const> protocols) {
  std::vector<CatalogueEntry> entries;
  const auto add = [&](Kind kind, std::string_view name, std::string_view summary) {
    entries.push_back({kind, std::string(name), std::string(summary)});
  };
  for (const Declaration* declaration : protocols) add(Kind::protocol, declaration->name, declaration->summary);
  for (const GuardPreset& preset : guard_presets()) add(Kind::guard, preset.name, preset.summary);
  for (const PatternInfo& pattern : pattern_table()) add(Kind::pattern, pattern.name, pattern.description);
  for (const Scenario& scenario : kScenarios) add(Kind::scenario, scenario.name, scenario.summary);
  for (const TraceFormat& format : trace_formats()) add(Kind::format, format.name, format.description);
  return entries;
}

OrderedJson described(const CatalogueEntry& entry, std::span<const Declaration* const> protocols) {
  OrderedJson json{{"kind", name_in(kKindNames, entry.kind)}, {"name", entry.name}, {"summary", entry.summary}};
  switch (entry.kind) {
    case Kind::protocol:
      for (const Declaration* declaration : protocols)
        if (declaration->name == entry.name) tell_protocol(json, *declaration);
      break;
    case Kind::guard: tell_guard(json, *find_guard_preset(entry.name)); break;
    case Kind::pattern: tell_pattern(json, pattern_info(*find_pattern(entry.name))); break;
    case Kind::scenario: break;
    case Kind::format:
      for (const TraceFormat& format : trace_formats())
        if (format.name == entry.name) json["available"] = format.available;
      break;
  }
  return json;
}

}  // namespace pagetoken
