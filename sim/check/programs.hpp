#pragma once
// The short programs that a protocol is explored with, and which of them are the same up to the names of clients and
// pages. As with clients of one program (cluster_symmetry.hpp), who is interchangeable is tried, not declared.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/check/operation.hpp"
#include "sim/check/renaming.hpp"

namespace pagetoken {

class RandomStream;

/// Every program of so many operations a node, in the order of an odometer; or, once names are interchangeable, of
/// those that are one another's images the first.
class Programs {
 public:
  Programs(std::uint32_t nodes, std::uint32_t pages, std::uint32_t operations);

  /// The operations of which programs are made.
  const std::vector<Operation>& menu() const { return menu_; }
  Scripts scripts() const { return scripts_of(digits_); }
  /// On to the next; false after the last.
  bool advance();
  /// How many programs the present one stands for, itself included.
  std::uint64_t images() const;

  /// Tries every two clients and every two pages: they are alike if programs drawn at random and their images, with the
  /// two exchanged, `agree`. To be called before the first advance(). Returns a sentence about what was found.
  std::string find_alike(const std::function<bool(const Scripts& one, const Scripts& image)>& agree);

 private:
  using Digits = std::vector<std::uint8_t>;  // of each operation, node by node: its place in the menu
  Scripts scripts_of(const Digits& digits) const;
  Digits image(const Digits& digits, const Renaming& nodes, const Renaming& pages) const;
  Digits drawn(RandomStream& random) const;
  bool is_first() const;

  std::uint32_t nodes_, pages_, operations_;
  std::vector<Operation> menu_{};  // loads and stores of each page, then what names none
  Digits digits_{};
  std::vector<Renaming> node_names_{};  // those that change nothing, the identity first
  std::vector<Renaming> page_names_{};
};

}  // namespace pagetoken
