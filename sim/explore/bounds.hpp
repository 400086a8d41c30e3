#pragma once
// Within what a verdict holds. An ok is an ok of so many actors and rounds: with one more, something may go wrong that
// none of the explored states shows.

#include <cstdint>
#include <string>
#include <vector>

namespace pagetoken {

struct Bounds {
  std::vector<std::string> actors{};  ///< as counterexamples name them
  std::uint32_t rounds = 1;           ///< times an actor runs
  std::uint32_t interferers = 0;      ///< actors that take away what another has looked up
  std::uint32_t operations = 0;       ///< of one actor, in all its rounds, at most
};

}  // namespace pagetoken
