// What a client with a small cache evicts, against a plain list in the order of use.

#include <algorithm>
#include <list>

#include "sim/base/random.hpp"
#include "tests/support/simulation.hpp"

namespace pagetoken {
namespace {

/// Notes what is evicted.
class EvictionWatch final : public TraceSink {
 public:
  std::vector<PageIndex> evicted;

  void because(const By&) override {}
  void reached(std::int64_t) override {}
  void begin(const Where&, std::string_view, const Resource&, const Access&) override {}
  void end(const Where&, std::string_view, std::string_view, std::string_view, std::int64_t, std::uint32_t) override {}
  void step(const Where&, std::uint32_t, std::string_view, std::string_view, std::string_view, const Waiting&, bool,
            std::int64_t) override {}
  void wake(const Where&, std::uint32_t, std::int64_t) override {}
  void hits(const Where&, const Resource&, const Hits&, const Hits&) override {}
  void use(const Where&, FileId, std::uint64_t, PageIndex, bool) override {}
  void evict(const Where&, const Resource& page) override { evicted.push_back(page.page); }
  void timer(const Where&, const Resource&, std::string_view) override {}
  void need(const Where&, const Resource&, Range, std::string_view) override {}
  void grant(const Where&, const Resource&, Range, std::string_view) override {}
  void yield(const Where&, const Resource&, Range, std::string_view) override {}
  void yielded(const Where&, const Resource&, Range, std::string_view) override {}
  void send(const Where&, std::uint64_t, NodeId, std::string_view, const Resource&, std::uint64_t) override {}
  void handle(const Where&, std::uint64_t, NodeId, std::string_view, const Resource&, std::int64_t,
              std::int64_t) override {}
  void storage(const Where&, std::uint64_t, NodeId, bool, const Resource&, std::string_view, std::int64_t,
               std::int64_t) override {}
};

/// The page that was used least recently stands first.
class PlainLru {
 public:
  explicit PlainLru(std::size_t limit) : limit_(limit) {}
  void use(PageIndex page) {
    order_.remove(page);
    order_.push_back(page);
    if (order_.size() <= limit_) return;
    evicted.push_back(order_.front());
    order_.pop_front();
  }
  PageIndex cached(std::uint64_t n) const {
    return *std::next(order_.begin(), static_cast<std::ptrdiff_t>(n % order_.size()));
  }
  std::vector<PageIndex> evicted;

 private:
  std::size_t limit_;
  std::list<PageIndex> order_;
};

/// Accesses of one client over a little more than two hours: now and then one of any page, followed by some at once of
/// pages that are cached, which hit, tens of nanoseconds apart.
std::string two_hours(std::uint64_t seed, std::uint64_t pages, PlainLru& lru) {
  constexpr std::uint64_t kGap_us = 4'000'000;
  RandomStream random(seed, 0, 0, Purpose::test);
  std::string text = "# t_us,client,op,file,page\n";
  std::uint64_t t_us = 0;
  const auto access = [&](PageIndex page) {
    text += std::to_string(t_us) + ",0," + (random.below(3) == 0 ? "w" : "r") + ",0," + std::to_string(page) + "\n";
    lru.use(page);
  };
  while (t_us < 7'300'000'000) {
    t_us += kGap_us / 2 + random.below(kGap_us);
    access(random.below(pages));
    t_us += 10'000;
    for (std::uint64_t hits = random.below(6); hits > 0; --hits) access(lru.cached(random.next()));
  }
  return text;
}

void expect_least_recently_used(std::uint64_t seed, std::uint64_t limit) {
  PlainLru lru(limit);
  const ScratchFile trace("lru.csv", two_hours(seed, 3 * limit, lru));
  EvictionWatch watch;
  const Json config = {{"protocol", "ivy-fixed"},
                       {"cluster", {{"clients", 1}, {"cache_pages", limit}}},
                       {"workload", {{"trace", trace.path()}, {"format", "csv"}, {"order", "recorded"}}}};
  const Simulated run =
      simulate(bind_run_config(config, "test", protocols().declarations()), protocols(), {.watch = &watch});
  EXPECT_GT(run.outcome.statistics.end_ns, std::int64_t{7'200'000'000'000});
  EXPECT_GT(lru.evicted.size(), 500u);
  const auto [ours, plain] =
      std::mismatch(watch.evicted.begin(), watch.evicted.end(), lru.evicted.begin(), lru.evicted.end());
  EXPECT_TRUE(ours == watch.evicted.end() && plain == lru.evicted.end())
      << "seed " << seed << ", " << limit << " pages: they differ from eviction " << ours - watch.evicted.begin()
      << " of " << lru.evicted.size() << " on";
}

TEST(Eviction, TakesTheLeastRecentlyUsedPageForTwoHours) {
  for (const std::uint64_t seed : {1, 2, 3})
    for (const std::uint64_t limit : {2, 7, 40}) expect_least_recently_used(seed, limit);
}

}  // namespace
}  // namespace pagetoken
