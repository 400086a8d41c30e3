// The rules by which runs are counted (docs/protocols.md, "Counting"): a small example for each, worked out by hand.

#include <cmath>

#include "conformance.hpp"

namespace pagetoken {
namespace {

std::vector<std::uint64_t> sent_by_clients(const Json& summary, std::size_t clients) {
  std::vector<std::uint64_t> sent;
  for (std::size_t c = 0; c < clients; ++c) sent.push_back(summary["nodes"][c]["messages_out"]);
  return sent;
}

TEST(Rule1, AccessesAreATotalThatIsSplitEvenlyAndCountedAfterTheWarmUp) {
  // Without a cache every access is one request: what a client sends is what it accessed.
  const Json s = run_config({{"protocol", "nocache"},
                             {"cluster", {{"clients", 4}}},
                             {"workload", {{"pattern", "uniform"}}},
                             {"warmup", {{"accesses", 7}}},
                             {"stop", {{"accesses", 10}}}});
  EXPECT_EQ(s["counts"]["accesses"], 10);
  EXPECT_EQ(sent_by_clients(s, 4), (std::vector<std::uint64_t>{3, 3, 2, 2}));
  EXPECT_EQ(s["messages"]["total"], 20);
}

TEST(Rule2, SerialDrawsTheClientOfEachAccessUniformly) {
  const Json s = run_config({{"protocol", "nocache"},
                             {"cluster", {{"clients", 4}}},
                             {"workload", {{"pattern", "uniform"}, {"serial", true}}},
                             {"warmup", {{"accesses", 0}}},
                             {"stop", {{"accesses", 40'000}}}});
  for (const std::uint64_t sent : sent_by_clients(s, 4)) EXPECT_NEAR(static_cast<double>(sent), 10'000, 400);
}

TEST(Rules3And4, HitsFaultsInvalidationsAndDowngradesOfSixAccesses) {
  const Json s = run_accesses("ivy-fixed", {
                                               "0 r 0",  // a read fault
                                               "0 r 0",  // a hit
                                               "1 r 0",  // a read fault
                                               "0 w 0",  // an upgrade; client 1 loses its copy
                                               "1 w 0",  // a write fault; client 0 loses its EXCLUSIVE copy
                                               "0 r 0",  // a read fault; client 1 is downgraded
                                           });
  EXPECT_EQ(s["counts"]["hits"], 1);
  EXPECT_EQ(s["counts"]["faults"], Json({{"read", 3}, {"write", 1}, {"upgrade", 1}}));
  EXPECT_EQ(s["counts"]["invalidations"], 2);
  EXPECT_EQ(s["counts"]["downgrades"], 1);
}

TEST(Rule3, MinorFaultIsAHitThatIsCountedAgain) {
  // The token of the first write covers the whole file; the second write finds it, but no PTE.
  const Json s = run_accesses("gpfs-range", {"0 w 0", "0 w 1"});
  EXPECT_EQ(s["counts"]["faults"]["write"], 1);
  EXPECT_EQ(s["counts"]["hits"], 1);
  EXPECT_EQ(s["counts"]["minor_faults"], 1);
}

TEST(Rule5, SizeTokensAreNoFaultsAndTheirMessagesHaveTypesOfTheirOwn) {
  // A read fault costs request and grant, and so does the size's token, which is asked for on the way.
  const Json s = run_accesses("ivy-fixed", {"0 r 5"});
  EXPECT_EQ(s["counts"]["faults"]["read"], 1);
  EXPECT_EQ(s["messages"]["total"], 4);
  EXPECT_EQ(page_messages(s), 2);
  EXPECT_EQ(s["events"]["RMISS_CLEAN"]["count"], 1);
  EXPECT_EQ(s["events"]["RMISS_CLEAN"]["messages_mean"], 2.0);
  EXPECT_EQ(s["events"]["RMISS_CLEAN"]["hops_mean"], 2.0);
}

TEST(Rule6, MessagesAreOneWayAndThoseToOneselfAndToStorageAreApart) {
  // Request and grant from storage 2, forwarded read 3, an owner's upgrade with one copy elsewhere 2, write miss 3,
  // read of a dirty page 3.
  const Json six = run_accesses("ivy-fixed", {"0 r 0", "0 r 0", "1 r 0", "0 w 0", "1 w 0", "0 r 0"});
  EXPECT_EQ(page_messages(six), 13);
  EXPECT_EQ(six["messages"]["storage"], 2);
  const Json alone = run_accesses("ivy-fixed", {"0 r 0"}, {{"cluster", {{"clients", 1}, {"placement", "colocated"}}}});
  EXPECT_EQ(alone["messages"]["total"], 0);
  EXPECT_EQ(alone["messages"]["storage"], 2);
}

TEST(Rule7, FilesAreAsLongAsTheirLargestAccessNeeds) {
  EXPECT_EQ(run_accesses("ivy-fixed", {"0 r 5"})["counts"]["sigbus"], 0);
  const Json cut = run_accesses("ivy-fixed", {"0 r 5"}, {{"workload", {{"file_bytes", 4096}}}});
  EXPECT_EQ(cut["counts"]["sigbus"], 1);
}

TEST(Rule8, LatencyIsOneWayAndATransferAddsItsBytesOverTheBandwidthOnce) {
  const auto read_ns = [](std::int64_t latency_ns, std::int64_t bandwidth) {
    return run_accesses(
        "nocache", {"0 r 0"},
        {{"cluster", {{"network", {{"latency_ns", latency_ns}, {"bandwidth_bytes_per_s", bandwidth}}}}}});
  };
  const Json base = read_ns(15'000, 1'000'000'000);
  const double before = at(base, "/latency_ns/read/max");
  EXPECT_EQ(at(read_ns(25'000, 1'000'000'000), "/latency_ns/read/max") - before, 2 * 10'000);
  // At 1 GB/s a byte takes a nanosecond, at half of it two.
  EXPECT_EQ(at(read_ns(15'000, 500'000'000), "/latency_ns/read/max") - before, at(base, "/messages/bytes"));
}

std::uint64_t number(const Json& json) { return json.get<std::uint64_t>(); }

/// Every access is one of these, and only one.
void expect_accesses_add_up(const Json& s) {
  const Json& c = s["counts"];
  const Json& faults = c["faults"];
  EXPECT_EQ(number(c["accesses"]), number(c["hits"]) + number(faults["read"]) + number(faults["write"]) +
                                       number(faults["upgrade"]) + number(c["refused"]) + number(c["errors"]));
  EXPECT_LE(number(c["minor_faults"]), number(c["hits"]));
}

/// What an operation costs, and how much of it one after another, are said of the same messages.
void expect_costs_agree(const Json& s) {
  std::uint64_t faults = 0;
  for (const auto& [name, event] : s["events"].items()) {
    if (name.find("MISS") != name.npos || name == "UPGRADE") faults += number(event["count"]);
    if (!event.contains("messages_min")) continue;
    const double messages = event["messages_mean"];
    const double hops = event["hops_mean"];
    EXPECT_LE(event["messages_min"].get<double>(), messages) << name;
    EXPECT_GE(event["messages_max"].get<double>(), messages) << name;
    EXPECT_LE(event["hops_min"].get<double>(), hops) << name;
    EXPECT_GE(event["hops_max"].get<double>(), hops) << name;
    EXPECT_LE(hops, messages) << name;
    EXPECT_LE(event["hops_max"], event["messages_max"]) << name;
  }
  const Json& by_kind = s["counts"]["faults"];
  EXPECT_EQ(faults, number(by_kind["read"]) + number(by_kind["write"]) + number(by_kind["upgrade"]));
}

/// Messages about pages are those of events, and what follows them.
void expect_messages_add_up(const Json& s) {
  double of_events = 0;
  for (const auto& [name, event] : s["events"].items())
    of_events += std::round(event["messages_mean"].get<double>() * event["count"].get<double>());
  EXPECT_EQ(page_messages(s), static_cast<std::uint64_t>(of_events) + number(s["messages"]["after"]));
}

class Counters : public testing::TestWithParam<GridPoint> {};

TEST_P(Counters, DoNotContradictEachOther) {
  for (const bool serial : {false, true}) {
    Json config = grid_config(GetParam(), serial, 500, "none");
    if (GetParam().protocol == "dlm-file") config["protocol"] = {{"name", "dlm-file"}, {"params", {{"hold_ns", 0}}}};
    const Json s = run_config(config);
    expect_accesses_add_up(s);
    expect_costs_agree(s);
    // Elsewhere sizes change, and their messages are those of TRUNCATE and EXTEND.
    for (const char* pattern : {"uniform", "zipf", "migratory", "ping-pong", "producer-consumer", "strided"})
      if (GetParam().pattern == pattern) expect_messages_add_up(s);
  }
}

INSTANTIATE_TEST_SUITE_P(, Counters, testing::ValuesIn(grid()), name_of_point);

TEST(Rule3, AccessBeyondTheEndIsAnErrorAndNeitherHitNorFault) {
  for (const char* protocol : {"nocache", "ivy-fixed", "ivy-dynamic", "gpfs-range", "dlm-file"}) {
    const Json s = run_accesses(protocol, {"0 r 0", "0 r 5"}, {{"workload", {{"file_bytes", 4096}}}});
    EXPECT_EQ(s["counts"]["accesses"], 2) << protocol;
    EXPECT_EQ(s["counts"]["errors"], 1) << protocol;
    EXPECT_EQ(s["counts"]["sigbus"], 1) << protocol;
    EXPECT_EQ(s["counts"]["hits"], 0) << protocol;
    EXPECT_EQ(s["counts"]["faults"], Json({{"read", 1}, {"write", 0}, {"upgrade", 0}})) << protocol;
    EXPECT_EQ(s["events"]["RMISS_CLEAN"]["count"], 1) << protocol;
  }
}

/// Two clients that begin at once, the second a little later.
TEST(Events, WhoAskedToWriteIsAWriterForWhoAsksNext) {
  const ScratchFile trace("at_once.csv", "# t_ns,client,op,file,page\n1000,0,w,0,0\n1001,1,w,0,0\n");
  for (const char* protocol : {"ivy-fixed", "gpfs-range"}) {
    const Json s = run_config({{"protocol", protocol},
                               {"cluster", {{"clients", 2}}},
                               {"workload", {{"trace", trace.path()}, {"format", "csv"}, {"order", "recorded"}}}});
    EXPECT_EQ(s["events"]["WMISS_NONE"]["count"], 1) << protocol;
    EXPECT_EQ(s["events"]["WMISS_EXCL"]["count"], 1) << protocol;
  }
}

TEST(Rule9, DigestIsOfTheFirstThousandAccessesWhateverTheProtocol) {
  const auto digest = [](const std::string& protocol, std::int64_t stop, std::int64_t seed) {
    return run_config({{"protocol", protocol},
                       {"cluster", {{"clients", 3}}},
                       {"workload", {{"pattern", "zipf"}}},
                       {"warmup", {{"accesses", 10}}},
                       {"stop", {{"accesses", stop}}},
                       {"seed", seed}})["workload_digest"];
  };
  const Json first = digest("nocache", 100, 1);
  for (const std::string protocol : {"dlm-file", "gpfs-range", "ivy-fixed", "ivy-dynamic"})
    EXPECT_EQ(digest(protocol, 5'000, 1), first) << protocol;
  EXPECT_NE(digest("nocache", 100, 2), first);
}

}  // namespace
}  // namespace pagetoken
