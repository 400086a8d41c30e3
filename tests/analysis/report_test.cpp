// What a report says of results whose answers are known.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "analysis/report/charts.hpp"
#include "analysis/report/document.hpp"
#include "analysis/report/sections.hpp"

namespace pagetoken {
namespace {

/// A line of results: `messages` an access, faults that take `fault_ns`.
Json line(const Json& point, int repetition, double messages, double fault_ns) {
  const Json latency{{"count", 500},        {"mean", fault_ns},     {"p50", fault_ns},       {"p90", fault_ns * 2},
                     {"p99", fault_ns * 3}, {"p999", fault_ns * 4}, {"p9999", fault_ns * 5}, {"max", fault_ns * 6}};
  return {{"point", point},
          {"repetition", repetition},
          {"summary",
           {{"version", "1"},
            {"engine", "event"},
            {"seed", repetition + 1},
            {"workload_digest", "d" + std::to_string(repetition)},
            {"verdict", {{"oracle", "ok"}, {"violation_count", 0}, {"violations", Json::array()}}},
            {"config",
             {{"protocol", {{"name", "a"}}}, {"workload", {{"pattern", "uniform"}}}, {"cluster", {{"clients", 4}}}}},
            {"counts",
             {{"accesses", 1000},
              {"hits", 500},
              {"retries", 0},
              {"invalidations", 0},
              {"faults", {{"read", 400}, {"write", 100}, {"upgrade", 0}}}}},
            {"simulated_ns", 1000000},
            {"messages",
             {{"total", messages * 1000},
              {"bytes", 1000},
              {"storage", 0},
              {"by_type", {{"TOK_REQ", {{"count", messages * 1000}, {"bytes", 64}}}}}}},
            {"events", Json::object()},
            {"latency_ns", {{"fault", latency}, {"read", latency}, {"write", latency}}},
            {"timeline", {{"bin_ns", 0}, {"latency_edges_ns", Json::array()}, {"faults", Json::array()}}},
            {"nodes",
             {{{"name", "manager-0"}, {"busy_fraction", 0.5}, {"bytes_in", 500}, {"bytes_out", 500}},
              {{"name", "client-0"}, {"busy_fraction", 0.1}, {"bytes_in", 500}, {"bytes_out", 500}}}}}}};
}

void add(ResultSet& results, const Json& json) {
  const std::string name = "results.jsonl";
  results.add_line(Value(json, name));
}

/// `a` costs as many messages as there are clients, `b` always 6: they cross between 4 and 8.
ResultSet crossing(double noise = 0.01) {
  ResultSet results("crossing");
  for (const int clients : {2, 4, 8, 16})
    for (const char* protocol : {"a", "b"})
      for (int r = 0; r < 4; ++r) {
        const double common = noise * (r - 1.5);
        const double own = std::string(protocol) == "a" ? clients : 6;
        add(results, line({{"/protocol", protocol}, {"/cluster/clients", clients}}, r, own + common, 1000 + own));
      }
  return results;
}

std::size_t metric(const char* name) { return static_cast<std::size_t>(find_metric(name) - metrics().data()); }

TEST(Comparison, ProtocolsAreTheSeriesAndTheRestSlices) {
  const ResultSet results = crossing();
  const Comparison c(results, "b");
  EXPECT_EQ(c.series.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(c.baseline, 1u);
  ASSERT_EQ(c.axes.size(), 1u);
  EXPECT_TRUE(c.axes[0].is_numeric);
  EXPECT_TRUE(c.axes[0].is_log());
  ASSERT_EQ(c.slices.size(), 4u);
  EXPECT_EQ(c.slice_label(2), "clients 8");
  EXPECT_EQ(c.values(0, 2, metric("messages_per_access")).size(), 4u);
  EXPECT_NEAR(c.interval(0, 2, metric("messages_per_access")).mean, 8, 1e-9);
  // Mean over the four places: (2 + 4 + 8 + 16) / 4.
  EXPECT_NEAR(student_interval(c.overall(0, metric("messages_per_access"))).mean, 7.5, 1e-9);
}

TEST(Comparison, CrossoverIsNamedWhereTheLinesMeet) {
  const ResultSet results = crossing();
  const std::vector<Crossover> found = crossovers(Comparison(results, ""), 0, metric("messages_per_access"));
  ASSERT_EQ(found.size(), 1u);
  // -2 at 4 and +2 at 8, on a logarithmic axis: half way, at sqrt(32).
  EXPECT_NEAR(found[0].at, std::sqrt(32.0), 1e-6);
  EXPECT_EQ(found[0].text, "messages an access: a is better up to about 5.66 clients, b beyond (measured at 4 and 8)");
}

TEST(Comparison, WinnerIsCertainOnlyBeyondChance) {
  const ResultSet paired = crossing();
  const Comparison c(paired, "");
  const Winner few = winner_of(c, 0, metric("messages_per_access"));
  EXPECT_EQ(few.series, 0u);
  EXPECT_TRUE(few.certain);  // the noise is common to both, and cancels
  EXPECT_EQ(winner_of(c, 3, metric("messages_per_access")).series, 1u);
  EXPECT_FALSE(winner_of(c, 0, metric("hit_ratio")).certain);  // equal

  ResultSet noisy("noisy");
  for (int r = 0; r < 4; ++r) {
    add(noisy, line({{"/protocol", "a"}}, r, 5 + (r % 2 == 0 ? 3 : -3), 1000));
    add(noisy, line({{"/protocol", "b"}}, r, 5.5 + (r < 2 ? 3 : -3), 1000));
  }
  const Winner chance = winner_of(Comparison(noisy, ""), 0, metric("messages_per_access"));
  EXPECT_EQ(chance.series, 0u);
  EXPECT_FALSE(chance.certain);
}

TEST(Comparison, MissingAndFailedRunsAreNoNumbers) {
  ResultSet results("holes");
  add(results, line({{"/protocol", "a"}, {"/x", 1}}, 0, 2, 10));
  add(results, line({{"/protocol", "a"}, {"/x", 2}}, 0, 4, 10));
  add(results, {{"point", {{"/protocol", "b"}, {"/x", 1}}}, {"repetition", 0}, {"error", "no room"}});
  const Comparison c(results, "");
  EXPECT_TRUE(std::isnan(c.interval(1, 0, 0).mean));
  EXPECT_TRUE(c.overall(1, 0).empty());
  const ReportContents contents{.results = &results};
  const std::vector<VerdictCard> cards = verdicts(c, contents);
  EXPECT_EQ(cards[0].verdict, "ok");
  EXPECT_EQ(cards[1].verdict, "failed");
  EXPECT_NE(report_html(contents).find("no room"), std::string::npos);
  EXPECT_NE(report_csv(contents).find("b,1,0,,,no room"), std::string::npos);
}

TEST(Comparison, SummariesDifferInWhatWasVaried) {
  ResultSet results("two");
  Json first = line({}, 0, 1, 10)["summary"];
  Json second = first;
  first["config"]["protocol"] = {{"name", "a"}, {"params", Json::object()}};
  second["config"]["protocol"] = {{"name", "b"}, {"params", {{"hold_ns", 0}}}};
  const std::string name = "summary.json";
  results.add_summaries({bind_summary(Value(first, name)), bind_summary(Value(second, name))});
  const Comparison c(results, "");
  EXPECT_EQ(c.series.labels, (std::vector<std::string>{"a", "b (hold_ns=0)"}));
}

TEST(Tables, DifferencesAreMarkedBeyondChance) {
  const ResultSet results = crossing();
  const ReportTable table = overview_table(Comparison(results, "b"));
  ASSERT_EQ(table.columns[1], "messages an access");
  EXPECT_EQ(table.columns[2], "against b");
  EXPECT_EQ(table.rows[0][2].text, "+25.0 % *");
  EXPECT_EQ(table.rows[1][2].text, "baseline");
}

TEST(Tables, BeforeAndAfterArePairedPointByPoint) {
  const ResultSet before = crossing();
  ResultSet after("after");
  for (int r = 0; r < 4; ++r)
    add(after, line({{"/protocol", "b"}, {"/cluster/clients", 8}}, r, 3 + 0.01 * (r - 1.5), 1006));
  const ReportTable table = change_table(Comparison(after, ""), Comparison(before, ""));
  ASSERT_FALSE(table.rows.empty());
  EXPECT_EQ(table.rows[0][5].text, "-50.0 % *");
  EXPECT_EQ(table.rows[1][2].text, "mean fault");
  EXPECT_EQ(table.rows[1][5].text, "none");
}

TEST(Tables, CertifiedCostsStandBesideTheMeanOfTheRuns) {
  Json one = line({{"/protocol", "a"}}, 0, 3, 1000), other = line({{"/protocol", "b"}}, 0, 3, 1000);
  for (Json* json : {&one, &other}) {
    (*json)["summary"]["config"]["protocol"] = (*json)["point"]["/protocol"];
    (*json)["summary"]["events"]["WMISS_SHARED"] = {
        {"count", 10}, {"messages_mean", json == &one ? 4.5 : 7.0}, {"hops_mean", 4}};
  }
  ResultSet results("two");
  add(results, one);
  add(results, other);
  ReportContents contents;
  contents.results = &results;
  EXPECT_TRUE(certified_table(contents).rows.empty());
  contents.certified = {{"a", "WMISS_SHARED(2)", 5, 5, 5, "3 nodes"}, {"a", "UPGRADE(1)", 0, INFINITY, 2, "3 nodes"}};
  const ReportTable table = certified_table(contents);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0][1].text, "WMISS_SHARED(2)");
  EXPECT_EQ(table.rows[0][2].number, 5);
  EXPECT_EQ(table.rows[0][3].number, 4.5) << "the mean of this protocol's runs, and of no other's";
  EXPECT_EQ(table.rows[1][4].text, "unbounded");
  EXPECT_NE(report_html(contents).find("WMISS_SHARED(2)"), std::string::npos);
  EXPECT_NE(report_markdown(contents).find("WMISS_SHARED(2)"), std::string::npos);
}

TEST(Page, NeedsNothingElseAndEscapesWhatItShows) {
  ResultSet results("<script>alert(1)</script>");
  results.describe("</script><b> & \"why\"?");
  for (int r = 0; r < 2; ++r)
    for (const char* protocol : {"</script><x>", "b"}) add(results, line({{"/protocol", protocol}}, r, 1 + r, 10));
  const std::string page = report_html({.results = &results, .program_version = "1", .command = "pagetoken report x"});
  EXPECT_LT(page.size(), 5'000'000u);
  EXPECT_EQ(page.find("alert(1)</script>"), std::string::npos);
  EXPECT_EQ(page.find("<x>"), std::string::npos);
  EXPECT_NE(page.find("&lt;/script&gt;&lt;b&gt; &amp; &quot;why&quot;?"), std::string::npos);
  for (const char* loads : {"<script src", "<link rel=\"stylesheet", "<img", "@import", "<iframe"})
    EXPECT_EQ(page.substr(0, page.find("</main>")).find(loads), std::string::npos) << loads;
  const std::string markdown = report_markdown({.results = &results, .program_version = "1"});
  EXPECT_NE(markdown.find("| messages an access |"), std::string::npos) << markdown.substr(0, 500);
}

TEST(Charts, SpecificationsHoldTheirData) {
  const ResultSet results = crossing();
  const Comparison c(results, "");
  const std::optional<Chart> latency = latency_chart(c);
  ASSERT_TRUE(latency);
  EXPECT_EQ(latency->spec["data"]["values"].size(), 4u * 2 * kQuantiles);
  EXPECT_EQ(latency->spec["params"][0]["bind"]["options"].size(), 4u);
  EXPECT_EQ(latency->spec["transform"][0]["filter"], "datum.slice === slice");
  EXPECT_EQ(latency->table.rows.size(), 8u);
  const std::optional<Chart> over = axis_chart(c, 0);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->spec["spec"]["layer"][0]["encoding"]["x"]["scale"]["type"], "log");
  EXPECT_TRUE(message_chart(c));
  EXPECT_TRUE(utilisation_chart(c));
  EXPECT_TRUE(winner_chart(c));
  EXPECT_FALSE(heat_chart(c));  // these summaries have no timeline
}

TEST(Csv, HasALineARun) {
  const ResultSet results = crossing();
  const std::string csv = report_csv({.results = &results});
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 32);
  EXPECT_TRUE(csv.starts_with("/cluster/clients,/protocol,repetition,seed,verdict,error,messages_per_access,"));
}

}  // namespace
}  // namespace pagetoken
