// Files of results that lack a key, or have a value of another type: exit code 2 and one line that says where.

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

namespace fs = std::filesystem;

class DamagedResults : public testing::Test {
 protected:
  DamagedResults() : folder_(fs::path(testing::TempDir()) / ("damaged_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~DamagedResults() override { fs::remove_all(folder_); }

  static std::string given(const std::string& name) { return PAGETOKEN_SOURCE_DIR "/tests/cases/" + name; }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  /// A directory of results, of four runs.
  void sweep() const {
    ASSERT_EQ(run_program("--quiet sweep '" + given("rel-sweep.json") + "' -j 1 -o '" + path("r") + "'").code, 0);
  }
  /// `from` becomes `to` where it first stands in a file.
  void change(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = content_of(folder_ / name);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, text.npos) << from;
    write(name, text.replace(at, from.size(), to));
  }

  fs::path folder_;
};

TEST_F(DamagedResults, SummaryWithoutEdges) {
  expect_refused("report '" + given("rel-summary-no-edges.json") + "' -o '" + path("x.html") + "'",
                 given("rel-summary-no-edges.json") + ": /timeline: \"latency_edges_ns\" is missing; ");
}

TEST_F(DamagedResults, SummaryWithoutACluster) {
  expect_refused("report '" + given("rel-summary-null-cluster.json") + "' -o '" + path("x.html") + "'",
                 given("rel-summary-null-cluster.json") + ": /config/cluster: found null; expected an object");
}

TEST_F(DamagedResults, CheckWithoutEvents) {
  expect_refused("report '" + given("rel-summary.json") + "' --check '" + given("rel-check-no-events.json") + "' -o '" +
                     path("x.html") + "'",
                 given("rel-check-no-events.json") + ": \"events\" is missing; what pagetoken check --json writes");
}

TEST_F(DamagedResults, CheckWithoutStates) {
  expect_refused("report '" + given("rel-summary.json") + "' --check '" + given("rel-check-null-states.json") +
                     "' -o '" + path("x.html") + "'",
                 given("rel-check-null-states.json") + ": /states: found null; expected an integer");
  EXPECT_FALSE(fs::exists(path("x.html")));
}

TEST_F(DamagedResults, EmptySweep) {
  fs::create_directory(path("e"));
  fs::copy_file(given("rel-sweep-empty.json"), path("e/sweep.json"));
  const std::string says = path("e/sweep.json") + ": /sweep: \"base\" is missing; ";
  expect_refused("report '" + path("e") + "' -o '" + path("x.html") + "'", says);
  expect_refused("merge '" + path("e") + "' -o '" + path("m") + "'", says);
  expect_refused("sweep '" + given("rel-sweep.json") + "' -o '" + path("e") + "'",
                 path("e/sweep.json") + ": /sweep: \"vary\" is missing; what pagetoken sweep writes");
}

TEST_F(DamagedResults, LineOfAnotherTypeIsNamed) {
  sweep();
  change("r/results.jsonl", "\"hits\":", "\"hits\":null,\"hats\":");
  const std::string says = path("r/results.jsonl") + ": line 1: /summary/counts/hits: found null; expected a number";
  expect_refused("report '" + path("r") + "' --csv '" + path("x.csv") + "'", says);
  expect_refused("sweep '" + given("rel-sweep.json") + "' -o '" + path("r") + "' --precision 0.5", says);
}

TEST_F(DamagedResults, TimingOfAnotherTypeIsNamed) {
  sweep();
  change("r/timings.jsonl", "\"wall_s\":", "\"wall_s\":{},\"wall\":");
  const std::string says = path("r/timings.jsonl") + ": line 1: /perf/wall_s: found an object; expected a number";
  expect_refused("report '" + path("r") + "' --csv '" + path("x.csv") + "'", says);
  expect_refused("merge '" + path("r") + "' -o '" + path("m") + "'", says);
}

TEST_F(DamagedResults, CutTimingIsNotNeeded) {
  sweep();
  const std::string timings = content_of(path("r/timings.jsonl"));
  write("r/timings.jsonl", timings.substr(0, timings.size() - 5));
  EXPECT_EQ(run_program("report '" + path("r") + "' --csv '" + path("x.csv") + "'").code, 0);
}

TEST_F(DamagedResults, LineBeyondTheLimitIsNamed) {
  sweep();
  const std::string line((std::size_t{16} << 20) + 1, 'a');
  for (const char* name : {"r/results.jsonl", "r/timings.jsonl"}) {
    const std::string before = content_of(folder_ / name);
    write(name, line);
    expect_refused("report '" + path("r") + "' --csv '" + path("x.csv") + "'",
                   path(name) + ": line 1: is longer than 16777216 bytes; ");
    write(name, before);
  }
  write("h.jsonl", line);
  expect_refused("oracle '" + path("h.jsonl") + "'",
                 path("h.jsonl") + ": line 1: is longer than 16777216 bytes; a history");
}

TEST_F(DamagedResults, CounterexampleWithoutStepsIsRefused) {
  const std::string file = path("race.json");
  run_program("check '" PAGETOKEN_SOURCE_DIR
              "/configs/checks/fault-truncate.json' --set /guard=none --counterexample '" +
              file + "'");
  change("race.json", "\"steps\":", "\"moves\":");
  expect_refused("replay '" + file + "'", file + ": \"steps\" is missing");
}

}  // namespace
}  // namespace pagetoken
