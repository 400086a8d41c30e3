#include "sim/workload/import.hpp"

#include "workload_fixture.hpp"

namespace pagetoken {
namespace {

class Import : public FileTest {};

TEST_F(Import, WhatIsWrittenReadsAsTheSameWorkload) {
  const std::string input = PAGETOKEN_SOURCE_DIR "/configs/workloads/pg15_tpcb_c8.csv.gz";
  const ImportSummary summary = import_csv({.input = input, .output = path("out"), .map = {}});
  EXPECT_EQ(summary.accesses, 65'861u);
  EXPECT_EQ(summary.rows, 65'861u);
  EXPECT_EQ(summary.clients, 9u);
  EXPECT_EQ(summary.files, 63u);
  EXPECT_EQ(summary.pages, 2'232u);
  EXPECT_EQ(summary.page_bytes, 8192u);  // the header says so
  EXPECT_EQ(summary.bytes, 65'861u * 8192);
  WorkloadSpec ours = csv(path("out"), Order::recorded);
  ours.trace->format = "pagetoken";
  WorkloadSpec foreign = csv(input, Order::recorded);
  foreign.trace->page_bytes = 8192;
  EXPECT_EQ(make(ours, 0).digest(), make(foreign, 0).digest());
}

TEST_F(Import, TheFormatIsPlain) {
  const std::string input =
      file("# t_us,client,op,offset,length\n0.0015,1,w,10,4096\n7,0,lu,0,1\n8,0,r,0,0\n9,0,append,5,6\n");
  const ImportSummary summary = import_csv({.input = input, .output = path("out"), .map = {}, .page_bytes = 4096});
  EXPECT_EQ(contents(path("out")),
            "# pagetoken accesses 1 "
            "page_bytes=4096\ntime_ns,client,op,file,offset,length\n1,1,write,0,10,4096\n9000,0,append,0,0,6\n");
  EXPECT_EQ(summary.rows, 4u);
  EXPECT_EQ(summary.accesses, 2u);
  EXPECT_EQ(summary.skipped.not_accesses, 1u);
  EXPECT_EQ(summary.skipped.empty, 1u);
  EXPECT_EQ(summary.pages, 2u);
  EXPECT_EQ(summary.bytes, 4102u);
}

TEST_F(Import, ABadRowLeavesNoOutput) {
  const std::string input = file("op,page\nr,1\nr,x\n");
  EXPECT_NE(error_of([&] { import_csv({.input = input, .output = path("out"), .map = {}}); }).find("line 3, page"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(Import, OverlappingRangesCountTheirPagesOnce) {
  const std::string input = file("op,file,offset,length\nr,0,0,8192\nw,0,4095,2\nr,1,0,1\nr,0,40960,1\nr,0,8192,1\n");
  EXPECT_EQ(import_csv({.input = input, .output = path("out"), .map = {}}).pages, 5u);
}

TEST_F(Import, FormatsWithoutAReaderAreRefused) {
  EXPECT_NE(error_of([&] {
              import_trace("msr", {.input = "x", .output = path("out"), .map = {}});
            }).find("no reader for format \"msr\""),
            std::string::npos);
}

}  // namespace
}  // namespace pagetoken
