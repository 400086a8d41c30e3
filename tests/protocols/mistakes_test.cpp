// An author's mistakes: each ends a run and a check as a violation that names protocol, handler, node and resource.

#include <gtest/gtest.h>

#include "mistaken.hpp"
#include "quick_cluster.hpp"
#include "sim/check/cluster/protocol_check.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

constexpr Factory kMistaken = factory_of<Mistaken>();

ProtocolResult explored(std::int64_t mistake) {
  ProtocolSpec spec;
  spec.factory = &kMistaken;
  spec.parameters = {mistake};
  spec.guard = default_guard().scheme;
  spec.scripts = {{*operation_called("store 0")}, {}};
  return explore_protocol(spec, {.max_states = 100'000});
}

TEST(Mistakes, WithoutOneTheProtocolIsRight) {
  EXPECT_EQ(explored(Mistaken::none).found.verdict, Exploration::Verdict::ok) << transcript(explored(0).found);
}

class Mistake : public testing::TestWithParam<std::int64_t> {};

TEST_P(Mistake, IsAViolationThatSaysWhereItWasMade) {
  const ProtocolResult result = explored(GetParam());
  EXPECT_EQ(result.found.verdict, Exploration::Verdict::violated);
  EXPECT_EQ(result.found.broken.property.name(), "protocol:require");
  const std::string& text = result.found.broken.text;
  std::printf("%s\n", text.c_str());
  EXPECT_TRUE(text.starts_with("mistaken: on_")) << text;
  EXPECT_NE(text.find(" at node "), std::string::npos) << text;
  EXPECT_NE(text.find(", about page 0 of file 0: "), std::string::npos) << text;
  EXPECT_FALSE(result.steps.empty());
}

INSTANTIATE_TEST_SUITE_P(All, Mistake, testing::Range(std::int64_t{1}, std::int64_t{Mistaken::mistakes}));

}  // namespace
}  // namespace pagetoken
