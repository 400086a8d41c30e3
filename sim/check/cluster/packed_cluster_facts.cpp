// What is asked of a packed state, learnt of each piece once.

#include <algorithm>
#include <cassert>

#include "sim/check/cluster/packed_cluster.hpp"

namespace pagetoken {

const PackedCluster::Facts& PackedCluster::facts_of_node(std::uint32_t n) const {
  const PieceId id = node(n);
  if (id >= facts_.size()) facts_.resize(std::max<std::size_t>(pieces_->size(), id + 1));
  Facts& facts = facts_[id];
  if (facts.known) return facts;
  if (decoded_[1 + n] != id) {
    Decoder in((*pieces_)[id].bytes.data() + 1);
    model_.decode_node(n, in);
    decoded_[1 + n] = id;
  }
  facts.known = true;
  const Vm& vm = model_.cluster_.vm(NodeId{n});
  for (std::uint32_t s = 0; s < model_.options_.scripts.size(); ++s)
    if (model_.options_.client_of[s] == n && model_.can_start(s)) facts.starts |= std::uint64_t{1} << s;
  assert(vm.task_slots() <= 64);
  for (TaskIndex t = 0; t < vm.task_slots(); ++t)
    if (vm.runnable(t)) facts.runnable |= std::uint64_t{1} << t;
  facts.finished = model_.finished_all(n);
  facts.tokens_fit = !model_.check_tokens(n);
  facts.tokens = number_of(vm.tokens);
  return facts;
}

std::uint32_t PackedCluster::number_of(const TokenTable& table) const {
  Encoder encoder;
  encoder.put(table);
  const auto [at, is_new] = table_numbers_.try_emplace(encoder.bytes(), static_cast<std::uint32_t>(tables_.size()));
  if (is_new) {
    tables_.push_back(table);
    for (auto& row : fit_) row.push_back(Fit::unknown);
    fit_.emplace_back(tables_.size(), Fit::unknown);
  }
  return at->second;
}

const PackedCluster::Facts& PackedCluster::facts_of_item(std::uint32_t list, std::uint32_t i) const {
  const PieceId id = now_[begin_of(list) + i];
  if (id >= facts_.size()) facts_.resize(std::max<std::size_t>(pieces_->size(), id + 1));
  Facts& facts = facts_[id];
  if (facts.known) return facts;
  facts.known = true;
  Decoder in((*pieces_)[id].bytes.data() + 1);
  if (list == kMessages) {
    Envelope envelope;
    in.get(envelope);
    facts.from = index_of(envelope.from);
    facts.to = index_of(envelope.to);
  } else if (list == kRequests) {
    ClusterModel::Request request;
    in.get(request);
    facts.from = facts.to = index_of(request.node);
  } else {
    ClusterModel::Timer timer;
    in.get(timer);
    facts.from = facts.to = index_of(timer.node);
  }
  return facts;
}

/// No client maps or caches more than its tokens allow, and no two hold incompatible ones.
bool PackedCluster::tokens_fit() const {
  const std::uint32_t clients = model_.options_.shape.clients;
  for (std::uint32_t a = 0; a < clients; ++a) {
    const Facts facts = facts_of_node(a);
    if (!facts.tokens_fit) return false;
    for (std::uint32_t b = a + 1; b < clients; ++b) {
      const std::uint32_t other = facts_of_node(b).tokens;
      Fit& fit = fit_[facts.tokens][other];
      if (fit == Fit::unknown) {
        const auto conflict = model_.check_exclusion(NodeId{a}, tables_[facts.tokens], NodeId{b}, tables_[other]);
        fit = conflict ? Fit::no : Fit::yes;
      }
      if (fit == Fit::no) return false;
    }
  }
  return true;
}

std::optional<Finding> PackedCluster::check() {
  if (!choices_.empty() && (!model_.linearizable() || tokens_fit())) return std::nullopt;
  ClusterModel& model = live();
  model.choices();
  return model.check();
}

std::string PackedCluster::describe_choice(std::size_t choice) {
  ClusterModel& model = live();
  model.choices();
  return model.describe_choice(choice);
}

std::string PackedCluster::who_waits() const { return live().who_waits(); }

std::uint32_t PackedCluster::actor_of(std::size_t choice) const {
  const Choice& c = choices_[choice];
  if (model_.fails()) return live().actor_of(choice);  // as choices() left them
  NodeId from{}, to{};
  if (c.kind == Choice::Kind::deliver || c.kind == Choice::Kind::storage || c.kind == Choice::Kind::timer) {
    const std::uint32_t list = c.kind == Choice::Kind::deliver   ? kMessages
                               : c.kind == Choice::Kind::storage ? kRequests
                                                                 : kTimers;
    const Facts& facts = facts_of_item(list, c.index);
    from = NodeId{facts.from};
    to = NodeId{facts.to};
  }
  return model_.actor_of(c, from, to);
}

std::uint64_t PackedCluster::unfinished() const {
  std::uint64_t set = 0;
  for (std::uint32_t c = 0; c < model_.options_.shape.clients; ++c)
    if (!facts_of_node(c).finished) set |= std::uint64_t{1} << c;
  return set;
}

std::uint64_t PackedCluster::memory() const {
  return memo_.memory() + facts_.capacity() * sizeof(Facts) + (owns_pieces_ ? pieces_->memory() : 0);
}

}  // namespace pagetoken
