#include "sim/cluster/cluster.hpp"

#include <algorithm>
#include <utility>

#include "protocols/api/require.hpp"
#include "sim/base/finding.hpp"

namespace pagetoken {

/// The world as one node's VM sees it.
class Cluster::NodeOutside final : public Outside, public LocalFacts {
 public:
  NodeOutside(Cluster& cluster, NodeId node) : cluster_(cluster), node_(node) {}

  void need(TaskIndex task, const Resource& resource, const Need& need) override {
    cluster_.raised_.push_back(
        {Raised::Kind::need, node_, task, resource, need.required, need, {}, cluster_.cause_of(node_, task)});
  }
  void sync(TaskIndex task, FileId file, SyncKind kind) override {
    cluster_.raised_.push_back(
        {Raised::Kind::sync, node_, task, file_resource(file), {}, {}, kind, cluster_.cause_of(node_, task)});
  }
  void start_read(TaskIndex task, FileId file, PageIndex page) override {
    cluster_.driver_.read_storage(node_, file, page, cluster_.cause_of(node_, task));
  }
  void start_write(TaskIndex task, FileId file, PageIndex page, Version version) override {
    cluster_.storage_.allocate(file, one_page(page));  // where a hole was punched: the write fills it
    cluster_.driver_.write_storage(node_, file, page, version, cluster_.cause_of(node_, task));
  }
  Block block_of(FileId file, PageIndex page) override { return cluster_.storage_.block_of(file, page); }
  void free_blocks(FileId file, Range range) override { cluster_.storage_.free_blocks(file, range); }
  void allocate_blocks(FileId file, Range range) override { cluster_.storage_.allocate(file, range); }
  Version written(Version before, CellMask cells) override { return cluster_.contents_.written(before, cells); }
  Version merged(Version before, Version other, CellMask cells) override {
    return cluster_.contents_.merged(before, other, cells);
  }
  Version stored(FileId file, PageIndex page) override { return cluster_.storage_.content(file, page); }
  PageIndex next_held_page(FileId file, Range range) override {
    PageIndex first = range.end;
    cluster_.looked_elsewhere_ = true;
    for (std::uint32_t n = 0; n < cluster_.shape_.clients; ++n) {
      const Vm& vm = cluster_.nodes_[n].vm;
      first = std::min({first, vm.tokens.next_held(file, range), vm.next_awaited(file, range)});
    }
    return first;
  }
  void accessed(TaskIndex task, FileId file, PageIndex page, Version version, bool is_write) override {
    cluster_.driver_.accessed(node_, task, file, page, version, is_write);
  }
  void yielded(TaskIndex task, const Resource& resource, Range range, bool merged) override {
    Vm& vm = cluster_.vm(node_);
    const Task& t = vm.task(task);
    if (resource.kind == ResourceKind::size && t.disposition == Disposition::write_back)
      store_size(vm, resource.file, merged);
    cluster_.driver_.yielded(node_, task, resource, range, t.keep);
    cluster_.raised_.push_back(
        {Raised::Kind::yielded, node_, task, resource, range, {}, {}, cluster_.cause_of(node_, task)});
  }
  void size_changed(TaskIndex task, FileId file, PageIndex old_size, PageIndex new_size) override {
    cluster_.driver_.size_changed(node_, task, file, old_size, new_size);
    if (!cluster_.paths_.options().size_tokens) cluster_.storage_.set_size(file, new_size);
  }
  void blocks_freed(TaskIndex task, FileId file, Range range) override {
    cluster_.driver_.blocks_freed(node_, task, file, range);
  }
  void lock_taken(TaskIndex task, LockKind kind, std::uint8_t held) override {
    cluster_.driver_.lock_taken(node_, task, kind, held);
  }

  FileUse use(FileId file) const override {
    const FileUse* use = cluster_.nodes_[index_of(node_)].uses.find(index_of(file));
    return use ? *use : FileUse{};
  }

 private:
  /// A size set under EXCLUSIVE is the file's; sizes set under EXTEND are merged by maximum.
  void store_size(Vm& vm, FileId file, bool merged) {
    FileState& state = vm.file(file);
    if (!std::exchange(state.size_dirty, false)) return;
    Storage& storage = cluster_.storage_;
    storage.set_size(file, merged ? std::max(storage.size(file), state.i_size) : state.i_size);
  }

  Cluster& cluster_;
  NodeId node_;
};

Cluster::Cluster(const ClusterShape& shape, const Machine& machine, const Paths& paths, Driver& driver)
    : shape_(shape), machine_(machine), paths_(paths), driver_(driver), contents_(shape.cells) {
  const NodeRoles roles = shape.roles();
  nodes_.reserve(roles.count());
  outsides_.reserve(roles.count());
  for (std::uint32_t n = 0; n < roles.count(); ++n) {
    nodes_.push_back(
        {Vm(paths, roles.is_client(n) ? shape.processes : 0), roles.is_storage(n) ? nullptr : machine.make_node(), {}});
    outsides_.emplace_back(*this, NodeId{n});
  }
}

Cluster::~Cluster() = default;

NodeId Cluster::storage_of(FileId file, PageIndex page) const {
  const std::uint32_t first = node_count() - shape_.storage_nodes;
  return NodeId{first + static_cast<std::uint32_t>((page + index_of(file)) % shape_.storage_nodes)};
}

TaskIndex Cluster::start(NodeId node, const Task& task) { return vm(node).start(task); }

void Cluster::note_access(NodeId node, FileId file, PageIndex page) {
  FileUse& use = nodes_[index_of(node)].uses[index_of(file)];
  use.sequential = use.open_count == 0 || page == use.last_access_end || page + 1 == use.last_access_end;
  use.open_count = 1;
  use.last_access_end = page + 1;
}

Outside& Cluster::outside_of(NodeId node) { return outsides_[index_of(node)]; }

Step Cluster::step(NodeId node, TaskIndex task) {
  const Step step = vm(node).step(task, outside_of(node));
  if (!raised_.empty()) settle();
  return step;
}

Cause Cluster::cause_of(NodeId node, TaskIndex task) const {
  if (task == kNoTask) return {};
  const TaskNotes& notes = vm(node).task(task).notes.value;
  return {notes.operation, notes.event, notes.hops};
}

/// Lets protocols hear what was raised, in order, until nothing more is.
void Cluster::settle() {
  if (std::exchange(settling_, true)) return;
  for (std::size_t i = 0; i < raised_.size(); ++i) {
    Raised raised = raised_[i];  // handlers append
    handle(raised);
  }
  raised_.clear();
  settling_ = false;
}

void Cluster::handle(Raised& raised) {
  NodeStates& states = *nodes_[index_of(raised.node)].states;
  switch (raised.kind) {
    case Raised::Kind::need: {
      const Task& task = vm(raised.node).task(raised.task);
      if (!task.alive || (task.wait != Wait::token && task.wait != Wait::reply)) return;  // met meanwhile
      raised.need.desired =
          desired_range(raised.resource, raised.need.required, use(raised.node, raised.resource.file));
      driver_.needed(raised.node, raised.task, raised.resource, raised.need);
      const Cause cause = cause_of(raised.node, raised.task);
      is_own_doing_ = true;
      run_handler("on_need", raised.node, raised.resource, cause, nullptr,
                  [&](Context& context) { states.on_need(raised.need, context); });
      is_own_doing_ = false;
      break;
    }
    case Raised::Kind::sync:
      run_handler("on_sync", raised.node, raised.resource, raised.cause, nullptr,
                  [&](Context& context) { states.on_sync(raised.sync, context); });
      break;
    case Raised::Kind::yielded: {
      run_handler("on_yielded", raised.node, raised.resource, raised.cause, nullptr,
                  [&](Context& context) { states.on_yielded(raised.range, context); });
      vm(raised.node).raise_unmet(raised.resource, outside_of(raised.node));
      break;
    }
  }
}

void Cluster::deliver(Envelope& envelope) {
  NodeStates& states = *nodes_[index_of(envelope.to)].states;
  const Cause cause = envelope.message.cause.value;
  run_handler("on_message", envelope.to, envelope.resource, cause, &envelope.message,
              [&](Context& context) { states.on_message(envelope.from, envelope.message, context); });
  settle();
}

void Cluster::timer(NodeId node, const Resource& resource, std::uint8_t timer, const Cause& cause) {
  NodeStates& states = *nodes_[index_of(node)].states;
  is_own_doing_ = true;
  run_handler("on_timer", node, resource, cause, nullptr, [&](Context& context) { states.on_timer(timer, context); });
  is_own_doing_ = false;
  settle();
}

void Driver::fence(NodeId, Epoch) { require(false, "fence: nodes do not fail here"); }

void Cluster::crash(NodeId id) {
  Node& node = nodes_[index_of(id)];
  node.vm = Vm(paths_, is_client(id) ? shape_.processes : 0);
  node.states = machine_.make_node();
  node.uses.clear();
}

void Cluster::peer_changed(NodeId at, NodeId peer, PeerChange change, Epoch epoch) {
  NodeStates& states = *nodes_[index_of(at)].states;
  for (const Resource& resource : states.resources(Role::home))
    run_handler("on_home_peer", at, resource, {}, nullptr,
                [&](Context& context) { states.on_home_peer(peer, change, epoch, context); });
  for (const Resource& resource : states.resources(Role::local))
    run_handler("on_peer", at, resource, {}, nullptr,
                [&](Context& context) { states.on_peer(peer, change, epoch, context); });
  settle();
}

void Cluster::read_done(NodeId node, FileId file, PageIndex page, Version version) {
  vm(node).read_done(file, page, version, outside_of(node));
}

void Cluster::write_done(NodeId node, FileId file, PageIndex page) { vm(node).write_done(file, page); }

namespace {
/// The message that is being handled. Throws ProtocolError if what runs is no handler of a message.
Message& handled_by(Message* handled, const char* what) {
  if (!handled) throw ProtocolError(what);
  return *handled;
}

/// What a handler appends to, until its actions are performed or one of them is refused.
struct Sink {
  std::vector<Action>& actions;
  std::size_t& handlers;
  ~Sink() {
    actions.clear();
    --handlers;
  }
};
}  // namespace

template <class Handler>
void Cluster::run_handler(const char* name, NodeId node, const Resource& resource, const Cause& cause, Message* handled,
                          Handler&& handler) {
  if (handlers_ == sinks_.size()) sinks_.emplace_back();
  const Sink sink{sinks_[handlers_], ++handlers_};
  try {
    require(handlers_ <= kMostHandlers, "notify: events of a node raise each other without end");
    Context context(node, resource, home_of(resource), outsides_[index_of(node)], sink.actions);
    handler(context);
    for (Action& action : sink.actions) {
      require_allowed(node, action);
      perform(node, action, cause, handled);
    }
  } catch (const ProtocolError& error) {
    if (error.is_placed()) throw;
    throw error.at(place_of(name, node, resource, handled));
  }
}

std::string Cluster::place_of(const char* handler, NodeId node, const Resource& resource,
                              const Message* handled) const {
  const Declaration& declaration = machine_.declaration();
  std::string place = std::string(declaration.name) + ": " + handler;
  if (handled) {
    const MessageType& type = declaration.messages[handled->type];
    place = std::string(declaration.name) + (type.role == Role::home ? ": on_home_message of " : ": on_message of ") +
            std::string(type.name);
  }
  return place + " at " + text_of(node) + ", about " + text_of(resource);
}

void Cluster::perform(NodeId node, Action& action, const Cause& cause, Message* handled) {
  const Cause& charged = action.cause.operation != 0 ? action.cause : cause;
  switch (action.kind) {
    case Action::Kind::send: perform_send(node, action, charged, handled); break;
    case Action::Kind::grant: perform_grant(node, action, charged, handled); break;
    case Action::Kind::yield: perform_yield(node, action, charged); break;
    case Action::Kind::apply:
      perform_apply(action.resource.file, handled_by(handled, "apply without a message"));
      break;
    case Action::Kind::complete: {
      const RemoteAccess& access = handled_by(handled, "complete without an applied access").access;
      require(access.done, "complete without an applied access");
      vm(node).access_done(access.task, access);
      TaskNotes& notes = vm(node).task(access.task).notes.value;
      notes.hops = std::max(notes.hops, cause.hops);
      break;
    }
    case Action::Kind::store:
      perform_store(action.resource, handled_by(handled, "store without a message").data);
      break;
    case Action::Kind::notify: {
      NodeStates& states = *nodes_[index_of(node)].states;
      run_handler("on_local", node, action.resource, charged, nullptr,
                  [&](Context& context) { states.on_local(action.number, context); });
      break;
    }
    case Action::Kind::drop: perform_drop(node, action, charged); break;
    case Action::Kind::arm: driver_.arm(node, action.resource, action.number, action.delay_ns); break;
    case Action::Kind::cancel: driver_.cancel(node, action.resource, action.number); break;
    case Action::Kind::refuse: vm(node).refuse(action.resource, action.range); break;
    case Action::Kind::sync_done: vm(node).sync_done(action.resource.file, static_cast<SyncKind>(action.number)); break;
    case Action::Kind::fence: driver_.fence(action.node, action.epoch); break;
  }
}

void Cluster::perform_send(NodeId node, Action& action, const Cause& cause, Message* handled) {
  Message& message = action.message;
  switch (action.data_from) {
    case DataFrom::nobody: message.data = {}; break;
    case DataFrom::own_copy: message.data = vm(node).own_copy(action.resource); break;
    case DataFrom::written: message.data = vm(node).take_written(action.resource); break;
    case DataFrom::parked: message.data = vm(node).take_parked(action.resource); break;
    case DataFrom::handled_message:
      require(handled != nullptr, "no message is being handled whose data could be sent");
      message.data = handled->data;
      message.access = handled->access;
      break;
  }
  if (message.cause.value.operation == 0) message.cause.value = cause;
  if (action.node != node) ++message.cause.value.hops;
  driver_.transmit({node, action.node, action.resource, std::move(message)});
}

void Cluster::perform_grant(NodeId node, const Action& action, const Cause& cause, const Message* handled) {
  Data data;
  if (action.source == Source::message) {
    require(handled != nullptr, "a grant from a message that is not there");
    data = handled->data;
  }
  const bool size = action.resource.kind == ResourceKind::size;
  if (size && action.source != Source::here && !data.present)
    data = {.present = true, .size = storage_.size(action.resource.file)};
  Vm& local = vm(node);
  // The wait ends with this chain of messages: every task that the grant wakes has waited for it.
  const std::size_t woken = local.woken().size();
  Outside& outside = outside_of(node);
  local.grant(action.resource, action.range, action.mode, data, action.source, outside);
  for (std::size_t i = woken; i < local.woken().size(); ++i) {
    TaskNotes& notes = local.task(local.woken()[i]).notes.value;
    if (notes.operation != cause.operation || notes.hops >= cause.hops) continue;
    if (size) notes.size_hops = static_cast<std::uint8_t>(notes.size_hops + cause.hops - notes.hops);
    notes.hops = cause.hops;
  }
  driver_.granted(node, action.resource, action.range, action.mode);
  local.raise_unmet(action.resource, outside);
}

void Cluster::perform_yield(NodeId node, const Action& action, const Cause& cause) {
  Vm& local = vm(node);
  const TaskIndex task = local.begin_yield(action.resource, action.range, action.mode, action.disposition);
  local.task(task).notes.value.operation = cause.operation;
  local.task(task).notes.value.event = cause.event;
  local.task(task).notes.value.hops = cause.hops;
  // A timer may only have put off what another node wants: then the protocol says on whose behalf it acts.
  const bool by_peer = !is_own_doing_ || action.cause.operation != 0;
  driver_.yield_begun(node, task, action.resource, action.range, action.mode, by_peer);
}

void Cluster::perform_drop(NodeId node, const Action& action, const Cause& cause) {
  Task task;
  task.kind = TaskKind::evict;
  task.file = action.resource.file;
  task.range = action.range;
  task.at.page = action.range.begin;
  task.notes.value.operation = cause.operation;
  task.notes.value.event = cause.event;
  driver_.eviction_begun(node, vm(node).start(task));
}

void Cluster::evict(NodeId node, FileId file, PageIndex page, const Cause& cause) {
  const Resource resource = paths_.options().ranged ? file_resource(file) : page_resource(file, page);
  NodeStates& states = *nodes_[index_of(node)].states;
  is_own_doing_ = true;
  run_handler("on_release", node, resource, cause, nullptr,
              [&](Context& context) { states.on_release(one_page(page), context); });
  is_own_doing_ = false;
  settle();
}

void Cluster::perform_store(const Resource& resource, const Data& data) {
  if (!data.present) return;
  if (resource.kind == ResourceKind::size) return storage_.set_size(resource.file, data.size);
  const Version before = storage_.content(resource.file, resource.page);
  storage_.write(resource.file, resource.page, contents_.merged(before, data.version, data.cells));
}

/// An access of a node that does not cache is performed where the content is. All that is known of it is what travels
/// with it: whoever asked may have failed.
void Cluster::perform_apply(FileId file, Message& handled) {
  RemoteAccess& access = handled.access;
  require(!access.done, "an access is applied twice");
  require(is_client(handled.requester), "an access is applied on behalf of nobody");
  access.done = true;
  // A file's size and its pages are one inode in storage, wherever their homes are.
  switch (access.kind) {
    case AccessKind::read:
    case AccessKind::write:
      access.beyond = access.page >= storage_.size(file);
      if (access.beyond) return;
      if (access.kind == AccessKind::write) {
        storage_.allocate(file, one_page(access.page));
        storage_.write(file, access.page,
                       contents_.merged(storage_.content(file, access.page), access.version, access.cells));
      } else {
        access.version = storage_.content(file, access.page);
      }
      driver_.applied(handled.requester, page_resource(file, access.page), access.version, access.cells,
                      access.kind == AccessKind::write);
      return;
    case AccessKind::truncate: {
      const PageIndex old_size = storage_.size(file);
      storage_.set_size(file, access.page);
      if (access.page > old_size) storage_.allocate(file, {old_size, access.page});
      storage_.free_blocks(file, {access.page, kToInfinity});
      driver_.size_changed(handled.requester, access.task, file, old_size, access.page);
      driver_.blocks_freed(handled.requester, access.task, file, {access.page, kToInfinity});
      return;
    }
    case AccessKind::extend:
    case AccessKind::append: {
      const PageIndex old_size = storage_.size(file);
      const PageIndex new_size = access.kind == AccessKind::append ? old_size + access.page : access.page;
      if (access.kind == AccessKind::append) access.page = old_size;
      if (new_size <= old_size) return;
      storage_.allocate(file, {old_size, new_size});
      storage_.set_size(file, new_size);
      driver_.size_changed(handled.requester, access.task, file, old_size, new_size);
      return;
    }
  }
}

void Cluster::encode_node(NodeId id, Encoder& out) const {
  const Node& node = nodes_[index_of(id)];
  node.vm.encode_to(out);
  node.states->encode_to(out);
  out.put(node.uses);
}

void Cluster::decode_node(NodeId id, Decoder& in) {
  Node& node = nodes_[index_of(id)];
  node.vm.decode_from(in);
  node.states->decode_from(in);
  in.get(node.uses);
}

void Cluster::encode_shared(Encoder& out) const {
  out.put(storage_);
  out.put(contents_);
}

void Cluster::decode_shared(Decoder& in) {
  in.get(storage_);
  in.get(contents_);
  raised_.clear();  // a step that a ProtocolError ended leaves what it had raised
  settling_ = is_own_doing_ = false;
}

void Cluster::encode_to(Encoder& out) const {
  for (std::uint32_t n = 0; n < node_count(); ++n)
    if (speaks(NodeId{n})) encode_node(NodeId{n}, out);
  encode_shared(out);
}

void Cluster::decode_from(Decoder& in) {
  for (std::uint32_t n = 0; n < node_count(); ++n)
    if (speaks(NodeId{n})) decode_node(NodeId{n}, in);
  decode_shared(in);
}

}  // namespace pagetoken
