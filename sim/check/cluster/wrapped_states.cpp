#include "sim/check/cluster/wrapped_states.hpp"

namespace pagetoken {

void WrappedStates::on_need(const Need& need, Context& context) {
  run({Role::local, std::string("need ") + pagetoken::name_of(need.mode),
       [&](Encoder& out) {
         out.put(need.mode);
         out.put(need.required);
         out.put(need.desired);
         out.put(need.access);
       },
       [&](NodeStates& states, Context& c) { states.on_need(need, c); }},
      context);
}

void WrappedStates::on_message(NodeId from, const Message& message, Context& context) {
  const MessageType& type = declaration_.messages[message.type];
  run({type.role, std::string(type.name),
       [&](Encoder& out) {
         out.put(from);
         out.put(message);
       },
       [&](NodeStates& states, Context& c) { states.on_message(from, message, c); }},
      context);
}

void WrappedStates::on_yielded(Range range, Context& context) {
  run({Role::local, "yielded", [&](Encoder& out) { out.put(range); },
       [&](NodeStates& states, Context& c) { states.on_yielded(range, c); }},
      context);
}

void WrappedStates::on_release(Range range, Context& context) {
  run({Role::local, "release", [&](Encoder& out) { out.put(range); },
       [&](NodeStates& states, Context& c) { states.on_release(range, c); }},
      context);
}

void WrappedStates::on_timer(std::uint8_t timer, Context& context) {
  run({Role::local, "timer " + std::string(declaration_.timers[timer].name), [&](Encoder& out) { out.put(timer); },
       [&](NodeStates& states, Context& c) { states.on_timer(timer, c); }},
      context);
}

void WrappedStates::on_sync(SyncKind kind, Context& context) {
  run({Role::local, std::string("sync ") + pagetoken::name_of(kind), [&](Encoder& out) { out.put(kind); },
       [&](NodeStates& states, Context& c) { states.on_sync(kind, c); }},
      context);
}

void WrappedStates::on_local(std::uint8_t kind, Context& context) {
  run({Role::local, "local " + std::to_string(kind), [&](Encoder& out) { out.put(kind); },
       [&](NodeStates& states, Context& c) { states.on_local(kind, c); }},
      context);
}

namespace {

const char* name_of(PeerChange change) { return change == PeerChange::down ? "peer down" : "peer up"; }

}  // namespace

void WrappedStates::on_peer(NodeId peer, PeerChange change, Epoch epoch, Context& context) {
  run({Role::local, name_of(change),
       [&](Encoder& out) {
         out.put(peer);
         out.put(epoch);
       },
       [&](NodeStates& states, Context& c) { states.on_peer(peer, change, epoch, c); }},
      context);
}

void WrappedStates::on_home_peer(NodeId peer, PeerChange change, Epoch epoch, Context& context) {
  run({Role::home, name_of(change),
       [&](Encoder& out) {
         out.put(peer);
         out.put(epoch);
       },
       [&](NodeStates& states, Context& c) { states.on_home_peer(peer, change, epoch, c); }},
      context);
}

}  // namespace pagetoken
