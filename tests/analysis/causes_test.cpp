// What is planted is named first.

#include <fmt/format.h>

#include "tests/support/traced.hpp"

namespace pagetoken {
namespace {

Json first_cause(const Json& config) {
  const AnalysisJson results = analysed(trace_of(config));
  return results["causes"].empty() ? Json() : Json(results["causes"][0]);
}

TEST(Causes, ASlowManagerIsNamed) {
  const Json cause = first_cause({{"protocol", "ivy-fixed"},
                                  {"cluster", {{"clients", 32}}},
                                  {"costs", {{"preset", "modern"}, {"handler_ns", 20000}}},
                                  {"workload", {{"pattern", "uniform"}, {"pages", 2048}}},
                                  {"stop", {{"accesses", 2000}}}});
  EXPECT_EQ(cause["kind"], "manager");
  EXPECT_EQ(cause["name"], "manager 0");
  EXPECT_GT(cause["share"], 0.5);
}

TEST(Causes, FalseSharingIsNamedWithTheGranularityThatEndsIt) {
  const AnalysisJson results = analysed(trace_of({{"protocol", "ivy-fixed"},
                                                  {"cluster", {{"clients", 8}}},
                                                  {"workload", {{"pattern", "false-sharing"}, {"pages", 16}}},
                                                  {"stop", {{"accesses", 2000}}}}));
  EXPECT_EQ(results["causes"][0]["kind"], "false-sharing");
  EXPECT_EQ(results["pages"][0]["sharing"], "false");
  EXPECT_EQ(results["pages"][0]["granularity_bytes"], 512);  // 4 KiB among eight
}

TEST(Causes, PagesUnderOneFileTokenAreFalselyShared) {
  const AnalysisJson results =
      analysed(trace_of({{"protocol", "dlm-file"},
                         {"cluster", {{"clients", 4}}},
                         {"workload", {{"pattern", "disjoint"}, {"pages", 16}, {"write_fraction", 1}}},
                         {"stop", {{"accesses", 2000}}}}));
  EXPECT_EQ(results["causes"][0]["kind"], "false-sharing");
  EXPECT_EQ(results["causes"][0]["name"], "1 file");
}

TEST(Causes, WholePagesWrittenByAllAreTrulyShared) {
  const AnalysisJson results = analysed(trace_of({{"protocol", "ivy-fixed"},
                                                  {"cluster", {{"clients", 2}}},
                                                  {"workload", {{"pattern", "ping-pong"}, {"pages", 2}}},
                                                  {"stop", {{"accesses", 200}}}}));
  EXPECT_EQ(results["pages"][0]["sharing"], "true");
  EXPECT_EQ(results["pages"][0]["ping_pong"], true);
  for (const auto& cause : results["causes"]) EXPECT_NE(cause["kind"], "false-sharing");
  EXPECT_NEAR(results["runs"]["mean_length"].get<double>(), 1, 0.1);  // one write between handoffs
  EXPECT_EQ(results["runs"]["tokens_pay"], false);                    // 3 messages a handoff: below the break-even
  EXPECT_EQ(results["sharing_groups"], AnalysisJson::array({{0, 1}}));
}

/// A hand-made trace: each operation of a client asks the manager (node 3) and is answered.
class HandMade {
 public:
  HandMade() {
    text_ =
        R"({"schema":"pagetoken-trace","version":2,"program":"by hand","nodes":{"clients":3,"managers":1,"storage":0},"page_bytes":4096})"
        "\n";
  }
  /// `wire_ns` one way; sent back by the guard `retries` times, for `lost_ns` each.
  void operation(std::uint32_t client, std::int64_t wire_ns, int retries = 0, std::int64_t lost_ns = 0) {
    const std::int64_t begin = now_;
    const std::uint64_t op = ++operations_;
    const auto put = [&](std::int64_t t, std::uint32_t node, const std::string& rest) {
      text_ += fmt::format(R"({{"t":{},"node":{},"op":{},{}}})", t, node, op, rest) + "\n";
    };
    const std::string step = R"("kind":"step","task":0,"what":"access","step":"F4","text":"x",)";
    put(now_, client, R"("kind":"begin","what":"read","file":0,"page":1)");
    for (int i = 0; i < retries; ++i) {
      put(now_, client, step + fmt::format(R"("retry":true,"cost":{})", lost_ns));
      now_ += lost_ns;
    }
    const std::uint64_t ask = ++messages_;
    const std::uint64_t answer = ++messages_;
    put(now_, client,
        fmt::format(R"("kind":"send","msg":{},"to":3,"type":"ASK","file":0,"page":1,"bytes":64,"by_task":0)", ask));
    put(now_, client, step + R"("waits":"token","file":0,"page":1,"cost":0)");
    now_ += wire_ns + 2000;
    put(now_, 3,
        fmt::format(R"("kind":"handle","msg":{},"from":{},"type":"ASK","file":0,"page":1,"waited":0,"cpu":2000)", ask,
                    client));
    put(now_, 3,
        fmt::format(R"("kind":"send","msg":{},"to":{},"type":"ANSWER","file":0,"page":1,"bytes":64,"by_msg":{})",
                    answer, client, ask));
    now_ += wire_ns + 2000;
    put(now_, client,
        fmt::format(R"("kind":"handle","msg":{},"from":3,"type":"ANSWER","file":0,"page":1,"waited":0,"cpu":2000)",
                    answer));
    put(now_, client, fmt::format(R"("kind":"wake","task":0,"delay":100,"by_msg":{})", answer));
    now_ += 100;
    put(now_, client, step + R"("cost":50)");
    now_ += 50;
    put(now_, client,
        fmt::format(R"("kind":"end","what":"read","result":"done","event":"RMISS_CLEAN","latency":{},"retries":{})",
                    now_ - begin, retries));
  }
  std::string text() const {
    return text_ + fmt::format(R"({{"t":{},"kind":"finish","partial":false,"violations":0}})", now_) + "\n";
  }

 private:
  std::string text_;
  std::int64_t now_ = 0;
  std::uint64_t operations_ = 0;
  std::uint64_t messages_ = 0;
};

TEST(Causes, ASlowLinkIsNamed) {
  HandMade trace;
  for (int i = 0; i < 30; ++i)
    for (std::uint32_t client = 0; client < 3; ++client) trace.operation(client, client == 1 ? 300'000 : 15'000);
  const AnalysisJson results = analysed(trace.text());
  EXPECT_EQ(results["causes"][0]["kind"], "link");
  EXPECT_EQ(results["causes"][0]["name"], "client 1 - manager 0");
  EXPECT_EQ(results["causes"][1]["kind"], "network");
}

TEST(Causes, LinksThatAreAllAlikeAreTheNetwork) {
  HandMade trace;
  for (std::uint32_t i = 0; i < 90; ++i) trace.operation(i % 3, 300'000);
  EXPECT_EQ(analysed(trace.text())["causes"][0]["kind"], "network");
}

TEST(Causes, ARetryStormIsNamed) {
  HandMade trace;
  for (std::uint32_t i = 0; i < 30; ++i) trace.operation(i % 3, 15'000, 12, 10'000);
  const AnalysisJson results = analysed(trace.text());
  EXPECT_EQ(results["causes"][0]["kind"], "retry");
  EXPECT_EQ(results["operations"][0]["parts"]["retry"], 120'000);
  EXPECT_EQ(results["operations"][0]["parts"]["wire"], 30'000);
  EXPECT_EQ(results["anomalies"][0]["kind"], "retries");
  EXPECT_EQ(results["anomalies"][0]["count"], 30);
}

}  // namespace
}  // namespace pagetoken
