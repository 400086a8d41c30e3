// Everything that a trace may have wrong is said by file, line and field.

#include <fmt/format.h>

#include "sim/workload/formats.hpp"
#include "workload_fixture.hpp"

namespace pagetoken {
namespace {

class TraceError : public FileTest {
 protected:
  std::string error(const WorkloadSpec& spec, std::uint32_t clients = 0) {
    return error_of([&] { make(spec, clients); });
  }
  /// Of a file with this row as line 2.
  std::string row_error(const std::string& row) {
    const std::string message = error(csv(file("time_ns,client,op,file,offset,length\n" + row + "\n")));
    const std::string prefix = path("t.csv") + ": line 2";
    EXPECT_TRUE(message.starts_with(prefix)) << message;
    return message.substr(std::min(message.size(), prefix.size()));
  }
};

TEST_F(TraceError, EveryFieldIsChecked) {
  EXPECT_EQ(row_error("0,x,r,0,0,1"), ", client: is \"x\"; an integer from 0 to 1048575");
  EXPECT_EQ(row_error("0,-1,r,0,0,1"), ", client: is \"-1\"; an integer from 0 to 1048575");
  EXPECT_EQ(row_error("0,1048576,r,0,0,1"), ", client: is \"1048576\"; an integer from 0 to 1048575");
  EXPECT_EQ(row_error("0,0,r,0,99999999999999999999999,1"),
            ", offset: is \"99999999999999999999999\"; an integer from 0 to 4611686018427387903");
  EXPECT_EQ(row_error("0,0,r,0,1,4294967296"), ", length: is \"4294967296\"; an integer from 0 to 4294967295");
  EXPECT_EQ(row_error("0,0,r,16777216,0,1"), ", file: is \"16777216\"; an integer from 0 to 16777215");
  EXPECT_EQ(row_error("0,0,r,,0,1"), ", file: is empty; an integer from 0 to 16777215");
  EXPECT_EQ(row_error("0,0,r,1.5,0,1"), ", file: is \"1.5\"; an integer from 0 to 16777215");
  EXPECT_EQ(row_error("9223372036854775808,0,r,0,0,1"),
            ", time_ns: is \"9223372036854775808\"; a number from 0 to 9223372036854775807");
  EXPECT_EQ(row_error("1.x,0,r,0,0,1"), ", time_ns: is \"1.x\"; a number from 0 to 9223372036854775807");
  EXPECT_EQ(row_error("0,0,r,0,0"), ": has 5 columns; 6 or more");
  EXPECT_TRUE(row_error("0,0,sync,0,0,1").starts_with(", op: is \"sync\"; r, w, read"));
}

TEST_F(TraceError, AnAccessOfMorePagesThanOneMayTouchIsRefusedWithTheBound) {
  const auto error_with = [&](const std::string& op) {
    const WorkloadSpec spec = csv(file("time_ns,client,op,file,offset,length\n0,0," + op + ",0,0,4294967295\n"));
    return error_of([&] { Workload(spec, {.clients = 1, .page_bytes = 512, .seed = 1, .config_file = "run.json"}); });
  };
  for (const std::string op : {"r", "w", "append"})
    EXPECT_EQ(error_with(op), path("t.csv") +
                                  ": line 2: 4294967295 bytes; accesses of up to 536870912 bytes, which "
                                  "is 1048576 pages");
  EXPECT_EQ(error_with("punch"), "");
}

TEST_F(TraceError, LinesThatAreNoTextAreRefused) {
  EXPECT_TRUE(row_error(std::string("0,0,r\0,0,0,1", 12)).starts_with(": holds a NUL byte"));
  EXPECT_TRUE(row_error(std::string(70'000, '1')).starts_with(": is longer than 65536 bytes"));
  EXPECT_TRUE(row_error(std::string(5'000'000, '1')).starts_with(": is longer than 65536 bytes"));
}

TEST_F(TraceError, FilesThatHoldNoTraceAreRefused) {
  EXPECT_NE(error(csv(path(""))).find("is a directory"), std::string::npos);
  EXPECT_NE(error(csv(path("none.csv"))).find("none.csv: cannot be opened: No such file or directory"),
            std::string::npos);
  EXPECT_NE(error(csv(file(""))).find("the file is empty"), std::string::npos);
  EXPECT_NE(error(csv(file("# a,b\n\n"))).find("has no rows"), std::string::npos);
  EXPECT_NE(error(csv(file("op,page\n"))).find("has no accesses"), std::string::npos);
  EXPECT_NE(error(csv(file("op,page\nlr,1\n"))).find("has no accesses"), std::string::npos);
}

TEST_F(TraceError, DamagedGzipIsRefused) {
  std::string text = "op,page\n";
  for (int i = 0; i < 20'000; ++i) text += fmt::format("r,{}\n", i * 7919 % 10'007);
  const std::string whole = contents(gzip(text));
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{20}, std::size_t{5}}) {
    EXPECT_NE(error(csv(file(whole.substr(0, size)))).find("ends early"), std::string::npos) << size;
  }
  std::string damaged = whole;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  EXPECT_FALSE(error(csv(file(damaged))).empty());
  damaged = whole;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // the checksum
  EXPECT_NE(error(csv(file(damaged))).find("cannot be read"), std::string::npos);
}

TEST_F(TraceError, MapsThatDoNotFitAreRefused) {
  WorkloadSpec spec = csv(file("a,b,op,page\n1,2,r,0\n"));
  const auto with = [&](std::map<std::string, std::string> map) {
    spec.trace->map = std::move(map);
    return error(spec);
  };
  EXPECT_NE(with({{"who", "1"}}).find("unknown field \"who\""), std::string::npos);
  EXPECT_NE(with({{"op", "opp"}}).find("no column \"opp\" in the header; did you mean \"op\"?"), std::string::npos);
  EXPECT_NE(with({{"op", "10000"}}).find("column 10000"), std::string::npos);
  EXPECT_NE(with({{"page", "3"}}).find("no column for op"), std::string::npos);
  EXPECT_NE(with({{"op", "2"}, {"offset", "3"}}).find("say where an access goes"), std::string::npos);
  EXPECT_NE(with({{"op", "2"}, {"page", "3"}, {"length", "1"}}).find("page beside offset"), std::string::npos);
  EXPECT_NE(with({{"op", "2"}, {"page", "3"}, {"time_s", "0"}, {"time_us", "1"}}).find("several times"),
            std::string::npos);
  EXPECT_NE(with({{"op", "2"}, {"page", "9"}}).find("line 2: has 4 columns; 10 or more"), std::string::npos);
  EXPECT_NE(error(csv(file("1,r\n"))).find("no header line"), std::string::npos);
  EXPECT_NE(error(csv(file("op,page\nr,1\n"), Order::recorded)).find("has no times"), std::string::npos);
}

TEST_F(TraceError, MoreClientsThanConfiguredAreRefused) {
  const WorkloadSpec spec = csv(file("client,op,page\n0,r,0\n3,r,0\n"));
  EXPECT_EQ(error(spec, 4), "");
  EXPECT_NE(error(spec, 3).find("line 3, client: is \"3\"; an integer from 0 to 2"), std::string::npos);
}

TEST_F(TraceError, PagesBeyondTheLargestFileAreRefused) {
  EXPECT_NE(error(csv(file("op,page\nr,1099511627774\n"))).find("line 2: ends at byte"), std::string::npos);
}

TEST_F(TraceError, FormatsWithoutAReaderAreNamedAsSuch) {
  WorkloadSpec spec = csv(file("op,page\nr,1\n"));
  spec.trace->format = "strace";
  EXPECT_NE(error(spec).find("format \"strace\" is not replayed directly"), std::string::npos);
  spec.trace->format = "cvs";
  EXPECT_NE(error(spec).find("did you mean \"csv\"? allowed: pagetoken, csv"), std::string::npos);
  spec.trace->format = "pagetoken";
  EXPECT_NE(error(spec).find("line 1: is \"op,page\""), std::string::npos);
}

}  // namespace
}  // namespace pagetoken
