#include "analysis/statistics/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "analysis/statistics/statistics.hpp"
#include "sim/base/text.hpp"
#include "sim/words/words.hpp"

namespace pagetoken {
namespace {

double per(double part, double whole) { return whole > 0 ? part / whole : kNoValue; }

/// A quantile or mean of the faults; where there was none, there is none.
double fault(const Summary& s, double of) { return s.fault.count > 0 ? of : kNoValue; }

double mean_access(const Summary& s) {
  return per(s.read.count * s.read.mean_ns + s.write.count * s.write.mean_ns, s.read.count + s.write.count);
}

double hops_per_miss(const Summary& s) {
  double hops = 0;
  double count = 0;
  for (std::size_t e = 0; e < kElementaryEvents; ++e) {
    if (!is_miss(static_cast<ElementaryEvent>(e))) continue;
    const auto event = s.events.find(std::string(kElementaryEventNames[e]));
    if (event == s.events.end()) continue;
    hops += event->second.count * event->second.hops_mean;
    count += event->second.count;
  }
  return per(hops, count);
}

double busiest_node(const Summary& s) {
  double most = s.nodes.empty() ? kNoValue : 0;
  for (const NodeRecord& node : s.nodes) most = std::max(most, node.busy);
  return most;
}

constexpr std::array kMetrics{
    Metric{"messages_per_access", "messages an access", Unit::count, Better::lower,
           "protocol messages, storage transfers apart, for each page touched",
           [](const Summary& s) { return per(s.messages, s.accesses); }},
    Metric{"hit_ratio", "hits", Unit::ratio, Better::higher, "accesses that needed no token",
           [](const Summary& s) { return per(s.hits, s.accesses); }},
    Metric{"fault_mean_ns", "mean fault", Unit::nanoseconds, Better::lower,
           "latency of an access that had to acquire a token",
           [](const Summary& s) { return fault(s, s.fault.mean_ns); }},
    Metric{"fault_p50_ns", "fault p50", Unit::nanoseconds, Better::lower, "median of the same",
           [](const Summary& s) { return fault(s, s.fault.quantiles_ns[0]); }},
    Metric{"fault_p99_ns", "fault p99", Unit::nanoseconds, Better::lower, "1 % of the faults take longer",
           [](const Summary& s) { return fault(s, s.fault.quantiles_ns[2]); }},
    Metric{"access_mean_ns", "mean access", Unit::nanoseconds, Better::lower,
           "latency of a read or write, hits included", mean_access},
    Metric{"accesses_per_s", "accesses a second", Unit::per_second, Better::higher,
           "of the whole cluster, in simulated time",
           [](const Summary& s) { return per(s.accesses * 1e9, s.simulated_ns); }},
    Metric{"messages_per_fault", "messages a fault", Unit::count, Better::lower,
           "protocol messages for each access that had to acquire a token",
           [](const Summary& s) { return per(s.messages, s.faults()); }},
    Metric{"hops_per_fault", "hops a fault", Unit::count, Better::lower,
           "messages on the critical path of a miss, one after another", hops_per_miss},
    Metric{"bytes_per_access", "bytes an access", Unit::bytes, Better::lower, "on the wire, storage transfers apart",
           [](const Summary& s) { return per(s.message_bytes, s.accesses); }},
    Metric{"storage_per_access", "storage transfers an access", Unit::count, Better::lower,
           "messages to and from storage", [](const Summary& s) { return per(s.storage_messages, s.accesses); }},
    Metric{"invalidations_per_access", "invalidations an access", Unit::count, Better::lower,
           "copies lost to another client's write", [](const Summary& s) { return per(s.invalidations, s.accesses); }},
    Metric{"retries_per_access", "retries an access", Unit::count, Better::lower,
           "page lookups that the guard made again", [](const Summary& s) { return per(s.retries, s.accesses); }},
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
