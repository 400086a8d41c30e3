#pragma once
// What a protocol is: a class P with
//   struct Local, struct Home (may be empty), each with fields();  optionally struct Node, state that spans resources
//   static const Declaration& declaration();
//   explicit P(const Setup&);
// and the handlers below, each a const member function. Where P has a Node, a handler takes `Node&` right after its
// Local& or Home&. Every handler is written, even if empty: one that is missing, misspelt or of other arguments does
// not compile, and the message names it.

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "protocols/api/context.hpp"
#include "protocols/api/declaration.hpp"
#include "protocols/api/fields.hpp"
#include "protocols/api/message.hpp"

namespace pagetoken {

/// What a protocol is told when a run is set up.
struct Setup {
  std::uint32_t clients = 0;
  std::vector<std::int64_t> parameters;  ///< in the order of the declaration, within their ranges
};

struct NoNode {
  static constexpr auto fields() { return std::tuple{}; }
};
template <class P>
struct NodeOf {
  using type = NoNode;
  static constexpr bool exists = false;
};
template <class P>
requires requires { typename P::Node; }
struct NodeOf<P> {
  using type = typename P::Node;
  static constexpr bool exists = true;
};

/// Whether a handler of type F takes the state, the node's own where there is one, and the arguments.
template <class P, class F, class State, class... Arguments>
inline constexpr bool kHandles = [] {
  if constexpr (NodeOf<P>::exists)
    return std::is_invocable_r_v<void, F, const P&, State&, typename NodeOf<P>::type&, Arguments..., Context&>;
  else
    return std::is_invocable_r_v<void, F, const P&, State&, Arguments..., Context&>;
}();

/// A VM task lacks a token.
template <class P>
concept HandlesNeed = kHandles<P, decltype(&P::on_need), typename P::Local, const Need&>;
/// Of a type whose role is `local`.
template <class P>
concept HandlesMessage = kHandles<P, decltype(&P::on_message), typename P::Local, NodeId, const Message&>;
/// Of a type whose role is `home`.
template <class P>
concept HandlesHomeMessage = kHandles<P, decltype(&P::on_home_message), typename P::Home, NodeId, const Message&>;
/// The VM finished what `yield` asked.
template <class P>
concept HandlesYielded = kHandles<P, decltype(&P::on_yielded), typename P::Local, Range>;
/// The VM wants room, or has no more use: drop, yield, or nothing.
template <class P>
concept HandlesRelease = kHandles<P, decltype(&P::on_release), typename P::Local, Range>;
template <class P>
concept HandlesTimer = kHandles<P, decltype(&P::on_timer), typename P::Local, std::uint8_t>;
/// Of a file; waits for sync_done, if declared so.
template <class P>
concept HandlesSync = kHandles<P, decltype(&P::on_sync), typename P::Local, SyncKind>;
/// From `notify`.
template <class P>
concept HandlesLocal = kHandles<P, decltype(&P::on_local), typename P::Local, std::uint8_t>;
/// A node has failed, or is back with nothing.
template <class P>
concept HandlesPeer = kHandles<P, decltype(&P::on_peer), typename P::Local, NodeId, PeerChange, Epoch>;
/// The same, told to a home that survives it.
template <class P>
concept HandlesHomePeer = kHandles<P, decltype(&P::on_home_peer), typename P::Home, NodeId, PeerChange, Epoch>;

template <class P>
concept Protocol = HandlesNeed<P> && HandlesMessage<P> && HandlesHomeMessage<P> && HandlesYielded<P> &&
    HandlesRelease<P> && HandlesTimer<P> && HandlesSync<P> && HandlesLocal<P> && HandlesPeer<P> && HandlesHomePeer<P> &&
    std::constructible_from<P, const Setup&> && requires {
  { P::declaration() } -> std::same_as<const Declaration&>;
};

/// Asks all of it, each with a message of its own; always true.
template <class P>
consteval bool check_protocol() {
  static_assert(HandlesNeed<P>, "a protocol has: void on_need(Local&, [Node&,] const Need&, Context&) const");
  static_assert(HandlesMessage<P>,
                "a protocol has: void on_message(Local&, [Node&,] NodeId from, const Message&, Context&) const");
  static_assert(HandlesHomeMessage<P>,
                "a protocol has: void on_home_message(Home&, [Node&,] NodeId from, const Message&, Context&) const");
  static_assert(HandlesYielded<P>, "a protocol has: void on_yielded(Local&, [Node&,] Range, Context&) const");
  static_assert(HandlesRelease<P>, "a protocol has: void on_release(Local&, [Node&,] Range, Context&) const");
  static_assert(HandlesTimer<P>, "a protocol has: void on_timer(Local&, [Node&,] std::uint8_t timer, Context&) const");
  static_assert(HandlesSync<P>, "a protocol has: void on_sync(Local&, [Node&,] SyncKind, Context&) const");
  static_assert(HandlesLocal<P>, "a protocol has: void on_local(Local&, [Node&,] std::uint8_t kind, Context&) const");
  static_assert(HandlesPeer<P>,
                "a protocol has: void on_peer(Local&, [Node&,] NodeId, PeerChange, Epoch, Context&) const");
  static_assert(HandlesHomePeer<P>,
                "a protocol has: void on_home_peer(Home&, [Node&,] NodeId, PeerChange, Epoch, Context&) const");
  static_assert(std::constructible_from<P, const Setup&>, "a protocol has: explicit P(const Setup&)");
  static_assert(fields_complete<typename P::Local>(), "fields() of Local names every member");
  static_assert(fields_complete<typename P::Home>(), "fields() of Home names every member");
  static_assert(fields_complete<typename NodeOf<P>::type>(), "fields() of Node names every member");
  return true;
}

}  // namespace pagetoken
