// Runs that went wrong once, each the smallest that was found.

#include "clean_run.hpp"

namespace pagetoken {
namespace {

/// Threads that write by system call where others truncate.
Json truncates_and_writes(const Json& protocol, const std::string& guard, int seed) {
  return {{"protocol", protocol},
          {"guard", guard},
          {"cluster", {{"clients", 2}}},
          {"workload",
           {{"pattern", "mixed"},
            {"threads", 2},
            {"parts",
             {{{"pattern", "truncate-storm"}, {"weight", 1}, {"pages", 8}, {"truncate_interval_ns", 50'000}},
              {{"pattern", "uniform"}, {"weight", 4}, {"pages", 8}, {"write_fraction", 0.5}, {"via", "syscall"}}}}}},
          {"warmup", {{"accesses", 0}}},
          {"stop", {{"accesses", 2'000}}},
          {"seed", seed}};
}

// A page whose grant was on its way to a fault of the truncating node was in no token table, so that the truncate
// passed it over, and its old content arrived afterwards.
TEST(Regression, TruncateTakesPagesWhoseGrantIsOnItsWay) {
  for (const std::string protocol : {"ivy-fixed", "ivy-dynamic"})
    for (const int seed : {1, 2, 3, 4, 5, 6}) {
      const Overrides overrides{.set = {"/protocol=" + protocol, "/guard=frlock"}, .seed = seed};
      expect_clean(effective(load_run_config(shipped("truncate-race"), overrides, protocols().declarations())));
    }
}

#ifdef PAGETOKEN_LONG_TESTS
TEST(Regression, TruncateRaceIsCleanUnderEverySafeGuard) {
  for (const std::string protocol : {"ivy-fixed", "ivy-dynamic", "gpfs-range", "dlm-file", "nocache"})
    for (const std::string& guard : safe_guards())
      for (int seed = 1; seed <= 20; ++seed) {
        const Overrides overrides{.set = {"/protocol=" + protocol, "/guard=" + guard}, .seed = seed};
        expect_clean(effective(load_run_config(shipped("truncate-race"), overrides, protocols().declarations())));
      }
}
#endif

// write(2) waited for the size token under i_sem, truncate for i_sem with the size token pinned.
TEST(Regression, WriteCallsAndTruncatesOfOneNodeDoNotDeadlock) {
  for (const std::string protocol : {"ivy-fixed", "ivy-dynamic", "gpfs-range", "dlm-file"})
    for (const int seed : {1, 2, 3}) expect_clean(truncates_and_writes(protocol_json(protocol), "page-lock", seed));
}

// A write that was granted SHARED, and then found that it needed more and had it, took its wake-up for the i_sem that
// it asked for next: two writers were inside.
TEST(Regression, GrantIsNotTakenForALock) {
  expect_clean({{"protocol", "ivy-dynamic"},
                {"guard", "seqschedlock"},
                {"cluster",
                 {{"clients", 4},
                  {"managers", 2},
                  {"cache_pages", 4},
                  {"network", {{"latency_ns", 1'000}}},
                  {"storage", {{"nodes", 2}}}}},
                {"costs", {{"preset", "2003"}, {"sigma", 0.0}}},
                {"workload",
                 {{"pattern", "mixed"},
                  {"threads", 2},
                  {"parts",
                   {{{"pattern", "uniform"}, {"weight", 1}, {"pages", 4}, {"write_fraction", 0.9}, {"via", "syscall"}},
                    {{"pattern", "truncate-storm"},
                     {"weight", 2},
                     {"pages", 1},
                     {"truncate_interval_ns", 10'000},
                     {"truncators", 3}}}}}},
                {"warmup", {{"accesses", 0}}},
                {"stop", {{"accesses", 800}}},
                {"seed", 34}});
}

TEST(Regression, SeventyClientsOfThreeThreads) {
  Json config = truncates_and_writes(protocol_json("dlm-file"), "page-lock", 2);
  config["cluster"]["clients"] = 70;
  config["costs"] = {{"sigma", 0.7}};
  config["workload"]["threads"] = 3;
  config["workload"]["parts"].push_back({{"pattern", "zipf"}, {"weight", 4}, {"pages", 8}, {"write_fraction", 0.3}});
  config["stop"] = {{"accesses", 1'500}};
  expect_clean(config);
}

}  // namespace
}  // namespace pagetoken
