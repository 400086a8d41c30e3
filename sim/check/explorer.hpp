#pragma once
// Breadth-first search over every order of a model's steps: the first violation found is a shortest one.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocols/api/fields.hpp"
#include "protocols/api/require.hpp"
#include "sim/cluster/invariants.hpp"

namespace pagetoken {

struct Exploration {
  enum class Verdict : std::uint8_t { ok, violated, unknown } verdict = Verdict::ok;
  Broken broken;
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint32_t depth = 0;
  std::vector<std::string> path;  ///< what led to the violation, a step a line
};

/// Explores `Model`, which has
///   void encode(Encoder&) const; void decode(const std::uint8_t*);   its state, compared by its bytes
///   std::size_t choices();                                           enabled steps of the present state
///   void take(std::size_t choice);                                   performs one; may throw ProtocolError
///   std::string describe_choice(std::size_t choice);                      of the present state, before it is taken
///   std::optional<Broken> check();                                   of the present state; deadlock included
/// from its present state. Stops at the first violation, or with `unknown` beyond `max_states`.
template <class Model>
Exploration explore(Model& model, std::uint64_t max_states) {
  struct Reached {
    std::vector<std::uint8_t> bytes;
    std::uint32_t parent;
    std::uint32_t choice;
    std::uint32_t depth;
  };
  std::vector<Reached> reached;
  std::unordered_multimap<std::uint64_t, std::uint32_t> index;
  Exploration result;
  Encoder encoder;

  const auto remember = [&](std::uint32_t parent, std::uint32_t choice, std::uint32_t depth) {
    encoder.clear();
    model.encode(encoder);
    encoder.rank_fresh();
    std::uint64_t hash = 1469598103934665603u;
    for (std::uint8_t byte : encoder.bytes()) hash = (hash ^ byte) * 1099511628211u;
    const auto [first, last] = index.equal_range(hash);
    for (auto it = first; it != last; ++it)
      if (reached[it->second].bytes == encoder.bytes()) return;
    index.emplace(hash, static_cast<std::uint32_t>(reached.size()));
    reached.push_back({encoder.bytes(), parent, choice, depth});
    result.depth = depth;
  };
  const auto explain = [&](std::uint32_t at, std::optional<std::uint32_t> last) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> steps;  // state, choice
    if (last) steps.emplace_back(at, *last);
    for (std::uint32_t s = at; s != 0; s = reached[s].parent) steps.emplace_back(reached[s].parent, reached[s].choice);
    for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
      model.decode(reached[it->first].bytes.data());
      model.choices();
      result.path.push_back(model.describe_choice(it->second));
    }
  };
  const auto violated = [&](Broken broken, std::uint32_t at, std::optional<std::uint32_t> last) {
    result.verdict = Exploration::Verdict::violated;
    result.broken = std::move(broken);
    result.states = reached.size();
    explain(at, last);
    return result;
  };

  remember(0, 0, 0);
  for (std::uint32_t at = 0; at < reached.size(); ++at) {
    if (reached.size() > max_states) {
      result.verdict = Exploration::Verdict::unknown;
      break;
    }
    model.decode(reached[at].bytes.data());
    const std::size_t choices = model.choices();
    if (auto broken = model.check()) return violated(std::move(*broken), at, std::nullopt);
    for (std::uint32_t choice = 0; choice < choices; ++choice) {
      model.decode(reached[at].bytes.data());
      model.choices();
      ++result.transitions;
      try {
        model.take(choice);
      } catch (const ProtocolError& error) {
        return violated({.property = "protocol:require", .text = error.what()}, at, choice);
      }
      if (auto broken = model.broken()) return violated(std::move(*broken), at, choice);
      remember(at, choice, reached[at].depth + 1);
    }
  }
  result.states = reached.size();
  return result;
}

}  // namespace pagetoken
