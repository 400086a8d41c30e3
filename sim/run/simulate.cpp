#include "sim/run/simulate.hpp"

#include <chrono>
#include <fstream>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/memory.hpp"
#include "sim/base/version.hpp"
#include "sim/engine/fifo_links.hpp"
#include "sim/engine/simgrid/simgrid_carrier.hpp"
#include "sim/workload/workload.hpp"

namespace pagetoken {

namespace {

/// The network, sized for the nodes. Throws ConfigError if it has no room for them.
NetworkSpec fitted_network(const RunConfig& config, std::uint32_t nodes) {
  const NetworkSpec network = fitted(config.cluster.network, nodes);
  if (const std::uint64_t room = places(network.topology); room < nodes)
    throw ConfigError(config.file, "/cluster/network/topology",
                      fmt::format("it has {} places, and the cluster has {} nodes", room, nodes),
                      "a larger one, or fewer clients, managers or storage nodes");
  const bool routed = network.topology.kind != TopologyKind::star && config.engine == Engine::event;
  if (routed && nodes > NetworkGraph::kMaxRoutedNodes)
    throw ConfigError(config.file, "/cluster/network/topology",
                      fmt::format("{} nodes are too many for the routes of a {}", nodes,
                                  kTopologyNames[static_cast<std::size_t>(network.topology.kind)]),
                      fmt::format("at most {} nodes on the event engine, or a star", NetworkGraph::kMaxRoutedNodes));
  return network;
}

}  // namespace

ClusterShape shape_of(const ClusterConfig& c, std::uint32_t clients) {
  return {
      .clients = clients,
      .managers = std::min(static_cast<std::uint32_t>(c.managers), c.placement == Placement::colocated ? clients : ~0u),
      .placement = c.placement,
      .storage_nodes = static_cast<std::uint32_t>(c.storage.nodes),
      .processes = 1,
      .cache_pages = static_cast<std::uint64_t>(c.cache_pages)};
}

namespace {

EngineOptions engine_options(const RunConfig& config, std::uint32_t clients) {
  const ClusterConfig& c = config.cluster;
  EngineOptions o;
  o.shape = shape_of(c, clients);
  o.cpus_per_client = static_cast<std::uint32_t>(c.cpus_per_client);
  o.page_bytes = static_cast<std::uint64_t>(c.page_bytes);
  o.network = fitted_network(config, o.shape.roles().count());
  const auto or_both = [&](std::int64_t own) { return own != 0 ? own : c.storage.bandwidth_bytes_per_s; };
  o.storage = {.read_ns = c.storage.read_ns,
               .write_ns = c.storage.write_ns,
               .read_bytes_per_s = or_both(c.storage.read_bandwidth_bytes_per_s),
               .write_bytes_per_s = or_both(c.storage.write_bandwidth_bytes_per_s)};
  o.costs = config.costs;
  o.seed = config.seed;
  o.warmup_accesses = static_cast<std::uint64_t>(config.warmup_accesses);
  if (config.stop.accesses) o.stop_accesses = static_cast<std::uint64_t>(*config.stop.accesses);
  if (config.stop.time_ns) o.stop_time_ns = *config.stop.time_ns;
  o.oracle = config.oracle;
  return o;
}

/// What transfers go by; null: they do not delay each other.
std::unique_ptr<Carrier> carrier_of(const RunConfig& config, const EngineOptions& engine) {
  if (config.engine == Engine::event) {
    if (engine.network.contention == Contention::none) return nullptr;
    return std::make_unique<FifoLinks>(engine.network, engine.shape.roles().count());
  }
  const SimGridSetup setup{.network = engine.network,
                           .simgrid = config.simgrid,
                           .nodes = engine.shape.roles(),
                           .storage_read_bytes_per_s = engine.storage.read_bytes_per_s,
                           .storage_write_bytes_per_s = engine.storage.write_bytes_per_s};
  if (const auto fault = check_setup(setup))
    throw ConfigError(config.file, fault->pointer, fault->wrong, fault->allowed);
  return make_simgrid_carrier(setup);
}

}  // namespace

namespace {

void finish(TraceWriter& trace, const RunOutcome& outcome) {
  try {
    trace.finish({.time_ns = outcome.statistics.end_ns,
                  .partial = outcome.partial,
                  .violations = outcome.violation_count,
                  .fingerprint = outcome.fingerprint});
  } catch (const Interrupted&) {  // nobody reads it: the summary, which goes elsewhere, is written all the same
  }
}

}  // namespace

Simulated simulate(const RunConfig& config, const ProtocolSet& protocols, const SimulateOptions& options) {
  const Factory& factory = *protocols.find(config.protocol.name);
  const Workload workload(config.workload, {.clients = static_cast<std::uint32_t>(config.cluster.clients),
                                            .page_bytes = static_cast<std::uint64_t>(config.cluster.page_bytes),
                                            .seed = config.seed,
                                            .config_file = config.file,
                                            .pointer = "/workload"});
  const EngineOptions engine = engine_options(config, workload.clients());
  const auto machine = factory.make({workload.clients(), config.protocol.in_order(factory.declaration())});
  const Paths paths(config.guard.scheme, path_options(factory.declaration()));

  Simulated run;
  run.config = config;
  run.effective_config = effective(config);
  run.nodes = engine.shape.roles();
  run.declaration = &factory.declaration();
  std::uint64_t total = engine.stop_accesses == UINT64_MAX ? workload.accesses().value_or(0) : engine.stop_accesses;
  if (total != 0) total += engine.warmup_accesses;
  if (options.trace)
    options.trace->head({.program = std::string(kVersion),
                         .roles = run.nodes,
                         .page_bytes = engine.page_bytes,
                         .config = run.effective_config.dump()});
  const auto began = std::chrono::steady_clock::now();
  const std::unique_ptr<Carrier> carrier = carrier_of(config, engine);
  run.outcome =
      pagetoken::run(engine, *machine, paths, workload,
                     {.trace = options.trace ? options.trace : options.watch,
                      .carrier = carrier.get(),
                      .tick = [&](std::uint64_t done) { return !options.tick || options.tick(done, total); }});
  if (!options.tick) stop_if_interrupted();  // nobody who does not watch can make use of a part
  run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (options.trace) finish(*options.trace, run.outcome);
  run.workload_digest = workload.digest();
  run.peak_rss_bytes = peak_rss_bytes();
  return run;
}

}  // namespace pagetoken
