#include "sim/check/cluster/worst_case.hpp"

#include <algorithm>

#include "sim/explore/explorer.hpp"

namespace pagetoken {
namespace {

void add(WorstCase& worst, const CostModel::Outcome& outcome, const WalkWeight& weight) {
  const auto [at, is_new] = worst.events.try_emplace(outcome.event);
  WorstCase::Cost& cost = at->second;
  cost.least_messages = is_new ? weight.least : std::min(cost.least_messages, weight.least);
  cost.bounded = cost.bounded && weight.bounded;
  cost.messages = std::max(cost.messages, weight.most);
  cost.hops = std::max<std::uint32_t>(cost.hops, outcome.hops);
  cost.hops_bounded = cost.hops < Cause::kMostHops;
}

}  // namespace

std::vector<Operation> every_operation(std::uint32_t pages) {
  std::vector<Operation> all;
  for (std::uint32_t page = 0; page < pages; ++page) {
    for (const bool is_write : {false, true}) all.push_back({TaskKind::access, is_write, FileId{0}, one_page(page)});
    all.push_back({TaskKind::evict, false, FileId{0}, one_page(page)});
  }
  all.push_back({TaskKind::truncate, true, FileId{0}, {0, kToInfinity}});
  all.push_back({TaskKind::extend, true, FileId{0}, {0, pages + 1}});
  all.push_back({TaskKind::fsync, false, FileId{0}, whole_file()});
  return all;
}

WorstCase find_worst_case(const ProtocolSpec& spec, const WorstCaseBounds& bounds, const ProtocolOptions& options) {
  const ProtocolWorld world(spec);
  ClusterModel::Options model_options = world.options({});
  model_options.menu = bounds.menu;
  model_options.budget = bounds.budget;
  model_options.alone = bounds.alone;
  CostModel model(model_options, world.machine(), world.paths());

  WorstCase worst;
  worst.found = explore(model, {.max_states = options.max_states, .keep_edges = true, .stop = options.stop});
  worst.certified = worst.found.verdict == Exploration::Verdict::ok;
  const StateGraph& graph = *worst.found.graph;
  const std::vector<WalkWeight> weights = walk_weights(graph);
  for (std::uint32_t s = 0; s < graph.size(); ++s)
    if (const auto outcome = CostModel::outcome(graph.states[s].label)) add(worst, *outcome, weights[s]);
  worst.events.erase(WatchedEvent{});  // hits
  worst.found.graph.reset();
  return worst;
}

}  // namespace pagetoken
