// What a cluster tells its driver, which makes counts of it: which copies were lost to another node.

#include "protocols/api/machine.hpp"
#include "quick_cluster.hpp"

namespace pagetoken::testing_support {
namespace {

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
