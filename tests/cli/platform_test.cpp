// Platform files of SimGrid's, one for each feature: SimGrid runs on it, or the program ends with one line.

#include <string>

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

struct Platform {
  const char* file;
  const char* says = "";  ///< in the line on stderr; empty: it runs
  const char* transport = "kernel";
};

void PrintTo(const Platform& platform, std::ostream* out) { *out << platform.file; }

class PlatformFeature : public testing::TestWithParam<Platform> {};

TEST_P(PlatformFeature, RunsOrEndsWithOneLine) {
  const std::string folder = PAGETOKEN_SOURCE_DIR "/tests/platforms/";
  const std::string file = folder + GetParam().file + ".xml";
  const Outcome outcome = run_program("run " + folder + "run.json --set /cluster/network/topology/platform=" + file +
                                      " --set /simgrid/transport=" + GetParam().transport);
  if (std::string(GetParam().says).empty()) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return;
  }
  EXPECT_EQ(outcome.code, 2) << outcome.out;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with("pagetoken: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(GetParam().file), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(GetParam().says), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
}

const Platform kPlatforms[] = {
    {"cluster"},
    {"fat-tree"},
    {"torus"},
    {"dragonfly"},
    {"wifi", "WIFI link"},
    {"vivaldi"},
    {"peer"},
    {"full"},
    {"floyd"},
    {"dijkstra"},
    {"dijkstra-cache"},
    {"cabinet"},
    {"nested-zones"},
    {"cluster-in-zones"},
    {"disks"},
    {"host-state"},
    {"host-off", "host node-0 is off at 0.000"},
    {"host-speed"},
    {"link-state"},
    {"link-off", "is off at 0.000"},
    {"link-off", "is off", "cb"},
    {"link-speed"},
    {"link-latency", "the latency of a link has changed"},
    {"link-latency", "the latency of a link has changed", "cb"},
    {"link-to-nothing", "SimGrid gave up"},
    {"missing-profile", "missing.profile"},
    {"shared-link"},
    {"fatpipe-link"},
    {"splitduplex-link"},
    {"endless", "a latency of"},
    {"no-route", "there is no route from node-0 to node-3"},
    {"no-bandwidth", "The Impossible Did Happen"},
    {"no-bandwidth", "The Impossible Did Happen", "cb"},
    {"unknown-link", "Link not found: wire"},
    {"two-of-a-name", "second host named 'node-1'"},
    {"unknown-tag", "Invalid XML"},
    {"old-version", "Parse error"},
};
INSTANTIATE_TEST_SUITE_P(All, PlatformFeature, testing::ValuesIn(kPlatforms), [](const auto& test) {
  std::string name = std::string(test.param.file) + "-" + test.param.transport;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

TEST(SimGridPlatform, StationsOfAnAccessPointAreNoHostsForUs) {
  const std::string config = PAGETOKEN_SOURCE_DIR "/tests/cases/c1-wifi.json";
  expect_refused("run " + config, config + ": /cluster/network/topology/platform: ");
}

}  // namespace
}  // namespace pagetoken
