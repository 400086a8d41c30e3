// Accesses that travel outlive who asked: the home applies them by what travels with them, and a result that comes back
// to a node which has failed meanwhile is a violation with a path, and no access beyond an end.

#include <gtest/gtest.h>

#include "protocols/registry/registry.hpp"
#include "sim/check/cluster/packed_cluster.hpp"
#include "sim/check/cluster/protocol_check.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

enum class HomeDoes {
  apply,         ///< when the request arrives
  think_it_over  ///< says it to itself first: nothing of that is lost when the client fails
};
enum class Asker { known, unknown };

template <HomeDoes kHome, Asker kAsker>
struct Forwarder {
  enum Type : std::uint8_t { kReq, kGrantData, kAgain };
  struct Local {
    static constexpr auto fields() { return std::tuple{}; }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };
  explicit Forwarder(const Setup&) {}
  static const Declaration& declaration() {
    static const Declaration declaration = [] {
      Declaration d = find_protocol("nocache")->declaration();
      d.messages.push_back({"TOK_AGAIN", Role::home, 64, "a request, once more"});
      return d;
    }();
    return declaration;
  }
  void on_need(Local&, const Need& need, Context& context) const {
    context.send(context.home(), {.type = kReq,
                                  .mode = need.mode,
                                  .requester = kAsker == Asker::known ? context.self() : kNoNode,
                                  .access = need.access});
  }
  void on_home_message(Home&, NodeId from, const Message& m, Context& context) const {
    if (kHome == HomeDoes::think_it_over && m.type == kReq)
      return context.send(context.self(), {.type = kAgain, .mode = m.mode, .requester = from},
                          DataFrom::handled_message);
    context.apply();
    context.send(m.requester, {.type = kGrantData, .mode = m.mode, .requester = m.requester},
                 DataFrom::handled_message);
  }
  void on_message(Local&, NodeId, const Message&, Context& context) const { context.complete(); }
  void on_yielded(Local&, Range, Context&) const {}
  void on_release(Local&, Range, Context&) const {}
  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
};

template <HomeDoes kHome, Asker kAsker = Asker::known>
ProtocolResult explored(const std::vector<std::vector<std::string>>& scripts, std::uint32_t crashes) {
  static const Factory factory = factory_of<Forwarder<kHome, kAsker>>();
  ProtocolSpec spec;
  spec.factory = &factory;
  spec.guard = find_guard_preset("page-lock")->scheme;
  for (const auto& script : scripts) {
    spec.scripts.emplace_back();
    for (const std::string& text : script) spec.scripts.back().push_back(operation_called(text).value());
  }
  spec.nodes = static_cast<std::uint32_t>(scripts.size());
  spec.crashes = crashes;
  spec.crash_managers = false;
  return explore_protocol(spec, {});
}

TEST(RemoteAccess, IsAppliedByWhatTravelsWithIt) {
  const ProtocolResult result = explored<HomeDoes::apply>({{"store 0"}, {"load 0", "store 0"}}, 1);
  EXPECT_EQ(result.found.verdict, Exploration::Verdict::ok) << transcript(result.found);
}

/// The client has come back, with nothing, and its answer reaches it.
TEST(RemoteAccess, AnAnswerToANodeThatForgotIsAViolationWithAPath) {
  const ProtocolResult result = explored<HomeDoes::think_it_over>({{"store 0"}}, 1);
  EXPECT_EQ(result.found.broken.property.name(), "protocol:require") << transcript(result.found);
  EXPECT_TRUE(result.found.broken.text.ends_with("an access is completed that nobody waits for"));
  EXPECT_TRUE(std::any_of(result.steps.begin(), result.steps.end(), [](const ProtocolStep& step) {
    return step.what.kind == ClusterChoice::Kind::restart;
  })) << transcript(result.found);
}

TEST(RemoteAccess, OnBehalfOfNobodyIsAViolation) {
  const ProtocolResult result = explored<HomeDoes::apply, Asker::unknown>({{"load 0"}}, 0);
  EXPECT_TRUE(result.found.broken.text.ends_with("an access is applied on behalf of nobody"))
      << transcript(result.found);
}

}  // namespace
}  // namespace pagetoken
