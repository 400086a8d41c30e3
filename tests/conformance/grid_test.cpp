// Every pattern under every protocol and every safe guard, by mapping and by system call, with one thread a client and
// with three: no run may be violated, deadlock, or never end.

#include "clean_run.hpp"
#include "sim/workload/spec.hpp"

namespace pagetoken {
namespace {

struct Point {
  std::string pattern;
  std::string guard;
  std::string via;
  int threads = 1;
  int seed = 1;
};

Json part(const char* pattern, int weight, const std::string& via) {
  Json json{{"pattern", pattern}, {"weight", weight}, {"pages", 4}};
  if (pattern == std::string("truncate-storm"))
    json["truncate_interval_ns"] = 50'000;
  else
    json.update({{"write_fraction", 0.5}, {"via", via}});
  return json;
}

/// Few pages, so that accesses meet.
Json workload(const Point& point) {
  Json json{{"pattern", point.pattern}, {"threads", point.threads}};
  if (point.pattern == "mixed") {
    json["parts"] = {part("truncate-storm", 1, point.via), part("uniform", 4, point.via), part("zipf", 4, "mmap")};
    return json;
  }
  json["via"] = point.via;
  if (point.pattern == "log-rotate") json["rotate_pages"] = 4;
  if (point.pattern == "truncate-storm") json["truncate_interval_ns"] = 20'000;
  const bool grows = point.pattern == "append" || point.pattern == "log-rotate";
  if (!grows) json["pages"] = 4;
  return json;
}

Json config(const std::string& protocol, const Point& point) {
  return {{"protocol", protocol_json(protocol)},
          {"guard", point.guard},
          {"cluster", {{"clients", point.pattern == "ping-pong" ? 2 : 3}}},
          {"costs", {{"preset", "2003"}, {"sigma", 1}}},
          {"workload", workload(point)},
          {"warmup", {{"accesses", 0}}},
          {"stop", {{"accesses", 400}}},
          {"seed", point.seed}};
}

std::vector<Point> grid() {
  std::vector<Point> points;
  for (const std::string_view pattern : pattern_names())
    for (const std::string& guard : safe_guards())
      for (const char* via : {"mmap", "syscall"})
        for (const int threads : {1, 3})
          for (const int seed : {1, 2, 3}) points.push_back({std::string(pattern), guard, via, threads, seed});
  return points;
}

class Grid : public testing::TestWithParam<const char*> {};

TEST_P(Grid, EveryPatternIsCleanUnderEverySafeGuard) {
  const std::vector<Point> points = grid();
#ifdef PAGETOKEN_LONG_TESTS
  constexpr std::size_t kStride = 1;
#else
  constexpr std::size_t kStride = 23;  // coprime to every dimension of the grid: a sample of all of them
#endif
  for (std::size_t i = 0; i < points.size(); i += kStride) expect_clean(config(GetParam(), points[i]));
}

INSTANTIATE_TEST_SUITE_P(, Grid, testing::Values("nocache", "ivy-fixed", "ivy-dynamic", "gpfs-range", "dlm-file"),
                         [](const auto& protocol) {
                           std::string name = protocol.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace pagetoken
