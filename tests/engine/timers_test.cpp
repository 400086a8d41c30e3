// Timers against a list of all that were ever armed.

#include "sim/engine/timers.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

using Timer = Timers::Timer;

bool same(const Timer& a, const Timer& b) {
  return a.node == b.node && a.resource == b.resource && a.number == b.number;
}

TEST(Timers, FireUnlessTheyWereCancelledOrArmedAnew) {
  struct Armed {
    Timer timer{};
    std::uint32_t slot = 0;
    bool counts = false;
  };
  RandomStream random(1, 0, 0, Purpose::test);
  Timers timers(3);
  std::vector<Armed> agenda;  // of those whose time has not come
  const auto cancel = [&](const Timer& timer) {
    for (Armed& armed : agenda)
      if (same(armed.timer, timer)) armed.counts = false;
  };
  int fired = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Timer timer{NodeId{static_cast<std::uint32_t>(random.below(3))},
                      random.below(2) == 0 ? size_resource(FileId{0})
                                           : page_resource(FileId{static_cast<std::uint32_t>(random.below(20))}, 1),
                      static_cast<std::uint8_t>(random.below(2))};
    if (const std::uint64_t what = random.below(5); what < 2) {
      cancel(timer);
      agenda.push_back({timer, timers.arm(timer), true});
    } else if (what == 2) {
      cancel(timer);
      timers.cancel(timer);
    } else if (!agenda.empty()) {
      const auto due = agenda.begin() + static_cast<std::ptrdiff_t>(random.below(agenda.size()));
      const std::optional<Timer> found = timers.fire(due->slot);
      ASSERT_EQ(found.has_value(), due->counts);
      if (found) {
        ASSERT_TRUE(same(*found, due->timer));
        ++fired;
      }
      agenda.erase(due);
    }
  }
  EXPECT_GT(fired, 1000);
}

}  // namespace
}  // namespace pagetoken
