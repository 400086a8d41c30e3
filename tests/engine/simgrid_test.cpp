// SimGrid as a carrier: each case in a process of its own, because a process has one engine. Contention against
// arithmetic, routes against the graph, and the traps of SimGrid 3.32.

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "script.hpp"
#include "sim/base/forked.hpp"
#include "sim/engine/simgrid/simgrid_carrier.hpp"
#include "sim/engine/topology/graph.hpp"

namespace pagetoken {
namespace {

constexpr std::int64_t kBandwidth = 1'000'000'000;  // a byte a nanosecond
constexpr std::int64_t kLatency_ns = 10'000;
constexpr unsigned kLimit_s = 100;

/// Clients, and a storage node behind them.
SimGridSetup setup_of(TopologySpec topology, std::uint32_t clients, Contention contention = Contention::fluid) {
  SimGridSetup setup{.nodes = {.clients = clients, .storage = 1},
                     .storage_read_bytes_per_s = 2 * kBandwidth,
                     .storage_write_bytes_per_s = kBandwidth};
  setup.network = fitted({.topology = std::move(topology),
                          .latency_ns = kLatency_ns,
                          .bandwidth_bytes_per_s = kBandwidth,
                          .contention = contention},
                         setup.nodes.count());
  setup.simgrid.latency_factor = setup.simgrid.bandwidth_factor = 1;
  return setup;
}

/// Runs `work` on a carrier in a process of its own and hands back the text that it made.
std::string apart(const SimGridSetup& setup, const std::function<std::string(Carrier&)>& work) {
  const Forked forked = run_forked([&] { return work(*make_simgrid_carrier(setup)); }, kLimit_s);
  return forked.done ? forked.result : "failed: " + forked.errors;
}

/// Sends, and says when each arrived: "0:14000 1:18000".
std::string arrivals(const SimGridSetup& setup, const std::vector<Script::Sending>& sendings) {
  return apart(setup, [&](Carrier& carrier) {
    std::string text;
    for (const auto& [transfer, time_ns] : Script(carrier, sendings).arrived)
      text += std::to_string(transfer) + ":" + std::to_string(time_ns) + " ";
    return text;
  });
}

/// When the last of n pages arrives that are sent at once, page i from i to `to(i)`.
template <class To>
std::int64_t last_of(const SimGridSetup& setup, std::uint32_t n, std::uint64_t bytes, To&& to) {
  std::vector<Script::Sending> sendings;
  for (std::uint32_t i = 0; i < n; ++i) sendings.push_back({0, i, to(i), bytes});
  const std::string last = apart(setup, [&](Carrier& carrier) {
    std::int64_t latest = 0;
    for (const auto& [transfer, time_ns] : Script(carrier, sendings).arrived) latest = std::max(latest, time_ns);
    return std::to_string(latest);
  });
  return std::atoll(last.c_str());
}

constexpr std::uint64_t kPage = 4'096;
constexpr auto kPage_ns = static_cast<std::int64_t>(kPage);  // at a byte a nanosecond

// ---- Routes

std::vector<TopologySpec> all_topologies() {
  return {{},
          {.kind = TopologyKind::rack, .nodes_per_rack = 5},
          {.kind = TopologyKind::rack, .nodes_per_rack = 4, .uplink_latency_ns = 123'456},
          {.kind = TopologyKind::fat_tree},
          {.kind = TopologyKind::fat_tree, .down = {4, 3, 2}, .up = {1, 2, 3}, .links = {1, 2, 1}},
          {.kind = TopologyKind::torus},
          {.kind = TopologyKind::torus, .dimensions = {2, 3, 4}},
          {.kind = TopologyKind::dragonfly},
          {.kind = TopologyKind::dragonfly, .groups = 3, .chassis = 2, .routers = 3, .nodes_per_router = 2}};
}

class Routes : public testing::TestWithParam<std::size_t> {};

TEST_P(Routes, OfSimgridTakeAsLongAsThoseOfTheGraphForEveryPair) {
  const SimGridSetup setup = setup_of(all_topologies()[GetParam()], 22);
  const std::string different = apart(setup, [&](Carrier& carrier) {
    NetworkGraph graph(setup.network, setup.nodes.count());
    std::string text;
    for (std::uint32_t a = 0; a < setup.nodes.count(); ++a)
      for (std::uint32_t b = 0; b < setup.nodes.count(); ++b) {
        if (a == b) continue;
        const std::int64_t ours = graph.route(NodeId{a}, NodeId{b}).latency_ns;
        const std::int64_t theirs = carrier.latency_ns(NodeId{a}, NodeId{b});
        if (ours != theirs)
          text += std::to_string(a) + "->" + std::to_string(b) + " " + std::to_string(ours) + " " +
                  std::to_string(theirs) + "\n";
      }
    return text;
  });
  EXPECT_EQ(different, "");
}
INSTANTIATE_TEST_SUITE_P(, Routes, testing::Range<std::size_t>(0, 9));

// ---- Contention

TEST(SimGrid, TransferAloneTakesLatencyAndItsBytesOnce) {
  for (const Contention contention : {Contention::none, Contention::fifo, Contention::fluid})
    EXPECT_EQ(arrivals(setup_of({}, 3, contention), {{100, 0, 1, 4'000}}), "0:14100 ");
}

TEST(SimGrid, PagesThroughOneLinkTakeAsManyTimesAsLongAsOne) {
  for (const std::uint32_t n : {1u, 2u, 5u, 16u}) {
    const auto to_storage = [](std::uint32_t) { return 16u; };
    EXPECT_EQ(last_of(setup_of({}, 16, Contention::fluid), n, kPage, to_storage), kLatency_ns + n * kPage_ns);
    EXPECT_EQ(last_of(setup_of({}, 16, Contention::fifo), n, kPage, to_storage), kLatency_ns + n * kPage_ns);
    EXPECT_EQ(last_of(setup_of({}, 16, Contention::none), n, kPage, to_storage), kLatency_ns + kPage_ns);
  }
}

TEST(SimGrid, FluidSharesAndFifoServesOneAfterTheOther) {
  const std::vector<Script::Sending> two{{0, 0, 2, 4'000}, {0, 1, 2, 4'000}};
  EXPECT_EQ(arrivals(setup_of({}, 3, Contention::fluid), two), "0:18000 1:18000 ");
  EXPECT_EQ(arrivals(setup_of({}, 3, Contention::fifo), two), "0:14000 1:18000 ");
}

TEST(SimGrid, FatTreeWithoutOversubscriptionCarriesAllPairsAtOnceAndWithItDoesNot) {
  // Leaf 0 has nodes 0 to 3; each sends to its like below leaf 1, four links away.
  const auto across = [](std::uint32_t i) { return i + 4; };
  const auto tree = [](std::int64_t roots) {
    return setup_of({.kind = TopologyKind::fat_tree, .down = {4, 3}, .up = {1, roots}}, 9);
  };
  EXPECT_EQ(last_of(tree(4), 4, kPage, across), 2 * kLatency_ns + kPage_ns);
  EXPECT_EQ(last_of(tree(2), 4, kPage, across), 2 * kLatency_ns + 2 * kPage_ns);
  EXPECT_EQ(last_of(tree(1), 4, kPage, across), 2 * kLatency_ns + 4 * kPage_ns);
}

TEST(SimGrid, OversubscribedRackIsBoundByItsUplink) {
  const auto rack = [](std::int64_t bandwidth, Contention contention) {
    return setup_of({.kind = TopologyKind::rack, .nodes_per_rack = 4, .uplink_bandwidth_bytes_per_s = bandwidth}, 8,
                    contention);
  };
  const auto across = [](std::uint32_t i) { return i + 4; };
  for (const Contention contention : {Contention::fluid, Contention::fifo}) {
    EXPECT_EQ(last_of(rack(kBandwidth, contention), 4, kPage, across), 2 * kLatency_ns + 4 * kPage_ns);
    EXPECT_EQ(last_of(rack(4 * kBandwidth, contention), 4, kPage, across), 2 * kLatency_ns + kPage_ns);
  }
}

TEST(SimGrid, DiskIsSharedByItsWritersAndReadsAtItsOwnSpeed) {
  const SimGridSetup setup = setup_of({}, 2);
  const std::uint32_t storage = 2;
  for (const std::uint32_t n : {1u, 3u}) {
    std::vector<Script::Sending> writes(n, {0, storage, storage, kPage, Script::Sending::write});
    std::string expected;
    for (std::uint32_t i = 0; i < n; ++i) expected += std::to_string(i) + ":" + std::to_string(n * kPage_ns) + " ";
    EXPECT_EQ(arrivals(setup, writes), expected);
  }
  EXPECT_EQ(arrivals(setup, {{0, storage, storage, kPage, Script::Sending::read}}), "0:2048 ");
}

TEST(SimGrid, OppositeDirectionsDoNotMeetUnlessCrosstrafficIsAskedFor) {
  const std::vector<Script::Sending> both{{0, 0, 1, 4'000}, {0, 1, 0, 4'000}};
  SimGridSetup setup = setup_of({}, 2);
  EXPECT_EQ(arrivals(setup, both), "0:14000 1:14000 ");
  setup.simgrid.crosstraffic = true;
  EXPECT_EQ(arrivals(setup, both), "0:14200 1:14200 ");
}

// ---- Transports and models

std::vector<Script::Sending> crowd() {
  std::vector<Script::Sending> sendings;
  for (std::uint32_t i = 0; i < 400; ++i)
    sendings.push_back({static_cast<std::int64_t>(i) * 613, i * 7 % 12,
                        (i * 5 + 1) % 12 == i * 7 % 12 ? 12u : (i * 5 + 1) % 12, 64 + i * 97 % 5000});
  return sendings;
}

TEST(SimGrid, KernelAndCommunicationsArriveAtTheSameTimes) {
  for (const TopologySpec& topology : all_topologies())
    for (const Contention contention : {Contention::none, Contention::fifo, Contention::fluid}) {
      SimGridSetup setup = setup_of(topology, 12, contention);
      const std::string by_kernel = arrivals(setup, crowd());
      EXPECT_TRUE(by_kernel.starts_with("0:")) << by_kernel;
      setup.simgrid.transport = Transport::cb;
      EXPECT_EQ(arrivals(setup, crowd()), by_kernel);
    }
}

TEST(SimGrid, ContextFactoriesDoNotChangeTimes) {
  SimGridSetup setup = setup_of({}, 12);
  const std::string times = arrivals(setup, crowd());
  for (const std::string factory : {"raw", "ucontext", "boost", "thread"}) {
    setup.simgrid.options = {{"contexts/factory", factory}};
    if (check_setup(setup)) continue;  // not built into this SimGrid
    EXPECT_EQ(arrivals(setup, crowd()), times) << factory;
  }
}

TEST(SimGrid, Lv08MultipliesLatencyByThirteen) {
  SimGridSetup setup = setup_of({}, 2);
  setup.simgrid.network_model = NetworkModel::lv08;
  setup.simgrid.latency_factor = setup.simgrid.bandwidth_factor = 0;
  const std::int64_t arrival = std::atoll(arrivals(setup, {{0, 0, 1, 9'700}}).substr(2).c_str());
  EXPECT_NEAR(static_cast<double>(arrival), 13.01 * 10'000 + 9'700 / 0.97, 2);
  setup.simgrid.latency_factor = 1;  // stated in our own configuration, it is what counts
  setup.simgrid.bandwidth_factor = 1;
  EXPECT_EQ(arrivals(setup, {{0, 0, 1, 9'700}}), "0:19700 ");
}

TEST(SimGrid, SmpiHasFactorsByMessageSize) {
  SimGridSetup setup = setup_of({}, 2);
  setup.simgrid.network_model = NetworkModel::smpi;
  setup.simgrid.latency_factor = setup.simgrid.bandwidth_factor = 0;
  const auto arrival = [&](std::uint64_t bytes) {
    return std::atoll(arrivals(setup, {{0, 0, 1, bytes}}).substr(2).c_str());
  };
  EXPECT_GT(arrival(64), kLatency_ns + 64);
  EXPECT_GT(arrival(100'000) - arrival(64), 100'000 - 64);
}

// ---- Traps

TEST(SimGridTrap, TransferOfNothingArrives) {
  for (const Transport transport : {Transport::kernel, Transport::cb}) {
    SimGridSetup setup = setup_of({}, 2);
    setup.simgrid.transport = transport;
    EXPECT_EQ(arrivals(setup, {{0, 0, 1, 0}}), "0:10001 ");
  }
}

TEST(SimGridTrap, EventsOneNanosecondApartStayApart) {
  EXPECT_EQ(arrivals(setup_of({}, 6), {{0, 0, 3, 100}, {1, 1, 4, 100}, {2, 2, 5, 100}}), "0:10100 1:10101 2:10102 ");
}

TEST(SimGridTrap, LongRouteIsNotCapped) {
  SimGridSetup setup = setup_of({}, 2);
  setup.network.latency_ns = 1'000'000'000;
  EXPECT_EQ(arrivals(setup, {{0, 0, 1, 1'000'000'000}}), "0:2000000000 ");
}

TEST(SimGridTrap, LateInALongRunANanosecondIsStillOne) {
  const std::int64_t day_ns = 86'400'000'000'000;
  EXPECT_EQ(arrivals(setup_of({}, 4), {{day_ns, 0, 2, 1'000}, {day_ns + 1, 1, 3, 1'000}}),
            "0:" + std::to_string(day_ns + 11'000) + " 1:" + std::to_string(day_ns + 11'001) + " ");
}

TEST(SimGridTrap, SecondEngineInAProcessIsRefused) {
  const Forked forked = run_forked(
      [] {
        const auto first = make_simgrid_carrier(setup_of({}, 2));
        try {
          make_simgrid_carrier(setup_of({}, 2));
        } catch (const std::logic_error& error) {
          return std::string(error.what());
        }
        return std::string("made");
      },
      kLimit_s);
  EXPECT_EQ(forked.result, "a second SimGrid engine in one process");
}

TEST(SimGridTrap, InterruptsStayWhatTheyWere) {
  const Forked forked = run_forked(
      [] {
        ::signal(SIGINT, SIG_IGN);
        const auto carrier = make_simgrid_carrier(setup_of({}, 2));
        struct sigaction now {};
        ::sigaction(SIGINT, nullptr, &now);
        return std::string(now.sa_handler == SIG_IGN ? "kept" : "taken");
      },
      kLimit_s);
  EXPECT_EQ(forked.result, "kept");
}

// ---- Platform files

class PlatformFile : public testing::Test {
 protected:
  PlatformFile()
      : path_(std::filesystem::path(testing::TempDir()) / ("platform_" + std::to_string(::getpid()) + ".xml")) {}
  ~PlatformFile() override { std::filesystem::remove(path_); }

  /// A setup of two clients and a storage node, and the file's text between its <platform> tags.
  SimGridSetup with(const std::string& body) {
    std::ofstream(path_) << "<?xml version='1.0'?>\n"
                            "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                            "<platform version=\"4.1\">\n" +
                                body + "</platform>\n";
    return setup_of({.kind = TopologyKind::platform, .file = path_.string()}, 2);
  }
  std::string fault_of(const SimGridSetup& setup) {
    const auto fault = check_setup(setup);
    return fault ? fault->pointer + ": " + fault->wrong : "";
  }
  static std::string cluster(const std::string& radical, const std::string& more = "") {
    return "<cluster id=\"c\" prefix=\"node-\" suffix=\"\" radical=\"" + radical +
           "\" speed=\"1Gf\" bw=\"1GBps\" lat=\"5us\" " + more + "/>\n";
  }
  std::filesystem::path path_;
};

TEST_F(PlatformFile, CarriesAsItSays) {
  const SimGridSetup setup = with(cluster("0-5"));
  EXPECT_EQ(fault_of(setup), "");
  EXPECT_EQ(arrivals(setup, {{0, 0, 1, 4'000}}), "0:14000 ");
  EXPECT_EQ(arrivals(setup, {{0, 2, 2, kPage, Script::Sending::write}}), "0:4096 ");
}

TEST_F(PlatformFile, HostsArePlacedInTheOrderOfTheirNumbersByPattern) {
  // SimGrid lists node-10 before node-9: the near pair must be 9 and 10.
  const std::string hosts =
      "<zone id=\"z\" routing=\"Full\">\n<host id=\"node-9\" speed=\"1Gf\"/><host id=\"node-10\" speed=\"1Gf\"/>"
      "<host id=\"node-11\" speed=\"1Gf\"/><host id=\"big\" speed=\"1Gf\"/>\n"
      "<link id=\"near\" bandwidth=\"1GBps\" latency=\"1us\"/><link id=\"far\" bandwidth=\"1GBps\" latency=\"9us\"/>\n"
      "<route src=\"node-9\" dst=\"node-10\"><link_ctn id=\"near\"/></route>\n"
      "<route src=\"node-9\" dst=\"node-11\"><link_ctn id=\"far\"/></route>\n"
      "<route src=\"node-10\" dst=\"node-11\"><link_ctn id=\"far\"/></route>\n"
      "<route src=\"node-9\" dst=\"big\"><link_ctn id=\"far\"/><link_ctn id=\"near\"/></route>\n"
      "<route src=\"node-10\" dst=\"big\"><link_ctn id=\"far\"/></route>\n"
      "<route src=\"node-11\" dst=\"big\"><link_ctn id=\"far\"/></route>\n</zone>\n";
  SimGridSetup setup = with(hosts);
  setup.network.topology.storage = "bi?";
  EXPECT_EQ(fault_of(setup), "");
  EXPECT_EQ(arrivals(setup, {{0, 0, 1, 1'000}, {0, 0, 2, 1'000}}), "0:2000 1:11000 ");
  setup.network.topology.clients = "node-9";
  EXPECT_EQ(fault_of(setup),
            "/cluster/network/topology/clients: \"node-9\" leaves 1 hosts of " + path_.string() + " for 2 clients");
}

TEST_F(PlatformFile, FaultsAreSaidInOneLineWithoutABacktrace) {
  const std::string platform = "/cluster/network/topology/platform: ";
  const std::string hosts =
      "<host id=\"a\" speed=\"1Gf\"/><host id=\"b\" speed=\"1Gf\"/><host id=\"c\" speed=\"1Gf\"/>\n"
      "<link id=\"l\" bandwidth=\"1GBps\" latency=\"1us\"/>\n<route src=\"a\" dst=\"b\"><link_ctn id=\"l\"/></route>\n";
  const std::pair<std::string, std::string> cases[] = {
      {cluster("0-1"), "/cluster/network/topology/storage: \"*\" leaves 0 hosts"},
      {"<cluster", platform + path_.string() + ": Parse error at "},
      {cluster("0-5", "colour=\"red\""), platform + path_.string() + ": Parse error at "},
      {"<zone id=\"z\" routing=\"Full\">\n" + hosts + "</zone>\n", platform},
      {"<zone id=\"z\" routing=\"Full\">\n" + hosts +
           "<route src=\"a\" dst=\"c\"><link_ctn id=\"none\"/></route></zone>\n",
       platform},
      {"<zone id=\"z\" routing=\"Maze\">\n" + hosts + "</zone>\n", platform},
      {"", "/cluster/network/topology/clients: \"*\" leaves 0 hosts"},
  };
  for (const auto& [body, says] : cases) {
    const std::string fault = fault_of(with(body));
    EXPECT_TRUE(fault.starts_with(says)) << body << "\nsays: " << fault;
    EXPECT_EQ(fault.find_first_of("\n\r"), fault.npos);
    EXPECT_EQ(fault.find("Backtrace"), fault.npos) << fault;
  }
  SimGridSetup missing = with(cluster("0-5"));
  missing.network.topology.file = "/no/such.xml";
  EXPECT_EQ(fault_of(missing), platform + "/no/such.xml cannot be read");
}

TEST_F(PlatformFile, LinkOrHostThatIsOffEndsTheRunWithAWord) {
  const std::string profile = path_.string() + ".profile";
  std::ofstream(profile) << "0.0 0\n";
  const std::string body =
      "<zone id=\"z\" routing=\"Full\">\n<host id=\"a\" speed=\"1Gf\"/><host id=\"b\" speed=\"1Gf\" STATE/><host "
      "id=\"c\" speed=\"1Gf\"/>\n"
      "<link id=\"l\" bandwidth=\"1GBps\" latency=\"1us\" LINK/>\n<route src=\"a\" dst=\"b\"><link_ctn "
      "id=\"l\"/></route>\n"
      "<route src=\"a\" dst=\"c\"><link_ctn id=\"l\"/></route><route src=\"b\" dst=\"c\"><link_ctn "
      "id=\"l\"/></route></zone>\n";
  const auto filled = [&](const std::string& host, const std::string& link) {
    std::string text = body;
    text.replace(text.find("STATE"), 5, host);
    text.replace(text.find("LINK"), 4, link);
    return text;
  };
  const std::string off = "state_file=\"" + std::filesystem::path(profile).filename().string() + "\"";
  for (const Transport transport : {Transport::kernel, Transport::cb}) {
    SimGridSetup link_off = with(filled("", off));
    link_off.simgrid.transport = transport;
    EXPECT_NE(arrivals(link_off, {{1'000, 0, 1, 100}}).find(" off at 0.0000"), std::string::npos)
        << arrivals(link_off, {{1'000, 0, 1, 100}});
    SimGridSetup host_off = with(filled(off, ""));
    host_off.simgrid.transport = transport;
    EXPECT_NE(arrivals(host_off, {{1'000, 0, 1, 100}}).find("host b is off at 0.0000"), std::string::npos)
        << arrivals(host_off, {{1'000, 0, 1, 100}});
  }
  std::filesystem::remove(profile);
}

TEST(SimGridOptions, UnknownOneIsRefused) {
  SimGridSetup setup = setup_of({}, 2);
  setup.simgrid.options = {{"network/TCP-gama", "0"}};
  const auto fault = check_setup(setup);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->pointer, "/simgrid/options");
  EXPECT_NE(fault->wrong.find("network/TCP-gama"), std::string::npos);
}

}  // namespace
}  // namespace pagetoken
