#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "workload_fixture.hpp"

namespace pagetoken {
namespace {

constexpr std::uint64_t kPage = 4096;

double write_share(const std::vector<Access>& accesses) {
  const auto writes =
      std::count_if(accesses.begin(), accesses.end(), [](const Access& a) { return a.op == Op::write; });
  return static_cast<double>(writes) / static_cast<double>(accesses.size());
}

TEST(Disjoint, SegmentsDoNotOverlapAndAreWrittenCyclically) {
  const Workload workload = make(Pattern::disjoint, 3);
  EXPECT_EQ(workload.initial_bytes(), std::vector<std::uint64_t>{3 * 64 * kPage});
  for (std::uint32_t client = 0; client < 3; ++client) {
    const auto accesses = take(workload, client, 130);
    for (std::size_t i = 0; i < accesses.size(); ++i) {
      EXPECT_EQ(accesses[i].op, Op::write);
      EXPECT_EQ(accesses[i].length, kPage);
      EXPECT_EQ(accesses[i].offset, (client * 64 + i % 64) * kPage);
    }
  }
}

TEST(Disjoint, LongAccessesStayInTheSegment) {
  WorkloadSpec spec = default_spec(Pattern::disjoint);
  spec.pages = 5;
  spec.access_bytes = 2 * kPage - 1;
  const auto accesses = take(make(spec, 2), 1, 4);
  EXPECT_EQ(accesses[0].offset, 5 * kPage);
  EXPECT_EQ(accesses[1].offset, 7 * kPage);
  EXPECT_EQ(accesses[2].offset, 5 * kPage);
}

TEST(Disjoint, ThreadsStartSpreadOverTheSegmentAndFilesFollowEachOther) {
  WorkloadSpec spec = default_spec(Pattern::disjoint);
  spec.threads = 2;
  spec.files = 2;
  const Workload workload = make(spec, 2);
  EXPECT_EQ(take(workload, 1, 1, 1)[0].offset, (64 + 32) * kPage);
  const auto accesses = take(workload, 0, 65);
  EXPECT_EQ(accesses[63].file, FileId{0});
  EXPECT_EQ(accesses[64].file, FileId{1});
}

TEST(Uniform, PagesAndWritesAreDrawnAsSpecified) {
  WorkloadSpec spec = default_spec(Pattern::uniform);
  spec.pages = 8;
  spec.write_fraction = 0.25;
  const auto accesses = take(make(spec, 2), 1, 80'000);
  EXPECT_NEAR(write_share(accesses), 0.25, 0.01);
  std::map<std::uint64_t, int> count;
  for (const Access& access : accesses) ++count[access.offset / kPage];
  ASSERT_EQ(count.size(), 8u);
  for (const auto& [page, times] : count) EXPECT_NEAR(times, 10'000, 500);
}

TEST(Uniform, LongAccessesStayInTheFile) {
  WorkloadSpec spec = default_spec(Pattern::uniform);
  spec.pages = 4;
  spec.access_bytes = 2 * kPage + 1;
  const Workload workload = make(spec, 2);
  EXPECT_EQ(workload.initial_bytes()[0], 3 * kPage + 1);
  for (const Access& access : take(workload, 0, 1000)) EXPECT_LE(access.end(), 3 * kPage + 1);
}

TEST(Uniform, FilesAreUsedAlikeFromTheFirstOn) {
  WorkloadSpec spec = default_spec(Pattern::uniform);
  spec.first_file = 3;
  spec.files = 4;
  const Workload workload = make(spec, 2);
  std::map<FileId, int> count;
  for (const Access& access : take(workload, 0, 40'000)) ++count[access.file];
  ASSERT_EQ(count.size(), 4u);
  EXPECT_EQ(count.begin()->first, FileId{3});
  for (const auto& [file, times] : count) EXPECT_NEAR(times, 10'000, 500);
  EXPECT_EQ(workload.initial_bytes(),
            (std::vector<std::uint64_t>{0, 0, 0, 64 * kPage, 64 * kPage, 64 * kPage, 64 * kPage}));
}

TEST(Zipf, PopularityFallsByThePower) {
  WorkloadSpec spec = default_spec(Pattern::zipf);
  own_value(spec, "exponent") = 1;
  std::map<std::uint64_t, double> count;
  for (const Access& access : take(make(spec, 2), 0, 200'000)) ++count[access.offset / kPage];
  EXPECT_NEAR(count[0] / count[1], 2, 0.1);
  EXPECT_NEAR(count[0] / count[9], 10, 1);
}

TEST(ReadMostly, WritesAreRare) {
  EXPECT_NEAR(write_share(take(make(Pattern::read_mostly, 2), 0, 100'000)), 0.01, 0.003);
}

TEST(ProducerConsumer, OnlyTheFirstClientsWriteAndAllGoTheSameWay) {
  WorkloadSpec spec = default_spec(Pattern::producer_consumer);
  own_value(spec, "producers") = 2;
  const Workload workload = make(spec, 4);
  for (std::uint32_t client = 0; client < 4; ++client) {
    const auto accesses = take(workload, client, 100);
    EXPECT_EQ(write_share(accesses), client < 2 ? 1 : 0);
    EXPECT_EQ(accesses[70].offset, 6 * kPage);
  }
}

TEST(Migratory, EveryPageIsReadThenWrittenByTheSameClient) {
  const Workload workload = make(Pattern::migratory, 4);
  for (std::uint32_t client = 0; client < 4; ++client) {
    const auto accesses = take(workload, client, 256);
    for (std::size_t i = 0; i < accesses.size(); i += 2) {
      EXPECT_EQ(accesses[i].op, Op::read);
      EXPECT_EQ(accesses[i + 1].op, Op::write);
      EXPECT_EQ(accesses[i].offset, accesses[i + 1].offset);
      EXPECT_EQ(accesses[i].offset, (client * 16 + i / 2) % 64 * kPage);
    }
  }
}

TEST(FalseSharing, ClientsShareEveryPageAndNoByte) {
  const Workload workload = make(Pattern::false_sharing, 3);
  std::set<std::uint64_t> first;
  for (std::uint32_t client = 0; client < 3; ++client) {
    std::set<std::uint64_t> pages;
    for (const Access& access : take(workload, client, 2000)) {
      EXPECT_EQ(access.offset % kPage, client * 1365);
      EXPECT_EQ(access.length, 1365u);
      EXPECT_EQ(access.op, Op::write);
      pages.insert(access.offset / kPage);
    }
    EXPECT_EQ(pages.size(), 64u);
  }
}

TEST(Strided, RecordsAreDealtOutInTurn) {
  WorkloadSpec spec = default_spec(Pattern::strided);
  spec.pages = 2;
  spec.access_bytes = 1000;  // 8 records, so that client 2 of 3 has one less
  const Workload workload = make(spec, 3);
  std::set<std::uint64_t> seen;
  for (std::uint32_t client = 0; client < 3; ++client) {
    const auto accesses = take(workload, client, client == 2 ? 2 : 3);
    for (const Access& access : accesses) EXPECT_TRUE(seen.insert(access.offset).second);
    EXPECT_EQ(take(workload, client, 4)[accesses.size()].offset, client * 1000);
  }
  EXPECT_EQ(seen.size(), 8u);
  EXPECT_EQ(workload.initial_bytes()[0], 8000u);
}

TEST(SequentialSegments, ClientsStartLaterAndGoStraightOn) {
  WorkloadSpec spec = default_spec(Pattern::sequential_segments);
  own_value(spec, "start_interval_ns") = 1000;
  spec.access_bytes = 512;
  own_value(spec, "stride_bytes") = 1024;
  spec.pages = 1;
  const auto accesses = take(make(spec, 3), 2, 5);
  EXPECT_EQ(accesses[0].think_ns, 2000);
  EXPECT_EQ(accesses[1].think_ns, 0);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(accesses[i].offset, 2 * kPage + i % 4 * 1024);
}

TEST(Append, FilesStartEmptyAndOnlyGrow) {
  WorkloadSpec spec = default_spec(Pattern::append);
  spec.files = 2;
  spec.access_bytes = 100;
  const Workload workload = make(spec, 3);
  EXPECT_EQ(workload.initial_bytes(), (std::vector<std::uint64_t>{0, 0}));
  for (const Access& access : take(workload, 1, 100)) {
    EXPECT_EQ(access, (Access{.file = FileId{1}, .op = Op::append, .via = Via::syscall, .length = 100}));
  }
  spec.file_bytes = 500;
  EXPECT_EQ(make(spec, 3).initial_bytes()[1], 500u);
}

TEST(LogRotate, OneClientAfterTheOtherTruncatesWhenAllHaveMadeTheirShare) {
  WorkloadSpec spec = default_spec(Pattern::log_rotate);
  own_value(spec, "rotate_pages") = 6;
  const Workload workload = make(spec, 2);
  std::vector<std::vector<std::size_t>> truncates(2);
  for (std::uint32_t client = 0; client < 2; ++client) {
    const auto accesses = take(workload, client, 20);
    for (std::size_t i = 0; i < accesses.size(); ++i) {
      if (accesses[i].op == Op::truncate) truncates[client].push_back(i);
    }
  }
  EXPECT_EQ(truncates[0], (std::vector<std::size_t>{3, 10, 17}));
  EXPECT_EQ(truncates[1], (std::vector<std::size_t>{6, 13}));
}

TEST(TruncateStorm, TheTruncatorAlternatesAtItsInterval) {
  WorkloadSpec spec = default_spec(Pattern::truncate_storm);
  own_value(spec, "low_pages") = 8;
  const Workload workload = make(spec, 3);
  const auto accesses = take(workload, 0, 10);
  for (std::size_t i = 0; i < accesses.size(); ++i) {
    EXPECT_EQ(accesses[i].op, i % 2 == 0 ? Op::truncate : Op::extend);
    EXPECT_EQ(accesses[i].offset, (i % 2 == 0 ? 8 : 64) * kPage);
    EXPECT_EQ(accesses[i].think_ns, 100'000);
  }
  EXPECT_NEAR(write_share(take(workload, 1, 10'000)), 0.5, 0.03);
}

TEST(Mixed, PartsAreDrawnByWeight) {
  WorkloadSpec spec = default_spec(Pattern::mixed);
  spec.parts = {{1, default_spec(Pattern::uniform)}, {3, default_spec(Pattern::disjoint)}};
  spec.parts[0].spec.first_file = 1;
  const Workload workload = make(spec, 2);
  const auto accesses = take(workload, 1, 40'000);
  const auto second =
      std::count_if(accesses.begin(), accesses.end(), [](const Access& a) { return a.file == FileId{0}; });
  EXPECT_NEAR(static_cast<double>(second), 30'000, 500);
  EXPECT_EQ(workload.initial_bytes(), (std::vector<std::uint64_t>{2 * 64 * kPage, 64 * kPage}));
}

TEST(Think, TheMeanIsThatOfTheSpecAndTheAccessesStayTheSame) {
  WorkloadSpec spec = default_spec(Pattern::uniform);
  spec.think_ns = 1000;
  const auto constant = take(make(spec, 2), 0, 50'000);
  spec.think = ThinkTime::exponential;
  const auto exponential = take(make(spec, 2), 0, 50'000);
  double sum = 0;
  for (std::size_t i = 0; i < constant.size(); ++i) {
    EXPECT_EQ(constant[i].think_ns, 1000);
    EXPECT_EQ(constant[i].offset, exponential[i].offset);
    sum += static_cast<double>(exponential[i].think_ns);
  }
  EXPECT_NEAR(sum / 50'000, 1000, 20);
}

}  // namespace
}  // namespace pagetoken
