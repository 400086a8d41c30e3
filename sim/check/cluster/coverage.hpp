#pragma once
// Which event was met in which state of the protocol: a table that an exploration fills.
//
// States are named by the members of the protocol's Local and Home that say something: flags that are set, modes that
// are not none, nodes (self or another), lists and sets that are not empty, counts that are not zero.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocols/api/machine.hpp"

namespace pagetoken {

class Coverage {
 public:
  struct Table {
    std::vector<std::string> events;                 ///< columns: needs, messages, and so on, by name
    std::vector<std::string> states;                 ///< rows, by how often they were met, then by name
    std::vector<std::vector<std::uint64_t>> counts;  ///< handlers run; row, then column
  };

  /// The machine, observed. The coverage must outlive it.
  std::unique_ptr<Machine> around(std::unique_ptr<Machine> machine);
  Table table(Role role) const;
  /// Message types that no handler was ever given.
  std::vector<std::string> never_handled(const Declaration& declaration) const;

 private:
  friend class ObservedStates;
  struct Key {
    Role role;
    std::string state;
    std::string event;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  std::map<Key, std::uint64_t> counts_;
};

}  // namespace pagetoken
