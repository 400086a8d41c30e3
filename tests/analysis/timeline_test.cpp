// Pictures are well formed: what begins ends, time goes forward on a track, every arrow has two ends.

#include <protozero/pbf_reader.hpp>

#include "tests/support/program.hpp"
#include "tests/support/traced.hpp"

namespace pagetoken {
namespace {

class Pictures : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // With SIGBUS: such a step outlives its task's slot.
    trace_ = new ScratchFile("pictures.jsonl", trace_of(busy_run("gpfs-range", "event", 300)));
  }
  static void TearDownTestSuite() { delete trace_; }
  static std::string picture(const std::string& option) {
    const ScratchFile out("picture.out");
    const Outcome outcome = run_program("analyze " + trace_->path() + " " + option + " " + out.path());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return content_of(out.path());
  }
  static ScratchFile* trace_;
};
ScratchFile* Pictures::trace_ = nullptr;

TEST_F(Pictures, ChromeIsJsonWhoseFlowsResolve) {
  const Json json = Json::parse(picture("--chrome"));
  std::map<std::uint64_t, double> starts;
  std::map<std::pair<int, int>, double> last;
  std::size_t slices = 0;
  std::size_t arrows = 0;
  for (const Json& e : json["traceEvents"]) {
    const std::string phase = e["ph"];
    if (phase == "s") starts[e["id"]] = e["ts"];
    if (phase == "f") {
      ASSERT_TRUE(starts.contains(e["id"])) << e;
      EXPECT_LE(starts[e["id"]], e["ts"]);
      starts.erase(e["id"]);
      ++arrows;
    }
    if (phase != "X") continue;
    ++slices;
    EXPECT_GE(e["dur"], 0);
    double& before = last[{e["pid"], e["tid"]}];
    EXPECT_GE(e["ts"], before - 1e-6) << e;  // microseconds with three decimals
    before = e["ts"].get<double>() + e["dur"].get<double>();
  }
  EXPECT_TRUE(starts.empty());
  EXPECT_GT(slices, 1000u);
  EXPECT_GT(arrows, 200u);
}

TEST_F(Pictures, PerfettoPacketsPair) {
  const std::string bytes = picture("--perfetto");
  std::map<std::uint64_t, int> depth;
  std::map<std::uint64_t, std::uint64_t> last;
  std::set<std::uint64_t> tracks;
  std::set<std::uint64_t> begun;
  std::size_t ended = 0;
  protozero::pbf_reader trace(bytes);
  while (trace.next(1)) {
    protozero::pbf_reader packet = trace.get_message();
    std::uint64_t t = 0;
    while (packet.next()) {
      if (packet.tag() == 8) {
        t = packet.get_uint64();
      } else if (packet.tag() == 60) {
        protozero::pbf_reader descriptor = packet.get_message();
        while (descriptor.next(1)) tracks.insert(descriptor.get_uint64());
      } else if (packet.tag() == 11) {
        protozero::pbf_reader event = packet.get_message();
        std::uint64_t track = 0;
        int type = 0;
        while (event.next()) {
          switch (event.tag()) {
            case 9: type = event.get_enum(); break;
            case 11: track = event.get_uint64(); break;
            case 47: begun.insert(event.get_fixed64()); break;
            case 48:
              EXPECT_EQ(begun.erase(event.get_fixed64()), 1u);
              ++ended;
              break;
            default: event.skip();
          }
        }
        EXPECT_TRUE(tracks.contains(track));
        if (type == 4) continue;
        EXPECT_GE(t, last[track]);
        last[track] = t;
        depth[track] += type == 1 ? 1 : -1;
        EXPECT_GE(depth[track], 0);
        EXPECT_LE(depth[track], 1);
      } else {
        packet.skip();
      }
    }
  }
  for (const auto& [track, open] : depth) EXPECT_EQ(open, 0) << track;
  EXPECT_TRUE(begun.empty());
  EXPECT_GT(ended, 200u);
}

TEST_F(Pictures, DotNamesEveryEdgesNodes) {
  const std::string dot = picture("--dot");
  EXPECT_TRUE(dot.starts_with("digraph migrations {")) << dot;
  EXPECT_NE(dot.find("n0 [label=\"client 0\"]"), std::string::npos);
  EXPECT_NE(dot.find("n0 -> n1 [label="), std::string::npos);
}

TEST_F(Pictures, SequencesShowAnOperationOrAPage) {
  const std::string operation = picture("--sequence");
  EXPECT_TRUE(operation.starts_with("<svg "));
  EXPECT_NE(operation.find("critical path"), std::string::npos);
  EXPECT_NE(operation.find("TOK_REQ"), std::string::npos);
  EXPECT_NE(picture("--page 0:3 --sequence").find("begins"), std::string::npos);
  expect_refused("analyze " + trace_->path() + " --page 0:9999 --sequence /dev/null",
                 "--sequence: nothing in the trace");
  expect_refused("analyze " + trace_->path() + " --page x --sequence /dev/null", "--page: found \"x\"");
}

TEST_F(Pictures, ThePageAsksNothingOfTheNetwork) {
  const std::string html = picture("--html");
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
  for (const char* from : {"src=", "href=\"h", "href=\"/", "@import", "fetch(", "url(http"})
    EXPECT_EQ(html.find(from), std::string::npos) << from;
  EXPECT_NE(html.find("<template id=\"operation-0\">"), std::string::npos);
}

TEST_F(Pictures, JsonHasWhatIsPromised) {
  const Json json = Json::parse(picture("--json"));
  for (const char* key : {"causes", "operations", "sharing", "pages"}) EXPECT_TRUE(json[key].is_array()) << key;
  for (const char* part : {"wire", "queue", "handler", "storage", "lock", "remote", "retry", "local"})
    EXPECT_TRUE(json["operations"][0]["parts"].contains(part)) << part;
}

TEST_F(Pictures, WhatCameBeforeTheDamageIsAnalysedOnRequest) {
  const std::string text = content_of(trace_->path());
  const ScratchFile cut("cut.jsonl", text.substr(0, text.size() / 2));
  expect_refused("analyze " + cut.path(), cut.path() + ": line ");
  const Outcome outcome = run_program("analyze --keep-going " + cut.path());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.out.find("What to look at first"), std::string::npos);
  EXPECT_NE(outcome.err.find("it was cut off"), std::string::npos);
}

}  // namespace
}  // namespace pagetoken
