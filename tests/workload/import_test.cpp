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

TEST_F(Import, UnknownFormatsAreRefusedWithTheNamesOfAll) {
  const std::string error = error_of([&] { import_trace("msrr", {.input = "x", .output = path("out"), .map = {}}); });
  EXPECT_NE(error.find("did you mean \"msr\"?"), std::string::npos) << error;
}

class Foreign : public FileTest {
 protected:
  ImportSummary import(const std::string& format, const std::string& text, const std::vector<std::string>& more = {}) {
    return import_trace(format, {.input = file(text), .more_inputs = more, .output = path("out"), .map = {}});
  }
  /// What was written, without the two lines of its header.
  std::string rows() {
    const std::string text = contents(path("out"));
    return text.substr(text.find('\n', text.find('\n') + 1) + 1);
  }
  static std::uint64_t skipped(const ImportSummary& summary, const std::string& reason) {
    for (const auto& [why, count] : summary.reasons)
      if (why == reason) return count;
    return 0;
  }
};

TEST_F(Foreign, LackeyWithoutCallsIsOneMemory) {
  const ImportSummary s =
      import("lackey", "==7== Lackey\nI  0400,3\n L 1000,8\nI  0403,3\n S 2000,4\n M 3000,4\nrubbish\n");
  EXPECT_EQ(rows(), "1,0,read,0,4096,8\n2,0,write,0,8192,4\n2,0,read,0,12288,4\n2,0,write,0,12288,4\n");
  EXPECT_EQ(skipped(s, "instructions"), 2u);
  EXPECT_EQ(skipped(s, "valgrind's own remarks"), 1u);
  EXPECT_EQ(skipped(s, "lines that are no lackey"), 1u);
  EXPECT_EQ(s.rows, 7u);
}

TEST_F(Foreign, LackeyKnowsSharedMappingsAndCalls) {
  const std::string calls =
      " L 7000,8\n"  // before the first call nothing is shared
      "SYSCALL[9,1](257) sys_openat ( 4294967196, 0x1ffe(/tmp/a.db), 66 ) --> [async] ... \n"
      "SYSCALL[9,1](257) ... [async] --> Success(0x4) \n"
      "SYSCALL[9,1](9) sys_mmap ( 0x0, 65536, 3, 1, 4, 8192 ) --> [pre-success] Success(0x483c000) \n"
      "SYSCALL[9,1](9) sys_mmap ( 0x0, 65536, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x5000000) \n"
      " L 0483d000,8\n S 05000000,8\n"
      "SYSCALL[9,1](17) sys_pread64 ( 4, 0x1fff, 100, 4096 ) --> [async] ... \n"
      "SYSCALL[9,1](17) ... [async] --> Success(0x64) \n"
      "SYSCALL[9,1](1) sys_write ( 4, 0x1fff, 50 )[sync] --> Success(0x32) \n"
      "SYSCALL[9,1](1) sys_write ( 4, 0x1fff, 50 )[sync] --> Failure(0x5) \n"
      "SYSCALL[9,1](74) sys_fsync ( 4 )[sync] --> Success(0x0) \n"
      "SYSCALL[9,1](77) sys_ftruncate ( 4, 8192 )[sync] --> Success(0x0) \n"
      "SYSCALL[9,1](11) sys_munmap ( 0x483c000, 65536 )[sync] --> Success(0x0) \n L 0483d000,8\n";
  const ImportSummary s = import("lackey", calls);
  EXPECT_EQ(rows(),
            "0,0,read,0,12288,8\n0,0,read,0,4096,100\n0,0,write,0,0,50\n0,0,fsync,0,0,0\n0,0,truncate,0,8192,0\n");
  EXPECT_EQ(s.file_names, std::vector<std::string>{"/tmp/a.db"});
  EXPECT_EQ(skipped(s, "accesses to private memory"), 3u);
  EXPECT_EQ(skipped(s, "calls that failed"), 1u);
}

TEST_F(Foreign, ProcessesOfSeveralFilesAreClientsOfTheSameFiles) {
  const auto process = [](const std::string& address) {
    return "SYSCALL[9,1](2) sys_open ( 0x1ffe(/tmp/a.db), 66 )[sync] --> Success(0x3) \n"
           "SYSCALL[9,1](9) sys_mmap ( 0x0, 4096, 3, 1, 3, 0 ) --> [pre-success] Success(0x" +
           address + ") \nI  1,1\n L " + address + ",1\n";
  };
  const std::string second = file(process("777000"));
  const ImportSummary s = import("lackey", process("555000"), {second});
  EXPECT_EQ(rows(), "1,0,read,0,0,1\n1,1,read,0,0,1\n");
  EXPECT_EQ(s.clients, 2u);
  EXPECT_EQ(s.files, 1u);
}

TEST_F(Foreign, StraceFollowsDescriptorsThreadsAndUnfinishedCalls) {
  const ImportSummary s = import("strace",
                                 "100 1.000000 openat(AT_FDCWD, \"/tmp/x\", O_RDWR|O_CREAT, 0644) = 3\n"
                                 "100 1.000001 write(3, \"a, b) = 7\", 9) = 9\n"
                                 "[pid   101] 1.000002 pread64(3</tmp/x>, \"x\"..., 100, 4096) = 100\n"
                                 "100 1.000003 read(3,  <unfinished ...>\n"
                                 "101 1.000004 lseek(3, 0, SEEK_SET) = 0\n"
                                 "100 1.000005 <... read resumed>\"abc\", 3) = 3\n"
                                 "100 1.000006 read(7, \"\", 3) = 3\n"
                                 "100 1.000007 read(3, 0x7, 3) = -1 EIO (Input/output error)\n"
                                 "100 1.000008 openat(AT_FDCWD, \"/dev/null\", O_WRONLY) = 4\n"
                                 "100 1.000009 write(4, \"a\", 1) = 1\n"
                                 "100 1.000010 ftruncate(3, 10) = 0\n"
                                 "100 1.000011 fallocate(3, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 4096, 8192) = 0\n"
                                 "100 1.000012 openat(AT_FDCWD, \"/tmp/log\", O_WRONLY|O_APPEND) = 5\n"
                                 "100 1.000013 write(5, \"line\", 4) = 4\n"
                                 "100 1.000014 fsync(5) = 0\n"
                                 "100 1.000015 +++ exited with 0 +++\n");
  EXPECT_EQ(rows(),
            "1000001000,0,write,0,0,9\n1000002000,1,read,0,4096,100\n1000003000,0,read,0,0,3\n"
            "1000010000,0,truncate,0,10,0\n1000011000,0,punch,0,4096,8192\n1000013000,0,append,1,0,4\n1000014000,0,"
            "fsync,1,0,0\n");
  EXPECT_EQ(skipped(s, "calls that failed"), 1u);
  EXPECT_EQ(skipped(s, "calls on descriptors that were opened before the trace begins"), 1u);
  EXPECT_EQ(skipped(s, "calls on devices, pipes and sockets"), 1u);
}

TEST_F(Foreign, DarshanTakesPosixOnly) {
  const ImportSummary s =
      import("darshan-dxt",
             "# DXT, file_id: 1, file_name: /p/f\n# Module    Rank  Wt/Rd  Segment          Offset       Length    "
             "Start(s)      End(s)\n"
             " X_MPIIO       0  write        0               0      262144      0.0029      0.0032\n"
             " X_POSIX       1  write        0          262144      262144      0.0031      0.0032\n"
             " X_POSIX       0  read         0               0           8      0.0030      0.0032  [OST: 1]\n");
  EXPECT_EQ(rows(), "3000000,1,read,0,0,8\n3100000,0,write,0,262144,262144\n");
  EXPECT_EQ(s.client_names, (std::vector<std::string>{"1", "0"}));
}

TEST_F(Foreign, BlkparseTakesEachRequestOnce) {
  const ImportSummary s =
      import("blkparse",
             "  8,0    3        1     0.000000000   697  Q   W 8 + 8 [kjournald]\n  8,0    3        2     0.000000100  "
             " 697  G   W 8 + 8 [kjournald]\n"
             "  8,0    3        3     0.000001000   698  Q  RA 16 + 16 [cp]\n  8,0    3        4     0.000002000   698 "
             " Q   D 32 + 8 [cp]\n"
             "  8,0    3        5     0.000003000   698  Q  FN [cp]\nCPU0 (8,0):\n Reads Queued: 1, 8KiB\n");
  EXPECT_EQ(rows(), "0,0,write,0,4096,4096\n1000,1,read,0,8192,8192\n2000,1,punch,0,16384,4096\n");
  EXPECT_EQ(skipped(s, "other stages of a request"), 1u);
  EXPECT_EQ(skipped(s, "requests without sectors"), 1u);
  EXPECT_EQ(skipped(s, "lines of the summary"), 2u);
}

TEST_F(Foreign, MsrCountsFromItsFirstRequest) {
  import("msr",
         "128166372003061629,hm,1,Read,383496192,32768,413\n128166372016382155,hm,0,Write,310378496,4096,1\nbad\n");
  EXPECT_EQ(rows(), "0,0,read,0,383496192,32768\n1332052600,0,write,1,310378496,4096\n");
}

TEST_F(Foreign, AnAccessOfAbsurdLengthIsSkipped) {
  const ImportSummary s = import("msr",
                                 "128166372003061629,hm,1,Read,383496192,32768,413\n"
                                 "128166372003061629,hm,1,Read,0,1099511627776,413\n"
                                 "128166372016382155,hm,0,Write,310378496,48166372003061629,1\n");
  EXPECT_EQ(skipped(s, "accesses of more than 1 TiB"), 1u);
  EXPECT_EQ(s.accesses, 1u + 512);
}

TEST_F(Foreign, AFileOfAnotherKindIsRefused) {
  for (const char* format : {"lackey", "strace", "darshan-dxt", "blkparse", "msr"})
    EXPECT_NE(error_of([&] { import(format, "what is this\n"); }).find("holds no "), std::string::npos) << format;
}

}  // namespace
}  // namespace pagetoken
