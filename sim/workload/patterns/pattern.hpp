#pragma once
// What a pattern is. To add one: a file of this folder that defines it, and a line of PAGETOKEN_PATTERNS in
// sim/workload/spec.hpp.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/workload/layout.hpp"
#include "sim/workload/patterns/keys.hpp"
#include "sim/workload/serial.hpp"
#include "sim/workload/workload.hpp"

namespace pagetoken {

struct PatternDefinition {
  std::string_view name;         ///< as in configurations: "ping-pong"
  std::string_view description;  ///< one or two sentences
  std::uint32_t default_clients = kDefaultClients;
  std::uint32_t min_clients = 1;
  bool always_serial = false;  ///< one access at a time in the whole cluster, whatever the key `serial` says
  Keys (*keys)() = nullptr;
  /// Finds out how long accesses are and how large files must be; throws ConfigError where keys contradict each other.
  void (*lay_out)(Layout& layout) = nullptr;
  /// The accesses of one thread; null for `mixed`, whose parts have theirs.
  std::unique_ptr<AccessSource> (*source)(const Layout& layout, std::uint32_t client, std::uint32_t thread) = nullptr;
  /// Who is next in a serial workload; null, or nothing: a client drawn uniformly.
  std::optional<TurnSource::Rule> (*turns)(const WorkloadSpec& spec) = nullptr;
};

namespace patterns {
#define PATTERN(NAME) PatternDefinition NAME();
PAGETOKEN_PATTERNS(PATTERN)
#undef PATTERN
}  // namespace patterns

const PatternDefinition& definition_of(Pattern pattern);

/// The virtual call is made once a batch; the generator, a value that yields one thread's accesses next() by next(), is
/// inlined into the loop. It copies what it needs of the layout: copied into a local variable for a batch, it then
/// lives in registers, which is worth a factor of two, because stores to the batch could otherwise change what the
/// layout says.
template <typename Generator>
class GeneratedSource final : public AccessSource {
 public:
  explicit GeneratedSource(const Generator& generator) : generator_(generator) {}
  std::size_t fill(std::span<Access> batch) override {
    Generator generator = generator_;
    for (Access& access : batch) access = generator.next();
    generator_ = generator;
    return batch.size();
  }

 private:
  Generator generator_;
};
template <typename Generator>
std::unique_ptr<AccessSource> generated(const Generator& generator) {
  return std::make_unique<GeneratedSource<Generator>>(generator);
}

}  // namespace pagetoken
