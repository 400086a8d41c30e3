// Who sees which random numbers: determinism, independence, digests.

#include <set>

#include "workload_fixture.hpp"

namespace pagetoken {
namespace {

WorkloadSpec spec_of(Pattern pattern) {
  WorkloadSpec spec = default_spec(pattern);
  if (pattern == Pattern::mixed) spec.parts = {{1, default_spec(Pattern::uniform)}, {1, default_spec(Pattern::zipf)}};
  return spec;
}

TEST(Streams, BatchesDoNotChangeTheAccesses) {
  for (const PatternInfo& info : pattern_table()) {
    const Workload workload = make(spec_of(info.pattern), 3);
    const auto expected = take(workload, 1, 100);
    const auto source = workload.source(1);
    std::vector<Access> accesses(100);
    for (std::size_t i = 0; i < 100; i += 4) EXPECT_EQ(source->fill(std::span(accesses).subspan(i, 4)), 4u);
    EXPECT_EQ(accesses, expected) << info.name;
  }
}

TEST(Streams, NoAccessReachesBeyondTheInitialSize) {
  for (const PatternInfo& info : pattern_table()) {
    WorkloadSpec spec = spec_of(info.pattern);
    spec.threads = 2;
    const Workload workload = make(spec, 3);
    for (std::uint32_t client = 0; client < 3; ++client) {
      for (const Access& access : take(workload, client, 500, 1)) {
        const std::uint64_t end = has_range(access.op) ? access.end() : 0;
        EXPECT_LE(end, workload.initial_bytes()[index_of(access.file)]) << info.name;
      }
    }
  }
}

TEST(Streams, AnotherClientChangesNobodysAccesses) {
  for (const Pattern pattern : {Pattern::uniform, Pattern::zipf, Pattern::read_mostly, Pattern::disjoint,
                                Pattern::mixed, Pattern::producer_consumer, Pattern::truncate_storm, Pattern::append}) {
    EXPECT_EQ(take(make(spec_of(pattern), 3), 2, 200), take(make(spec_of(pattern), 4), 2, 200)) << name_of(pattern);
  }
}

TEST(Streams, ClientsThreadsAndSeedsDiffer) {
  WorkloadSpec spec = default_spec(Pattern::uniform);
  spec.threads = 2;
  const Workload workload = make(spec, 2);
  const auto reference = take(workload, 0, 50);
  EXPECT_NE(take(workload, 1, 50), reference);
  EXPECT_NE(take(workload, 0, 50, 1), reference);
  EXPECT_NE(take(make(spec, 2, 2), 0, 50), reference);
}

TEST(Streams, PartsOfMixedShareNoStream) {
  WorkloadSpec spec = default_spec(Pattern::mixed);
  spec.parts = {{1, default_spec(Pattern::uniform)}, {1, default_spec(Pattern::uniform)}};
  spec.parts[1].spec.first_file = 1;
  std::vector<std::vector<std::uint64_t>> pages(2);
  for (const Access& access : take(make(spec, 2), 0, 400)) pages[index_of(access.file)].push_back(access.offset);
  pages[0].resize(100);
  pages[1].resize(100);
  EXPECT_NE(pages[0], pages[1]);
}

// Counting rule 9.
TEST(Digest, IsTheSameForASeedAndDiffersBetweenSeedsAndClients) {
  const WorkloadSpec spec = default_spec(Pattern::uniform);
  const std::string digest = make(spec, 4).digest();
  EXPECT_EQ(digest.size(), 32u);
  EXPECT_EQ(make(spec, 4).digest(), digest);
  EXPECT_EQ(std::set<std::string>({digest, make(spec, 4, 2).digest(), make(spec, 5).digest()}).size(), 3u);
}

TEST(Digest, CoversTheFirstThousandAccessesOfEachClient) {
  WorkloadSpec spec = default_spec(Pattern::disjoint);
  spec.pages = 1000;
  const std::string digest = make(spec, 1).digest();
  spec.pages = 1001;
  EXPECT_EQ(make(spec, 1).digest(), digest);
  spec.pages = 999;
  EXPECT_NE(make(spec, 1).digest(), digest);
}

}  // namespace
}  // namespace pagetoken
