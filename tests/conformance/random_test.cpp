// Random clusters, costs, caches and mixes of patterns, and random traces with fsync, truncate and append: whatever the
// configuration, a safe guard keeps the run clean.

#include <random>

#include "clean_run.hpp"

namespace pagetoken {
namespace {

/// The choices of one seed; the same on every platform.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : bits_(seed) {}
  std::uint64_t below(std::uint64_t n) { return bits_() % n; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  T any(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }
  template <class T>
  const T& any(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::mt19937_64 bits_;
};

Json random_part(Dice& dice, std::uint64_t clients) {
  const std::string pattern = dice.any({"uniform", "zipf", "truncate-storm", "append", "log-rotate", "read-mostly",
                                        "migratory", "producer-consumer", "sequential-segments"});
  Json part{{"pattern", pattern}, {"weight", dice.any({1, 2, 4})}, {"via", dice.any({"mmap", "syscall"})}};
  if (pattern != "append" && pattern != "log-rotate") part["pages"] = dice.any({1, 2, 4, 8});
  if (pattern == "uniform" || pattern == "zipf") part["write_fraction"] = dice.any({.1, .5, .9});
  if (pattern == "log-rotate") part["rotate_pages"] = dice.any({1, 2, 8});
  if (pattern == "truncate-storm")
    part.update(
        {{"truncate_interval_ns", dice.any({0, 10'000, 100'000})}, {"truncators", 1 + dice.below(clients - 1)}});
  return part;
}

struct Size {
  std::uint64_t clients;
  std::uint64_t threads;
  std::uint64_t accesses;
};

Json random_config(Dice& dice, std::uint64_t seed, const Size& size) {
  return {{"protocol",
           protocol_json(dice.any<std::string>({"ivy-fixed", "ivy-dynamic", "gpfs-range", "dlm-file", "nocache"}))},
          {"guard", dice.any(safe_guards())},
          {"cluster",
           {{"clients", size.clients},
            {"managers", dice.any({1, 2})},
            {"placement", dice.any({"dedicated", "colocated", "hashed"})},
            {"cache_pages", dice.any({0, 0, 1, 2, 4})},
            {"storage", {{"nodes", dice.any({1, 2, 3})}}},
            {"network", {{"latency_ns", dice.any({0, 1'000, 15'000, 80'000})}}}}},
          {"costs", {{"preset", dice.any({"modern", "2003"})}, {"sigma", dice.any({0.0, 0.7, 1.0})}}},
          {"warmup", {{"accesses", 0}}},
          {"seed", seed}};
}

Json random_mix(std::uint64_t seed, const Size& size) {
  Dice dice(seed);
  Json config = random_config(dice, seed, size);
  config["workload"] = {{"pattern", "mixed"}, {"threads", size.threads}, {"parts", Json::array()}};
  for (std::uint64_t parts = 1 + dice.below(3); parts > 0; --parts)
    config["workload"]["parts"].push_back(random_part(dice, size.clients));
  config["stop"] = {{"accesses", size.accesses}};
  return config;
}

/// One thread a client; every client takes part.
std::string random_trace(Dice& dice, const Size& size) {
  std::string text = "# client,op,file,offset,length\n";
  const std::uint64_t pages = dice.any({1, 2, 4, 8});
  for (std::uint64_t i = 0; i < size.accesses; ++i) {
    const std::uint64_t client = i < size.clients ? i : dice.below(size.clients);
    const std::string op = dice.any({"r", "r", "r", "w", "w", "w", "w", "fsync", "truncate", "extend", "append"});
    const bool of_size = op == "truncate" || op == "extend";
    const bool of_file = op == "fsync" || op == "append";
    const std::uint64_t page = dice.below(of_size ? pages + 1 : pages);
    const std::uint64_t length = of_size || op == "fsync" ? 0 : 4096 * dice.any({1, 1, 2});
    text += std::to_string(client) + "," + op + ",0," + std::to_string(of_file ? 0 : page * 4096) + "," +
            std::to_string(length) + "\n";
  }
  return text;
}

#ifdef PAGETOKEN_LONG_TESTS
constexpr std::uint64_t kSeeds = 600;
#else
constexpr std::uint64_t kSeeds = 40;
#endif

TEST(Random, MixesAreClean) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    expect_clean(random_mix(seed, {.clients = 2 + seed % 4, .threads = 1 + seed % 3, .accesses = 800}));
}

TEST(Random, TracesAreClean) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Dice dice(seed);
    const Size size{.clients = 2 + seed % 4, .threads = 1, .accesses = 400};
    Json config = random_config(dice, seed, size);
    config.erase("warmup");
    const std::string text = random_trace(dice, size);
    const ScratchFile trace("random.csv", text);
    config["workload"] = {
        {"trace", trace.path()}, {"format", "csv"}, {"order", "closed"}, {"via", dice.any({"mmap", "syscall"})}};
    expect_clean(config);
    if (HasFailure()) {
      std::printf("the trace:\n%s", text.c_str());
      break;
    }
  }
}

#ifdef PAGETOKEN_LONG_TESTS
TEST(Random, ManyClientsOfThreeThreadsAreClean) {  // node sets of more than a word
  for (std::uint64_t seed = 1; seed <= kSeeds / 10; ++seed)
    expect_clean(random_mix(seed, {.clients = 70, .threads = 3, .accesses = 1500}));
}
#endif

}  // namespace
}  // namespace pagetoken
