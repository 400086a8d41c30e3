#pragma once
// Within what a verdict holds, and which of a guard's switches had a part in it. An ok is an ok of so many actors and
// rounds: with one more, something may go wrong that none of the explored states shows.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/vm/program.hpp"

namespace pagetoken {

struct Bounds {
  std::vector<std::string> actors{};  ///< as counterexamples name them
  std::uint32_t rounds = 1;           ///< times an actor runs
  std::uint32_t interferers = 0;      ///< actors that take away what another has looked up
  std::uint32_t operations = 0;       ///< of one actor, in all its rounds, at most
};

/// The paths that are run under a scheme.
using CompilePaths = std::function<std::vector<Program>(const GuardScheme&)>;
/// The switches in which `scheme` differs from `base`, and with each of which alone put back as it is there the same
/// paths come out and run the same: what was found says nothing about them.
std::vector<std::string_view> switches_without_effect(const GuardScheme& scheme, const GuardScheme& base,
                                                      const CompilePaths& compile);

}  // namespace pagetoken
