#pragma once
// A set of nodes: one word up to 64 nodes, a list of words beyond.

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
  NodeSet(std::initializer_list<NodeId> nodes) {
    for (NodeId node : nodes) add(node);
  }

  void add(NodeId node) { word_for(node) |= bit_of(node); }
  void remove(NodeId node) {
    if (contains(node)) word_for(node) &= ~bit_of(node);
  }
  void clear() {
    first_ = 0;
    more_.clear();
  }
  bool contains(NodeId node) const {
    const std::uint32_t word = index_of(node) / 64;
    if (word == 0) return (first_ & bit_of(node)) != 0;
    return word - 1 < more_.size() && (more_[word - 1] & bit_of(node)) != 0;
  }
  bool empty() const {
    if (first_ != 0) return false;
    for (std::uint64_t word : more_)
      if (word != 0) return false;
    return true;
  }
  std::uint32_t size() const {
    int count = std::popcount(first_);
    for (std::uint64_t word : more_) count += std::popcount(word);
    return static_cast<std::uint32_t>(count);
  }

  /// Calls visit(NodeId) for each member, ascending.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    visit_word(first_, 0, visit);
    for (std::uint32_t i = 0; i < more_.size(); ++i) visit_word(more_[i], 64 * (i + 1), visit);
  }

  friend bool operator==(const NodeSet& a, const NodeSet& b) {
    if (a.first_ != b.first_) return false;
    const NodeSet& longer = a.more_.size() >= b.more_.size() ? a : b;
    const NodeSet& shorter = &longer == &a ? b : a;
    for (std::size_t i = 0; i < longer.more_.size(); ++i)
      if (longer.more_[i] != (i < shorter.more_.size() ? shorter.more_[i] : 0)) return false;
    return true;
  }
  friend void encode(Encoder& out, const NodeSet& set) {
    out.put_number(set.first_);
    std::size_t words = set.more_.size();  // trailing zero words are no part of the value
    while (words > 0 && set.more_[words - 1] == 0) --words;
    out.put_number(words);
    for (std::size_t i = 0; i < words; ++i) out.put_number(set.more_[i]);
  }
  friend void decode(Decoder& in, NodeSet& set) {
    set.first_ = in.number();
    set.more_.resize(in.number());
    for (std::uint64_t& word : set.more_) word = in.number();
  }

 private:
  static constexpr std::uint64_t bit_of(NodeId node) { return std::uint64_t{1} << (index_of(node) % 64); }
  std::uint64_t& word_for(NodeId node) {
    const std::uint32_t word = index_of(node) / 64;
    if (word == 0) return first_;
    if (more_.size() < word) more_.resize(word);
    return more_[word - 1];
  }
  template <class Visitor>
  static void visit_word(std::uint64_t word, std::uint32_t base, Visitor& visit) {
    for (; word != 0; word &= word - 1) visit(NodeId{base + static_cast<std::uint32_t>(std::countr_zero(word))});
  }

  std::uint64_t first_ = 0;
  std::vector<std::uint64_t> more_;  // nodes 64 and up
};

}  // namespace pagetoken
