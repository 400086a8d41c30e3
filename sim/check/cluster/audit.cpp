#include "sim/check/cluster/audit.hpp"

#include "protocols/api/require.hpp"
#include "sim/check/cluster/wrapped_states.hpp"

namespace pagetoken {
namespace {

void put(Encoder& out, const Action& a) {
  out.put(a.kind);
  out.put(a.data_from);
  out.put(a.source);
  out.put(a.disposition);
  out.put(a.mode);
  out.put(a.number);
  out.put(a.node);
  out.put(a.range);
  out.put(a.resource);
  out.put(a.delay_ns);
  out.put(a.epoch);
  out.put(a.message);
}

/// All that was written, fresh values as they are.
Digest digest_of_encoded(const Encoder& encoder) {
  Fingerprint fingerprint;
  fingerprint.add_bytes(std::as_bytes(std::span(encoder.bytes())));
  for (const auto& fresh : encoder.fresh()) fingerprint.add(fresh.value);
  return fingerprint.digest();
}

Digest digest_of_outcome(const NodeStates& states, const std::vector<Action>& actions) {
  Encoder out;
  states.encode_to(out);
  for (const Action& a : actions) put(out, a);
  return digest_of_encoded(out);
}

}  // namespace

class AuditedStates final : public WrappedStates {
 public:
  AuditedStates(std::unique_ptr<NodeStates> inner, const Declaration& declaration, Audit& audit)
      : WrappedStates(std::move(inner), declaration), audit_(audit) {
    audit_.nodes_.push_back(this);
  }
  ~AuditedStates() override { std::erase(audit_.nodes_, this); }

 protected:
  void run(const HandlerCall& call, Context& context) override {
    if (audit_.has_found_) return call.handler(*inner_, context);
    ++audit_.runs_;
    const Digest given = digest_of_input(call, context);
    const std::unique_ptr<NodeStates> again = inner_->clone(), alone = inner_->clone();
    std::vector<Action> actions;
    Context own(context.self(), context.resource(), context.home(), context.facts(), actions);
    call.handler(*inner_, own);
    const Digest outcome = digest_of_outcome(*inner_, actions);
    const std::string where = call.name + " at node " + std::to_string(index_of(context.self())) + " ";
    if (run_on(*again, call, context) != outcome)
      fail(where + "does something else when it is run again from the same state", "protocol:audit-nondeterminism");
    if (run_without_others(*alone, call, context) != outcome)
      fail(where + "does something else when the state of the other nodes is void", "protocol:audit-peeking");
    if (audit_.outcomes_.try_emplace(given, outcome).first->second != outcome)
      fail(where + "did something else before, from the same state, when other nodes had done other things",
           "protocol:audit-peeking");
    for (Action& action : actions) context.add(std::move(action));
  }

 private:
  [[noreturn]] void fail(const std::string& what, const char* property) {
    audit_.has_found_ = true;
    throw ProtocolError(what, property);
  }

  Digest digest_of_input(const HandlerCall& call, const Context& context) const {
    Encoder out;
    inner_->encode_to(out);
    out.put(context.self());
    out.put(context.home());
    out.put(context.resource());
    out.put(context.use());
    out.put(call.role);
    for (const char letter : call.name) out.put(letter);
    call.encode(out);
    return digest_of_encoded(out);
  }

  static Digest run_on(NodeStates& states, const HandlerCall& call, const Context& context) {
    std::vector<Action> actions;
    Context own(context.self(), context.resource(), context.home(), context.facts(), actions);
    call.handler(states, own);
    return digest_of_outcome(states, actions);
  }

  Digest run_without_others(NodeStates& states, const HandlerCall& call, const Context& context) {
    std::vector<std::unique_ptr<NodeStates>> kept;
    for (AuditedStates* node : audit_.nodes_) {
      kept.push_back(node->inner_->clone());
      if (node != this) node->inner_->make_void();
    }
    const Digest digest = run_on(states, call, context);
    for (std::size_t i = 0; i < kept.size(); ++i)
      if (audit_.nodes_[i] != this) audit_.nodes_[i]->inner_->assign(*kept[i]);
    return digest;
  }

  Audit& audit_;
};

std::unique_ptr<Machine> Audit::around(std::unique_ptr<Machine> machine) {
  return std::make_unique<WrappedMachine>(
      std::move(machine), [this](std::unique_ptr<NodeStates> inner, const Declaration& declaration) {
        return std::make_unique<AuditedStates>(std::move(inner), declaration, *this);
      });
}

}  // namespace pagetoken
