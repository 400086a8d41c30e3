#pragma once
// A scenario as a model to explore: every order of its tasks' steps and of what storage has to do, over the same VM
// that timed runs use. In place of a protocol stands a stub, which grants a token at once unless it is being revoked.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/check/vm/cast.hpp"
#include "sim/cluster/invariants.hpp"
#include "sim/cluster/storage.hpp"
#include "sim/explore/bounds.hpp"
#include "sim/explore/lock_order.hpp"
#include "sim/vm/switch_effects.hpp"
#include "sim/vm/vm.hpp"

namespace pagetoken {

/// One choice as people read it.
struct ChoiceText {
  std::string actor;  ///< "F", "T", "R"; "disk" for storage
  NodeId node{};
  std::string name;  ///< the kernel's step: "F9"
  std::string text;  ///< "set_pte"
};

class VmModel {
 public:
  explicit VmModel(const ScenarioSpec& spec);
  VmModel(const VmModel& other);
  ~VmModel();

  // The model, as explorer.hpp asks for it.
  std::size_t initial_states() const { return info_.starts.size(); }
  void initial(std::size_t which);
  void encode(Encoder& out) const;
  void decode(const std::uint8_t* bytes);
  std::size_t choices();
  void take(std::size_t choice);
  std::string describe_choice(std::size_t choice);
  std::optional<Finding> check();
  std::optional<Finding> broken() { return std::exchange(broken_, std::nullopt); }
  bool ended() const;
  std::string who_waits() const;
  std::uint32_t actor_of(std::size_t choice) const;
  /// A bit for each actor that has not ended.
  std::uint64_t unfinished() const;

  bool is_mapped(NodeId node, const Resource& page) const;
  bool is_cached(NodeId node, const Resource& page) const { return vm(node).cached(page.file, page.page) != nullptr; }
  /// What the property, if it is judged here, calls wrong in the present state.
  std::optional<Finding> fact(const Property& property) const;
  /// The invariants judged here that the present state breaks, in their order.
  std::vector<std::string> all_broken() const;
  bool is_retry(std::size_t choice) const;
  /// The other side begins.
  bool is_interference(std::size_t choice) const;

  ChoiceText choice_text(std::size_t choice) const;
  std::string actor_name(std::uint32_t actor) const;
  /// Steps taken are kept with the locks held after them, for transcripts.
  void explain(bool on) { explaining_ = on; }
  /// The locks that the actor of a choice holds now, "mmap_sem page_lock".
  std::string locks_of_actor(std::uint32_t actor) const;
  std::string initial_text(std::size_t which) const;
  const ScenarioSpec& spec() const { return spec_; }
  Bounds bounds() const;
  /// The paths that actors run, and those of the revokes that their requests cause.
  std::vector<Program> programs() const;
  std::size_t nodes() const { return vms_.size(); }
  const Vm& vm(NodeId node) const { return vms_[index_of(node)]; }

  /// What the last choice did, for who puts times on it.
  struct TakenStep {
    Step step{};
    std::uint32_t actor = 0;
    NodeId node{};
    std::string locks{};         ///< that the actor holds after it
    std::uint32_t requests = 0;  ///< to storage, made by it
  };
  struct Taken {
    bool storage = false;  ///< a read or write of storage was done
    bool is_write = false;
    NodeId node{};                   ///< of the storage request
    std::vector<TakenStep> steps{};  ///< else the step of a task, and those taken along with it
    std::uint32_t actor = 0;
    std::vector<std::uint32_t> woken{};  ///< actors that stopped waiting
  };
  const Taken& taken() const { return taken_; }
  /// The last choice violated something by itself, whoever has asked for it since.
  bool last_broken() const { return last_broken_; }

  /// Which locks were taken under which, in all steps since the model was made; a class is the bit of a LockKind.
  const LockOrder& lock_order() const { return lock_order_; }

 private:
  friend class ScenarioOutside;

  using Actor = Cast::Actor;
  struct Progress {            // of an actor
    std::uint8_t done = 0;     ///< operations begun
    TaskIndex task = kNoTask;  ///< the one in progress
    static constexpr auto fields() {
      return std::tuple{field("done", &Progress::done), field("task", &Progress::task)};
    }
  };
  struct Request {  // of storage
    bool is_write = false;
    std::uint32_t node = 0;
    FileId file{};
    Version version{};
    static constexpr auto fields() {
      return std::tuple{field("is_write", &Request::is_write), field("node", &Request::node),
                        field("file", &Request::file), field("version", &Request::version)};
    }
  };
  struct Wanted {  // a token that another node holds
    std::uint32_t node = 0;
    FileId file{};
    Mode mode = Mode::none;
    static constexpr auto fields() {
      return std::tuple{field("node", &Wanted::node), field("file", &Wanted::file), field("mode", &Wanted::mode)};
    }
  };
  struct Truth {  // of a file: what has been committed, anywhere
    Version latest{};
    Version last_store{};  ///< through a shared PTE or write(2) of a node, while not truncated; 0 = none
    static constexpr auto fields() {
      return std::tuple{field("latest", &Truth::latest), field("last_store", &Truth::last_store)};
    }
  };
  struct Choice {
    enum class Kind : std::uint8_t { step, step_without_optional, begin_revoke, storage } kind{};
    std::uint32_t index = 0;  ///< node; of begin_revoke the actor, of storage the request
    TaskIndex task = 0;
  };

  static PathOptions options_of(const ScenarioSpec& spec);
  void run(std::uint32_t node, TaskIndex task, bool without_optional);
  void begin_next(Actor& actor, Progress& progress);
  void begin_ended_actors();
  void settle();
  bool may_revoke(const Actor& actor) const;
  bool actor_ended(std::size_t index) const;
  std::uint32_t actor_at(std::uint32_t node, TaskIndex task) const;
  void needed(std::uint32_t node, const Resource& resource, Mode mode);
  void yielded(std::uint32_t node, const Resource& resource);
  void stored(std::uint32_t node, FileId file, Version version);
  void freed(FileId file);
  /// A truncate or punch of this node is part of the scenario: the latest version is known at rest alone.
  bool invalidates_here() const { return spec_.invalidator != Invalidator::revoke; }
  std::optional<Finding> check_tokens(std::uint32_t node, FileId file) const;
  std::optional<Finding> check_versions(std::uint32_t node, FileId file) const;
  std::optional<Finding> check_rest(std::uint32_t node, FileId file, const Properties& properties) const;

  ScenarioSpec spec_;
  const ScenarioInfo& info_;
  Properties properties_;
  bool token_;
  Paths paths_;
  std::vector<Actor> actors_;

  std::vector<Vm> vms_;
  std::vector<Progress> progress_;
  std::vector<Request> requests_;
  std::vector<Wanted> wanted_;
  std::vector<Truth> truth_;  // by file
  Storage storage_;
  Version last_version_{};

  std::vector<Choice> choices_;
  std::optional<Finding> broken_;
  bool last_broken_ = false;
  bool explaining_ = false;
  Taken taken_;
  LockOrder lock_order_;  // no part of the state
};

/// The switches that are set differently in the spec than in `base`, and change nothing of what its actors do.
std::vector<std::string_view> switches_without_effect(const ScenarioSpec& spec, const GuardScheme& base);

}  // namespace pagetoken
