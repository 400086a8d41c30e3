#pragma once
// The cluster: nodes, storage, and the rules by which handlers' actions are performed. It drives nothing and knows no
// time: a driver decides which task steps, which message arrives and which storage request completes next.

#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "protocols/api/machine.hpp"
#include "sim/cluster/contents.hpp"
#include "sim/cluster/homes.hpp"
#include "sim/cluster/shape.hpp"
#include "sim/cluster/storage.hpp"
#include "sim/vm/step.hpp"

namespace pagetoken {

struct Envelope {
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  Resource resource{};
  Message message{};
  static constexpr auto fields() {
    return std::tuple{field("from", &Envelope::from), field("to", &Envelope::to),
                      field("resource", &Envelope::resource), field("message", &Envelope::message)};
  }
};

/// What a driver does for the cluster, and is told by it.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual void transmit(Envelope&& envelope) = 0;  ///< ends in Cluster::deliver
  virtual void read_storage(NodeId node, FileId file, PageIndex page, const Cause& cause) = 0;  ///< in read_done
  virtual void write_storage(NodeId node, FileId file, PageIndex page, Version version, const Cause& cause) = 0;
  virtual void arm(NodeId node, const Resource& resource, std::uint8_t timer, std::int64_t delay_ns) = 0;
  virtual void cancel(NodeId node, const Resource& resource, std::uint8_t timer) = 0;
  /// Storage refuses from now on what `node` wrote before this epoch of it. Only a driver under which nodes fail has
  /// any.
  virtual void fence(NodeId node, Epoch epoch);

  // Told, for oracles and statistics.
  virtual void needed(NodeId, TaskIndex, const Resource&, const Need&) {}
  virtual void granted(NodeId, const Resource&, Range, Mode) {}
  /// `by_peer`: another node takes it. What a node gives up by itself, to make room, for a need of its own or because
  /// its right has run out, it has not lost to anybody.
  virtual void yield_begun(NodeId, TaskIndex, const Resource&, Range, Mode /*keep*/, bool /*by_peer*/) {}
  /// The task has to be stepped from now on, as after yield_begun.
  virtual void eviction_begun(NodeId, TaskIndex) {}
  virtual void yielded(NodeId, TaskIndex, const Resource&, Range, Mode /*keep*/) {}
  virtual void accessed(NodeId, TaskIndex, FileId, PageIndex, Version, bool /*is_write*/) {}
  /// The same at a page's home, on behalf of a node that does not cache; its task may not be there any more.
  virtual void applied(NodeId, const Resource& /*page*/, Version, CellMask, bool /*is_write*/) {}
  virtual void size_changed(NodeId, TaskIndex, FileId, PageIndex /*old*/, PageIndex /*new*/) {}
  virtual void blocks_freed(NodeId, TaskIndex, FileId, Range) {}
  virtual void lock_taken(NodeId, TaskIndex, LockKind, std::uint8_t /*held*/) {}
};

class Cluster final {
 public:
  /// Machine, paths and driver must outlive the cluster.
  Cluster(const ClusterShape& shape, const Machine& machine, const Paths& paths, Driver& driver);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  const ClusterShape& shape() const { return shape_; }
  const Machine& machine() const { return machine_; }
  std::uint32_t node_count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  bool is_client(NodeId node) const { return index_of(node) < shape_.clients; }
  /// The storage server of a page: striped by page.
  NodeId storage_of(FileId file, PageIndex page) const;
  NodeId home_of(const Resource& resource) const { return pagetoken::home_of(shape_, resource); }

  Vm& vm(NodeId node) { return nodes_[index_of(node)].vm; }
  const Vm& vm(NodeId node) const { return nodes_[index_of(node)].vm; }
  Storage& storage() { return storage_; }
  const Storage& storage() const { return storage_; }

  /// Starts an operation of a thread; it runs when stepped.
  TaskIndex start(NodeId node, const Task& task);
  Step step(NodeId node, TaskIndex task);
  /// Steps the task until `goes_on(step)` says that no other is to follow now, or it has blocked or ended. Of steps
  /// that concern nobody but the node, `passes(op, amount)` may say that the next follows at once, and goes_on is not
  /// asked.
  template <class Passes, class GoesOn>
  void run(NodeId node, TaskIndex task, Passes&& passes, GoesOn&& goes_on) {
    Vm& local = vm(node);
    Outside& outside = outside_of(node);
    bool on = true;
    while (on) {
      // Protocols hear of what a step has raised before another follows.
      const auto after = [&](const Step& step) {
        const bool quiet = raised_.empty();
        if (!quiet) settle();
        on = goes_on(step) && step.outcome == Step::Outcome::advanced;
        return on && quiet;
      };
      local.run(task, outside, passes, after);
    }
  }
  void deliver(Envelope& envelope);
  /// A node wants room: its protocol drops the page's content, gives its token up, or refuses.
  void evict(NodeId node, FileId file, PageIndex page, const Cause& cause = {});
  void timer(NodeId node, const Resource& resource, std::uint8_t timer, const Cause& cause = {});
  /// A node fails: its VM and its protocol's state are as at the beginning. Its messages and requests are the driver's.
  void crash(NodeId node);
  /// Tells a node's protocol of another that failed or is back, for each resource that it has anything to do with.
  void peer_changed(NodeId at, NodeId peer, PeerChange change, Epoch epoch);
  /// A storage request is served: the content moves at the server, then the client is told.
  void write_served(FileId file, PageIndex page, Version version) { storage_.write(file, page, version); }
  void read_done(NodeId node, FileId file, PageIndex page, Version version);
  void write_done(NodeId node, FileId file, PageIndex page);
  /// Records an access for the pattern that range protocols ask about. To be called before its task starts.
  void note_access(NodeId node, FileId file, PageIndex page);

  /// What the protocol is told when it asks how the node uses the file.
  FileUse use(NodeId node, FileId file) const {
    const FileUse* use = nodes_[index_of(node)].uses.find(index_of(file));
    return use ? *use : FileUse{};
  }
  void set_use(NodeId node, FileId file, const FileUse& use) { nodes_[index_of(node)].uses[index_of(file)] = use; }

  /// Version of the latest store; the next one gets a version above.
  Version last_version() const { return contents_.last(); }
  Version new_version() { return contents_.written({}, kWholePage); }
  const Contents& contents() const { return contents_; }

  /// The state in pieces: that of each node that speaks (clients and managers), and what they share (storage,
  /// contents).
  bool exists(NodeId node) const { return index_of(node) < nodes_.size(); }
  bool speaks(NodeId node) const { return nodes_[index_of(node)].states != nullptr; }
  void encode_node(NodeId node, Encoder& out) const;
  void decode_node(NodeId node, Decoder& in);
  void encode_shared(Encoder& out) const;
  void decode_shared(Decoder& in);
  /// All of them.
  void encode_to(Encoder& out) const;
  void decode_from(Decoder& in);
  /// What the protocol's machines think, a line a state: "node 0, page 0 of file 0: held=shared".
  std::vector<std::string> state_texts() const;
  /// Whether a step since the last call looked at another node's VM than its own.
  bool take_looked_elsewhere() { return std::exchange(looked_elsewhere_, false); }

 private:
  class NodeOutside;
  friend class NodeOutside;
  struct Node {
    Vm vm;
    std::unique_ptr<NodeStates> states;
    Table<FileUse> uses;
  };
  /// What a VM raised during a step; its protocol hears of it when the step is over.
  struct Raised {
    enum class Kind : std::uint8_t { need, yielded, sync } kind{};
    NodeId node{};
    TaskIndex task = kNoTask;
    Resource resource{};
    Range range{};
    Need need{};
    SyncKind sync{};
    Cause cause{};
  };

  Outside& outside_of(NodeId node);
  void settle();
  void handle(Raised& raised);
  /// So many handlers of a node may raise each other.
  static constexpr std::size_t kMostHandlers = 64;
  template <class Handler>
  void run_handler(const char* name, NodeId node, const Resource& resource, const Cause& cause, Message* handled,
                   Handler&& handler);
  /// "ivy-fixed: on_need at node 2, about page 0 of file 0"
  std::string place_of(const char* handler, NodeId node, const Resource& resource, const Message* handled) const;
  /// Throws ProtocolError for what a handler may not ask for, whatever state its node is in (allowed.cpp).
  void require_allowed(NodeId node, const Action& action) const;
  void perform(NodeId node, Action& action, const Cause& cause, Message* handled);
  void perform_send(NodeId node, Action& action, const Cause& cause, Message* handled);
  void perform_grant(NodeId node, const Action& action, const Cause& cause, const Message* handled);
  void perform_yield(NodeId node, const Action& action, const Cause& cause);
  void perform_drop(NodeId node, const Action& action, const Cause& cause);
  void perform_store(const Resource& resource, const Data& data);
  void perform_apply(FileId file, Message& handled);
  Cause cause_of(NodeId node, TaskIndex task) const;

  ClusterShape shape_;
  const Machine& machine_;
  const Paths& paths_;
  Driver& driver_;
  std::vector<Node> nodes_;
  std::vector<NodeOutside> outsides_;  // a node each
  Storage storage_;
  Contents contents_;
  std::vector<Raised> raised_;
  std::deque<std::vector<Action>> sinks_;  // of handlers that were raised by each other, the outermost first
  std::size_t handlers_ = 0;               // of them under way
  bool settling_ = false;
  bool looked_elsewhere_ = false;
  bool is_own_doing_ = false;  // what is being handled comes from the node itself: an eviction, a need, a timer
};

}  // namespace pagetoken
