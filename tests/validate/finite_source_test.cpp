// The row queue-at-manager holds our manager against a queue with a finite source. Where its numbers come from: clients
// that think for an exponential time, wait in one queue for a server of constant service, and are away for a constant
// time beside; simulated here without anything of pagetoken.

#include <cmath>
#include <functional>
#include <queue>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "sim/validate/rows.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kClients = 256;
constexpr double kServiceNs = 10'000;
constexpr double kAwayNs = 56'380 - kServiceNs;  ///< messages, and the client's own handler

/// Mean wait in the queue, in nanoseconds.
double mean_wait_ns(double think_ns, std::size_t served, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto think = [&] {
    const double uniform = (static_cast<double>(random() >> 11) + 0.5) / 9007199254740992.0;
    return -std::log(uniform) * think_ns;
  };
  std::priority_queue<double, std::vector<double>, std::greater<>> arrivals;
  for (std::size_t client = 0; client < kClients; ++client) arrivals.push(think());
  double free_ns = 0, waited_ns = 0;
  for (std::size_t i = 0; i < served; ++i) {
    const double now_ns = arrivals.top();
    arrivals.pop();
    const double begun_ns = std::max(now_ns, free_ns);
    if (i >= served / 10) waited_ns += begun_ns - now_ns;
    free_ns = begun_ns + kServiceNs;
    arrivals.push(free_ns + kAwayNs + think());
  }
  return waited_ns / static_cast<double>(served - served / 10);
}

TEST(FiniteSource, WaitsAreThoseThatTheRowSays) {
  for (const ValidationCase& row : shipped_validation("queue-at-manager")) {
    const double think_ns = row.what.at("workload").at("think_ns").get<double>();
    const double published = row.published.get<double>();
    EXPECT_NEAR(mean_wait_ns(think_ns, 2'000'000, 1), published, 0.02 * published) << row.name;
  }
}

}  // namespace
}  // namespace pagetoken
