#include "sim/workload/spec.hpp"

#include <set>

#include "workload_fixture.hpp"

namespace pagetoken {
namespace {

TEST(Spec, EveryPatternIsFoundByItsName) {
  for (const PatternInfo& info : pattern_table()) EXPECT_EQ(find_pattern(info.name), info.pattern);
  EXPECT_EQ(pattern_names().size(), pattern_table().size());
  EXPECT_FALSE(find_pattern("ping_pong"));
}

TEST(Spec, EveryKeyIsListedOnceAndItsDefaultIsAllowed) {
  for (const PatternInfo& info : pattern_table()) {
    std::set<std::string_view> names;
    const WorkloadSpec spec = default_spec(info.pattern);
    for (const KeyInfo& key : keys_of(info.pattern)) {
      EXPECT_TRUE(names.insert(key.key).second) << info.name << " " << key.key;
      EXPECT_GE(key.fallback, key.min) << key.key;
      EXPECT_LE(key.fallback, key.max) << key.key;
      EXPECT_EQ(value_of(spec, key), key.fallback) << key.key;
      EXPECT_FALSE(key.description.empty());
    }
    EXPECT_TRUE(names.contains("serial") && names.contains("threads") && names.contains("file_bytes")) << info.name;
  }
}

TEST(Spec, ValuesAreSetThroughTheTable) {
  WorkloadSpec spec = default_spec(Pattern::zipf);
  for (const KeyInfo& key : keys_of(Pattern::zipf)) set_value(spec, key, key.max);
  EXPECT_EQ(spec.pages, kMaxPages);
  EXPECT_EQ(own_value(spec, "exponent"), 16);
  EXPECT_TRUE(spec.serial);
  EXPECT_EQ(spec.via, Via::syscall);
  EXPECT_EQ(spec.think, ThinkTime::exponential);
}

TEST(Spec, WhatContradictsItselfIsRefusedByKey) {
  const auto refused = [](WorkloadSpec spec, std::uint32_t clients) { return error_of([&] { make(spec, clients); }); };
  WorkloadSpec spec = default_spec(Pattern::uniform);
  spec.write_fraction = 1.5;
  EXPECT_EQ(refused(spec, 2), "run.json: /workload/write_fraction: 1.5; 0 to 1");
  EXPECT_EQ(refused(default_spec(Pattern::ping_pong), 1),
            "run.json: /workload/pattern: ping-pong with 1 client(s); 2 clients or more");
  spec = default_spec(Pattern::producer_consumer);
  own_value(spec, "producers") = 3;
  EXPECT_NE(refused(spec, 3).find("/workload/producers"), std::string::npos);
  spec = default_spec(Pattern::truncate_storm);
  own_value(spec, "low_pages") = static_cast<double>(spec.pages);
  EXPECT_NE(refused(spec, 3).find("/workload/low_pages"), std::string::npos);
  EXPECT_NE(refused(default_spec(Pattern::false_sharing), 5000).find("/workload/slice_bytes"), std::string::npos);
  spec = default_spec(Pattern::uniform);
  spec.access_bytes = 65 * 4096;
  EXPECT_NE(refused(spec, 2).find("/workload/access_bytes"), std::string::npos);
  spec = default_spec(Pattern::strided);
  EXPECT_NE(refused(spec, 65).find("/workload/record_bytes"), std::string::npos);
  spec = default_spec(Pattern::disjoint);
  spec.pages = kMaxPages;
  EXPECT_NE(refused(spec, 2).find("/workload/pages"), std::string::npos);
  spec = default_spec(Pattern::sequential_segments);
  own_value(spec, "stride_bytes") = 100;
  EXPECT_NE(refused(spec, 2).find("/workload/stride_bytes"), std::string::npos);
  spec = default_spec(Pattern::uniform);
  spec.first_file = kMaxFiles - 1;
  spec.files = 2;
  EXPECT_NE(refused(spec, 2).find("/workload/files"), std::string::npos);
}

TEST(Spec, AnAccessOfMorePagesThanOneMayTouchIsRefusedWithTheBound) {
  const auto refused = [](const WorkloadSpec& spec) { return error_of([&] { make(spec, 2); }); };
  WorkloadSpec spec = default_spec(Pattern::append);
  spec.access_bytes = std::uint64_t{1} << 40;
  EXPECT_EQ(refused(spec),
            "run.json: /workload/access_bytes: 1099511627776 bytes; up to 4294967296 bytes, which is 1048576 pages of "
            "4096 bytes");
  spec.access_bytes = std::uint64_t{1} << 32;
  EXPECT_EQ(refused(spec), "");
  spec = default_spec(Pattern::uniform);
  spec.pages = kMaxPages;
  spec.access_bytes = std::uint64_t{1} << 33;
  EXPECT_NE(refused(spec).find("/workload/access_bytes"), std::string::npos);
  spec = default_spec(Pattern::sequential_segments);
  spec.pages = kMaxPages / 2;
  spec.access_bytes = std::uint64_t{1} << 33;
  EXPECT_NE(refused(spec).find("/workload/record_bytes"), std::string::npos);
}

TEST(Spec, PartsOfMixedAreCheckedAtTheirPlace) {
  WorkloadSpec spec = default_spec(Pattern::mixed);
  const auto refused = [&] { return error_of([&] { make(spec, 2); }); };
  EXPECT_NE(refused().find("/workload/parts: no parts"), std::string::npos);
  spec.parts = {{1, default_spec(Pattern::uniform)}, {0, default_spec(Pattern::zipf)}};
  EXPECT_NE(refused().find("/workload/parts/1/weight"), std::string::npos);
  spec.parts[1].weight = 1;
  own_value(spec.parts[1].spec, "exponent") = -1;
  EXPECT_NE(refused().find("/workload/parts/1/exponent"), std::string::npos);
  spec.parts[1].spec = default_spec(Pattern::mixed);
  EXPECT_NE(refused().find("mixed in mixed"), std::string::npos);
  spec.parts[1].spec = default_spec(Pattern::zipf);
  spec.parts[1].spec.serial = true;
  EXPECT_NE(refused().find("/workload/parts/1"), std::string::npos);
}

}  // namespace
}  // namespace pagetoken
