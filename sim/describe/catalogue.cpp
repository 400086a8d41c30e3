#include "sim/describe/catalogue.hpp"

#include "sim/describe/entries.hpp"

namespace pagetoken {

std::vector<CatalogueEntry> catalogue(std::span<const Declaration* const> protocols) {
  std::vector<CatalogueEntry> entries;
  const auto add = [&](Kind kind, std::string_view name, std::string_view summary) {
    entries.push_back({kind, std::string(name), std::string(summary)});
  };
  for (const Declaration* declaration : protocols) add(Kind::protocol, declaration->name, declaration->summary);
  for (const GuardPreset& preset : guard_presets()) add(Kind::guard, preset.name, preset.summary);
  for (const PatternInfo& pattern : pattern_table()) add(Kind::pattern, pattern.name, pattern.description);
  for (const Scenario& scenario : scenarios()) add(Kind::scenario, scenario.name, scenario.summary);
  for (const TraceFormat& format : trace_formats()) add(Kind::format, format.name, format.description);
  for (const PropertyMeaning& property : property_meanings()) add(Kind::property, property.name, property.meaning);
  return entries;
}

OrderedJson described(const CatalogueEntry& entry, std::span<const Declaration* const> protocols) {
  OrderedJson json{
      {"kind", kKindNames[static_cast<std::size_t>(entry.kind)]}, {"name", entry.name}, {"summary", entry.summary}};
  switch (entry.kind) {
    case Kind::protocol:
      for (const Declaration* declaration : protocols)
        if (declaration->name == entry.name) tell_protocol(json, *declaration);
      break;
    case Kind::guard: tell_guard(json, *find_guard_preset(entry.name)); break;
    case Kind::pattern: tell_pattern(json, pattern_info(*find_pattern(entry.name))); break;
    case Kind::scenario:
      for (const Scenario& scenario : scenarios())
        if (scenario.name == entry.name) tell_scenario(json, scenario);
      break;
    case Kind::format:
      for (const TraceFormat& format : trace_formats())
        if (format.name == entry.name) tell_format(json, format);
      break;
    case Kind::property:
      for (const PropertyMeaning& property : property_meanings())
        if (property.name == entry.name) tell_property(json, property);
      break;
  }
  return json;
}

OrderedJson described(const GuardPreset& guard) {
  OrderedJson json{
      {"kind", kKindNames[static_cast<std::size_t>(Kind::guard)]}, {"name", guard.name}, {"summary", guard.summary}};
  tell_guard(json, guard);
  return json;
}

}  // namespace pagetoken
