#include "sim/base/finding.hpp"

#include <array>

namespace pagetoken {

namespace {

struct Named {
  PropertyId id;
  std::string_view name;
};
constexpr std::array kNames = {
    Named{PropertyId::i1, "I1"},
    Named{PropertyId::i2, "I2"},
    Named{PropertyId::i3, "I3"},
    Named{PropertyId::i4, "I4"},
    Named{PropertyId::i5, "I5"},
    Named{PropertyId::i6, "I6"},
    Named{PropertyId::deadlock, "deadlock"},
    Named{PropertyId::livelock, "livelock"},
};

// The table of docs/vm-model.md, "Invariants", for `describe`.
constexpr std::array kMeanings = {
    PropertyMeaning{"I1", "no PTE points to a page that has left the cache",
                    "Private copies are exempt. Judged where nothing is under way on the page."},
    PropertyMeaning{"I2", "no PTE is beyond i_size when nothing is under way",
                    "Private copies included. Judged where nothing is under way on the page."},
    PropertyMeaning{"I3", "no PTE or cached page without its token",
                    "What is mapped writable asks for an exclusive one. Private copies are exempt. Judged always."},
    PropertyMeaning{"I4", "a read returns the last completed write",
                    "So does whatever is cached under a token. Judged at each access, and in cached pages at the end."},
    PropertyMeaning{"I5", "no cached page has a block that was freed",
                    "Nor has a mapped one. Judged where nothing is under way on the page."},
    PropertyMeaning{"I6", "the last write is in a cache or in storage",
                    "Unless it was truncated or punched away. Judged at the end of an exploration; a timed run cannot "
                    "see it."},
    PropertyMeaning{"I7", "no deadlock, no livelock",
                    "Results name the two apart. A livelock is seen by an exploration alone."},
    PropertyMeaning{"deadlock", "something can happen until every operation has ended",
                    "Broken in a state from which nothing can happen while an operation has not ended."},
    PropertyMeaning{"livelock", "every operation ends, if all who can move do",
                    "Broken by a cycle of states in which every actor that stays able to move does move, and an "
                    "operation never ends."},
    PropertyMeaning{"protocol:exclusion", "no two nodes hold tokens that exclude each other", "Judged at each grant."},
    PropertyMeaning{"protocol:require", "no protocol meets a state that its own rules forbid",
                    "Broken where a require() of a protocol, of the contract or of the VM fails."},
    PropertyMeaning{"protocol:audit-nondeterminism", "a handler does the same from the same state",
                    "Judged by check --audit, which runs every handler twice."},
    PropertyMeaning{"protocol:audit-peeking", "a handler sees its own node's state alone",
                    "Judged by check --audit, which runs every handler with the other nodes' states void."},
};

}  // namespace

Property Property::called(std::string_view name) {
  for (const Named& named : kNames)
    if (named.name == name) return named.id;
  Property property;
  if (name.empty()) return property;
  property.id_ = PropertyId::protocol;
  property.of_protocol_ = name;
  return property;
}

std::string Property::name() const {
  for (const Named& named : kNames)
    if (named.id == id_) return std::string(named.name);
  return of_protocol_;
}

std::span<const PropertyMeaning> property_meanings() { return kMeanings; }

std::string text_of(NodeId node) { return "node " + std::to_string(index_of(node)); }

std::string text_of(const Resource& resource) {
  const std::string file = "file " + std::to_string(index_of(resource.file));
  switch (resource.kind) {
    case ResourceKind::page: return "page " + std::to_string(resource.page) + " of " + file;
    case ResourceKind::file: return file;
    case ResourceKind::size: return "the size of " + file;
  }
  return file;
}

}  // namespace pagetoken
