#pragma once
// Runs a configuration that must be clean; where it is not, says what is wrong and how to see it again.

#include <chrono>
#include <string>

#include "tests/support/simulation.hpp"

namespace pagetoken {

/// Guards under which no race between a fault, a truncate and a revoke is lost.
inline const std::vector<std::string>& safe_guards() {
  static const std::vector<std::string> guards{"truncate-sem",    "frlock",         "hook",         "nopagedone",
                                               "frlock+hook",     "truncate-count", "seqschedlock", "page-lock",
                                               "invalidate-lock", "notifier"};
  return guards;
}

/// dlm-file without its hold time, which only makes races rarer.
inline Json protocol_json(const std::string& name) {
  if (name != "dlm-file") return name;
  return {{"name", name}, {"params", {{"hold_ns", 0}}}};
}

inline void expect_clean(const Json& config) {
  constexpr std::chrono::seconds kLongest{60};
  const auto began = std::chrono::steady_clock::now();
  const auto in_time = [&](std::uint64_t, std::uint64_t) {
    return std::chrono::steady_clock::now() - began < kLongest;
  };
  const std::string again = "\n  echo '" + config.dump() + "' | pagetoken run /dev/stdin";
  try {
    const Simulated run =
        simulate(bind_run_config(config, "test", protocols().declarations()), protocols(), {.tick = in_time});
    EXPECT_FALSE(run.outcome.partial) << "livelock: not done after " << kLongest.count() << " s" << again;
    if (run.outcome.violation_count == 0) return;
    const Finding& first = run.outcome.violations.front();
    ADD_FAILURE() << first.property.name() << ": " << first.text << again;
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << again;
  }
}

}  // namespace pagetoken
