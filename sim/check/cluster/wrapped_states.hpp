#pragma once
// A node's protocol states with something around each handler: what audits and observers derive from.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "protocols/api/machine.hpp"

namespace pagetoken {

/// One call of a handler.
struct HandlerCall {
  Role role = Role::local;               ///< whose state it is given
  std::string name;                      ///< "need exclusive", "TOK_REQ", "yielded", "timer hold", ...
  std::function<void(Encoder&)> encode;  ///< what it is given beside the state
  std::function<void(NodeStates&, Context&)> handler;
};

class WrappedStates : public NodeStates {
 public:
  explicit WrappedStates(std::unique_ptr<NodeStates> inner, const Declaration& declaration)
      : inner_(std::move(inner)), declaration_(declaration) {}

  void on_need(const Need& need, Context& context) override;
  void on_message(NodeId from, const Message& message, Context& context) override;
  void on_yielded(Range range, Context& context) override;
  void on_release(Range range, Context& context) override;
  void on_timer(std::uint8_t timer, Context& context) override;
  void on_sync(SyncKind kind, Context& context) override;
  void on_local(std::uint8_t kind, Context& context) override;
  void on_peer(NodeId peer, PeerChange change, Epoch epoch, Context& context) override;
  void on_home_peer(NodeId peer, PeerChange change, Epoch epoch, Context& context) override;
  void encode_to(Encoder& out) const override { inner_->encode_to(out); }
  void decode_from(Decoder& in) override { inner_->decode_from(in); }
  std::vector<Resource> resources(Role role) const override { return inner_->resources(role); }
  std::string state_text(const Resource& resource, Role role, NodeId self) const override {
    return inner_->state_text(resource, role, self);
  }
  std::unique_ptr<NodeStates> clone() const override { return inner_->clone(); }
  void assign(const NodeStates& other) override { inner_->assign(other); }
  void make_void() override { inner_->make_void(); }

 protected:
  virtual void run(const HandlerCall& call, Context& context) = 0;
  std::unique_ptr<NodeStates> inner_;

 private:
  const Declaration& declaration_;
};

/// Makes a machine's nodes through a function, which gets each node's states.
class WrappedMachine final : public Machine {
 public:
  using Wrap = std::function<std::unique_ptr<NodeStates>(std::unique_ptr<NodeStates>, const Declaration&)>;
  WrappedMachine(std::unique_ptr<Machine> inner, Wrap wrap) : inner_(std::move(inner)), wrap_(std::move(wrap)) {}
  const Declaration& declaration() const override { return inner_->declaration(); }
  std::unique_ptr<NodeStates> make_node() const override { return wrap_(inner_->make_node(), inner_->declaration()); }

 private:
  std::unique_ptr<Machine> inner_;
  Wrap wrap_;
};

}  // namespace pagetoken
