#include "sim/workload/formats.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"

namespace pagetoken {
namespace {

constexpr std::array<TraceFormat, 7> kFormats{{
    {"pagetoken", "our own: a csv of time_ns,client,op,file,offset,length, one access a line", true},
    {"csv", "any table of comma-separated values whose columns are named or mapped", true},
    {"lackey", "loads and stores of valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes", false},
    {"strace", "system calls of strace -f -ttt", false},
    {"darshan-dxt", "requests of darshan-dxt-parser", false},
    {"blkparse", "block requests of blkparse", false},
    {"msr", "block requests of the MSR Cambridge traces", false},
}};

}  // namespace

std::span<const TraceFormat> trace_formats() { return kFormats; }

const TraceFormat& require_trace_format(std::string_view name, std::string_view file, std::string_view place) {
  std::vector<std::string_view> replayed;
  const TraceFormat* found = nullptr;
  for (const TraceFormat& format : kFormats) {
    if (format.replayed) replayed.push_back(format.name);
    if (format.name == name) found = &format;
  }
  if (found != nullptr && found->replayed) return *found;
  const std::string_view complaint =
      found != nullptr ? "format {} is not replayed directly: pagetoken import turns it into one that is"
                       : "unknown format {}";
  throw ConfigError(file, place, fmt::format(fmt::runtime(complaint), quote(name)), describe_allowed(name, replayed));
}

}  // namespace pagetoken
