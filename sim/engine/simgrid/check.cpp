// Trying a platform out, where SimGrid may end the process.

#include <sys/resource.h>

#include "sim/base/error.hpp"
#include "sim/base/forked.hpp"
#include "sim/base/text.hpp"
#include "sim/engine/simgrid/loader.hpp"

namespace pagetoken {
namespace {

constexpr unsigned kLimit_s = 300;
constexpr rlim_t kMostCpu_s = 8;  // a route that leads in a circle is looked for without end
constexpr char kSeparator = '\x1f';
constexpr const char* kFine = "fine";  // else SimGrid has ended the process, as if all were well

bool from_file(const SimGridSetup& setup) { return setup.network.topology.kind == TopologyKind::platform; }
std::string pointer_of(const SimGridSetup& setup) {
  return from_file(setup) ? "/cluster/network/topology/platform" : "/simgrid/options";
}

std::string try_setup(const SimGridSetup& setup) {
  const rlimit cpu{kMostCpu_s, kMostCpu_s + 1};
  ::setrlimit(RLIMIT_CPU, &cpu);
  try {
    simgrid_entry().try_out(setup);
    return kFine;
  } catch (const PlatformError& error) {
    return error.pointer + kSeparator + error.what() + kSeparator + error.allowed;
  } catch (const ConfigError& error) {
    return pointer_of(setup) + kSeparator + error.file() + ": " + error.wrong() + kSeparator + error.allowed();
  }
}

/// What SimGrid complained of, without its time, file, category and backtrace.
std::string complaint_in(const std::string& errors) {
  std::size_t begin = 0;
  while (begin < errors.size()) {
    const std::size_t end = std::min(errors.find('\n', begin), errors.size());
    std::string line = errors.substr(begin, end - begin);
    begin = end + 1;
    if (const std::size_t category = line.find("/CRITICAL] "); category != line.npos) line.erase(0, category + 11);
    if (const std::size_t what = line.find("what():"); what != line.npos) line.erase(0, what + 7);
    while (!line.empty() && line.front() == ' ') line.erase(0, 1);
    if (!line.empty() && !line.starts_with("terminate called") && !line.starts_with("Backtrace")) return one_line(line);
  }
  return "SimGrid gave up without a word, or was not done in " + std::to_string(kMostCpu_s) + " s";
}

}  // namespace

std::optional<SetupFault> check_setup(const SimGridSetup& setup) {
  if (!from_file(setup) && setup.simgrid.options.empty()) return std::nullopt;
  const Forked tried = run_forked([&] { return try_setup(setup); }, kLimit_s);
  if (!tried.done || tried.result.empty())
    return SetupFault{pointer_of(setup),
                      (from_file(setup) ? setup.network.topology.file + ": " : "") + complaint_in(tried.errors),
                      {}};
  if (tried.result == kFine) return std::nullopt;
  const std::size_t first = tried.result.find(kSeparator);
  const std::size_t second = tried.result.find(kSeparator, first + 1);
  return SetupFault{tried.result.substr(0, first), tried.result.substr(first + 1, second - first - 1),
                    tried.result.substr(second + 1)};
}

}  // namespace pagetoken
