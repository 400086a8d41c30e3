// The packed cluster is the cluster: the same verdict, counts and path, with one thread and with two.

#include "sim/check/cluster/packed_cluster.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "protocols/registry/registry.hpp"
#include "sim/base/random.hpp"
#include "sim/config/guards.hpp"
#include "sim/explore/explorer.hpp"

namespace pagetoken {
namespace {

Operation load(PageIndex page = 0) { return {TaskKind::access, false, FileId{0}, one_page(page)}; }
Operation store(PageIndex page = 0) { return {TaskKind::access, true, FileId{0}, one_page(page)}; }
Operation truncate_to(PageIndex size) { return {TaskKind::truncate, true, FileId{0}, {size, kToInfinity}}; }
Operation extend_to(PageIndex size) { return {TaskKind::extend, true, FileId{0}, {0, size}}; }
Operation evict(PageIndex page = 0) { return {TaskKind::evict, false, FileId{0}, one_page(page)}; }
Operation write_call(PageIndex page = 0) { return {TaskKind::write, true, FileId{0}, one_page(page)}; }

struct Case {
  const char* name;
  std::vector<std::vector<Operation>> scripts;
  const char* guard = "page-lock";
  bool fifo = true;
  std::uint32_t losses = 0;
  std::uint32_t crashes = 0;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

/// A protocol with its parameters at their defaults, and as many models of a case as are asked for.
struct Setting {
  Setting(const std::string& protocol, const Case& c, std::size_t models)
      : factory(find_protocol(protocol)),
        paths(find_guard_preset(c.guard)->scheme, path_options(factory->declaration())) {
    Setup setup{static_cast<std::uint32_t>(c.scripts.size()), {}};
    for (const Parameter& p : factory->declaration().parameters) setup.parameters.push_back(p.default_value);
    machine = factory->make(setup);
    ClusterModel::Options options;
    options.shape.clients = setup.clients;
    options.scripts = c.scripts;
    options.fifo = c.fifo;
    options.losses = c.losses;
    options.crashes = c.crashes;
    options.crash_managers = false;
    for (std::size_t m = 0; m < models; ++m) owned.push_back(std::make_unique<ClusterModel>(options, *machine, paths));
    for (const auto& model : owned) pointers.push_back(model.get());
  }
  const Factory* factory;
  std::unique_ptr<Machine> machine;
  Paths paths;
  std::vector<std::unique_ptr<ClusterModel>> owned;
  std::vector<ClusterModel*> pointers;
};

void expect_same(const Exploration& a, const Exploration& b) {
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.broken.property.name(), b.broken.property.name());
  EXPECT_EQ(a.path.size(), b.path.size());
  EXPECT_EQ(a.cycle.has_value(), b.cycle.has_value());
  if (a.verdict != Exploration::Verdict::ok) return;  // where a level ends early, counts depend on the order in it
  EXPECT_EQ(a.states, b.states);
  EXPECT_EQ(a.transitions, b.transitions);
  EXPECT_EQ(a.depth, b.depth);
}

class PackedClusterTest : public testing::TestWithParam<std::tuple<std::string, Case>> {};

TEST_P(PackedClusterTest, ExploresWhatTheClusterDoes) {
  const auto& [protocol, c] = GetParam();
  Setting setting(protocol, c, 2);
  const ExploreOptions options{.max_states = 300'000, .progress = true};
  const Exploration plain = explore(*setting.pointers[0], options);
  const Exploration packed = explore_cluster(*setting.pointers[0], options);
  ASSERT_NE(plain.verdict, Exploration::Verdict::unknown);
  expect_same(plain, packed);
  const Exploration by_two = explore_cluster(setting.pointers, options);
  expect_same(packed, by_two);
  EXPECT_EQ(packed.states, by_two.states);
  EXPECT_EQ(packed.transitions, by_two.transitions);
  EXPECT_EQ(transcript(packed), transcript(by_two));
}

INSTANTIATE_TEST_SUITE_P(
    Protocols, PackedClusterTest,
    testing::Combine(testing::Values("ivy-fixed", "ivy-dynamic", "nocache", "dlm-file", "gpfs-range"),
                     testing::Values(Case{"ReaderBecomesWriter", {{load(), store()}, {load()}}},
                                     Case{"TruncateAndExtend", {{load()}, {truncate_to(0), extend_to(1)}}},
                                     Case{"OwnerEvicts", {{store(), evict()}, {load()}}},
                                     Case{"Appends", {{write_call(1)}, {write_call(1)}}},
                                     Case{"NoGuard", {{store()}, {store()}}, "none"},
                                     Case{"LinksReorder", {{load(), store()}, {store()}}, "page-lock", false},
                                     Case{"AMessageIsLost", {{store()}, {load()}}, "page-lock", true, 1},
                                     Case{"AClientFails", {{store()}, {load()}}, "page-lock", true, 0, 1})),
    [](const auto& param) {
      std::string name = std::get<0>(param.param) + "_" + std::get<1>(param.param).name;
      std::ranges::replace(name, '-', '_');
      return name;
    });

const Case kThreeWriters{"ThreeWriters", {{store()}, {store()}, {store()}}};

TEST(ClusterSymmetryTest, OrbitsHoldTheStatesThatThereAre) {
  Setting setting("nocache", kThreeWriters, 1);
  PackedCluster packed(*setting.pointers[0]);
  packed.set_renamings({{0, 1, 2, 3}});
  const Exploration all = explore(packed, {.symmetry = true});
  const ClusterSymmetry symmetry = find_symmetry(packed);
  ASSERT_EQ(symmetry.group.size(), 6u) << symmetry.text;
  const Exploration orbits = explore(packed, {.symmetry = true});
  EXPECT_EQ(orbits.verdict, all.verdict);
  EXPECT_EQ(orbits.orbits_states, all.states);
  EXPECT_EQ(orbits.orbits_transitions, all.transitions);
  EXPECT_LT(orbits.states * 5, all.states);
}

TEST(ClusterSymmetryTest, TwoThreadsFindTheSame) {
  for (const char* guard : {"page-lock", "none"}) {
    Case c = kThreeWriters;
    c.scripts.pop_back();
    c.guard = guard;
    Setting setting("ivy-fixed", c, 2);
    const Exploration one = explore_cluster(*setting.pointers[0], {.symmetry = true});
    const Exploration two = explore_cluster(setting.pointers, {.symmetry = true});
    EXPECT_EQ(one.images, 2u);
    EXPECT_EQ(one.states, two.states);
    EXPECT_EQ(one.orbits_states, two.orbits_states);
    EXPECT_EQ(transcript(one), transcript(two));
  }
}

/// What symmetry stands for is what the plain search meets: neither tells apart in which order what is under way came.
TEST(ClusterSymmetryTest, OrbitsHoldWhatThePlainSearchMeets) {
  for (const char* protocol : {"nocache", "ivy-fixed", "gpfs-range", "dlm-file"})
    for (const bool fifo : {true, false}) {
      Case c{"", {{load(), store()}, {load(), store()}}, "page-lock", fifo};
      if (protocol != std::string("nocache")) c.scripts = {{store()}, {store()}};
      Setting setting(protocol, c, 1);
      const Exploration all = explore_cluster(*setting.pointers[0]);
      const Exploration orbits = explore_cluster(*setting.pointers[0], {.symmetry = true});
      EXPECT_EQ(orbits.images, protocol == std::string("gpfs-range") ? 1u : 2u) << orbits.symmetry_text;
      EXPECT_EQ(orbits.orbits_states, all.states) << protocol;
      EXPECT_EQ(orbits.orbits_transitions, all.transitions) << protocol;
    }
}

// With 4 nodes numbers of actors wrapped, and one's timer was another's task.
TEST(ClusterActors, OfFourNodesAreToldApart) {
  Setting setting("dlm-file", {"", {{store()}, {store()}, {load()}, {load()}}}, 1);
  ClusterModel& model = *setting.pointers[0];
  std::map<std::uint32_t, std::string> names;
  RandomStream random(1, 0, 0, Purpose::sampling);
  for (int walk = 0; walk < 100; ++walk) {
    model.initial(0);
    for (std::size_t count = model.choices(); count > 0; count = model.choices()) {
      for (std::size_t c = 0; c < count; ++c) {
        const ClusterChoice what = model.choice_text(c);
        const std::string name = std::to_string(static_cast<int>(what.kind)) + " " + text_of(what.from) + " " +
                                 text_of(what.node) + " " + std::to_string(what.task);
        EXPECT_EQ(names.try_emplace(model.actor_of(c), name).first->second, name);
      }
      model.take(random.below(count));
    }
  }
  EXPECT_GT(names.size(), 20u);
}

TEST(ClusterActors, OfFourNodesGiveAVerdictOnProgress) {
  Setting setting("dlm-file", {"", {{load()}, {truncate_to(0)}, {}, {}}}, 1);
  const Exploration found = explore_cluster(*setting.pointers[0], {.keep_edges = true, .progress = true});
  EXPECT_EQ(found.verdict, Exploration::Verdict::ok) << transcript(found);
  EXPECT_TRUE(found.graph->tells_actors_apart());
}

// Node 0 owns every page at first.
TEST(ClusterSymmetryTest, AProtocolThatTellsNodesApartIsFoundOut) {
  Setting setting("ivy-dynamic", kThreeWriters, 1);
  PackedCluster packed(*setting.pointers[0]);
  const ClusterSymmetry symmetry = find_symmetry(packed);
  EXPECT_LT(symmetry.group.size(), 6u) << symmetry.text;
  EXPECT_GT(symmetry.sampled, 0u);
}

TEST(ClusterSymmetryTest, ClientsWithDifferentProgramsAreNotInterchangeable) {
  Setting setting("ivy-fixed", {"", {{store()}, {load()}, {store()}}}, 1);
  PackedCluster packed(*setting.pointers[0]);
  const ClusterSymmetry symmetry = find_symmetry(packed);
  EXPECT_EQ(symmetry.group, (std::vector<Renaming>{{0, 1, 2, 3}, {2, 1, 0, 3}})) << symmetry.text;
}

struct KindA;
struct KindB;

PieceId add(PieceTable& table, std::uint64_t a, std::uint64_t b) {
  Encoder encoder;
  encoder.put(std::uint32_t{300});
  encoder.put(Fresh<KindA>{a});
  encoder.put(Fresh<KindB>{b});
  std::vector<std::uint8_t> scratch;
  return table.add(7, encoder, scratch);
}

TEST(PieceTable, EqualPiecesHaveOneNumber) {
  PieceTable table;
  const PieceId first = add(table, 3, 5);
  EXPECT_NE(add(table, 5, 3), first);
  EXPECT_EQ(add(table, 3, 5), first);
  EXPECT_EQ(table.size(), 2u);
}

TEST(PieceTable, RanksCountTheValuesOfTheWholeStateKindByKind) {
  PieceTable table;
  std::vector<std::uint8_t> scratch;
  FreshValues all = table[add(table, 3, 5)].values;
  const FreshValues others = table[add(table, 9, 2)].values;
  for (std::size_t k = 0; k < kFreshKinds; ++k) all[k] |= others[k];
  EXPECT_EQ(table.ranked(add(table, 3, 5), all, scratch), add(table, 1, 2));
  EXPECT_EQ(table.ranked(add(table, 9, 2), all, scratch), add(table, 2, 1));
  EXPECT_EQ(table.ranked(add(table, 0, 5), all, scratch), add(table, 0, 2)) << "0 stays 0";
}

TEST(PieceTable, MoreValuesThanAreCountedOnAreRefused) {
  PieceTable table;
  EXPECT_THROW(add(table, 64, 0), std::length_error);
}

TEST(PieceTable, TwoThreadsAgreeOnNumbers) {
  PieceTable table;
  constexpr std::uint64_t kPieces = 60;
  std::array<std::vector<PieceId>, 2> ids;
  const auto work = [&](std::vector<PieceId>& mine) {
    for (std::uint64_t a = 0; a < kPieces; ++a)
      for (std::uint64_t b = 0; b < kPieces; ++b) mine.push_back(add(table, a, b));
  };
  {
    std::jthread other([&] { work(ids[1]); });
    work(ids[0]);
  }
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(table.size(), kPieces * kPieces);
}

}  // namespace
}  // namespace pagetoken
