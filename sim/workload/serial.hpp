#pragma once
// The orders of a cluster in which one access is made at a time, over the sources of its clients.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/workload/workload.hpp"

namespace pagetoken {

/// Counting rule 2: the client of each access is drawn uniformly. `sources`, one a client, never end.
class DrawnSource final : public SerialSource {
 public:
  DrawnSource(std::vector<std::unique_ptr<AccessSource>> sources, std::uint64_t seed);
  bool next(std::uint32_t& client, Access& access) override;

 private:
  std::vector<std::unique_ptr<AccessSource>> sources_;
  RandomStream random_;
};

/// Strict turns, ascending, in rounds. `sources`, one a client, never end.
class TurnSource final : public SerialSource {
 public:
  struct Rule {
    std::uint32_t accesses_a_turn = 1;
    std::uint64_t head_start = 0;  ///< client c has turns from round c * head_start on
  };
  TurnSource(std::vector<std::unique_ptr<AccessSource>> sources, Rule rule);
  bool next(std::uint32_t& client, Access& access) override;

 private:
  bool takes_part(std::uint32_t client) const;

  std::vector<std::unique_ptr<AccessSource>> sources_;
  Rule rule_;
  std::uint64_t round_ = 0;
  std::uint32_t client_ = 0;  ///< whose turn it is
  std::uint32_t made_ = 0;    ///< accesses of this turn
};

}  // namespace pagetoken
