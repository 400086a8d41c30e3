// Which programs a protocol is explored with, and which of them stand for others.

#include "sim/check/cluster/programs.hpp"

#include <set>

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

struct Counted {
  std::uint64_t programs = 0;
  std::uint64_t images = 0;
  std::set<std::string> texts{};
};
Counted count(Programs& programs) {
  Counted counted;
  do {
    ++counted.programs;
    counted.images += programs.images();
    counted.texts.insert(text_of(programs.scripts()));
  } while (programs.advance());
  return counted;
}
bool always(const Scripts&, const Scripts&) { return true; }

TEST(Programs, AreAllOnce) {
  Programs programs({.nodes = 2, .pages = 2, .operations = 2});  // of loads and stores of two pages, and a truncate
  const Counted counted = count(programs);
  EXPECT_EQ(counted.programs, 625u);
  EXPECT_EQ(counted.texts.size(), 625u);
  EXPECT_EQ(counted.images, 625u);
}

TEST(Programs, EvictWhatTheirNodeHasTouched) {
  Programs one({.nodes = 2, .pages = 1, .operations = 1, .evictions = 1});
  const Counted of_one = count(one);
  EXPECT_EQ(of_one.programs, 9u + 2u * 2u * 3u);  // either node evicts after its load or store, the other does anything
  EXPECT_TRUE(of_one.texts.contains("node 0: load 0, evict 0; node 1: store 0"));
  EXPECT_FALSE(of_one.texts.contains("node 0: truncate 0, evict 0; node 1: store 0"));
  EXPECT_FALSE(of_one.texts.contains("node 0: load 0, evict 0; node 1: store 0, evict 0"));

  Programs two({.nodes = 2, .pages = 1, .operations = 1, .evictions = 2});
  EXPECT_EQ(count(two).programs, 25u);

  Programs longer({.nodes = 1, .pages = 2, .operations = 2, .evictions = 1});
  const Counted of_longer = count(longer);
  EXPECT_EQ(of_longer.programs, 25u + 2u * 4u * 5u);
  EXPECT_TRUE(of_longer.texts.contains("node 0: load 1, evict 1, store 0"));
  EXPECT_TRUE(of_longer.texts.contains("node 0: load 1, store 0, evict 0"));
}

// Burnside's lemma: the orbits are the mean number of programs that a renaming leaves as they are.
TEST(Programs, StandForTheirImages) {
  Programs clients({.nodes = 2, .pages = 1, .operations = 1});
  EXPECT_EQ(clients.find_alike(always), "clients 0, 1 are interchangeable, as tried on 3 programs");
  const Counted of_clients = count(clients);
  EXPECT_EQ(of_clients.programs, (9u + 3u) / 2);
  EXPECT_EQ(of_clients.images, 9u);

  Programs both({.nodes = 2, .pages = 2, .operations = 1, .evictions = 2});
  EXPECT_NE(both.find_alike(always).find("clients 0, 1; pages 0, 1 are interchangeable"), std::string::npos);
  const Counted of_both = count(both);
  EXPECT_EQ(of_both.programs, (81u + 9u + 1u + 9u) / 4);  // identity, clients, pages, both
  EXPECT_EQ(of_both.images, 81u);

  Programs three({.nodes = 3, .pages = 1, .operations = 1});
  three.find_alike(always);
  const Counted of_three = count(three);
  EXPECT_EQ(of_three.programs, (27u + 3u * 9u + 2u * 3u) / 6);
  EXPECT_EQ(of_three.images, 27u);
}

TEST(Programs, OfWhomNothingIsAlikeStandForThemselves) {
  Programs programs({.nodes = 2, .pages = 2, .operations = 1});
  EXPECT_EQ(programs.find_alike([](const Scripts&, const Scripts&) { return false; }),
            "no two clients or pages are interchangeable");
  EXPECT_EQ(count(programs).programs, 25u);
}

TEST(Programs, PagesAreAlikeOnlyWhereEveryTriedProgramAgrees) {
  Programs programs({.nodes = 2, .pages = 3, .operations = 1});
  const auto keeps_page_2 = [](const Scripts& one, const Scripts& image) {
    for (std::size_t n = 0; n < one.size(); ++n)
      if ((text_of(one[n][0]) == "load 2") != (text_of(image[n][0]) == "load 2")) return false;
    return true;
  };
  const std::string found = programs.find_alike(keeps_page_2);
  EXPECT_EQ(found.find("pages 0, 1, 2"), std::string::npos) << found;
  EXPECT_NE(found.find("pages 0, 1"), std::string::npos) << found;
}

}  // namespace
}  // namespace pagetoken
