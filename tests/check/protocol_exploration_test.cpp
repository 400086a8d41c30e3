// Every interleaving of VM steps, messages and storage completions, two nodes and one page at first: each protocol
// passes here before anything timed is believed of it.

#include <gtest/gtest.h>

#include "protocols/registry/registry.hpp"
#include "sim/check/cluster/cluster_model.hpp"
#include "sim/check/cluster/packed_cluster.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

Operation load(PageIndex page = 0) { return {TaskKind::access, false, FileId{0}, one_page(page)}; }
Operation store(PageIndex page = 0) { return {TaskKind::access, true, FileId{0}, one_page(page)}; }
Operation truncate_to(PageIndex size) { return {TaskKind::truncate, true, FileId{0}, {size, kToInfinity}}; }
Operation extend_to(PageIndex size) { return {TaskKind::extend, true, FileId{0}, {0, size}}; }
Operation evict(PageIndex page = 0) { return {TaskKind::evict, false, FileId{0}, one_page(page)}; }
Operation read_call(PageIndex page = 0) { return {TaskKind::read, false, FileId{0}, one_page(page)}; }
Operation write_call(PageIndex page = 0) { return {TaskKind::write, true, FileId{0}, one_page(page)}; }
Operation fsync() { return {TaskKind::fsync, false, FileId{0}, whole_file()}; }

using Scripts = std::vector<std::vector<Operation>>;

struct Run {
  std::string protocol = "ivy-fixed";
  std::string guard = "page-lock";
  Scripts scripts{};
  PageIndex pages = 1;
  Placement placement = Placement::dedicated;
  bool fifo = true;
  std::vector<std::uint32_t> client_of{};  // of each script, where clients have several threads
};

Exploration run(const Run& r) {
  const Factory* factory = find_protocol(r.protocol);
  const Declaration& declaration = factory->declaration();
  const auto clients = static_cast<std::uint32_t>(r.client_of.empty() ? r.scripts.size() : r.client_of.back() + 1);
  Setup setup{clients, {}};
  for (const Parameter& p : declaration.parameters) setup.parameters.push_back(p.default_value);
  const auto machine = factory->make(setup);
  const Paths paths(find_guard_preset(r.guard)->scheme, path_options(declaration));
  ClusterModel::Options options;
  options.shape.clients = clients;
  options.client_of = r.client_of;
  options.shape.placement = r.placement;
  options.scripts = r.scripts;
  options.sizes = {r.pages};
  options.fifo = r.fifo;
  ClusterModel model(options, *machine, paths);
  const Exploration e = explore_cluster(model, {.max_states = 30'000'000});
  std::printf("%-12s %-10s states %lu transitions %lu depth %u\n", r.protocol.c_str(), r.guard.c_str(), e.states,
              e.transitions, e.depth);
  return e;
}

class EveryProtocol : public testing::TestWithParam<std::string> {
 protected:
  void expect_ok(Scripts scripts, PageIndex pages = 1, const std::string& guard = "page-lock") {
    const Exploration e = run({.protocol = GetParam(), .guard = guard, .scripts = std::move(scripts), .pages = pages});
    EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
  }
  void expect_threads_ok(Scripts scripts, std::vector<std::uint32_t> client_of,
                         const std::string& guard = "page-lock") {
    const Exploration e =
        run({.protocol = GetParam(), .guard = guard, .scripts = std::move(scripts), .client_of = std::move(client_of)});
    EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
  }
};

TEST_P(EveryProtocol, TwoWritersOfOnePage) { expect_ok({{store()}, {store()}}); }
TEST_P(EveryProtocol, ReaderAndWriter) { expect_ok({{load()}, {store()}}); }
TEST_P(EveryProtocol, ReaderBecomesWriterWhileAnotherDoes) { expect_ok({{load(), store()}, {load(), store()}}); }
TEST_P(EveryProtocol, WritersUnderHook) { expect_ok({{store()}, {store()}}, 1, "hook"); }
TEST_P(EveryProtocol, FaultMeetsTruncate) { expect_ok({{load()}, {truncate_to(0)}}); }
TEST_P(EveryProtocol, StoreMeetsTruncateAndExtend) { expect_ok({{store()}, {truncate_to(0), extend_to(1)}}); }
TEST_P(EveryProtocol, EvictionMeetsWriter) { expect_ok({{load(), evict()}, {store()}}); }
TEST_P(EveryProtocol, OwnerEvictsAndAnotherReads) { expect_ok({{store(), evict()}, {load()}}); }
TEST_P(EveryProtocol, SystemCallsMeetMappings) { expect_ok({{write_call()}, {load()}}); }
TEST_P(EveryProtocol, ReadCallMeetsStore) { expect_ok({{read_call()}, {store()}}); }
TEST_P(EveryProtocol, AppendsBySystemCall) { expect_ok({{write_call(1)}, {write_call(1)}}); }
TEST_P(EveryProtocol, TwoPagesInOppositeOrder) { expect_ok({{store(0), load(1)}, {store(1), load(0)}}, 2); }
TEST_P(EveryProtocol, ThreeWritersOfOnePage) { expect_ok({{store()}, {store()}, {store()}}); }
TEST_P(EveryProtocol, ReaderBetweenTwoWriters) { expect_ok({{store()}, {load()}, {store()}}); }

TEST_P(EveryProtocol, FsyncMeetsAWriterWhoEvicts) { expect_ok({{store(), fsync()}, {store(), evict()}}); }

// The eviction of a page that its owner had outlived the ownership: it took the copy that came later, which was newer
// than storage, and the next load read what storage had.
TEST(Evictions, TakeThePageThatWasThereWhenTheyBegan) {
  for (const std::string protocol : {"ivy-dynamic", "ivy-fixed"}) {
    const Exploration e = run({.protocol = protocol, .scripts = {{load(), evict(), load()}, {store()}}});
    EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
  }
}

#ifdef PAGETOKEN_LONG_TESTS  // minutes rather than seconds: ./dev test --long
TEST_P(EveryProtocol, EvictedReaderWritesAgain) { expect_ok({{load(), evict(), store()}, {store()}}); }
TEST_P(EveryProtocol, EvictedReaderReadsAgain) { expect_ok({{load(), evict(), load()}, {store()}}); }
TEST_P(EveryProtocol, TwoReadersAndAWriter) { expect_ok({{store()}, {load()}, {load()}}); }

// Threads of one node share its tokens, and its locks.
TEST_P(EveryProtocol, TruncateMeetsAFaultOfItsNodeWhosePageIsOnItsWay) {
  expect_threads_ok({{store()}, {truncate_to(0)}, {store()}}, {0, 0, 1});
}
TEST_P(EveryProtocol, TruncateMeetsAWriteCallOfItsNode) {
  expect_threads_ok({{write_call()}, {truncate_to(0)}, {truncate_to(0)}}, {0, 0, 1});
}
TEST_P(EveryProtocol, TruncateMeetsAReadCallOfItsNode) {
  expect_threads_ok({{read_call()}, {truncate_to(0)}, {store()}}, {0, 0, 1});
}
#endif

INSTANTIATE_TEST_SUITE_P(Protocols, EveryProtocol,
                         testing::Values("ivy-fixed", "ivy-dynamic", "nocache", "dlm-file", "gpfs-range"),
                         [](const auto& param) {
                           std::string name = param.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

// write(2) held i_sem while it waited for the size, which a truncate of its node had pinned while it waited for i_sem.
TEST(Threads, WriteCallAndTruncateOfOneNodeTakeTokensBeforeLocks) {
  const Exploration e = run({.protocol = "ivy-dynamic",
                             .scripts = {{write_call()}, {truncate_to(0)}, {truncate_to(0)}},
                             .client_of = {0, 0, 1}});
  EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
}

#ifdef PAGETOKEN_LONG_TESTS
class EveryGuard : public testing::TestWithParam<std::string> {
 protected:
  /// Two threads of one client against one of another, under the protocol with the fewest states.
  void expect_ok(Scripts scripts) {
    const Exploration e =
        run({.protocol = "ivy-dynamic", .guard = GetParam(), .scripts = std::move(scripts), .client_of = {0, 0, 1}});
    EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
  }
};

TEST_P(EveryGuard, FaultAndTruncateMeetAWriter) { expect_ok({{store()}, {truncate_to(0)}, {store()}}); }
TEST_P(EveryGuard, WriteCallAndTruncateMeetATruncate) {
  expect_ok({{write_call()}, {truncate_to(0)}, {truncate_to(0)}});
}
TEST_P(EveryGuard, WriteCallAndFaultMeetAWriter) { expect_ok({{write_call()}, {load()}, {store()}}); }
TEST_P(EveryGuard, AppendingWriteCallAndTruncateMeetAReader) {
  expect_ok({{write_call(1)}, {truncate_to(0)}, {load()}});
}
TEST_P(EveryGuard, TwoFaultsMeetATruncate) { expect_ok({{load()}, {store()}, {truncate_to(0)}}); }

/// Those under which faults and a revoke take turns in less than 30 M states: under frlock there are over 100 M.
class EveryGuardButFrlock : public EveryGuard {};
TEST_P(EveryGuardButFrlock, TwoFaultsMeetAWriter) { expect_ok({{load()}, {load()}, {store()}}); }

std::string name_of_guard(const testing::TestParamInfo<std::string>& param) {
  std::string name = param.param;
  for (char& c : name) c = c == '-' || c == '+' ? '_' : c;
  return name;
}
INSTANTIATE_TEST_SUITE_P(Guards, EveryGuardButFrlock,
                         testing::Values("truncate-sem", "hook", "frlock+hook", "truncate-count", "seqschedlock",
                                         "page-lock", "invalidate-lock", "notifier"),
                         name_of_guard);
INSTANTIATE_TEST_SUITE_P(Guards, EveryGuard,
                         testing::Values("truncate-sem", "frlock", "hook", "frlock+hook", "truncate-count",
                                         "seqschedlock", "page-lock", "invalidate-lock", "notifier"),
                         name_of_guard);
#endif

TEST(NoCache, NeedsNoOrderOnLinks) {
  const Exploration e =
      run({.protocol = "nocache", .scripts = {{store(), load()}, {store(), truncate_to(0)}}, .fifo = false});
  EXPECT_EQ(e.verdict, Exploration::Verdict::ok) << transcript(e);
}

TEST(SeamRace, NoGuardLeavesAStalePteBehind) {
  const Exploration e = run({.guard = "none", .scripts = {{store()}, {store()}}});
  EXPECT_EQ(e.verdict, Exploration::Verdict::violated);
  std::puts(transcript(e).c_str());
}

}  // namespace
}  // namespace pagetoken
