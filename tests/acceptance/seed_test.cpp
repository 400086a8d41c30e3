// The two statements that the project starts from: SEED-1 of docs/protocols.md, SEED-2 of docs/vm-model.md.

#include "tests/support/simulation.hpp"

namespace pagetoken {
namespace {

TEST(Seed1, WritersOfTheirOwnPagesSendNothingUnderPageAndRangeTokens) {
  for (const std::string protocol : {"ivy-fixed", "ivy-dynamic", "gpfs-range"}) {
    const Json s = run_shipped("disjoint-writers", {"/protocol=" + protocol});
    EXPECT_EQ(s["messages"]["total"], 0) << protocol;
    EXPECT_EQ(s["counts"]["hits"], 20'000) << protocol;
    EXPECT_EQ(s["verdict"]["oracle"], "ok") << protocol;
  }
}

TEST(Seed1, TheySendWithoutACacheAndUnderALockOnTheFile) {
  EXPECT_EQ(run_shipped("disjoint-writers", {"/protocol=nocache"})["messages"]["total"], 40'000);
  const Json file = run_shipped("disjoint-writers", {R"(/protocol={"name":"dlm-file","params":{"hold_ns":0}})"});
  EXPECT_GT(at(file, "/messages/total"), 0);
}

class Seed2 : public testing::TestWithParam<std::int64_t> {};

void expect_clean(const Json& s) {
  EXPECT_EQ(s["verdict"]["oracle"], "ok");
  EXPECT_EQ(s["verdict"]["violations"], Json::array());
}

TEST_P(Seed2, RevokeThatRacesAFaultLeavesAStalePteUnlessTheHookGuardsIt) {
  const Json none = run_shipped("revoke-race", {}, GetParam());
  EXPECT_EQ(none["verdict"]["oracle"], "violated");
  EXPECT_EQ(none["verdict"]["violations"][0]["property"], "I3");
  const std::string text = none["verdict"]["violations"][0]["text"];
  EXPECT_NE(text.find("stale"), std::string::npos) << text;
  EXPECT_NE(text.find("PTE for page"), std::string::npos) << text;
  expect_clean(run_shipped("revoke-race", {"/guard=hook"}, GetParam()));
}

TEST_P(Seed2, TruncateThatRacesAFaultIsSeenThroughTheFrlockOnly) {
  const Json none = run_shipped("truncate-race", {}, GetParam());
  EXPECT_EQ(none["verdict"]["oracle"], "violated");
  // The first that shows may be a read of what the truncate left: among the others is what led there.
  std::string texts;
  for (const Json& violation : none["verdict"]["violations"]) texts += violation["text"].get<std::string>() + "\n";
  EXPECT_NE(texts.find("stale PTE"), std::string::npos) << texts;
  const Json frlock = run_shipped("truncate-race", {"/guard=frlock"}, GetParam());
  expect_clean(frlock);
  EXPECT_GT(at(frlock, "/counts/retries"), 0);
}

INSTANTIATE_TEST_SUITE_P(, Seed2, testing::Values(1, 2, 3));

}  // namespace
}  // namespace pagetoken
