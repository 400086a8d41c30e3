#include <map>
#include <set>

#include "workload_fixture.hpp"

namespace pagetoken {
namespace {

class Trace : public FileTest {};

TEST_F(Trace, PostgresIsReadByTheNamesInItsComment) {
  WorkloadSpec spec = csv(PAGETOKEN_SOURCE_DIR "/configs/workloads/pg15_tpcb_c8.csv.gz");
  spec.trace->page_bytes = 8192;
  const Workload workload(spec, {});
  EXPECT_EQ(workload.clients(), 9u);
  EXPECT_EQ(workload.accesses(), 65'861u);
  EXPECT_EQ(workload.accesses_of(0), 892u);
  std::set<std::pair<FileId, std::uint64_t>> pages;
  const auto accesses = take_serial(workload, 100'000);
  ASSERT_EQ(accesses.size(), 65'861u);
  for (const auto& [client, access] : accesses) {
    EXPECT_EQ(access.length, 8192u);
    pages.emplace(access.file, access.offset / 8192);
  }
  EXPECT_EQ(pages.size(), 2'232u);
  EXPECT_EQ(accesses[2].second.file, FileId{1});
}

// The numbers of the recording's own notes: one writer or many readers a page, infinite caches, in the order of the
// file.
TEST_F(Trace, PostgresMeetsItsPublishedCountsOfTokens) {
  WorkloadSpec spec = csv(PAGETOKEN_SOURCE_DIR "/configs/workloads/pg15_tpcb_c8.csv.gz");
  spec.trace->page_bytes = 8192;
  struct Page {
    std::set<std::uint32_t> holders;
    bool is_exclusive = false;
  };
  std::map<std::pair<FileId, std::uint64_t>, Page> pages;
  int read_grants = 0, write_grants = 0, upgrades = 0, downgrades = 0, invalidations = 0;
  for (const auto& [client, access] : take_serial(Workload(spec, {}), 100'000)) {
    Page& page = pages[{access.file, access.offset}];
    const bool holds = page.holders.contains(client);
    if (access.op == Op::read && !holds) {
      ++read_grants;
      downgrades += page.is_exclusive;
      page.is_exclusive = false;
      page.holders.insert(client);
    } else if (access.op == Op::write && !(holds && page.is_exclusive)) {
      ++(holds ? upgrades : write_grants);
      invalidations += static_cast<int>(page.holders.size()) - holds;
      page = {{client}, true};
    }
  }
  EXPECT_EQ(read_grants, 11'476);
  EXPECT_EQ(write_grants, 3'811);
  EXPECT_EQ(upgrades, 7'828);
  EXPECT_EQ(downgrades, 6'344);
  EXPECT_EQ(invalidations, 11'869);
}

TEST_F(Trace, OrdersDifferInWhoWaitsForWhom) {
  const std::string path =
      file("# t_us,client,op,file,page(8KiB)\n5.5,1,w,0,3\n1,0,r,0,1\n2.0004,1,r,2,0\n1,0,w,0,2\n");
  const Workload serial = make(csv(path), 0);
  std::vector<std::uint32_t> clients;
  for (const auto& [client, access] : take_serial(serial, 9)) clients.push_back(client);
  EXPECT_EQ(clients, (std::vector<std::uint32_t>{1, 0, 1, 0}));
  EXPECT_EQ(serial.initial_bytes(), (std::vector<std::uint64_t>{4 * 4096, 0, 4096}));  // counting rule 7

  WorkloadSpec spec = csv(path, Order::closed);
  spec.think_ns = 7;
  spec.file_bytes = 99;
  const Workload closed = make(spec, 0);
  EXPECT_EQ(take(closed, 1, 9)[0], (Access{.op = Op::write, .offset = 3 * 4096, .length = 4096, .think_ns = 7}));
  EXPECT_EQ(closed.initial_bytes(), (std::vector<std::uint64_t>{99, 99, 99}));
  EXPECT_EQ(closed.digest(), make(spec, 0).digest());

  const Workload recorded = make(csv(path, Order::recorded), 4);
  EXPECT_EQ(recorded.clients(), 4u);
  EXPECT_TRUE(take(recorded, 3, 9).empty());
  const auto later = take(recorded, 1, 9);
  EXPECT_EQ(later[0].at_ns(), 1000);
  EXPECT_EQ(later[1].at_ns(), 4500);
  const auto same_instant = take(recorded, 0, 9);
  EXPECT_EQ(same_instant[0].op, Op::read);
  EXPECT_EQ(same_instant[1].op, Op::write);
}

TEST_F(Trace, ColumnsAreFoundByNumberNameOrGuess) {
  const std::string rows = "who,how,where(KiB),much\n2,read,10,5\n";
  WorkloadSpec spec = csv(file(rows));
  spec.trace->map = {{"client", "who"}, {"op", "1"}, {"offset", "where"}, {"length", "much"}};
  EXPECT_EQ(take(make(spec, 0), 2, 2), (std::vector<Access>{{.offset = 10, .length = 5}}));
  const std::string guessed = "start_us,end_us,node,rank,file,op,offset,length\n5,6,1,7,2,w,4096,8\n";
  EXPECT_EQ(take(make(csv(file(guessed)), 0), 1, 2),
            (std::vector<Access>{{.file = FileId{2}, .op = Op::write, .offset = 4096, .length = 8}}));
}

TEST_F(Trace, LocksAndEmptyRowsArePassedOver) {
  const std::string path = file(
      "# a comment, t\n# t_us,client,op,offset,length\r\n0,0,r,0,100\r\n\n1,0,lr!,9,1\n2,0,w,0,0\n# x\n3,1,\"w\", 8 "
      ",2");
  const Workload workload = make(csv(path), 0);
  EXPECT_EQ(workload.accesses(), 2u);
  EXPECT_EQ(take(workload, 1, 1)[0], (Access{.op = Op::write, .offset = 8, .length = 2}));
}

TEST_F(Trace, ChangesOfSizeCarryTheNewSize) {
  const std::string path = file("op,offset,length\ntruncate,5,3\nappend,7,3\nfsync,1,1\npunch,2,3\nextend,9,0\n");
  const auto accesses = take(make(csv(path), 0), 0, 9);
  ASSERT_EQ(accesses.size(), 5u);
  EXPECT_EQ(accesses[0], (Access{.op = Op::truncate, .via = Via::syscall, .offset = 5}));
  EXPECT_EQ(accesses[1], (Access{.op = Op::append, .via = Via::syscall, .length = 3}));
  EXPECT_EQ(accesses[2], (Access{.op = Op::fsync, .via = Via::syscall}));
  EXPECT_EQ(accesses[3], (Access{.op = Op::punch, .via = Via::syscall, .offset = 2, .length = 3}));
  EXPECT_EQ(accesses[4], (Access{.op = Op::extend, .via = Via::syscall, .offset = 9}));
}

TEST_F(Trace, GzipIsToldByItsContent) {
  const std::string path = gzip("op,page\nr,1\n");
  std::filesystem::rename(path, this->path("plain.csv"));
  EXPECT_EQ(make(csv(this->path("plain.csv")), 0).accesses(), 1u);
}

TEST_F(Trace, LinesMayBeAsLongAsTheLimitAndLieAcrossBuffers) {
  std::string text = "op,page,rest\n";
  for (int i = 0; i < 20; ++i) text += "r,1," + std::string(64 * 1024 - 4 - (i % 2 == 0 ? 0u : 777u), 'x') + "\r\n";
  EXPECT_EQ(make(csv(file(text)), 0).accesses(), 20u);
}

}  // namespace
}  // namespace pagetoken
