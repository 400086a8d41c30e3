#pragma once
// A set of nodes: one word up to 64 nodes, a list of those words beyond that are not empty.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "protocols/api/fields.hpp"
#include "protocols/api/ids.hpp"

namespace pagetoken {

/// Nodes in ascending order, without repetition. Copying a set of nodes below 64 allocates nothing.
class NodeSet {
 public:
  NodeSet() = default;
  NodeSet(std::initializer_list<NodeId> nodes) {  // NOLINT(google-explicit-constructor): written as a list
    for (NodeId node : nodes) add(node);
  }

  void add(NodeId node) {
    if (index_of(node) < 64) {
      first_ |= bit_of(node);
      return;
    }
    const auto at = from(index_of(node) / 64);
    if (at != more_.end() && at->number == index_of(node) / 64)
      at->bits |= bit_of(node);
    else
      more_.insert(at, {index_of(node) / 64, bit_of(node)});
  }
  void remove(NodeId node) {
    if (index_of(node) < 64) {
      first_ &= ~bit_of(node);
      return;
    }
    const auto at = from(index_of(node) / 64);
    if (at == more_.end() || at->number != index_of(node) / 64) return;
    at->bits &= ~bit_of(node);
    if (at->bits == 0) more_.erase(at);
  }
  void clear() {
    first_ = 0;
    more_.clear();
  }
  bool contains(NodeId node) const { return (word(index_of(node) / 64) & bit_of(node)) != 0; }
  bool empty() const { return first_ == 0 && more_.empty(); }
  std::uint32_t size() const {
    int count = std::popcount(first_);
    for (const Word& word : more_) count += std::popcount(word.bits);
    return static_cast<std::uint32_t>(count);
  }

  /// Calls visit(NodeId) for each member, ascending.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    visit_word({0, first_}, visit);
    for (const Word& word : more_) visit_word(word, visit);
  }
  /// The first member but this one; kNoNode if there is none.
  NodeId first_but(NodeId node) const {
    const auto first_of = [&](Word word) {
      if (word.number == index_of(node) / 64) word.bits &= ~bit_of(node);
      if (word.bits == 0) return kNoNode;
      return NodeId{64 * word.number + static_cast<std::uint32_t>(std::countr_zero(word.bits))};
    };
    NodeId first = first_of({0, first_});
    for (auto word = more_.begin(); first == kNoNode && word != more_.end(); ++word) first = first_of(*word);
    return first;
  }

  friend bool operator==(const NodeSet&, const NodeSet&) = default;
  friend void encode(Encoder& out, const NodeSet& set) {
    out.put_number(out.renames() ? set.renamed_first(out) : set.first_);
    out.put_number(set.more_.size());
    for (const Word& word : set.more_) {
      out.put_number(word.number);
      out.put_number(word.bits);
    }
  }
  friend void decode(Decoder& in, NodeSet& set) {
    set.first_ = in.number();
    set.more_.resize(in.number());
    for (Word& word : set.more_) {
      word.number = static_cast<std::uint32_t>(in.number());
      word.bits = in.number();
    }
  }

 private:
  /// Nodes 64 * number to 64 * number + 63.
  struct Word {
    std::uint32_t number = 0;
    std::uint64_t bits = 0;
    friend bool operator==(const Word&, const Word&) = default;
  };

  static constexpr std::uint64_t bit_of(NodeId node) { return std::uint64_t{1} << (index_of(node) % 64); }
  /// The first word that is not before this one.
  std::vector<Word>::iterator from(std::uint32_t number) {
    return std::lower_bound(more_.begin(), more_.end(), number,
                            [](const Word& w, std::uint32_t n) { return w.number < n; });
  }
  std::uint64_t word(std::uint32_t number) const {
    if (number == 0) return first_;
    const auto at = const_cast<NodeSet*>(this)->from(number);
    return at != more_.end() && at->number == number ? at->bits : 0;
  }
  std::uint64_t renamed_first(const Encoder& out) const {  // only nodes below 64 are renamed
    std::uint64_t word = 0;
    const auto add_renamed = [&](NodeId node) { word |= bit_of(NodeId{out.renamed(index_of(node))}); };
    visit_word({0, first_}, add_renamed);
    return word;
  }
  template <class Visitor>
  static void visit_word(Word word, Visitor& visit) {
    for (; word.bits != 0; word.bits &= word.bits - 1)
      visit(NodeId{64 * word.number + static_cast<std::uint32_t>(std::countr_zero(word.bits))});
  }

  std::uint64_t first_ = 0;  // nodes 0 to 63
  std::vector<Word> more_;   // of nodes beyond, the words that are not 0, ascending
};

}  // namespace pagetoken
