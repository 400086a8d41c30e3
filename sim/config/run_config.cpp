#include "sim/config/run_config.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/config/cluster_config.hpp"
#include "sim/config/costs.hpp"
#include "sim/config/network_config.hpp"
#include "sim/config/overrides.hpp"
#include "sim/config/workload_config.hpp"

namespace pagetoken {
namespace {

const Declaration& declaration_called(const Value& value, std::span<const Declaration* const> protocols) {
  const std::string name = value.text();
  std::vector<std::string_view> names;
  for (const Declaration* declaration : protocols) {
    if (declaration->name == name) return *declaration;
    names.push_back(declaration->name);
  }
  value.fail(fmt::format("unknown protocol {}", shown(value.json())), describe_allowed(name, names));
}

std::map<std::string, std::int64_t> bind_params(Section section, const Declaration& declaration) {
  std::map<std::string, std::int64_t> params;
  for (const Parameter& parameter : declaration.parameters) {
    const std::optional<Value> found = section.find(parameter.name);
    std::int64_t& value = params[std::string(parameter.name)];
    if (!found)
      value = parameter.default_value;
    else if (found->json().is_boolean() && parameter.min == 0 && parameter.max == 1)
      value = found->flag() ? 1 : 0;
    else
      value = found->integer({parameter.min, parameter.max});
  }
  section.finish();
  return params;
}

ProtocolConfig bind_protocol(const Value& value, std::span<const Declaration* const> protocols) {
  if (value.json().is_string()) {
    const Declaration& declaration = declaration_called(value, protocols);
    const Json none = Json::object();
    return {std::string(declaration.name), bind_params(Section(value.below("params", none)), declaration)};
  }
  if (!value.json().is_object()) value.fail_type("a protocol's name, or {\"name\": ..., \"params\": {...}}");
  Section section(value);
  const Declaration& declaration = declaration_called(section.required("name", R"("name": "ivy-fixed")"), protocols);
  ProtocolConfig protocol{std::string(declaration.name), bind_params(section.section("params"), declaration)};
  section.finish();
  return protocol;
}

/// Threads have two places: beside the other numbers of the cluster, and in a pattern. They agree, or one is left out.
void bind_workload_and_cluster(Section& section, RunConfig& config) {
  const Value workload = section.required("workload", R"("workload": {"pattern": "uniform"})");
  Section cluster = section.section("cluster");
  const std::optional<Value> threads = cluster.find("threads_per_client");
  const IntegerRange thread_range = cluster_keys()[2].range;
  config.workload = bind_workload(workload, threads ? std::optional(threads->integer(thread_range)) : std::nullopt);
  const bool is_trace = config.workload.trace.has_value();

  ClusterConfig defaults;
  defaults.clients = is_trace ? 0 : pattern_info(config.workload.pattern).default_clients;
  defaults.threads_per_client = static_cast<std::int64_t>(config.workload.threads);
  defaults.network.contention = config.engine == Engine::simgrid ? Contention::fluid : Contention::none;
  config.cluster = bind_cluster(cluster, defaults);

  if (config.cluster.threads_per_client != defaults.threads_per_client)
    threads->fail(
        fmt::format("{} threads, but the workload has {}", config.cluster.threads_per_client,
                    defaults.threads_per_client),
        is_trace ? "a trace has one thread a client" : "the same number in /workload/threads, or one of the two");
  if (!is_trace && config.cluster.clients == 0)
    cluster.find("clients")->fail("0 is out of range",
                                  "0 (as many as the trace has) is for traces; a pattern needs at least 1");
  if (config.engine == Engine::event && config.cluster.network.contention == Contention::fluid)
    cluster.value()
        .below("network", Json())
        .below("contention", Json())
        .fail("the event engine does not share links", "none or fifo, or \"engine\": \"simgrid\"");
  if (config.engine == Engine::event && config.cluster.network.topology.kind == TopologyKind::platform)
    cluster.value()
        .below("network", Json())
        .below("topology", Json())
        .fail("the event engine does not read SimGrid's platform files",
              "a topology by name, or \"engine\": \"simgrid\"");
}

void bind_limits(Section& section, RunConfig& config) {
  const bool is_trace = config.workload.trace.has_value();
  Section warmup = section.section("warmup");
  config.warmup_accesses = warmup.integer("accesses", is_trace ? 0 : kDefaultWarmupAccesses, kAccessRange);
  warmup.finish();

  Section stop = section.section("stop");
  if (const std::optional<Value> accesses = stop.find("accesses")) config.stop.accesses = accesses->integer(kStopRange);
  if (const std::optional<Value> time = stop.find("time_ns")) config.stop.time_ns = time->integer(kStopRange);
  stop.finish();
  if (config.stop.accesses && config.stop.time_ns)
    stop.value().fail("both \"accesses\" and \"time_ns\"", "one of the two");
  if (!is_trace && !config.stop.accesses && !config.stop.time_ns) config.stop.accesses = kDefaultStopAccesses;
}

void apply(Json& json, const Overrides& overrides) {
  for (const std::string& assignment : overrides.set) apply_assignment(json, assignment, "--set");
  if (overrides.seed) set_at(json, "/seed", *overrides.seed, "--seed");
  if (overrides.engine) set_at(json, "/engine", *overrides.engine, "--engine");
}

/// The configuration that a summary, or a line of a sweep's results, was made of: what was run can be run again.
Json configuration_in(Json json) {
  if (!json.is_object() || json.contains("workload")) return json;
  if (json.contains("summary") && json["summary"].is_object()) json = Json(std::move(json["summary"]));
  return json.contains("config") ? Json(std::move(json["config"])) : json;
}

}  // namespace

std::vector<std::int64_t> ProtocolConfig::in_order(const Declaration& declaration) const {
  std::vector<std::int64_t> values;
  for (const Parameter& parameter : declaration.parameters) values.push_back(params.at(std::string(parameter.name)));
  return values;
}

RunConfig load_run_config(const std::filesystem::path& path, const Overrides& overrides,
                          std::span<const Declaration* const> protocols) {
  Json json = configuration_in(read_json_file(path));
  apply(json, overrides);
  return bind_run_config(json, path.string(), protocols);
}

RunConfig bind_run_config(const Json& json, const std::string& file, std::span<const Declaration* const> protocols) {
  RunConfig config;
  config.file = file;
  Section section(Value(json, file));
  section.text("$schema", "");
  config.protocol = bind_protocol(section.required("protocol", R"("protocol": "ivy-fixed")"), protocols);
  const std::optional<Value> guard = section.find("guard");
  config.guard = guard ? bind_guard(*guard) : default_guard();
  config.engine = section.choice("engine", config.engine, kEngineNames);
  bind_workload_and_cluster(section, config);
  config.simgrid = bind_simgrid(section.section("simgrid"));
  if (const std::optional<Value> costs = section.find("costs")) config.costs = bind_costs(*costs);
  bind_limits(section, config);
  config.seed = static_cast<std::uint64_t>(section.integer("seed", 1, kSeedRange));
  config.oracle = section.flag("oracle", config.oracle);
  section.finish();
  return config;
}

Json effective(const RunConfig& config) {
  Json json;
  json["protocol"]["name"] = config.protocol.name;
  json["protocol"]["params"] = Json(config.protocol.params);
  json["guard"] = guard_json(config.guard);
  json["engine"] = kEngineNames[static_cast<std::size_t>(config.engine)];
  json["cluster"] = cluster_json(config.cluster);
  json["simgrid"] = simgrid_json(config.simgrid);
  json["costs"] = costs_json(config.costs);
  json["workload"] = workload_json(config.workload);
  json["warmup"]["accesses"] = config.warmup_accesses;
  json["stop"] = Json::object();
  if (config.stop.accesses) json["stop"]["accesses"] = *config.stop.accesses;
  if (config.stop.time_ns) json["stop"]["time_ns"] = *config.stop.time_ns;
  json["seed"] = config.seed;
  json["oracle"] = config.oracle;
  return json;
}

}  // namespace pagetoken
