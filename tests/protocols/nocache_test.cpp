// nocache: every access costs 2 (docs/protocols.md, "When a token pays").

#include "quick_cluster.hpp"

namespace pagetoken::testing_support {
namespace {

constexpr Result kDone = Result::done;

TEST(NoCache, EveryAccessCostsTwoMessagesHoweverOftenItIsRepeated) {
  QuickCluster cluster({.protocol = "nocache", .clients = 3, .pages = 2});
  for (int repeat = 0; repeat < 3; ++repeat) {
    for (std::uint32_t client = 0; client < 3; ++client) {
      for (PageIndex page = 0; page < 2; ++page) {
        EXPECT_EQ(cluster.run(client, store(page)), (Cost{.pages = 2, .hops = 2, .result = kDone}));
        EXPECT_EQ(cluster.run(client, load(page)), (Cost{.pages = 2, .hops = 2, .result = kDone}));
      }
    }
  }
  EXPECT_EQ(cluster.sent("TOK_REQ"), 36u);
  EXPECT_EQ(cluster.sent("TOK_GRANT_DATA"), 36u);
}

TEST(NoCache, TruncateAndExtendCostTwoMessagesToTheHomeOfTheSize) {
  QuickCluster cluster({.protocol = "nocache", .clients = 2, .pages = 4});
  EXPECT_EQ(cluster.run(0, truncate_to(1)), (Cost{.sizes = 2, .hops = 2, .result = kDone}));
  EXPECT_EQ(cluster.run(1, load(2)).result, Result::sigbus);
  EXPECT_EQ(cluster.run(1, extend_to(3)), (Cost{.sizes = 2, .hops = 2, .result = kDone}));
  EXPECT_EQ(cluster.run(0, load(2)).result, kDone);
}

TEST(NoCache, NothingIsEverHeldOrCached) {
  QuickCluster cluster({.protocol = "nocache", .clients = 2});
  cluster.run(0, store());
  cluster.run(1, load());
  for (std::uint32_t client = 0; client < 2; ++client) {
    EXPECT_EQ(cluster.mode(client, 0), Mode::none);
    EXPECT_EQ(cluster.cluster().vm(NodeId{client}).cached_pages(), 0u);
  }
}

TEST(NoCache, AccessAtTheHomeItselfSendsNothing) {  // a message to oneself is not counted
  QuickCluster cluster({.protocol = "nocache", .clients = 2, .pages = 2, .placement = Placement::hashed});
  EXPECT_EQ(cluster.run(0, store(0)).pages, 0u);
  EXPECT_EQ(cluster.run(0, store(1)).pages, 2u);
}

}  // namespace
}  // namespace pagetoken::testing_support
