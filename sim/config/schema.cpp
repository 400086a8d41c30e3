#include "sim/config/schema.hpp"

#include <type_traits>
#include <utility>

#include "sim/config/axis.hpp"
#include "sim/config/cluster_config.hpp"
#include "sim/config/costs.hpp"
#include "sim/config/network_config.hpp"
#include "sim/config/sweep_config.hpp"
#include "sim/config/workload_config.hpp"

namespace pagetoken {
namespace {

Json with_description(Json schema, std::string_view description) {
  schema["description"] = description;
  return schema;
}

Json integer_schema(std::int64_t min, std::int64_t max) {
  return {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}

template <class Names>
Json enum_schema(const Names& names) {
  Json schema{{"type", "string"}};
  for (const std::string_view name : names) schema["enum"].push_back(name);
  return schema;
}

/// An object that has no other keys.
Json object_schema(Json properties, const std::vector<std::string>& required = {}) {
  Json schema{{"type", "object"}, {"additionalProperties", false}};
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = required;
  return schema;
}

Json any_of(std::vector<Json> alternatives) { return {{"anyOf", std::move(alternatives)}}; }

template <class T>
Json integer_properties(std::span<const IntegerKey<T>> keys) {
  Json properties = Json::object();
  const T defaults;
  for (const IntegerKey<T>& key : keys) {
    Json& property = properties[std::string(key.key)];
    property = with_description(integer_schema(key.range.min, key.range.max), key.description);
    property["default"] = defaults.*key.member;
  }
  return properties;
}

Json protocol_schema() {
  const Json text{{"type", "string"}};
  const Json value{{"type", {"integer", "boolean"}}};
  const Json params{{"type", "object"}, {"additionalProperties", value}};
  return with_description(any_of({text, object_schema({{"name", text}, {"params", params}}, {"name"})}),
                          "a name of `pagetoken list protocols`; parameters as `pagetoken describe NAME` tells them");
}

Json guard_schema() {
  const Json text{{"type", "string"}};
  Json properties{
      {"preset", text}, {"name", text}, {"order", {{"type", "integer"}}}, {"source", text}, {"summary", text}};
  const GuardScheme defaults;
  for_each_field(defaults, [&](std::string_view name, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, bool>)
      properties[std::string(name)] = {{"type", "boolean"}};
    else
      properties[std::string(name)] = enum_schema(SwitchNames<Member>::names);
  });
  return with_description(
      any_of({text, object_schema(properties)}),
      "a name of `pagetoken list guards`, the path of a file of switches, or switches, with a preset or without");
}

Json topology_schema() {
  const Json text{{"type", "string"}};
  Json platform{{"platform", {{"type", "string"}, {"minLength", 1}}}};
  for (const auto& [key, member] : kRolePatterns)
    platform[std::string(key)] = with_description(text, "which hosts: * stands for any letters, ? for one");
  std::vector<Json> alternatives{enum_schema(kTopologyNames), object_schema(platform, {"platform"})};
  for (std::size_t kind = 0; kind < kTopologyNames.size(); ++kind) {
    Json properties = integer_properties(topology_keys(static_cast<TopologyKind>(kind)));
    properties["name"] = {{"const", kTopologyNames[kind]}};
    for (const ListKey& list : topology_lists(static_cast<TopologyKind>(kind)))
      properties[std::string(list.key)] = with_description({{"type", "array"},
                                                            {"minItems", 1},
                                                            {"maxItems", kMaxListLength},
                                                            {"items", integer_schema(kListRange.min, kListRange.max)}},
                                                           list.description);
    alternatives.push_back(object_schema(properties, {"name"}));
  }
  return with_description(any_of(std::move(alternatives)), "by name, with keys of its own, or a SimGrid platform file");
}

Json network_schema() {
  Json properties = integer_properties(network_keys());
  properties["topology"] = topology_schema();
  properties["contention"] =
      with_description(enum_schema(kContentionNames),
                       "how transfers on one link delay each other; none on the event engine, fluid on simgrid");
  return object_schema(properties);
}

Json simgrid_schema() {
  const Json factor{{"type", "number"}, {"minimum", kFactorRange.min}, {"maximum", kFactorRange.max}};
  const Json value{{"type", {"string", "number", "boolean"}}};
  Json properties{
      {"network_model", with_description(enum_schema(kNetworkModelNames), kModelHelp)},
      {"latency_factor",
       with_description(factor, "what latencies are multiplied by; by default the model's; 0 = its own")},
      {"bandwidth_factor",
       with_description(factor, "what bandwidths are multiplied by; by default the model's; 0 = its own")},
      {"crosstraffic",
       with_description({{"type", "boolean"}, {"default", false}}, "acknowledgements take 5 % on the way back")},
      {"transport", with_description(enum_schema(kTransportNames), "kernel is faster; both give the same results")},
      {"options", with_description({{"type", "object"}, {"additionalProperties", value}}, "SimGrid's own, passed on")}};
  return with_description(object_schema(properties), "what only the engine simgrid looks at");
}

Json cluster_schema() {
  Json properties = integer_properties(cluster_keys());
  properties["clients"]["default"] = kDefaultClients;
  properties["placement"] = with_description(enum_schema(kPlacementNames), "where homes are");
  properties["network"] = network_schema();
  properties["storage"] = object_schema(integer_properties(storage_keys()));
  return object_schema(properties);
}

Json costs_schema() {
  const Json preset{{"enum", {"modern", "2003", 2003}}};
  Json properties{{"preset", preset}};
  for_each_step(std::as_const(kModernCosts), [&](std::string_view name, std::int64_t cost) {
    properties[std::string(name)] = integer_schema(kStepRange.min, kStepRange.max);
    properties[std::string(name)]["default"] = cost;
  });
  properties["sigma"] = {
      {"type", "number"}, {"minimum", kSigmaRange.min}, {"maximum", kSigmaRange.max}, {"default", 0}};
  return with_description(any_of({preset, object_schema(properties)}),
                          "nanoseconds of the steps: a preset, or steps on top of one");
}

Json key_schema(const KeyInfo& key) {
  const auto limits = [&](std::string_view type) {
    Json schema{{"type", type}};
    schema["minimum"] = type == "integer" ? Json(static_cast<std::int64_t>(key.min)) : Json(key.min);
    schema["maximum"] = type == "integer" ? Json(static_cast<std::int64_t>(key.max)) : Json(key.max);
    schema["default"] = type == "integer" ? Json(static_cast<std::int64_t>(key.fallback)) : Json(key.fallback);
    return schema;
  };
  Json schema;
  if (key.type() == KeyType::whole)
    schema = limits("integer");
  else if (key.type() == KeyType::number)
    schema = limits("number");
  else if (key.type() == KeyType::flag)
    schema = {{"type", "boolean"}, {"default", key.fallback != 0}};
  else
    schema = enum_schema(names_of(key));
  return with_description(schema, key.description);
}

/// One pattern with its keys; `is_part` of a mixed workload, it has a weight.
Json pattern_schema(const PatternInfo& info, bool is_part) {
  Json properties{{"pattern", {{"const", info.name}}}};
  for (const KeyInfo& key : keys_of(info.pattern)) properties[std::string(key.key)] = key_schema(key);
  if (is_part)
    properties["weight"] = {
        {"type", "number"}, {"minimum", kWeightRange.min}, {"maximum", kWeightRange.max}, {"default", 1}};
  std::vector<std::string> required{"pattern"};
  if (info.pattern == Pattern::mixed) {
    properties["parts"] = {{"type", "array"}, {"minItems", 1}, {"items", {{"$ref", "#/definitions/part"}}}};
    required.push_back("parts");
  }
  return with_description(object_schema(properties, required), info.description);
}

Json trace_schema() {
  Json fields = Json::object();
  for (const std::string_view field : kTraceFields)
    fields[std::string(field)] = {{"type", {"integer", "string"}}, {"minimum", 0}};
  Json properties{{"trace", {{"type", "string"}, {"minLength", 1}}}, {"format", {{"type", "string"}}}};
  properties["map"] = with_description(object_schema(fields), "field -> zero-based column, or name in the header");
  properties["order"] = enum_schema(kOrderNames);
  properties["page_bytes"] = with_description(integer_schema(kTracePageRange.min, kTracePageRange.max),
                                              "unit of the field `page`; 0 = that of the cluster");
  for (const KeyInfo& key : keys_of_trace()) properties[std::string(key.key)] = key_schema(key);
  return with_description(object_schema(properties, {"trace"}), "a recorded workload");
}

Json workload_schema() {
  std::vector<Json> alternatives;
  for (const PatternInfo& info : pattern_table()) alternatives.push_back(pattern_schema(info, false));
  alternatives.push_back(trace_schema());
  return any_of(std::move(alternatives));
}

Json part_schema() {
  std::vector<Json> alternatives;
  for (const PatternInfo& info : pattern_table())
    if (info.pattern != Pattern::mixed) alternatives.push_back(pattern_schema(info, true));
  return any_of(std::move(alternatives));
}

Json limits_schemas(Json properties) {
  const Json accesses = with_description(integer_schema(kAccessRange.min, kAccessRange.max), "total over the cluster");
  properties["warmup"] = object_schema({{"accesses", accesses}});
  const Json stop_accesses = with_description(integer_schema(kStopRange.min, kStopRange.max), "total over the cluster");
  properties["stop"] =
      object_schema({{"accesses", stop_accesses}, {"time_ns", integer_schema(kStopRange.min, kStopRange.max)}});
  properties["stop"]["maxProperties"] = 1;
  return properties;
}

Json range_schema() {
  const Json number{{"type", "number"}};
  Json properties{{"from", number}, {"to", number}, {"scale", enum_schema(kScaleNames)}};
  properties["steps"] =
      with_description(integer_schema(2, static_cast<std::int64_t>(kMaxAxisValues)), "values, ends included");
  properties["factor"] = {{"type", "number"}, {"minimum", 1.001}, {"maximum", 1e6}, {"default", 2}};
  return with_description(object_schema(properties, {"from", "to"}), "a range that is written out as a list");
}

}  // namespace

Json sweep_config_schema() {
  const Json text{{"type", "string"}};
  const Json list{{"type", "array"}, {"minItems", 1}, {"uniqueItems", true}};
  const Json group{{"type", "array"}, {"minItems", 2}, {"items", text}};
  Json vary{{"type", "object"}, {"additionalProperties", any_of({list, range_schema()})}};
  vary["propertyNames"] = {{"pattern", "^/"}};
  Json properties{{"$schema", text}, {"title", with_description(text, "the question that the sweep answers")}};
  properties["base"] =
      with_description(any_of({text, Json{{"type", "object"}}}), "a run configuration, or the file of one");
  properties["vary"] = with_description(vary, "JSON pointer into the run's configuration -> its values");
  properties["together"] = with_description(Json{{"type", "array"}, {"items", group}},
                                            "pointers that take their first, second ... values together");
  properties["constraint"] = with_description(text, "only points that meet it, for instance /cluster/clients <= 64");
  properties["repetitions"] = with_description(integer_schema(kRepetitionRange.min, kRepetitionRange.max),
                                               "of each point; repetition k has the seed of the base plus k");
  properties["repetitions"]["default"] = 1;
  Json schema = object_schema(properties, {"base", "vary"});
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "A sweep of pagetoken";
  return schema;
}

Json run_config_schema() {
  Json properties{{"$schema", {{"type", "string"}}},
                  {"protocol", protocol_schema()},
                  {"guard", guard_schema()},
                  {"engine", enum_schema(kEngineNames)},
                  {"cluster", cluster_schema()},
                  {"simgrid", simgrid_schema()},
                  {"costs", costs_schema()},
                  {"workload", workload_schema()},
                  {"seed", integer_schema(kSeedRange.min, kSeedRange.max)},
                  {"oracle", {{"type", "boolean"}, {"default", true}}}};
  Json schema = object_schema(limits_schemas(std::move(properties)), {"protocol", "workload"});
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "A run of pagetoken";
  schema["definitions"]["part"] = part_schema();
  return schema;
}

}  // namespace pagetoken
