// A manager is a queue, and theory knows how long one waits in it.

#include <cmath>
#include <random>

#include "analysis/statistics/statistics.hpp"
#include "tests/support/traced.hpp"

namespace pagetoken {
namespace {

constexpr double kService_ns = 20'000;

/// Mean latency of reads that come to the manager at random instants, `rate` a service time; each from a client that
/// has nothing else to do.
double mean_latency_ns(double rate, std::size_t reads, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string rows = "# time_ns,client,op,file,page\n";
  double now_ns = 0;
  for (std::size_t i = 0; i < reads; ++i) {
    const double uniform = (static_cast<double>(random() >> 11) + 0.5) / static_cast<double>(std::uint64_t{1} << 53);
    now_ns -= std::log(uniform) * kService_ns / rate;
    rows += fmt::format("{},{},r,0,{}\n", static_cast<std::int64_t>(now_ns), i % 200, i % 64);
  }
  const ScratchFile trace("arrivals.csv", rows);
  const Json summary = run_config({{"protocol", "nocache"},
                                   {"costs", {{"preset", "modern"}, {"handler_ns", kService_ns}}},
                                   {"workload", {{"trace", trace.path()}, {"format", "csv"}, {"order", "recorded"}}},
                                   {"oracle", false}});
  return at(summary, "/latency_ns/read/mean");
}

// M/D/1: arrivals of a Poisson process, one server, constant service: Wq = rho S / (2 (1 - rho)) (Kleinrock, Queueing
// Systems I, section 5.6).
TEST(Manager, WaitsAreThoseOfMD1) {
  const double alone_ns = mean_latency_ns(1e-6, 1, 1);
  for (const double rho : {0.3, 0.7}) {
    std::vector<double> waits;
    for (std::uint64_t seed = 1; seed <= 25; ++seed) waits.push_back(mean_latency_ns(rho, 10'000, seed) - alone_ns);
    const Interval interval = student_interval(waits);
    const double expected = rho * kService_ns / (2 * (1 - rho));
    EXPECT_LT(interval.half_width, 0.05 * expected) << rho;
    EXPECT_LE(interval.low(), expected) << rho;
    EXPECT_GE(interval.high(), expected) << rho;
  }
}

}  // namespace
}  // namespace pagetoken
