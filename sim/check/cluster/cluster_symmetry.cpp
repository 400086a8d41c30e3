#include "sim/check/cluster/cluster_symmetry.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "protocols/api/require.hpp"
#include "sim/base/random.hpp"
#include "sim/check/cluster/packed_cluster.hpp"

namespace pagetoken {
namespace {

constexpr std::uint64_t kSamples = 1000;
constexpr int kWalks = 100;

using State = std::vector<std::uint8_t>;

State state_of(const PackedCluster& cluster) { return {cluster.packed().begin(), cluster.packed().end()}; }

/// False if the step violates something.
bool take(PackedCluster& cluster, std::size_t choice) {
  try {
    cluster.take(choice);
    return !cluster.broken();
  } catch (const ProtocolError&) {
    return false;
  }
}

/// States met by random walks from the initial state, each once.
std::vector<State> sample(PackedCluster& cluster) {
  std::vector<State> states;
  std::set<State> known;
  RandomStream random(1, 0, 0, Purpose::sampling);
  for (int walk = 0; walk < kWalks && states.size() < kSamples; ++walk) {
    cluster.initial(0);
    for (;;) {
      State state = state_of(cluster);
      if (known.insert(state).second) states.push_back(std::move(state));
      const std::size_t count = cluster.choices();
      if (count == 0 || !take(cluster, random.below(count))) break;
    }
  }
  return states;
}

/// The states that one step leads to, renamed, in an order of their own; a step that violates something leads to {}.
std::vector<State> successors(PackedCluster& cluster, const State& state, std::size_t before, std::size_t after) {
  std::vector<State> all;
  cluster.unpack(state.data());
  cluster.rename(before);
  const State from = state_of(cluster);
  const std::size_t count = cluster.choices();
  for (std::size_t choice = 0; choice < count; ++choice) {
    cluster.unpack(from.data());
    State& to = all.emplace_back();
    if (!take(cluster, choice)) continue;
    cluster.rename(after);
    to = state_of(cluster);
  }
  std::ranges::sort(all);
  return all;
}

/// What tells the two apart: a step of a state that it does not take with the two exchanged. Nothing if they are alike.
std::optional<std::string> difference(PackedCluster& cluster, const std::vector<State>& states, std::uint32_t a,
                                      std::uint32_t b) {
  cluster.set_renamings({identity(cluster.nodes()), exchange(cluster.nodes(), a, b)});
  cluster.initial(0);
  cluster.rename(0);
  const State initial = state_of(cluster);
  cluster.rename(1);
  if (state_of(cluster) != initial) return "the initial state";
  for (const State& state : states) {
    const std::vector<State> exchanged_before = successors(cluster, state, 1, 0);
    if (successors(cluster, state, 0, 1) == exchanged_before) continue;
    cluster.unpack(state.data());
    cluster.rename(0);
    const State from = state_of(cluster);
    for (std::size_t choice = 0, count = cluster.choices(); choice < count; ++choice) {
      cluster.unpack(from.data());
      const std::string step = cluster.describe_choice(choice);
      State to;
      if (take(cluster, choice)) {
        cluster.rename(1);
        to = state_of(cluster);
      }
      if (!std::ranges::binary_search(exchanged_before, to)) return step;
    }
    return "a step";
  }
  return std::nullopt;
}

}  // namespace

ClusterSymmetry find_symmetry(PackedCluster& cluster) {
  const std::uint32_t clients = cluster.clients();
  std::vector<std::uint32_t> class_of = identity(cluster.nodes());  // its first member
  std::vector<State> states;
  std::string apart = "their programs differ";
  for (std::uint32_t a = 0; a < clients; ++a) {
    if (class_of[a] != a) continue;
    for (std::uint32_t b = a + 1; b < clients; ++b) {
      if (class_of[b] != b || !cluster.same_programs(a, b)) continue;
      if (states.empty()) states = sample(cluster);
      const std::optional<std::string> by = difference(cluster, states, a, b);
      if (!by)
        class_of[b] = a;
      else
        apart = "what tells " + std::to_string(a) + " and " + std::to_string(b) + " apart: " + *by;
    }
  }
  ClusterSymmetry symmetry{group_of(class_of), states.size(), members_text("clients", class_of)};
  if (symmetry.text.empty())
    symmetry.text = "no two clients are interchangeable: " + apart;
  else
    symmetry.text += " are interchangeable, as tried on " + std::to_string(states.size()) + " states";
  cluster.set_renamings(symmetry.group);
  return symmetry;
}

}  // namespace pagetoken
