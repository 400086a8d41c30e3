#pragma once
// From a protocol's class of handlers to the machine that drivers hold.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/api/context.hpp"
#include "protocols/api/declaration.hpp"
#include "protocols/api/message.hpp"
#include "protocols/api/protocol.hpp"
#include "protocols/api/require.hpp"
#include "protocols/api/state_text.hpp"
#include "protocols/api/table.hpp"

namespace pagetoken {

/// One node's states of every resource it has to do with. States come to life as T{} when first touched.
class NodeStates {
 public:
  virtual ~NodeStates() = default;
  virtual void on_need(const Need&, Context&) = 0;
  virtual void on_message(NodeId from, const Message&, Context&) = 0;
  virtual void on_yielded(Range, Context&) = 0;
  virtual void on_release(Range, Context&) = 0;
  virtual void on_timer(std::uint8_t timer, Context&) = 0;
  virtual void on_sync(SyncKind, Context&) = 0;
  virtual void on_local(std::uint8_t kind, Context&) = 0;
  virtual void on_peer(NodeId peer, PeerChange, Epoch, Context&) = 0;
  virtual void on_home_peer(NodeId peer, PeerChange, Epoch, Context&) = 0;
  virtual void encode_to(Encoder&) const = 0;
  virtual void decode_from(Decoder&) = 0;

  /// Of which the node has a Local, or a Home; in ascending order of their keys.
  virtual std::vector<Resource> resources(Role role) const = 0;
  /// state_text() of the node's Local or Home; that of T{} where there is none.
  virtual std::string state_text(const Resource& resource, Role role, NodeId self) const = 0;
  virtual std::unique_ptr<NodeStates> clone() const = 0;
  /// `other` is a clone of these states.
  virtual void assign(const NodeStates& other) = 0;
  /// Every state becomes T{} where it stands: for audits.
  virtual void make_void() = 0;
};

/// A protocol with its parameters, for the nodes of one run.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual const Declaration& declaration() const = 0;
  virtual std::unique_ptr<NodeStates> make_node() const = 0;
};

/// The handlers of P over tables of its states.
template <class P>
class TypedStates final : public NodeStates {
  static_assert(check_protocol<P>());

 public:
  explicit TypedStates(const P& protocol) : protocol_(protocol) {}

  void on_need(const Need& need, Context& context) override { call<&P::on_need>(local(context), need, context); }
  void on_message(NodeId from, const Message& message, Context& context) override {
    if (P::declaration().messages[message.type].role == Role::home)
      call<&P::on_home_message>(homes_[context.resource().key()], from, message, context);
    else
      call<&P::on_message>(local(context), from, message, context);
  }
  void on_yielded(Range range, Context& context) override { call<&P::on_yielded>(local(context), range, context); }
  void on_release(Range range, Context& context) override { call<&P::on_release>(local(context), range, context); }
  void on_timer(std::uint8_t timer, Context& context) override { call<&P::on_timer>(local(context), timer, context); }
  void on_sync(SyncKind kind, Context& context) override { call<&P::on_sync>(local(context), kind, context); }
  void on_local(std::uint8_t kind, Context& context) override { call<&P::on_local>(local(context), kind, context); }
  void on_peer(NodeId peer, PeerChange change, Epoch epoch, Context& context) override {
    call<&P::on_peer>(local(context), peer, change, epoch, context);
  }
  void on_home_peer(NodeId peer, PeerChange change, Epoch epoch, Context& context) override {
    call<&P::on_home_peer>(homes_[context.resource().key()], peer, change, epoch, context);
  }
  void encode_to(Encoder& out) const override {
    out.put(locals_);
    out.put(homes_);
    out.put(node_);
  }
  void decode_from(Decoder& in) override {
    in.get(locals_);
    in.get(homes_);
    in.get(node_);
  }

  std::vector<Resource> resources(Role role) const override {
    std::vector<Resource> all;
    const auto add = [&](std::uint64_t key, const auto&) { all.push_back(Resource::from_key(key)); };
    if (role == Role::local)
      locals_.for_each(add);
    else
      homes_.for_each(add);
    return all;
  }
  std::string state_text(const Resource& resource, Role role, NodeId self) const override {
    const auto text = [&](const auto* state, const auto& none) {
      return pagetoken::state_text(state ? *state : none, self);
    };
    return role == Role::local ? text(locals_.find(resource.key()), Local{})
                               : text(homes_.find(resource.key()), Home{});
  }
  std::unique_ptr<NodeStates> clone() const override { return std::make_unique<TypedStates>(*this); }
  void assign(const NodeStates& other) override {
    const auto& from = static_cast<const TypedStates&>(other);
    locals_ = from.locals_;
    homes_ = from.homes_;
    node_ = from.node_;
  }
  void make_void() override {
    locals_.for_each([](std::uint64_t, Local& state) { state = Local{}; });
    homes_.for_each([](std::uint64_t, Home& state) { state = Home{}; });
    node_ = Node{};
  }

 private:
  using Local = typename P::Local;
  using Home = typename P::Home;
  using Node = typename NodeOf<P>::type;

  Local& local(const Context& context) { return locals_[context.resource().key()]; }

  template <auto Handler, class State, class... Arguments>
  void call(State& state, Arguments&&... arguments) {
    try {
      if constexpr (NodeOf<P>::exists)
        (protocol_.*Handler)(state, node_, std::forward<Arguments>(arguments)...);
      else
        (protocol_.*Handler)(state, std::forward<Arguments>(arguments)...);
    } catch (...) {
      blame();
    }
  }

  const P& protocol_;
  Table<Local> locals_;
  Table<Home> homes_;
  Node node_{};
};

template <class P>
class TypedMachine final : public Machine {
 public:
  explicit TypedMachine(const Setup& setup) : protocol_(setup) {}
  const Declaration& declaration() const override { return P::declaration(); }
  std::unique_ptr<NodeStates> make_node() const override { return std::make_unique<TypedStates<P>>(protocol_); }

 private:
  P protocol_;
};

/// How a program finds a protocol: built in, or in a shared library that exports `pagetoken_protocol`.
struct Factory {
  std::uint32_t abi = kAbi;
  const Declaration& (*declaration)() = nullptr;
  std::unique_ptr<Machine> (*make)(const Setup&) = nullptr;
  static constexpr std::uint32_t kAbi = 3;
};
template <class P>
constexpr Factory factory_of() {
  return {Factory::kAbi, &P::declaration, [](const Setup& setup) -> std::unique_ptr<Machine> {
            try {
              return std::make_unique<TypedMachine<P>>(setup);
            } catch (...) {
              blame("the constructor of protocol \"" + std::string(P::declaration().name) + "\"");
            }
          }};
}

}  // namespace pagetoken

/// Written once at the end of a protocol's source; SYMBOL is made of the folder's name (ivy-fixed: ivy_fixed). The same
/// source becomes a shared library for --plugin when it is compiled with PAGETOKEN_PLUGIN defined.
#ifdef PAGETOKEN_PLUGIN
#define PAGETOKEN_PROTOCOL_SYMBOL(SYMBOL) pagetoken_protocol
#else
#define PAGETOKEN_PROTOCOL_SYMBOL(SYMBOL) pagetoken_protocol_##SYMBOL
#endif
#define PAGETOKEN_PROTOCOL(SYMBOL, CLASS)                                         \
  extern "C" const pagetoken::Factory* PAGETOKEN_PROTOCOL_SYMBOL(SYMBOL)() {      \
    static constexpr pagetoken::Factory factory = pagetoken::factory_of<CLASS>(); \
    return &factory;                                                              \
  }
