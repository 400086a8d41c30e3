#pragma once
// A protocol, with the VM at every node, explored for every short program of the nodes, and its verdict made fit for
// people: the shortest path step by step, and the step that decided it.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/check/cluster/cluster_model.hpp"
#include "sim/explore/bounds.hpp"
#include "sim/explore/exploration.hpp"
#include "sim/explore/lock_order.hpp"
#include "sim/vm/switch_effects.hpp"

namespace pagetoken {

/// What is explored.
struct ProtocolSpec {
  const Factory* factory = nullptr;
  std::vector<std::int64_t> parameters{};  ///< in the order of the declaration
  GuardScheme guard{};
  std::uint32_t nodes = 2;       ///< clients; a manager is one more
  std::uint32_t pages = 1;       ///< of the one file, at the beginning
  std::uint32_t operations = 1;  ///< of each node: loads, stores, and truncates of the whole file
  std::uint32_t evictions = 1;   ///< besides, in a program, at most: each after a load or store of its page
  Scripts scripts{};             ///< this one program in place of all: of each thread, those of a node together
  std::uint32_t threads = 1;     ///< scripts of each node; the last may have fewer
  bool fifo = true;              ///< links keep order
  bool symmetry = false;         ///< one state of each orbit only; safety only: no livelock is looked for
  std::uint32_t losses = 0;      ///< messages lost in a path, at most
  std::uint32_t crashes = 0;     ///< nodes that fail in a path, at most
  bool crash_managers = true;
};

/// Puts something around a protocol's machine: an audit, an observer.
using WrapMachine = std::function<std::unique_ptr<Machine>(std::unique_ptr<Machine>)>;

/// What models of a spec share.
class ProtocolWorld {
 public:
  /// `spec` must outlive it.
  /// `wrap`, if given, makes another machine of the protocol's.
  explicit ProtocolWorld(const ProtocolSpec& spec, const WrapMachine& wrap = {});
  ClusterModel::Options options(const Scripts& scripts) const;
  std::unique_ptr<ClusterModel> model(const Scripts& scripts) const;
  const Machine& machine() const { return *machine_; }
  const Paths& paths() const { return paths_; }

 private:
  const ProtocolSpec& spec_;
  std::unique_ptr<Machine> machine_;
  Paths paths_;
};

/// One step of a counterexample.
struct ProtocolStep {
  ClusterChoice what{};
  std::string locks{};  ///< that the task holds after it, "mmap_sem page_lock"
};

struct ProtocolResult {
  Exploration found{};          ///< the shortest violation of all programs, or sums over them
  std::uint64_t programs = 0;   ///< explored
  std::uint64_t stand_for = 0;  ///< with symmetry, these and their images under interchangeable names
  std::string programs_text{};  ///< with symmetry: whose names are interchangeable in programs
  std::uint64_t alike =
      0;  ///< programs of those, with interchangeable clients in their states, if symmetry was asked for
  std::string symmetry_text{};  ///< of the last program: who is interchangeable
  Scripts scripts{};            ///< of the violation
  std::vector<ProtocolStep> steps{};
  std::vector<std::string> states_at_end{};  ///< what the machines think after the last step: Cluster::state_texts
  std::optional<std::size_t> critical{};     ///< index of the step after which nothing avoids the violation
  std::string critical_unknown_because{};    ///< the limit that was met before it was found, "max_states"; else empty
  LockOrder lock_order{};                    ///< of all programs; a class is the bit of a LockKind
};

struct ProtocolOptions {
  std::uint64_t max_states = 20'000'000;  ///< of each program
  std::function<void(std::uint64_t programs)> on_progress{};
  std::function<bool()> stop{};  ///< asked now and then; true ends in unknown
  WrapMachine wrap{};            ///< of the machine that is explored
};
ProtocolResult explore_protocol(const ProtocolSpec& spec, const ProtocolOptions& options);

/// Nodes are the actors, each of which interferes with all others.
Bounds bounds_of(const ProtocolSpec& spec);
/// The switches that are set differently in the spec than in `base`, and change nothing of what its operations and the
/// revokes for them do.
std::vector<std::string_view> switches_without_effect(const ProtocolSpec& spec, const GuardScheme& base);

/// Takes choices one after the other from the beginning, each from the bytes of the state before it, as the explorer
/// does. `before(i)` sees the state in which the i-th is listed, `after(i)` what it led to. Returns what the end of the
/// path violates, a deadlock included. Throws ProtocolError where a choice is not one of the state's, or where a step
/// before the last violates something.
struct PathVisitor {
  std::function<void(std::size_t)> before{};
  std::function<void(std::size_t)> after{};
};
std::optional<Finding> walk(ClusterModel& model, const std::vector<std::uint32_t>& choices, const PathVisitor& visitor);

/// The steps of a path, and what its end violates.
std::vector<ProtocolStep> steps_of(ClusterModel& model, const std::vector<std::uint32_t>& choices,
                                   std::optional<Finding>& at_end);
/// Whether the end of the path is the state before its `from`-th choice.
bool is_cycle(ClusterModel& model, const std::vector<std::uint32_t>& choices, std::size_t from);
std::vector<std::uint32_t> choices_of(const Exploration& found);

}  // namespace pagetoken
