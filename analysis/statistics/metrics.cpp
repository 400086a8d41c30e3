#include "analysis/statistics/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "analysis/statistics/statistics.hpp"
#include "sim/base/text.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;

constexpr const char* kMisses[] = {"RMISS_CLEAN", "RMISS_DIRTY", "WMISS_NONE", "WMISS_EXCL", "WMISS_SHARED", "UPGRADE"};

double at(const Json& summary, const char* pointer) {
  const Json::json_pointer path(pointer);
  if (!summary.contains(path)) return kNoValue;
  const Json& value = summary.at(path);
  return value.is_number() ? value.get<double>() : kNoValue;
}

double per(double part, double whole) { return whole > 0 ? part / whole : kNoValue; }
double accesses(const Json& s) { return at(s, "/counts/accesses"); }
double faults(const Json& s) {
  return at(s, "/counts/faults/read") + at(s, "/counts/faults/write") + at(s, "/counts/faults/upgrade");
}

/// A quantile or mean of the faults; where there was none, there is none.
double fault(const Json& s, const char* pointer) {
  return at(s, "/latency_ns/fault/count") > 0 ? at(s, pointer) : kNoValue;
}

double mean_access(const Json& s) {
  double sum = 0;
  double count = 0;
  for (const char* kind : {"read", "write"}) {
    const double n = at(s, fmt::format("/latency_ns/{}/count", kind).c_str());
    if (!(n > 0)) continue;
    sum += n * at(s, fmt::format("/latency_ns/{}/mean", kind).c_str());
    count += n;
  }
  return per(sum, count);
}

double hops_per_miss(const Json& s) {
  double hops = 0;
  double count = 0;
  for (const char* event : kMisses) {
    const double n = at(s, fmt::format("/events/{}/count", event).c_str());
    if (!(n > 0)) continue;
    hops += n * at(s, fmt::format("/events/{}/hops_mean", event).c_str());
    count += n;
  }
  return per(hops, count);
}

double busiest_node(const Json& s) {
  if (!s.contains("nodes")) return kNoValue;
  double most = 0;
  for (const Json& node : s["nodes"]) most = std::max(most, node.value("busy_fraction", 0.0));
  return most;
}

constexpr std::array kMetrics{
    Metric{"messages_per_access", "messages an access", Unit::count, Better::lower,
           "protocol messages, storage transfers apart, for each page touched",
           [](const Json& s) { return per(at(s, "/messages/total"), accesses(s)); }},
    Metric{"hit_ratio", "hits", Unit::ratio, Better::higher, "accesses that needed no token",
           [](const Json& s) { return per(at(s, "/counts/hits"), accesses(s)); }},
    Metric{"fault_mean_ns", "mean fault", Unit::nanoseconds, Better::lower,
           "latency of an access that had to acquire a token",
           [](const Json& s) { return fault(s, "/latency_ns/fault/mean"); }},
    Metric{"fault_p50_ns", "fault p50", Unit::nanoseconds, Better::lower, "median of the same",
           [](const Json& s) { return fault(s, "/latency_ns/fault/p50"); }},
    Metric{"fault_p99_ns", "fault p99", Unit::nanoseconds, Better::lower, "1 % of the faults take longer",
           [](const Json& s) { return fault(s, "/latency_ns/fault/p99"); }},
    Metric{"access_mean_ns", "mean access", Unit::nanoseconds, Better::lower,
           "latency of a read or write, hits included", mean_access},
    Metric{"accesses_per_s", "accesses a second", Unit::per_second, Better::higher,
           "of the whole cluster, in simulated time",
           [](const Json& s) { return per(accesses(s) * 1e9, at(s, "/simulated_ns")); }},
    Metric{"messages_per_fault", "messages a fault", Unit::count, Better::lower,
           "protocol messages for each access that had to acquire a token",
           [](const Json& s) { return per(at(s, "/messages/total"), faults(s)); }},
    Metric{"hops_per_fault", "hops a fault", Unit::count, Better::lower,
           "messages on the critical path of a miss, one after another", hops_per_miss},
    Metric{"bytes_per_access", "bytes an access", Unit::bytes, Better::lower, "on the wire, storage transfers apart",
           [](const Json& s) { return per(at(s, "/messages/bytes"), accesses(s)); }},
    Metric{"storage_per_access", "storage transfers an access", Unit::count, Better::lower,
           "messages to and from storage", [](const Json& s) { return per(at(s, "/messages/storage"), accesses(s)); }},
    Metric{"invalidations_per_access", "invalidations an access", Unit::count, Better::lower,
           "copies lost to another client's write",
           [](const Json& s) { return per(at(s, "/counts/invalidations"), accesses(s)); }},
    Metric{"retries_per_access", "retries an access", Unit::count, Better::lower,
           "page lookups that the guard made again",
           [](const Json& s) { return per(at(s, "/counts/retries"), accesses(s)); }},
    Metric{"busiest_node", "busiest node", Unit::ratio, Better::lower,
           "the largest share of time that a node's message handler or disk was busy", busiest_node},
};

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

const Metric* find_metric(std::string_view name) {
  const auto found = std::find_if(kMetrics.begin(), kMetrics.end(), [&](const Metric& m) { return m.name == name; });
  return found == kMetrics.end() ? nullptr : &*found;
}

std::string shown_as(Unit unit, double value) {
  static constexpr std::string_view kTimes[] = {"ns", "us", "ms", "s"};
  static constexpr std::string_view kBytes[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  static constexpr std::string_view kRates[] = {"/s", "k/s", "M/s", "G/s", "T/s"};
  if (std::isnan(value)) return "-";
  const double size = std::abs(value);
  const std::string sign = value < 0 ? "-" : "";
  switch (unit) {
    case Unit::count:
      return sign + (size != 0 && size < 0.0005 ? fmt::format("{:.1e}", size) : fmt::format("{:.3f}", size));
    case Unit::ratio: return sign + format_percent(size);
    case Unit::nanoseconds:
      return sign + (size < 1 ? fmt::format("{:.2g} ns", size) : format_scaled(size, 1000, kTimes));
    case Unit::bytes: return sign + (size < 1 ? fmt::format("{:.2g} B", size) : format_scaled(size, 1024, kBytes));
    case Unit::per_second:
      return sign + (size < 1 ? fmt::format("{:.2g} /s", size) : format_scaled(size, 1000, kRates));
  }
  return "-";
}

}  // namespace pagetoken
