// Each property on a model that has it and on its brother that has not: a checker is believed once it was seen to fail.

#include <gtest/gtest.h>

#include "sim/explore/critical_step.hpp"
#include "sim/explore/explorer.hpp"
#include "sim/explore/lock_order.hpp"
#include "sim/explore/models/german.hpp"
#include "tests/explore/models/textbook.hpp"

namespace pagetoken {
namespace {

using Verdict = Exploration::Verdict;

template <class M>
Exploration progress_of(M model) {
  return explore(model, {.keep_edges = true, .progress = true});
}

TEST(Exclusion, PetersonExcludes) {
  const Exploration e = progress_of(Peterson(false));
  EXPECT_EQ(e.verdict, Verdict::ok) << transcript(e);
  EXPECT_EQ(find_undrainable(*e.graph), std::nullopt);
}
TEST(Exclusion, LookingBeforeTheFlagIsRaisedDoesNot) {
  const Exploration e = progress_of(Peterson(true));
  EXPECT_EQ(e.verdict, Verdict::violated);
  EXPECT_EQ(e.broken.property.name(), "protocol:exclusion");
  EXPECT_EQ(e.path.size(), 6u);
}

TEST(Deadlock, PhilosophersWithOneLeftHandEat) {
  const Exploration e = progress_of(Philosophers<4>(true));
  EXPECT_EQ(e.verdict, Verdict::ok) << transcript(e);
}
TEST(Deadlock, RightHandedPhilosophersStarve) {
  const Exploration e = progress_of(Philosophers<4>(false));
  EXPECT_EQ(e.broken.property.name(), "deadlock");
  EXPECT_EQ(e.path.size(), 4u);
  Philosophers<4> model(false);
  const CriticalStep critical = find_critical_step(model, e);
  EXPECT_EQ(critical.unknown_because, "");
  EXPECT_EQ(critical.step, 3u) << "until the last fork is taken, somebody may eat";
}

TEST(Livelock, UnfairTriesAreNone) { EXPECT_EQ(progress_of(Spinner(Spinner::Holder::waits, 3)).verdict, Verdict::ok); }
TEST(Livelock, HolderThatMovesForEverIsOne) {
  const Exploration e = progress_of(Spinner(Spinner::Holder::keeps, 2));
  ASSERT_EQ(e.broken.property.name(), "livelock");
  // Two tries' steps and two of the holder: neither may be left out.
  EXPECT_EQ(e.cycle, 0u);
  EXPECT_EQ(e.path.size(), 4u) << transcript(e);
}
TEST(Livelock, TwoThatKeepEachOtherFromEnding) {
  const Exploration e = progress_of(Spinner(Spinner::Holder::parts, 2));
  ASSERT_EQ(e.broken.property.name(), "livelock");
  EXPECT_EQ(e.path.size(), 3u) << transcript(e);  // try, one step of the holder, again
  // The cycle can be left at any time: no step is the one after which it must go on.
  Spinner model(Spinner::Holder::parts, 2);
  EXPECT_EQ(find_critical_step(model, e).step, std::nullopt);
}
TEST(Livelock, CycleLeadsBackToItsBeginning) {
  Spinner model(Spinner::Holder::parts, 3);
  const Exploration e = explore(model, {.progress = true});
  ASSERT_TRUE(e.cycle.has_value());
  std::vector<std::vector<std::uint8_t>> states;
  rerun(model, e, [&](std::size_t) { states.push_back(Explorer<Spinner>::bytes_of(model)); });
  EXPECT_EQ(states[*e.cycle], states.back());
}

TEST(Progress, RequestThatIsSentAgainEnds) {
  const Exploration e = progress_of(LossyRequest(2, true));
  EXPECT_EQ(e.verdict, Verdict::ok) << transcript(e);
}
TEST(Progress, LostRequestNeverEnds) {
  const Exploration e = progress_of(LossyRequest(1, false));
  EXPECT_EQ(e.broken.property.name(), "livelock");
  LossyRequest no_loss(0, false);
  EXPECT_EQ(explore(no_loss, {.progress = true}).verdict, Verdict::ok);
}

TEST(Retries, BoundedByTheWrites) {
  for (const std::uint8_t rounds : {std::uint8_t{1}, std::uint8_t{3}}) {
    SequenceReader model(rounds, false);
    const Exploration e = explore(model, {.keep_edges = true, .progress = true});
    EXPECT_EQ(e.verdict, Verdict::ok) << transcript(e);
    const RetryBound bound = bound_retries(*e.graph);
    EXPECT_TRUE(bound.bounded);
    EXPECT_EQ(bound.retries, 1u);
  }
}
TEST(Retries, UnboundedWhereTheHolderSleeps) {
  Spinner model(Spinner::Holder::waits, 3);
  EXPECT_FALSE(bound_retries(*explore(model, {.keep_edges = true}).graph).bounded);
}

// Two actors whose numbers were one modulo 64: the first seemed to move for both, and a cycle was called fair.
TEST(Livelock, ActorsAreToldApartWhateverTheirNumbers) {
  for (const std::uint32_t last : {1u, 64u, 128u, ~0u})
    EXPECT_EQ(progress_of(Crowd(2, last, false)).verdict, Verdict::ok) << "actors 0 and " << last;
  EXPECT_EQ(progress_of(Crowd(kMaxActors, 1000, false)).verdict, Verdict::ok);
  const Exploration e = progress_of(Crowd(20, 1000, true));
  EXPECT_EQ(e.broken.property.name(), "livelock");
  EXPECT_GE(e.path.size(), 20u) << "each of them moves in the cycle";
}
TEST(Livelock, MoreActorsThanAreToldApartAreUnknown) {
  const Exploration e = progress_of(Crowd(kMaxActors + 1, 1000, false));
  EXPECT_EQ(e.verdict, Verdict::unknown);
  EXPECT_EQ(e.reason, "actors");
  // Where no path at all leads to the end of an operation, nobody has to be told apart.
  EXPECT_EQ(progress_of(Crowd(kMaxActors + 1, 1000, true)).broken.property.name(), "livelock");
}

TEST(CriticalStep, IsWhereTheReaderGoesWrongAndNotWhereItShows) {
  SequenceReader model(2, true);
  const Exploration e = explore(model, {});
  ASSERT_EQ(e.broken.property.name(), "protocol:torn");
  const CriticalStep critical = find_critical_step(model, e);
  ASSERT_TRUE(critical.step.has_value());
  EXPECT_EQ(e.path[*critical.step].text, "write") << "once the count has changed under it, the reader will return torn";
  EXPECT_EQ(e.path[*critical.step - 1].text, "sample");
}
TEST(CriticalStep, IsFoundFromTheEndWhereTheWholeIsTooLarge) {
  SequenceReader model(20, true);
  const Exploration e = explore(model, {});
  const CriticalStep whole = find_critical_step(model, e);
  EXPECT_EQ(whole.unknown_because, "");
  // German's cycles avoid every violation: only the step that violates is critical, whatever is explored.
  German<2> german(GermanBug::ack_without_data);
  const Exploration g = explore(german, {});
  const CriticalStep exact = find_critical_step(german, g);
  ASSERT_TRUE(exact.step.has_value());
  const CriticalStep bounded = find_critical_step(german, g, 1);
  EXPECT_TRUE(!bounded.unknown_because.empty() || bounded.step == exact.step);
}

/// Of a graph that a limit cut short, what it lacks could be what avoids the violation.
TEST(CriticalStep, IsNotTakenFromAGraphThatALimitCutShort) {
  SequenceReader model(100, true);
  const Exploration e = explore(model, {});
  ASSERT_EQ(e.verdict, Verdict::violated);
  const CriticalStep exact = find_critical_step(model, e);
  ASSERT_TRUE(exact.step.has_value());
  EXPECT_FALSE(find_critical_step(model, e, 1).step.has_value());
  for (const std::uint64_t limit : {1, 3, 10, 100, 40'000}) {
    const CriticalStep cut = find_critical_step(model, e, limit);
    if (cut.unknown_because.empty())
      EXPECT_TRUE(cut.step == exact.step && cut.doomed == exact.doomed) << "within " << limit << " states";
    else
      EXPECT_TRUE(!cut.step && !cut.doomed) << "within " << limit << " states";
  }
}

TEST(LockOrder, CyclesAreFoundAndOrdersAreNone) {
  LockOrder order;
  order.add(0b0001, 1);
  order.add(0b0011, 2);
  EXPECT_TRUE(order.cycles().empty());
  EXPECT_EQ(order.edges().size(), 3u);
  LockOrder other;
  other.add(0b0100, 0);
  order.merge(other);
  using Cycles = std::vector<std::vector<std::uint32_t>>;
  EXPECT_EQ(order.cycles(), (Cycles{{0, 2}, {0, 1, 2}}));
  order.add(0b1000, 3);
  EXPECT_EQ(order.cycles().front(), std::vector<std::uint32_t>{3});
}

}  // namespace
}  // namespace pagetoken
