#pragma once
// A trace's inputs, given again to the handlers of the protocol that it names: needs, messages, ended yields,
// evictions, timers. Whatever a handler sends, grants, begins to yield or arms must be in the trace, and nothing else.

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "analysis/trace/validation.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/run/protocol_set.hpp"

namespace pagetoken {

class HandlerReplay final : public StepModel {
 public:
  /// `head` outlives the model. Throws ConfigError(trace, "line 1, config", ...) if the trace has no configuration, or
  /// one that is wrong.
  HandlerReplay(const TraceHead& head, const std::string& trace, const ProtocolSet& protocols);
  ~HandlerReplay() override;

  std::optional<Contradiction> add(const TraceEvent& event, std::uint64_t line) override;

  std::string_view protocol() const { return machine_->declaration().name; }
  std::uint64_t handlers() const { return handlers_; }  ///< that were run

 private:
  struct Node;
  /// What a handler did, and what of the trace shows it.
  struct Output {
    Action action{};
    bool may_carry = false;  ///< page content: known to the run, and told by the bytes
    bool must_carry = false;
  };
  /// The handler whose outputs come next at a node.
  struct Running {
    std::string input;  ///< "the handler of TOK_REQ from client 3 about page 1 of file 0"
    std::uint64_t line = 0;
    std::uint64_t last_line = 0;  ///< of what was found of it so far
    std::deque<Output> outputs{};
  };

  Node& node(std::uint32_t n);
  std::optional<Contradiction> before(const TraceEvent& event, std::uint64_t line);
  Contradiction missing(std::uint32_t node, std::string trace);
  std::optional<Contradiction> input(const TraceEvent& event, std::uint64_t line);
  std::optional<Contradiction> output(const TraceEvent& event, std::uint64_t line);
  std::optional<Contradiction> fire(const TraceEvent& event, std::uint64_t line);
  void need(Node& node, NodeId id, const TraceEvent& event, Resource resource);
  template <class Handler>
  void run(NodeId id, const Resource& resource, Message* handled, Handler&& handler);
  void perform(NodeId id, Action& action, Message* handled);
  void send(NodeId id, Action& action, const Message* handled);

  std::uint64_t bare_bytes(const Message& message) const;
  std::string difference(const Output& output, const TraceEvent& event) const;
  std::string text_of(const Output& output) const;
  std::string text_of(const TraceEvent& event) const;
  std::string name_of_node(NodeId id) const;

  const TraceHead& head_;
  ClusterShape shape_;
  std::unique_ptr<Machine> machine_;
  std::vector<std::unique_ptr<Node>> nodes_;                   // those that have done something
  absl::flat_hash_map<std::uint64_t, Envelope> flights_;       // by message number
  absl::flat_hash_map<std::uint64_t, AccessKind> operations_;  // under way, of nodes that do not cache
  std::vector<std::uint32_t> busy_;                            // nodes whose handler has outputs left in this instant
  std::int64_t instant_ = 0;
  std::uint64_t line_ = 0;
  std::uint64_t handlers_ = 0;
};

}  // namespace pagetoken
