#include "sim/cli/simulate.hpp"

#include <chrono>
#include <fstream>

#include <sys/resource.h>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/workload/workload.hpp"

namespace pagetoken {

namespace {

void require_available(const RunConfig& config) {
  const auto refuse = [&](const char* pointer, std::string_view what, const char* allowed) {
    throw ConfigError(config.file, pointer, fmt::format("\"{}\" is not available in this version", what), allowed);
  };
  if (config.engine != Engine::event)
    refuse("/engine", kEngineNames[static_cast<std::size_t>(config.engine)], "allowed: event");
  const NetworkConfig& network = config.cluster.network;
  if (network.topology != Topology::star)
    refuse("/cluster/network/topology",
           network.topology == Topology::platform ? "platform"
                                                  : kTopologyNames[static_cast<std::size_t>(network.topology)],
           "allowed: star");
  if (network.contention != Contention::none)
    refuse("/cluster/network/contention", kContentionNames[static_cast<std::size_t>(network.contention)],
           "allowed: none");
}

EngineOptions engine_options(const RunConfig& config, std::uint32_t clients) {
  const ClusterConfig& c = config.cluster;
  EngineOptions o;
  o.shape = {.clients = clients,
             .managers = std::min(static_cast<std::uint32_t>(c.managers),
                                  c.placement == Placement::colocated ? clients : ~0u),
             .placement = c.placement,
             .storage_nodes = static_cast<std::uint32_t>(c.storage.nodes),
             .processes = 1,
             .cache_pages = static_cast<std::uint64_t>(c.cache_pages)};
  o.cpus_per_client = static_cast<std::uint32_t>(c.cpus_per_client);
  o.page_bytes = static_cast<std::uint64_t>(c.page_bytes);
  o.latency_ns = c.network.latency_ns;
  o.bandwidth_bytes_per_s = c.network.bandwidth_bytes_per_s;
  o.small_message_bytes = static_cast<std::uint64_t>(c.network.small_message_bytes);
  o.storage_read_ns = c.storage.read_ns;
  o.storage_write_ns = c.storage.write_ns;
  o.storage_bandwidth_bytes_per_s = c.storage.bandwidth_bytes_per_s;
  o.costs = config.costs;
  o.seed = config.seed;
  o.warmup_accesses = static_cast<std::uint64_t>(config.warmup_accesses);
  if (config.stop.accesses) o.stop_accesses = static_cast<std::uint64_t>(*config.stop.accesses);
  if (config.stop.time_ns) o.stop_time_ns = *config.stop.time_ns;
  o.oracle = config.oracle;
  return o;
}

}  // namespace

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

Simulated simulate(const RunConfig& config, const ProtocolSet& protocols, const SimulateOptions& options) {
  require_available(config);
  const Factory& factory = *protocols.find(config.protocol.name);
  const Workload workload(config.workload,
                          {.clients = static_cast<std::uint32_t>(config.cluster.clients),
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
  run.clients = workload.clients();
  run.managers = config.cluster.placement == Placement::dedicated ? engine.shape.managers : 0;
  run.declaration = &factory.declaration();
  std::uint64_t total = engine.stop_accesses == UINT64_MAX ? workload.accesses().value_or(0) : engine.stop_accesses;
  if (total != 0) total += engine.warmup_accesses;
  if (options.trace)
    options.trace->header({.program = PAGETOKEN_VERSION,
                           .config = run.effective_config.dump(),
                           .clients = run.clients,
                           .managers = run.managers,
                           .storage = engine.shape.storage_nodes,
                           .page_bytes = engine.page_bytes});
  const auto began = std::chrono::steady_clock::now();
  EventLoop loop(engine, *machine, paths, workload, options.trace ? options.trace : options.watch);
  run.outcome = loop.run([&](std::uint64_t done) { return !options.tick || options.tick(done, total); });
  run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (options.trace)
    options.trace->finish({.time_ns = run.outcome.statistics.end_ns,
                           .partial = run.outcome.partial,
                           .violations = run.outcome.violation_count,
                           .fingerprint = run.outcome.fingerprint});
  run.workload_digest = workload.digest();
  run.peak_rss_bytes = peak_rss_bytes();
  return run;
}

}  // namespace pagetoken
