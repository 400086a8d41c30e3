#include "sim/replay/handler_replay.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "protocols/api/wire.hpp"
#include "sim/base/error.hpp"
#include "sim/config/run_config.hpp"
#include "sim/json/json.hpp"
#include "sim/replay/trace_words.hpp"
#include "sim/run/simulate.hpp"
#include "sim/vm/program.hpp"

namespace pagetoken {

namespace {

using Key = TraceKey;

AccessKind access_kind(const TraceEvent& begin) {
  if (begin.has(Key::page)) return begin.what == "write" ? AccessKind::write : AccessKind::read;
  if (begin.access == "append") return AccessKind::append;
  return begin.what == "extend" ? AccessKind::extend : AccessKind::truncate;
}

/// The part of a run's configuration that says who handles what: a trace may come from where its workload is not.
RunConfig config_of(const TraceHead& head, const std::string& trace, const ProtocolSet& protocols) {
  if (head.config.empty())
    throw ConfigError(trace, "line 1, config", "is missing", "the effective configuration of the run, to run it again");
  const Json given = parse_json(head.config, trace + ": line 1, config");
  const Json* protocol = given.is_object() ? find_at(given, "/protocol") : nullptr;
  if (!protocol)
    throw ConfigError(trace, "line 1, config", "names no protocol", "the effective configuration of the run");
  Json config{
      {"protocol", *protocol}, {"workload", {{"pattern", "uniform"}}}, {"cluster", {{"clients", head.roles.clients}}}};
  for (const char* key : {"managers", "placement"})
    if (const Json* found = find_at(given, "/cluster/" + std::string(key))) config["cluster"][key] = *found;
  return bind_run_config(config, trace, protocols.declarations());
}

}  // namespace

/// What a node's protocol keeps, is told and waits for.
struct HandlerReplay::Node final : LocalFacts {
  struct Timer {
    Resource resource{};
    std::uint8_t timer = 0;
    std::int64_t due_ns = 0;
  };
  FileUse use(FileId file) const override {
    const auto found = uses.find(index_of(file));
    return found == uses.end() ? FileUse{} : found->second;
  }
  std::unique_ptr<NodeStates> states;
  absl::flat_hash_map<std::uint32_t, FileUse> uses;
  std::vector<Timer> timers;
  Running running;
};

HandlerReplay::HandlerReplay(const TraceHead& head, const std::string& trace, const ProtocolSet& protocols)
    : head_(head) {
  const RunConfig config = config_of(head, trace, protocols);
  const Factory& factory = *protocols.find(config.protocol.name);
  shape_ = shape_of(config.cluster, head.roles.clients);
  if (shape_.placement == Placement::dedicated && shape_.managers != head.roles.managers)
    throw ConfigError(trace, "line 1, nodes",
                      fmt::format("has {} managers, and the configuration {}", head.roles.managers, shape_.managers),
                      "the same");
  machine_ = factory.make({head.roles.clients, config.protocol.in_order(factory.declaration())});
  nodes_.resize(head.roles.count());
}
HandlerReplay::~HandlerReplay() = default;

HandlerReplay::Node& HandlerReplay::node(std::uint32_t n) {
  std::unique_ptr<Node>& place = nodes_[n];
  if (!place) {
    place = std::make_unique<Node>();
    place->states = machine_->make_node();
  }
  return *place;
}

std::optional<Contradiction> HandlerReplay::add(const TraceEvent& e, std::uint64_t line) {
  line_ = line;
  if (auto missing = before(e, line)) return missing;
  try {
    switch (e.kind) {
      case TraceKind::need:
      case TraceKind::handle:
      case TraceKind::yielded:
      case TraceKind::evict:
      case TraceKind::timer: return input(e, line);
      case TraceKind::send:
      case TraceKind::grant:
      case TraceKind::yield: return output(e, line);
      case TraceKind::use:
        node(e.node).uses[e.file] = {static_cast<std::uint32_t>(e.open), e.last_end, e.sequential};
        return std::nullopt;
      case TraceKind::begin:
        if (machine_->declaration().caching == Caching::none) operations_[e.op] = access_kind(e);
        return std::nullopt;
      case TraceKind::end: operations_.erase(e.op); return std::nullopt;
      case TraceKind::step:
      case TraceKind::wake:
      case TraceKind::storage:
      case TraceKind::hits:
      case TraceKind::check:
      case TraceKind::finish: return std::nullopt;
    }
  } catch (const ProtocolError& error) {
    return Contradiction{line, e.node, fmt::format("{} cannot be: {}", node(e.node).running.input, error.what()),
                         text_of(e)};
  }
  return std::nullopt;
}

/// What should have been told before this line.
std::optional<Contradiction> HandlerReplay::before(const TraceEvent& e, std::uint64_t line) {
  const bool is_end = e.kind == TraceKind::finish;
  if (e.t != instant_ || is_end) {
    for (const std::uint32_t n : busy_) {
      if (!node(n).running.outputs.empty() && !e.partial)
        return missing(n, fmt::format("has no such line at {} ns", instant_));
    }
    busy_.clear();
    instant_ = e.t;
  }
  if (is_end || !e.has(Key::node) || !nodes_[e.node]) return std::nullopt;
  for (const Node::Timer& timer : nodes_[e.node]->timers)
    if (timer.due_ns < e.t)
      return Contradiction{
          line, e.node,
          fmt::format("the timer {} of {} fires at {} ns", machine_->declaration().timers[timer.timer].name,
                      described(timer.resource), timer.due_ns),
          "has no such line, and goes on"};
  return std::nullopt;
}

/// What the node's handler does next is told where it should be: behind what was found of it.
Contradiction HandlerReplay::missing(std::uint32_t n, std::string trace) {
  const Running& running = node(n).running;
  return {running.last_line + 1, n,
          fmt::format("{} (line {}) {}", running.input, running.line, text_of(running.outputs.front())),
          std::move(trace)};
}

// ---- Inputs

std::optional<Contradiction> HandlerReplay::input(const TraceEvent& e, std::uint64_t line) {
  if (head_.roles.is_storage(e.node)) return Contradiction{line, e.node, "storage servers run no protocol", text_of(e)};
  Node& local = node(e.node);
  if (!local.running.outputs.empty())
    return missing(e.node, fmt::format("has {} in line {} instead", text_of(e), line));
  const NodeId id{e.node};
  const Resource resource = resource_of(e);
  local.running = {
      fmt::format("the handler of \"{}\" about {}", name_of(e.kind), described(resource, range_of(e, resource))), line,
      line};
  ++handlers_;
  switch (e.kind) {
    case TraceKind::need: need(local, id, e, resource); break;
    case TraceKind::handle: {
      const auto found = flights_.find(e.msg);
      if (found == flights_.end() || index_of(found->second.to) != e.node)
        return std::nullopt;  // does not fit its send
      Envelope envelope = std::move(found->second);
      flights_.erase(found);
      local.running.input = fmt::format("the handler of {} from {} about {}",
                                        machine_->declaration().messages[envelope.message.type].name,
                                        name_of_node(envelope.from), described(envelope.resource));
      run(id, envelope.resource, &envelope.message,
          [&](Context& context) { local.states->on_message(envelope.from, envelope.message, context); });
      break;
    }
    case TraceKind::yielded:
      run(id, resource, nullptr, [&](Context& context) { local.states->on_yielded(range_of(e, resource), context); });
      break;
    case TraceKind::evict: {
      const bool ranged = path_options(machine_->declaration()).ranged;
      run(id, ranged ? file_resource(resource.file) : resource, nullptr,
          [&](Context& context) { local.states->on_release(one_page(e.page), context); });
      break;
    }
    default: return fire(e, line);
  }
  if (!local.running.outputs.empty()) busy_.push_back(e.node);
  return std::nullopt;
}

void HandlerReplay::need(Node& local, NodeId id, const TraceEvent& e, Resource resource) {
  Need need{.mode = mode_of(e.mode), .required = range_of(e, resource)};
  need.desired = desired_range(resource, need.required, local.use(resource.file));
  if (const auto found = operations_.find(e.op); found != operations_.end()) need.access.kind = found->second;
  run(id, resource, nullptr, [&](Context& context) { local.states->on_need(need, context); });
}

std::optional<Contradiction> HandlerReplay::fire(const TraceEvent& e, std::uint64_t line) {
  Node& local = node(e.node);
  const Resource resource = resource_of(e);
  const auto armed = std::find_if(local.timers.begin(), local.timers.end(), [&](const Node::Timer& timer) {
    return timer.resource == resource && machine_->declaration().timers[timer.timer].name == e.timer;
  });
  if (armed == local.timers.end()) return Contradiction{line, e.node, "that timer is not armed", text_of(e)};
  if (armed->due_ns != e.t)
    return Contradiction{line, e.node, fmt::format("that timer fires at {} ns", armed->due_ns), text_of(e)};
  const std::uint8_t number = armed->timer;
  local.timers.erase(armed);
  run(NodeId{e.node}, resource, nullptr, [&](Context& context) { local.states->on_timer(number, context); });
  if (!local.running.outputs.empty()) busy_.push_back(e.node);
  return std::nullopt;
}

// ---- Handlers

template <class Handler>
void HandlerReplay::run(NodeId id, const Resource& resource, Message* handled, Handler&& handler) {
  std::vector<Action> actions;
  Context context(id, resource, home_of(shape_, resource), node(index_of(id)), actions);
  handler(context);
  for (Action& action : actions) perform(id, action, handled);
}

void HandlerReplay::perform(NodeId id, Action& action, Message* handled) {
  Node& local = node(index_of(id));
  const auto is_it = [&](const Node::Timer& t) { return t.resource == action.resource && t.timer == action.number; };
  switch (action.kind) {
    case Action::Kind::send: send(id, action, handled); break;
    case Action::Kind::grant:
    case Action::Kind::yield: local.running.outputs.push_back({std::move(action)}); break;
    case Action::Kind::apply: handled->access.done = true; break;
    case Action::Kind::notify:
      run(id, action.resource, nullptr, [&](Context& context) { local.states->on_local(action.number, context); });
      break;
    case Action::Kind::arm:
      std::erase_if(local.timers, is_it);
      local.timers.push_back({action.resource, action.number, instant_ + action.delay_ns});
      break;
    case Action::Kind::cancel: std::erase_if(local.timers, is_it); break;
    // What these do is the VM's, and no line of the protocol.
    case Action::Kind::complete:
    case Action::Kind::store:
    case Action::Kind::drop:
    case Action::Kind::refuse:
    case Action::Kind::sync_done:
    case Action::Kind::fence: break;
  }
}

/// Whether a message carries content is known to who has the pages; the bytes tell.
void HandlerReplay::send(NodeId id, Action& action, const Message* handled) {
  Message& message = action.message;
  Output output;
  if (action.data_from == DataFrom::handled_message) {
    require(handled != nullptr, "no message is being handled whose data could be sent");
    message.data = handled->data;
    message.access = handled->access;
  }
  const bool is_size = action.resource.kind == ResourceKind::size;
  const bool is_own = action.data_from == DataFrom::own_copy || action.data_from == DataFrom::written ||
                      action.data_from == DataFrom::parked;
  // What an access has found may lie beyond the end of the file, and then is nothing.
  const bool is_found = message.access.kind == AccessKind::read && message.access.done;
  const bool carries = carries_page(action.resource, message);
  output.must_carry = carries && (message.data.present || !is_found);
  output.may_carry = carries || (is_own && !is_size);
  output.action = std::move(action);
  node(index_of(id)).running.outputs.push_back(std::move(output));
}

// ---- Outputs

std::uint64_t HandlerReplay::bare_bytes(const Message& message) const {
  return pagetoken::bare_bytes(machine_->declaration().messages[message.type], message,
                               {head_.roles.clients, head_.page_bytes});
}

std::optional<Contradiction> HandlerReplay::output(const TraceEvent& e, std::uint64_t line) {
  Node& local = node(e.node);
  std::deque<Output>& outputs = local.running.outputs;
  if (outputs.empty())
    return Contradiction{line, e.node,
                         local.running.input.empty() || local.running.line == 0
                             ? std::string("no handler runs there")
                             : fmt::format("no handler does so; the last, {} (line {}), did nothing more",
                                           local.running.input, local.running.line),
                         text_of(e)};
  Output& expected = outputs.front();
  if (const std::string text = difference(expected, e); !text.empty())
    return Contradiction{line, e.node,
                         fmt::format("{} (line {}) {}", local.running.input, local.running.line, text_of(expected)),
                         text_of(e)};
  if (e.kind == TraceKind::send) {
    Message& message = expected.action.message;
    const std::uint64_t bare = bare_bytes(message);
    if (expected.action.resource.kind != ResourceKind::size) {
      message.data.present = e.bytes != bare && message.access.kind == AccessKind::read && !message.access.done;
      message.access.beyond = message.access.done && e.bytes == bare;
    }
    flights_[e.msg] = {NodeId{e.node}, NodeId{e.to}, expected.action.resource, std::move(message)};
  }
  outputs.pop_front();
  local.running.last_line = line;
  return std::nullopt;
}

/// Empty if the line tells what the handler did.
std::string HandlerReplay::difference(const Output& output, const TraceEvent& e) const {
  const Action& action = output.action;
  const Resource resource = resource_of(e);
  if (resource != action.resource) return "resource";
  switch (e.kind) {
    case TraceKind::send: {
      if (action.kind != Action::Kind::send) return "kind";
      const MessageType& type = machine_->declaration().messages[action.message.type];
      const std::uint64_t bare = bare_bytes(action.message);
      if (e.type != type.name) return "type";
      if (e.to != index_of(action.node)) return "to";
      const bool fits =
          (e.bytes == bare && !output.must_carry) || (e.bytes == bare + head_.page_bytes && output.may_carry);
      return fits ? "" : "bytes";
    }
    case TraceKind::grant:
      if (action.kind != Action::Kind::grant) return "kind";
      return range_of(e, resource) == action.range && mode_of(e.mode) == action.mode ? "" : "mode";
    default:
      if (action.kind != Action::Kind::yield) return "kind";
      return range_of(e, resource) == action.range && mode_of(e.keep) == action.mode ? "" : "keep";
  }
}

}  // namespace pagetoken
