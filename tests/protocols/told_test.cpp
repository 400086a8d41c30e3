// What a cluster tells its driver, which makes counts of it: who holds what when a token is needed, and which copies
// were lost to another node.

#include "protocols/api/machine.hpp"
#include "quick_cluster.hpp"
#include "sim/oracle/holders.hpp"

namespace pagetoken::testing_support {
namespace {

/// Keeps the timed engine's record of holders, and asks the nodes themselves whenever a token is needed.
class Recorded final : public QuickCluster {
 public:
  using QuickCluster::QuickCluster;

  void needed(NodeId node, TaskIndex task, const Resource& resource, const Need& need) override {
    if (resource.kind == ResourceKind::size || cluster().vm(node).task(task).kind == TaskKind::uncached) return;
    OtherHolders expected;
    for (std::uint32_t n = 0; n < cluster().shape().clients; ++n) {
      if (NodeId{n} == node) continue;
      const Mode right = right_over(cluster().vm(NodeId{n}), resource.file, need.required);
      expected.writer = expected.writer || right == Mode::exclusive;
      expected.any = expected.any || right != Mode::none;
    }
    const OtherHolders recorded = holders_.others(node, resource, need.required);
    EXPECT_EQ(recorded.writer, expected.writer) << "another node of client " << index_of(node) << " writes";
    EXPECT_EQ(recorded.any, expected.any) << "another node of client " << index_of(node) << " holds something";
    writers_ += expected.writer;
    others_ += expected.any;
    ++needs_;
    holders_.needed(node, resource, need.required, need.mode);
  }
  void granted(NodeId node, const Resource& resource, Range range, Mode mode) override {
    holders_.granted(node, resource, range, mode);
  }
  void yielded(NodeId node, TaskIndex, const Resource& resource, Range range, Mode keep) override {
    holders_.yielded(node, resource, range, keep);
  }
  /// Needs that met a writer, somebody, nobody.
  bool met_everything() const { return writers_ > 0 && others_ > writers_ && needs_ > others_; }

 private:
  Holders holders_{cluster()};
  std::uint64_t needs_ = 0;
  std::uint64_t others_ = 0;
  std::uint64_t writers_ = 0;
};

class HoldersOf : public testing::TestWithParam<const char*> {};

TEST_P(HoldersOf, AreThoseThatTheNodesThemselvesName) {
  bool met_everything = false;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 draw(seed);
    const bool holds = GetParam() == std::string("dlm-file");
    Recorded cluster({.protocol = GetParam(),
                      .clients = 4,
                      .pages = 2,
                      .parameters = holds ? std::vector<std::int64_t>{0} : std::vector<std::int64_t>{}});
    std::vector<std::deque<Operation>> scripts(4);
    for (std::deque<Operation>& script : scripts)
      for (int i = 0; i < 12; ++i) {
        const PageIndex page = draw() % 2;
        const std::uint64_t what = draw() % 16;
        script.push_back(what < 7 ? load(page) : what < 14 ? store(page) : what < 15 ? truncate_to(1) : extend_to(2));
      }
    cluster.run_shuffled(draw, scripts);
    met_everything = met_everything || cluster.met_everything();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_TRUE(met_everything) << "the operations never met";
}

std::string name_of_protocol(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(, HoldersOf, testing::Values("ivy-fixed", "ivy-dynamic", "gpfs-range", "dlm-file"),
                         name_of_protocol);

/// A right that ends by itself: no home asks for it back.
class ToyLease {
 public:
  enum Type : std::uint8_t { kReq, kGrant };
  struct Local {
    Mode held = Mode::none;
    bool asked = false;
    bool yielding = false;
    static constexpr auto fields() {
      return std::tuple{field("held", &Local::held), field("asked", &Local::asked),
                        field("yielding", &Local::yielding)};
    }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };
  explicit ToyLease(const Setup&) {}
  static const Declaration& declaration() {
    static const Declaration declaration{.name = "toy-lease",
                                         .summary = "A right that ends by itself.",
                                         .source = "none",
                                         .messages = {{"REQ", Role::home, 64, ""}, {"GRANT", Role::local, 64, ""}},
                                         .timers = {{"when the term is over", true, 0}},
                                         .parameters = {}};
    return declaration;
  }
  void on_need(Local& page, const Need& need, Context& context) const {
    if (context.resource().kind == ResourceKind::size) return context.grant(need.mode, Source::storage);
    if (page.asked || page.yielding) return;
    page.asked = true;
    context.send(context.home(), {.type = kReq, .mode = need.mode, .requester = context.self()});
  }
  void on_home_message(Home&, NodeId from, const Message& m, Context& context) const {
    context.send(from, {.type = kGrant, .mode = m.mode, .requester = from});
  }
  void on_message(Local& page, NodeId, const Message& m, Context& context) const {
    page.asked = false;
    page.held = m.mode;
    context.grant(m.mode, Source::storage);
    context.arm(0, 1'000);
  }
  void on_timer(Local& page, std::uint8_t, Context& context) const {
    page.yielding = true;
    context.yield(Mode::none, Disposition::write_back);
  }
  void on_yielded(Local& page, Range, Context&) const { page = {}; }
  void on_release(Local&, Range, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
};

class Lost final : public QuickCluster {
 public:
  using QuickCluster::QuickCluster;
  void yield_begun(NodeId, TaskIndex, const Resource& resource, Range, Mode, bool by_peer) override {
    if (resource.kind != ResourceKind::size) by_peer_.push_back(by_peer);
  }
  const std::vector<bool>& by_peer() const { return by_peer_; }

 private:
  std::vector<bool> by_peer_;
};

TEST(Yield, OfALeaseThatRunsOutIsNotLostToAnybody) {
  static const Factory factory = factory_of<ToyLease>();
  Lost cluster({.protocol = "toy-lease", .clients = 1, .factory = &factory});
  cluster.run(0, store());
  cluster.fire_timers();
  EXPECT_EQ(cluster.mode(0, 0), Mode::none);
  EXPECT_EQ(cluster.by_peer(), std::vector{false});
}

TEST(Yield, ThatATimerHasPutOffIsLostToWhoWaits) {  // the hold time of dlm-file
  Lost cluster({.protocol = "dlm-file", .clients = 2});
  cluster.run(0, store());
  cluster.start(1, store());
  cluster.run_while_waiting();
  EXPECT_TRUE(cluster.by_peer().empty());
  cluster.fire_timers();
  EXPECT_EQ(cluster.by_peer(), std::vector{true});
}

TEST(Yield, OfAnEvictionIsNotLostToAnybody) {
  Lost cluster({.protocol = "ivy-fixed", .clients = 2});
  cluster.run(0, store());
  cluster.run(1, load());  // a downgrade of the writer
  cluster.cluster().evict(NodeId{1}, FileId{0}, 0);
  cluster.run_all();
  EXPECT_EQ(cluster.mode(1, 0), Mode::none);
  EXPECT_EQ(cluster.by_peer(), (std::vector{true, false}));
}

}  // namespace
}  // namespace pagetoken::testing_support
