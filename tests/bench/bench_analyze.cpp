// How fast a trace is read and analysed, and that memory does not go with its length: the same trace, once and as part
// of a gigabyte. One JSON document on stdout. The trace is made here and removed.

#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <string>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/trace/analysis.hpp"
#include "sim/base/version.hpp"
#include "sim/run/simulate.hpp"
#include "sim/trace/reader.hpp"

namespace pagetoken {
namespace {

std::uint64_t make_trace(const std::string& path, std::int64_t accesses) {
  const ProtocolSet protocols;
  const Json config = {{"protocol", "ivy-fixed"},
                       {"cluster", {{"clients", 16}}},
                       {"workload", {{"pattern", "uniform"}, {"pages", 64}, {"write_fraction", 0.1}}},
                       {"stop", {{"accesses", accesses}}}};
  TraceWriter trace(path);
  simulate(bind_run_config(config, "bench", protocols.declarations()), protocols, {.trace = &trace});
  return std::filesystem::file_size(path);
}

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// In a process of its own, so that its peak of memory is its own.
Json analysed(const std::string& path, bool analyse) {
  int channel[2];
  if (pipe(channel) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    TraceReader reader = TraceReader::from_file(path);
    TraceAnalysis analysis(reader.head());
    const double began = cpu_s();
    for (TraceEvent event; reader.next(event);)
      if (analyse) analysis.add(event);
    analysis.finish();
    const double seconds = cpu_s() - began;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const Json result = {{"bytes", reader.bytes()},
                         {"lines", reader.line_number()},
                         {"cpu_s", seconds},
                         {"mb_per_s", static_cast<double>(reader.bytes()) / seconds / 1e6},
                         {"peak_rss_bytes", usage.ru_maxrss * 1024}};
    const std::string text = result.dump();
    _exit(write(channel[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(channel[1]);
  char text[1000];
  const ssize_t size = read(channel[0], text, sizeof text);
  close(channel[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0 || size <= 0) throw std::runtime_error("the analysis failed");
  return Json::parse(std::string(text, static_cast<std::size_t>(size)));
}

}  // namespace
}  // namespace pagetoken

int main() try {
  using namespace pagetoken;
  const std::string path =
      std::filesystem::temp_directory_path() / ("bench_analyze_" + std::to_string(getpid()) + ".jsonl");
  Json runs = Json::array();
  for (const std::int64_t accesses : {std::int64_t{20'000}, std::int64_t{220'000}}) {
    make_trace(path, accesses);
    runs.push_back({{"name", "read_" + std::to_string(accesses)}, {"result", analysed(path, false)}});
    runs.push_back({{"name", "analyze_" + std::to_string(accesses)}, {"result", analysed(path, true)}});
  }
  std::filesystem::remove(path);
  std::puts(Json({{"benchmark", "analyze"}, {"version", kVersion}, {"runs", runs}}).dump(2).c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_analyze: %s\n", error.what());
  return 3;
}
