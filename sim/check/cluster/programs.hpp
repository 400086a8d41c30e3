#pragma once
// The short programs that a protocol is explored with, and which of them are the same up to the names of clients and
// pages. As with clients of one program (cluster_symmetry.hpp), who is interchangeable is tried, not declared.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/check/cluster/renaming.hpp"
#include "sim/cluster/operation.hpp"

namespace pagetoken {

class RandomStream;

/// How long programs are.
struct ProgramBounds {
  std::uint32_t nodes = 2;
  std::uint32_t pages = 1;
  std::uint32_t operations = 1;  ///< of each node: loads and stores of each page, truncates to nothing
  std::uint32_t evictions = 0;   ///< of all nodes together, at most: each follows a load or store of its page
};

/// Every program within bounds, in the order of an odometer; or, once names are interchangeable, of those that are one
/// another's images the first.
class Programs {
 public:
  explicit Programs(const ProgramBounds& bounds);

  /// The operations of which programs are made.
  const std::vector<Operation>& menu() const { return menu_; }
  Scripts scripts() const { return scripts_of(chosen_); }
  /// On to the next; false after the last.
  bool advance();
  /// How many programs the present one stands for, itself included.
  std::uint64_t images() const;

  /// Tries every two clients and every two pages: they are alike if programs drawn at random and their images, with the
  /// two exchanged, `agree`. To be called before the first advance(). Returns a sentence about what was found.
  std::string find_alike(const std::function<bool(const Scripts& one, const Scripts& image)>& agree);

 private:
  /// What one node does, as places in the menu; those without evictions come first.
  using Script = std::vector<std::uint8_t>;
  /// Of each node: which script.
  using Chosen = std::vector<std::uint32_t>;
  void add_scripts();
  void add_with_evictions(const Script& script);
  std::uint8_t renamed(std::uint8_t place, const Renaming& pages) const;
  std::uint32_t evictions_in(const Script& script) const;
  Scripts scripts_of(const Chosen& chosen) const;
  Chosen image(const Chosen& chosen, const Renaming& nodes, const Renaming& pages) const;
  Chosen drawn(RandomStream& random) const;
  bool is_within() const { return is_within(chosen_); }
  bool is_within(const Chosen& chosen) const;
  bool is_first() const;

  ProgramBounds bounds_;
  std::vector<Operation> menu_{};  // load, store and eviction of each page, then what names none
  std::vector<Script> scripts_{};
  std::map<Script, std::uint32_t> places_{};  // in scripts_
  Chosen chosen_{};
  std::vector<Renaming> node_names_{};  // those that change nothing, the identity first
  std::vector<Renaming> page_names_{};
};

}  // namespace pagetoken
