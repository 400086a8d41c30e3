// What a sweep costs over its runs, by CPU time of all its processes: a thousand tiny runs, alone and as a sweep; what
// a second process gains; what it takes to find out that all is there. One JSON document on stdout.

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/version.hpp"
#include "sim/run/simulate.hpp"
#include "sim/sweep/session.hpp"

namespace pagetoken {
namespace {

struct Cost {
  double cpu_s = 0;
  double wall_s = 0;
};

/// Of `work` in a process of its own, with all that it forks.
Cost cost_of(const std::function<void()>& work) {
  rusage before{};
  getrusage(RUSAGE_CHILDREN, &before);
  const auto began = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    try {
      work();
      _exit(0);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "bench_sweep: %s\n", error.what());
      _exit(3);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("a run failed");
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  rusage after{};
  getrusage(RUSAGE_CHILDREN, &after);
  const auto seconds = [](const rusage& usage) {
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  };
  return {seconds(after) - seconds(before), wall.count()};
}

Json sweep_of(const std::string& engine, std::uint64_t runs, int accesses) {
  return {{"base",
           {{"protocol", "ivy-fixed"},
            {"engine", engine},
            {"cluster", {{"clients", 14}}},  // with a manager and a storage server 16 hosts
            {"workload", {{"pattern", "uniform"}, {"pages", 8}, {"write_fraction", 0.5}}},
            {"warmup", {{"accesses", 0}}},
            {"stop", {{"accesses", accesses}}}}},
          {"vary", {{"/workload/pages", {1, 2, 4, 8, 16}}, {"/workload/write_fraction", {0.1, 0.5}}}},
          {"repetitions", runs / 10}};
}

/// Every run of the sweep, one after another and nothing else; each in a process of its own where it takes one.
void runs_alone(const Sweep& sweep, const ProtocolSet& protocols, bool apart) {
  for (std::uint64_t repetition = 0; repetition < sweep.repetitions(); ++repetition)
    for (const std::uint64_t point : sweep.points()) {
      const auto run = [&] { simulate(sweep.bind(sweep.document(point), sweep.seed(repetition)), protocols); };
      if (!apart) {
        run();
        continue;
      }
      const pid_t child = fork();
      if (child == 0) {
        run();
        _exit(0);
      }
      waitpid(child, nullptr, 0);
    }
}

Json measured(const std::string& folder, const std::string& name, const std::string& engine, std::uint64_t runs,
              int accesses) {
  const ProtocolSet protocols;
  const std::string config = folder + "/" + name + ".json";
  std::ofstream(config) << sweep_of(engine, runs, accesses).dump();
  const Sweep sweep = load_sweep(config, {}, protocols.declarations());
  const auto make = [&](std::size_t jobs) {
    SweepOptions options;
    options.config = config;
    options.output = folder + "/" + name + std::to_string(jobs);
    options.jobs = jobs;
    options.quiet = true;
    if (run_sweep(sweep, options, protocols, nullptr).done != runs) throw std::runtime_error("runs are missing");
  };
  const Cost alone = cost_of([&] { runs_alone(sweep, protocols, engine == "simgrid"); });
  const Cost one = cost_of([&] { make(1); });
  const Cost two = cost_of([&] { make(2); });
  const Cost again = cost_of([&] { make(1); });
  const double per_run = 1e3 / static_cast<double>(runs);
  return {{"name", name},
          {"runs", runs},
          {"alone_cpu_ms_per_run", alone.cpu_s * per_run},
          {"sweep_cpu_ms_per_run", one.cpu_s * per_run},
          {"overhead_cpu_ms_per_run", (one.cpu_s - alone.cpu_s) * per_run},
          {"overhead_wall_ms_per_run", (one.wall_s - alone.wall_s) * per_run},
          {"wall_s_1_job", one.wall_s},
          {"wall_s_2_jobs", two.wall_s},
          {"speedup_2_jobs", one.wall_s / two.wall_s},
          {"resume_wall_s", again.wall_s},
          {"resume_cpu_s", again.cpu_s}};
}

}  // namespace
}  // namespace pagetoken

int main() try {
  using namespace pagetoken;
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("bench_sweep_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  Json runs = Json::array();
  runs.push_back(measured(folder, "event", "event", 1000, 10));
  runs.push_back(measured(folder, "event_longer", "event", 1000, 500));  // for two processes to be told from one
  runs.push_back(measured(folder, "simgrid", "simgrid", 100, 10));
  std::filesystem::remove_all(folder);
  std::puts(Json({{"benchmark", "sweep"}, {"version", kVersion}, {"runs", runs}}).dump(2).c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_sweep: %s\n", error.what());
  return 3;
}
