// What takes long: rare events, and many seeds. `./dev test --long`.

#include "tests/support/simulation.hpp"

namespace pagetoken {
namespace {

struct Row {
  double write_fraction;
  std::uint64_t accesses;
  double messages;
};
class SinglePage : public testing::TestWithParam<Row> {};

TEST_P(SinglePage, IvyFixedMatchesTheMarkovChain) {  // docs/protocols.md, "Published results"
  const Row row = GetParam();
  const Json s = run_single_page(row.write_fraction, row.accesses);
  EXPECT_NEAR(at(s, "/messages/total") / at(s, "/counts/accesses"), row.messages, 0.01 * row.messages);
}

INSTANTIATE_TEST_SUITE_P(, SinglePage,
                         testing::Values(Row{.01, 20'000'000, .152}, Row{.10, 2'000'000, 1.160},
                                         Row{.50, 2'000'000, 2.475}, Row{1.0, 2'000'000, 2.250}));

class EverySeed : public testing::TestWithParam<std::int64_t> {};

TEST_P(EverySeed, RacesAreHitWithoutAGuardAndNotWithOne) {
  EXPECT_EQ(run_shipped("revoke-race", {}, GetParam())["verdict"]["oracle"], "violated");
  EXPECT_EQ(run_shipped("revoke-race", {"/guard=hook"}, GetParam())["verdict"]["oracle"], "ok");
  EXPECT_EQ(run_shipped("truncate-race", {}, GetParam())["verdict"]["oracle"], "violated");
  EXPECT_EQ(run_shipped("truncate-race", {"/guard=frlock"}, GetParam())["verdict"]["oracle"], "ok");
}

INSTANTIATE_TEST_SUITE_P(, EverySeed, testing::Range<std::int64_t>(1, 21));

}  // namespace
}  // namespace pagetoken
