// How fast the engine simgrid is, beside SimGrid alone with as many messages of the same sizes, and beside the event
// loop; and how large it gets. One JSON document on stdout. Each run is a process of its own.

#include <cstdio>
#include <exception>
#include <string>

#include <sys/resource.h>

#include "bare_simgrid.hpp"
#include "sim/base/forked.hpp"
#include "sim/base/version.hpp"
#include "sim/run/simulate.hpp"

namespace pagetoken {
namespace {

constexpr int kRepetitions = 3;  // the fastest counts: what else the machine does only slows
constexpr unsigned kLimit_s = 1'000;

Json apart(const std::function<Json()>& work) {
  const Forked forked = run_forked([&] { return work().dump(); }, kLimit_s);
  if (!forked.done) throw std::runtime_error("a run failed: " + forked.errors);
  return Json::parse(forked.result);
}

Json run_of(std::int64_t clients, const std::string& topology, double write_fraction, std::int64_t accesses) {
  return {{"protocol", "ivy-fixed"},
          {"cluster", {{"clients", clients}, {"network", {{"topology", topology}}}}},
          {"workload", {{"pattern", "uniform"}, {"pages", 512}, {"write_fraction", write_fraction}}},
          {"warmup", {{"accesses", 0}}},
          {"stop", {{"accesses", accesses}}}};
}

/// One simulation: its messages (those to storage too: all of them are transfers), CPU time and memory.
Json simulated(Json config, const std::string& engine, const std::string& contention, const std::string& transport) {
  config["engine"] = engine;
  config["cluster"]["network"]["contention"] = contention;
  config["simgrid"]["transport"] = transport;
  Json best;
  for (int i = 0; i < kRepetitions; ++i) {
    Json run = apart([&]() -> Json {
      const ProtocolSet protocols;
      const Json s = summary_json(simulate(bind_run_config(config, "bench", protocols.declarations()), protocols));
      rusage usage{};
      getrusage(RUSAGE_SELF, &usage);
      const double cpu_s =
          static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
      const auto messages = s["messages"]["total"].get<std::uint64_t>() + s["messages"]["storage"].get<std::uint64_t>();
      return {{"messages", messages},
              {"data_messages", s["messages"]["data"]},
              {"message_bytes", s["messages"]["bytes"]},
              {"cpu_s", cpu_s},
              {"messages_per_s", static_cast<double>(messages) / cpu_s},
              {"peak_rss_bytes", s["perf"]["peak_rss_bytes"]},
              {"verdict", s["verdict"]["oracle"]}};
    });
    if (best.is_null() || run["cpu_s"] < best["cpu_s"]) best = std::move(run);
  }
  return best;
}

/// As many messages as `run` sent, and as many bytes: requests small, replies with what remains.
double bare_per_s(const Json& run, std::uint32_t hosts, double (*program)(const BareRun&)) {
  const auto messages = run["messages"].get<std::uint64_t>();
  const std::uint64_t request = 64;
  const std::uint64_t reply = 2 * run["message_bytes"].get<std::uint64_t>() / messages - request;
  double best = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    const double cpu_s = apart([&]() -> Json {
                           return program({hosts, messages, request, reply, 7.5e-6, 1.25e9});
                         }).get<double>();
    best = std::max(best, static_cast<double>(messages) / cpu_s);
  }
  return best;
}

Json beside_bare(std::int64_t clients, std::int64_t accesses) {
  const Json config = run_of(clients, "star", 0.5, accesses);
  Json row{{"clients", clients}, {"accesses", accesses}};
  for (const char* contention : {"fluid", "fifo"})
    row["kernel_" + std::string(contention)] = simulated(config, "simgrid", contention, "kernel");
  row["cb_fluid"] = simulated(config, "simgrid", "fluid", "cb");
  row["event"] = simulated(config, "event", "none", "kernel");
  const auto hosts = static_cast<std::uint32_t>(clients);
  const double cb = bare_per_s(row["kernel_fluid"], hosts, run_bare_communications);
  const double actors = bare_per_s(row["kernel_fluid"], hosts, run_bare_actors);
  const double engine = row["kernel_fluid"]["messages_per_s"];
  row["bare_cb_messages_per_s"] = cb;
  row["bare_actors_messages_per_s"] = actors;
  row["engine_over_bare_cb"] = engine / cb;
  row["engine_over_bare_actors"] = engine / actors;
  return row;
}

Json scale(std::int64_t clients, const std::string& topology) {
  Json config = run_of(clients, topology, 0.1, 1'000'000);
  Json row = simulated(config, "simgrid", "fluid", "kernel");
  row["clients"] = clients;
  row["topology"] = topology;
  row["accesses"] = 1'000'000;
  return row;
}

}  // namespace
}  // namespace pagetoken

int main() try {
  using namespace pagetoken;
  Json beside = Json::array();
  for (const auto& [clients, accesses] : {std::pair{16, 50'000}, {128, 50'000}, {1'024, 100'000}})
    beside.push_back(beside_bare(clients, accesses));
  const Json document{{"benchmark", "simgrid"},
                      {"version", kVersion},
                      {"beside_bare", std::move(beside)},
                      {"scale", {scale(1'024, "star"), scale(256, "fat-tree")}}};
  std::puts(document.dump(2).c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_simgrid: %s\n", error.what());
  return 3;
}
