// What is put around a protocol's handlers: an audit that catches planted faults and passes the protocols, and a table
// of the states and events that were met.

#include <algorithm>

#include <gtest/gtest.h>

#include "protocols/registry/registry.hpp"
#include "sim/check/cluster/audit.hpp"
#include "sim/check/cluster/coverage.hpp"
#include "sim/check/cluster/protocol_check.hpp"
#include "sim/check/cluster/wrapped_states.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

enum class Fault { none, counts, looks_elsewhere };

/// Ships each access to its home, as nocache does; and TOK_DENY is a message that nobody sends.
template <Fault kFault>
struct Shipper {
  enum Type : std::uint8_t { kReq, kGrantData, kDeny };
  struct Local {
    bool asked = false;
    static constexpr auto fields() { return std::tuple{field("asked", &Local::asked)}; }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };
  inline static int handled = 0;               // by all nodes together: no handler may know
  inline static NodeId last_served = kNoNode;  // written at the home, read at the clients

  explicit Shipper(const Setup&) {}
  static const Declaration& declaration() {
    static const Declaration declaration = [] {
      Declaration d = find_protocol("nocache")->declaration();
      d.messages.push_back({"TOK_DENY", Role::local, 64, "never sent"});
      return d;
    }();
    return declaration;
  }
  void on_need(Local& page, const Need& need, Context& context) const {
    page.asked = true;
    std::uint8_t flags = 0;
    if (kFault == Fault::counts) flags = static_cast<std::uint8_t>(++handled & 1);
    if (kFault == Fault::looks_elsewhere) flags = last_served == kNoNode ? 0 : 1;
    context.send(context.home(),
                 {.type = kReq, .mode = need.mode, .flags = flags, .requester = context.self(), .access = need.access});
  }
  void on_home_message(Home&, NodeId, const Message& m, Context& context) const {
    last_served = m.requester;
    context.apply();
    context.send(m.requester, {.type = kGrantData, .mode = m.mode, .requester = m.requester},
                 DataFrom::handled_message);
  }
  void on_message(Local& page, NodeId, const Message& m, Context& context) const {
    require(m.type != kDeny, "nobody denies");
    page.asked = false;
    context.complete();
  }
  void on_yielded(Local&, Range, Context&) const {}
  void on_release(Local&, Range, Context&) const {}
  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
};
template <Fault kFault>
const Factory kShipper = factory_of<Shipper<kFault>>();

ProtocolSpec spec_of(const Factory& factory, std::vector<std::vector<std::string>> scripts) {
  ProtocolSpec spec;
  spec.factory = &factory;
  for (const Parameter& p : factory.declaration().parameters) spec.parameters.push_back(p.default_value);
  spec.guard = find_guard_preset("page-lock")->scheme;
  for (const auto& script : scripts) {
    spec.scripts.emplace_back();
    for (const std::string& text : script) spec.scripts.back().push_back(operation_called(text).value());
  }
  spec.nodes = static_cast<std::uint32_t>(scripts.size());
  return spec;
}

Exploration audited(const Factory& factory, std::vector<std::vector<std::string>> scripts) {
  Audit audit;
  const auto wrap = [&](std::unique_ptr<Machine> machine) { return audit.around(std::move(machine)); };
  Exploration found = explore_protocol(spec_of(factory, std::move(scripts)), {.wrap = wrap}).found;
  std::printf("%s: %lu handlers run, %lu cases\n", std::string(factory.declaration().name).c_str(), audit.runs(),
              audit.cases());
  EXPECT_GT(audit.runs(), 0u);
  return found;
}

const std::vector<std::vector<std::string>> kReaderAndWriter{{"load 0", "store 0"}, {"store 0"}};

TEST(Audit, PassesEveryProtocol) {
  for (const Factory* factory : built_in_protocols()) {
    const Exploration found = audited(*factory, kReaderAndWriter);
    EXPECT_EQ(found.verdict, Exploration::Verdict::ok) << transcript(found);
  }
}

TEST(Audit, PassesWhatTheFaultsArePlantedIn) {
  const Exploration found = audited(kShipper<Fault::none>, kReaderAndWriter);
  EXPECT_EQ(found.verdict, Exploration::Verdict::ok) << transcript(found);
}

TEST(Audit, CatchesAHandlerThatCounts) {
  const Exploration found = audited(kShipper<Fault::counts>, kReaderAndWriter);
  EXPECT_EQ(found.verdict, Exploration::Verdict::violated);
  EXPECT_EQ(found.broken.property.name(), "protocol:audit-nondeterminism");
}

TEST(Audit, CatchesAHandlerThatLooksAtAnotherNodesDoings) {
  const Exploration found = audited(kShipper<Fault::looks_elsewhere>, kReaderAndWriter);
  EXPECT_EQ(found.verdict, Exploration::Verdict::violated);
  EXPECT_EQ(found.broken.property.name(), "protocol:audit-peeking");
}

/// Without the audit nobody notices: what they do wrong is no part of what the checks ask.
TEST(Audit, IsWhatCatchesThem) {
  EXPECT_EQ(explore_protocol(spec_of(kShipper<Fault::counts>, {{"load 0"}}), {}).found.verdict,
            Exploration::Verdict::ok);
}

Coverage covered(const Factory& factory, std::vector<std::vector<std::string>> scripts) {
  Coverage coverage;
  const auto wrap = [&](std::unique_ptr<Machine> machine) { return coverage.around(std::move(machine)); };
  EXPECT_EQ(explore_protocol(spec_of(factory, std::move(scripts)), {.wrap = wrap}).found.verdict,
            Exploration::Verdict::ok);
  return coverage;
}

std::uint64_t count_of(const Coverage::Table& table, const std::string& state, const std::string& event) {
  const auto s = std::find(table.states.begin(), table.states.end(), state);
  const auto e = std::find(table.events.begin(), table.events.end(), event);
  if (s == table.states.end() || e == table.events.end()) return 0;
  return table
      .counts[static_cast<std::size_t>(s - table.states.begin())][static_cast<std::size_t>(e - table.events.begin())];
}

TEST(Coverage, TellsWhatWasMetInWhichState) {
  const Coverage coverage = covered(kShipper<Fault::none>, kReaderAndWriter);
  const Coverage::Table local = coverage.table(Role::local);
  EXPECT_GT(count_of(local, "at rest", "need exclusive"), 0u);
  EXPECT_GT(count_of(local, "asked", "TOK_GRANT_DATA"), 0u);
  EXPECT_EQ(count_of(local, "at rest", "TOK_GRANT_DATA"), 0u) << "an answer that nobody asked for";
  EXPECT_GT(count_of(coverage.table(Role::home), "at rest", "TOK_REQ"), 0u);
}

TEST(Coverage, NamesMessagesThatNobodyHandles) {
  EXPECT_EQ(covered(kShipper<Fault::none>, kReaderAndWriter).never_handled(kShipper<Fault::none>.declaration()),
            std::vector<std::string>{"TOK_DENY"});
}

/// A range protocol denies only where somebody is in the way.
TEST(Coverage, APathThatNeedsTwoNodesIsNotMetByOne) {
  const Factory& gpfs = *find_protocol("gpfs-range");
  const std::vector<std::string> alone = covered(gpfs, {{"store 0"}}).never_handled(gpfs.declaration());
  EXPECT_NE(std::find(alone.begin(), alone.end(), "TOK_DENY"), alone.end());
  EXPECT_EQ(covered(gpfs, kReaderAndWriter).never_handled(gpfs.declaration()), std::vector<std::string>{});
}

/// Loses what it evicts.
class Forgetful final : public WrappedStates {
 public:
  using WrappedStates::WrappedStates;

 private:
  void run(const HandlerCall& call, Context& context) override {
    if (call.name == "release") return context.yield(Mode::none, Disposition::discard);
    call.handler(*inner_, context);
  }
};

/// Without evictions nobody notices, and all is explored.
TEST(DefaultPrograms, FindWhatOnlyAnEvictionShows) {
  ProtocolSpec spec = spec_of(*find_protocol("ivy-fixed"), {});
  spec.nodes = 2;
  const auto wrap = [](std::unique_ptr<Machine> machine) {
    return std::make_unique<WrappedMachine>(std::move(machine),
                                            [](std::unique_ptr<NodeStates> inner, const Declaration& declaration) {
                                              return std::make_unique<Forgetful>(std::move(inner), declaration);
                                            });
  };
  const ProtocolResult found = explore_protocol(spec, {.wrap = wrap});
  EXPECT_EQ(found.found.verdict, Exploration::Verdict::violated);
  EXPECT_NE(text_of(found.scripts).find("evict 0"), std::string::npos) << text_of(found.scripts);
  spec.evictions = 0;
  EXPECT_EQ(explore_protocol(spec, {.wrap = wrap}).found.verdict, Exploration::Verdict::ok);
}

}  // namespace
}  // namespace pagetoken
