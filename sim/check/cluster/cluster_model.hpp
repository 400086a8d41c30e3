#pragma once
// The cluster as a model to explore: every order of task steps, deliveries and storage completions.

#include <bit>
#include <optional>
#include <string>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/cluster/invariants.hpp"
#include "sim/cluster/operation.hpp"
#include "sim/explore/lock_order.hpp"
#include "sim/explore/model.hpp"

namespace pagetoken {

/// One choice as people read it.
struct ClusterChoice {
  enum class Kind : std::uint8_t {
    start,
    step,
    deliver,
    storage,
    timer,
    lose,     ///< a message does not arrive
    crash,    ///< a node fails
    restart,  ///< it is back, with nothing
    tell      ///< a node hears that another has failed, or is back
  } kind{};
  NodeId node{};             ///< where it happens; of a message: whom it comes to
  NodeId from{};             ///< of a message: who sent it; else `node`
  TaskIndex task = kNoTask;  ///< of a step
  Resource resource{};       ///< of a message
  std::string actor{};       ///< "access#0", of a step; else ""
  std::string name{};        ///< the kernel's step, "F9"; the type of a message, "TOK_REQ"; "start", "read", "write"
  std::string text{};        ///< "set_pte"; "page 0 of file 0"; "store 0"
};

/// Is told what operations do, for who counts it.
class ClusterWatch {
 public:
  virtual ~ClusterWatch() = default;
  /// An operation begins. Returns its id, to which all that it causes is charged (Cause::operation); not 0.
  virtual std::uint64_t begins(NodeId node, const Operation& operation) = 0;
  virtual void needs(NodeId node, const Task& task, const Resource& resource, const Need& need) = 0;
  virtual void sends(const Envelope& envelope) = 0;
  /// An operation has ended, and what it caused may go on. Evictions, for which nobody waits, do not end here.
  virtual void ends(const Task& task) = 0;
};

class ClusterModel final : public Driver {
 public:
  struct Options {
    ClusterShape shape{};
    std::vector<PageIndex> sizes{1};         ///< of the files, in pages
    Scripts scripts;                         ///< of each thread
    std::vector<std::uint32_t> client_of{};  ///< the client of each script; empty: one each, in their order
    bool fifo = true;                        ///< links keep order
    /// The scripts order all accesses to one cell by sync points: then every protocol owes each read the latest store,
    /// and not only one that promises to be linearizable.
    bool race_free = false;
    /// In place of scripts: each client starts any of these, as many in all as `budget` says; 0 = without end.
    std::vector<Operation> menu{};
    std::uint32_t budget = 0;
    bool alone = false;  ///< an operation begins only when nothing else is under way
    // Failures, at most so many in a path. Who fails loses its VM and its protocol's state, and every message from it
    // or to it is lost with its connections; what it has asked storage to write may still be written. Each other node
    // hears of it at a moment of its own (on_peer, on_home_peer). Then it may come back, with nothing, and go on with
    // its script after the operation that was cut off.
    std::uint32_t losses = 0;   ///< messages between two nodes
    std::uint32_t crashes = 0;  ///< of clients and managers
    bool crash_managers = true;
    ClusterWatch* watch = nullptr;  ///< outlives the model
  };
  ClusterModel(const Options& options, const Machine& machine, const Paths& paths);

  // Model (sim/explore/model.hpp).
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t) { decode(initial_.data()); }
  void encode(Encoder& out) const;
  void decode(const std::uint8_t* bytes) { decode(bytes, false); }
  /// `notes`: the encoder kept notes.
  void decode(const std::uint8_t* bytes, bool notes);
  std::size_t choices();
  void take(std::size_t choice);
  std::string describe_choice(std::size_t choice);
  ClusterChoice choice_text(std::size_t choice) const;
  std::optional<Finding> check();
  /// What the last step did wrong by itself (a stale read), if anything.
  std::optional<Finding> broken() { return std::exchange(broken_, std::nullopt); }
  bool ended() const;
  std::string who_waits() const { return pagetoken::who_waits(cluster_); }
  /// A script's beginnings, a task, a link, what a node is still to hear of another; and of a node its storage requests
  /// together, its timers, its return.
  std::uint32_t actor_of(std::size_t choice) const;
  static bool is_failure(ClusterChoice::Kind kind) {
    return kind == ClusterChoice::Kind::lose || kind == ClusterChoice::Kind::crash;
  }
  bool is_failure(std::size_t choice) const { return is_failure(choices_[choice].kind); }
  /// There may be failures.
  bool fails() const { return options_.losses + options_.crashes > 0; }
  bool is_start(std::size_t choice) const { return choices_[choice].kind == Choice::Kind::start; }
  /// Of a menu: more may begin.
  bool has_budget() const { return options_.budget == 0 || begun_ < options_.budget; }
  /// Nothing is under way: no task, no message, no request to storage. Timers may run.
  bool quiet() const;
  /// A bit for each client: its script is not at its end, or a task of it goes on.
  std::uint64_t unfinished() const;

  /// Which locks were taken under which, in all steps so far; a class is the bit of a LockKind.
  const LockOrder& lock_order() const { return lock_order_; }

  /// What the last choice did, for who puts times on it; kept on demand.
  struct Taken {
    struct At {
      NodeId node{};
      TaskIndex task = kNoTask;
    };
    struct Asked {  // of storage
      bool is_write = false;
      NodeId node{};
      Resource page{};
    };
    struct Armed {
      NodeId node{};
      Resource resource{};
      std::uint8_t timer = 0;
      std::int64_t delay_ns = 0;
    };
    Step step{};              ///< of a task; no instruction: none has stepped
    std::vector<At> begun{};  ///< tasks that exist since
    std::vector<At> woken{};
    std::vector<Envelope> sent{};
    std::vector<Asked> asked{};
    std::vector<Armed> armed{};
  };
  void explain(bool on) { explaining_ = on; }
  const Taken& taken() const { return taken_; }
  const Cluster& cluster() const { return cluster_; }
  /// The locks that a task holds, "mmap_sem page_lock".
  std::string locks_of(NodeId node, TaskIndex task) const;

  // Driver.
  void lock_taken(NodeId, TaskIndex, LockKind kind, std::uint8_t held) override {
    lock_order_.add(static_cast<std::uint8_t>(held & ~bit(kind)),
                    static_cast<std::uint32_t>(std::countr_zero(bit(kind))));
  }
  void transmit(Envelope&& envelope) override {
    if (explaining_) taken_.sent.push_back(envelope);
    if (options_.watch) options_.watch->sends(envelope);
    if (is_down(envelope.to)) return;
    flying_.push_back(std::move(envelope));
  }
  void read_storage(NodeId node, FileId file, PageIndex page, const Cause&) override;
  void write_storage(NodeId node, FileId file, PageIndex page, Version version, const Cause&) override;
  void arm(NodeId node, const Resource& resource, std::uint8_t timer, std::int64_t delay_ns) override;
  void cancel(NodeId node, const Resource& resource, std::uint8_t timer) override;
  void fence(NodeId node, Epoch epoch) override;
  void needed(NodeId node, TaskIndex task, const Resource& resource, const Need& need) override {
    if (options_.watch) options_.watch->needs(node, cluster_.vm(node).task(task), resource, need);
  }
  void yield_begun(NodeId node, TaskIndex task, const Resource&, Range, Mode, bool) override { begun(node, task); }
  void eviction_begun(NodeId node, TaskIndex task) override { begun(node, task); }
  void accessed(NodeId node, TaskIndex task, FileId file, PageIndex page, Version version, bool is_write) override;
  void applied(NodeId node, const Resource& page, Version version, CellMask cells, bool is_write) override;
  void blocks_freed(NodeId node, TaskIndex task, FileId file, Range range) override;

 private:
  friend class PackedCluster;
  struct Request {  // of storage
    bool is_write = false;
    NodeId node{};
    FileId file{};
    PageIndex page = 0;
    Version version{};
    Epoch epoch{};  // of the node, if nodes fail
    static constexpr auto fields() {
      return std::tuple{field("is_write", &Request::is_write), field("node", &Request::node),
                        field("file", &Request::file),         field("page", &Request::page),
                        field("version", &Request::version),   field("epoch", &Request::epoch)};
    }
  };
  struct News {  // that a node has not heard yet
    NodeId at{};
    NodeId peer{};
    PeerChange change{};
    Epoch epoch{};
    static constexpr auto fields() {
      return std::tuple{field("at", &News::at), field("peer", &News::peer), field("change", &News::change),
                        field("epoch", &News::epoch)};
    }
  };
  struct Failures {           // cluster_failures.cpp
    std::uint8_t losses = 0;  // so far
    std::uint8_t crashes = 0;
    std::vector<std::uint8_t> down{};  // of each node
    std::vector<Epoch> epochs{};       // of each node: grows as it fails
    std::vector<Epoch> fences{};       // of each node: what it wrote before is refused
    std::vector<News> news{};          // of each node about each other in order
    Table<bool> uncertain{};           // cells whose last version a failed node took with it, or not
    static constexpr auto fields() {
      using F = Failures;
      return std::tuple{field("losses", &F::losses),      field("crashes", &F::crashes), field("down", &F::down),
                        field("epochs", &F::epochs),      field("fences", &F::fences),   field("news", &F::news),
                        field("uncertain", &F::uncertain)};
    }
  };
  struct Timer {
    NodeId node{};
    Resource resource{};
    std::uint8_t timer = 0;
    static constexpr auto fields() {
      return std::tuple{field("node", &Timer::node), field("resource", &Timer::resource),
                        field("timer", &Timer::timer)};
    }
  };
  struct Choice {
    using Kind = ClusterChoice::Kind;
    Kind kind{};
    std::uint32_t index = 0;  ///< script, node, message, request, timer or news
    TaskIndex task = 0;       ///< of a start: which of the menu
  };

  // The state in pieces: a node with the progress of its scripts, and what all nodes share; the rest is lists.
  void encode_node(std::uint32_t node, Encoder& out) const;
  void decode_node(std::uint32_t node, Decoder& in);
  void encode_shared(Encoder& out) const;
  void decode_shared(Decoder& in);

  /// Leaves what is under way as it came.
  void take(const Choice& choice);
  void sort_under_way();  // cluster_model_order.cpp
  /// `from`, `to`: of the message or of what is told; the node of the request or timer.
  std::uint32_t actor_of(const Choice& choice, NodeId from, NodeId to) const;
  bool can_start(std::uint32_t script) const;
  const Operation& operation_of(const Choice& choice) const {
    return options_.menu.empty() ? options_.scripts[choice.index][done_[choice.index]] : options_.menu[choice.task];
  }
  void start_operation(const Choice& choice);
  void serve(const Request& request);

  // Failures (cluster_failures.cpp).
  bool is_down(NodeId node) const { return fails() && failures_.down[index_of(node)] != 0; }
  void add_failures();
  void crash(NodeId node);
  void tell_of(NodeId peer, PeerChange change);
  void judge_cells(NodeId node, const Resource& page, Version version, CellMask cells, bool is_write);
  void doubt_unfinished(NodeId node);
  void forget_unsaved();
  void begun(NodeId node, TaskIndex task) {
    if (explaining_) taken_.begun.push_back({node, task});
  }
  void step_task(std::uint32_t client, TaskIndex task);
  std::optional<Finding> check_tokens(std::uint32_t client) const;
  std::optional<Finding> check_exclusion(NodeId a, const TokenTable& of_a, NodeId b, const TokenTable& of_b) const;
  std::optional<Finding> check_rest() const;
  std::optional<Finding> check_zeros() const;
  std::optional<Finding> check_version(const Resource& page, std::uint32_t cell, Version latest) const;
  bool linearizable() const { return cluster_.machine().declaration().consistency == Consistency::linearizable; }
  std::uint64_t cell_key(const Resource& page, std::uint32_t cell) const {
    return page.key() * options_.shape.cells + cell;
  }

  bool finished_all(std::uint32_t client) const;

  Options options_;
  Cluster cluster_;
  std::vector<std::uint8_t> initial_;
  std::vector<Envelope> flying_;  // link by link in the order sent
  std::vector<Request> requests_;
  std::vector<Timer> timers_;
  std::vector<std::uint32_t> done_;  // operations started, per script
  std::vector<TaskIndex> running_;   // task of the last of them, per script; kNoTask when it has ended
  std::uint32_t begun_ = 0;          // of the menu, if its number is limited
  Failures failures_;                // encoded if there may be any
  Table<Version> latest_;            // cell key -> last committed version
  std::vector<Choice> choices_;
  std::optional<Finding> broken_;
  bool timers_touched_ = false;  // since a PackedCluster cleared it
  bool explaining_ = false;
  Taken taken_;
  LockOrder lock_order_;  // no part of the state
};

}  // namespace pagetoken
