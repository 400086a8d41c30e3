#pragma once
// What a handler may do and ask. Actions are appended and performed by the driver after the handler has returned, in
// order; nothing here touches another node.

#include <cstdint>
#include <utility>
#include <vector>

#include "protocols/api/ids.hpp"
#include "protocols/api/message.hpp"

namespace pagetoken {

/// Whose content a message carries.
enum class DataFrom : std::uint8_t {
  nobody,           ///< none
  own_copy,         ///< this node's cached copy of the resource, if it is cached (else it is in storage)
  handled_message,  ///< passed on from the message being handled
  written,          ///< of this node's copy, parked or cached, the cells written since they were last sent so; the
                    ///< duty to write back moves along
  parked            ///< what the last hand-over yield of this resource put aside; the duty to write back moves along
};

/// Where a granted page's content is.
enum class Source : std::uint8_t {
  here,     ///< already cached at this node, or nothing but permission is granted
  message,  ///< in the message being handled; if that carries none, in storage
  storage
};

/// What happens to content that is given up.
enum class Disposition : std::uint8_t {
  discard,     ///< it is dropped
  write_back,  ///< dirty content goes to storage before the yield ends
  hand_over    ///< dirty content is parked, for `send(..., DataFrom::parked)`
};

/// Where a program says that others' accesses matter, or its own to others. Of a file: `acquire` and `release` are of
/// its lock, `barrier` is of all clients.
enum class SyncKind : std::uint8_t { open, close, fsync, acquire, release, barrier };
constexpr const char* name_of(SyncKind kind) {
  constexpr const char* names[] = {"open", "close", "fsync", "acquire", "release", "barrier"};
  return names[static_cast<std::uint8_t>(kind)];
}
enum class PeerChange : std::uint8_t { down, up };

/// One wish of a task of this node's VM.
struct Need {
  Mode mode = Mode::none;
  Range required{};
  Range desired{};        ///< what the access pattern would use; covers `required`
  RemoteAccess access{};  ///< for protocols that do not cache
};

/// How this node uses a file, for protocols that negotiate.
struct FileUse {
  std::uint32_t open_count = 0;   ///< tasks of this node that have the file open
  PageIndex last_access_end = 0;  ///< first page after the last access; 0 if there was none
  bool sequential = false;        ///< the last access began where the one before ended, or was the first
  static constexpr auto fields() {
    return std::tuple{field("open_count", &FileUse::open_count), field("last_access_end", &FileUse::last_access_end),
                      field("sequential", &FileUse::sequential)};
  }
};

/// What the driver knows and a handler may ask about its own node.
class LocalFacts {
 public:
  virtual ~LocalFacts() = default;
  virtual FileUse use(FileId file) const = 0;
};

struct Action {
  enum class Kind : std::uint8_t {
    send,
    grant,
    complete,
    apply,
    store,
    refuse,
    yield,
    drop,
    sync_done,
    notify,
    arm,
    cancel,
    fence
  };
  Kind kind{};
  DataFrom data_from{};
  Source source{};
  Disposition disposition{};
  Mode mode{};
  std::uint8_t number = 0;  ///< timer, sync kind, local event, refusal
  NodeId node = kNoNode;    ///< send, fence
  Range range{};
  Resource resource{};
  std::int64_t delay_ns = 0;
  Epoch epoch{};
  Cause cause{};  ///< of a yield; 0 = of the event being handled
  Message message{};
};

/// The sink of one handler's actions and its window on its node.
class Context {
 public:
  Context(NodeId self, Resource resource, NodeId home, const LocalFacts& facts, std::vector<Action>& actions)
      : self_(self), resource_(resource), home_(home), facts_(facts), actions_(actions) {}

  NodeId self() const { return self_; }
  const Resource& resource() const { return resource_; }
  const LocalFacts& facts() const { return facts_; }
  /// The default address of the resource's home; homes that move keep their own record of where they are.
  NodeId home() const { return home_; }
  FileUse use() const { return facts_.use(resource_.file); }

  /// Sends a message; one to oneself is handled as any other, and costs CPU but no network.
  void send(NodeId to, Message message, DataFrom data = DataFrom::nobody) {
    Action& a = add(Action::Kind::send);
    a.node = to;
    a.data_from = data;
    a.message = std::move(message);
  }
  /// Gives this node's VM a token, pinned in the same step for every waiting task that it satisfies.
  void grant(Range range, Mode mode, Source source) {
    Action& a = add(Action::Kind::grant);
    a.range = range;
    a.mode = mode;
    a.source = source;
  }
  void grant(Mode mode, Source source) { grant(resource_.extent(), mode, source); }
  /// Ends the uncached access that the handled message carries back.
  void complete() { add(Action::Kind::complete); }
  /// At a home: performs the handled message's access on the content in storage; a later `send(..., handled_message)`
  /// carries its result.
  void apply() { add(Action::Kind::apply); }
  /// Merges the handled message's content into storage, at once, as `apply` does.
  void store(Range range) { add(Action::Kind::store).range = range; }
  /// Ends the waiting tasks' operation on the range with an error.
  void refuse(Range range, std::uint8_t error) {
    Action& a = add(Action::Kind::refuse);
    a.range = range;
    a.number = error;
  }
  /// Asks the VM to give up what it holds of the range, down to `keep`, which must be held; ends in on_yielded.
  void yield(Range range, Mode keep, Disposition disposition) {
    Action& a = add(Action::Kind::yield);
    a.range = range;
    a.mode = keep;
    a.disposition = disposition;
  }
  void yield(Mode keep, Disposition disposition) { yield(resource_.extent(), keep, disposition); }
  /// Charges what follows in this handler to the operation that a kept request came from.
  void on_behalf_of(const Untracked<Cause>& cause) { cause_ = cause.value; }
  /// In on_release: the token stays, and the cached content goes; storage has it, or will once it is written back. A
  /// protocol under which storage may be older than a clean copy yields such a copy instead.
  void drop(Range range) { add(Action::Kind::drop).range = range; }
  /// Answers one on_sync of this kind: the task that has waited longest in it goes on.
  void sync_done(SyncKind kind) { add(Action::Kind::sync_done).number = static_cast<std::uint8_t>(kind); }
  /// Raises on_local(kind) for another resource of this node; costs no message.
  void notify(Resource resource, std::uint8_t kind) {
    Action& a = add(Action::Kind::notify);
    a.resource = resource;
    a.number = kind;
  }
  /// Raises on_timer(timer) after the delay; arming again replaces.
  void arm(std::uint8_t timer, std::int64_t delay_ns) {
    Action& a = add(Action::Kind::arm);
    a.number = timer;
    a.delay_ns = delay_ns;
  }
  void cancel(std::uint8_t timer) { add(Action::Kind::cancel).number = timer; }
  /// Storage refuses writes of `node` with an epoch before this one.
  void fence(NodeId node, Epoch epoch) {
    Action& a = add(Action::Kind::fence);
    a.node = node;
    a.epoch = epoch;
  }

  /// For who stands between a handler and its driver: an action that the handler has asked for elsewhere.
  void add(Action&& action) { actions_.push_back(std::move(action)); }

 private:
  Action& add(Action::Kind kind) {
    Action& a = actions_.emplace_back();
    a.kind = kind;
    a.resource = resource_;
    a.cause = cause_;
    return a;
  }

  NodeId self_;
  Resource resource_;
  NodeId home_;
  Cause cause_{};
  const LocalFacts& facts_;
  std::vector<Action>& actions_;
};

}  // namespace pagetoken
