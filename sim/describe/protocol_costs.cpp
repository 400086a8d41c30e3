#include "sim/describe/protocol_costs.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/text.hpp"
#include "sim/check/cluster/worst_case.hpp"
#include "sim/config/guards.hpp"
#include "sim/run/simulate.hpp"

namespace pagetoken {
namespace {

constexpr std::uint32_t kNodes = 3, kPages = 1;
constexpr std::uint64_t kMostStates = 500'000;

WorstCase certify(const Factory& factory) {
  ProtocolSpec spec;
  spec.factory = &factory;
  for (const Parameter& p : factory.declaration().parameters) spec.parameters.push_back(p.default_value);
  spec.guard = default_guard().scheme;
  spec.nodes = kNodes;
  spec.pages = kPages;
  std::vector<Operation> menu;
  for (const bool is_write : {false, true}) menu.push_back({TaskKind::access, is_write, FileId{0}, one_page(0)});
  return find_worst_case(spec, {menu}, {.max_states = kMostStates});
}

/// The same cluster and operations, drawn at random.
Json simulated_events(const Declaration& declaration, const ProtocolSet& protocols) {
  const Json config{
      {"protocol", declaration.name},
      {"cluster", {{"clients", kNodes}}},
      {"workload", {{"pattern", "uniform"}, {"pages", kPages}, {"write_fraction", 0.5}, {"serial", true}}},
      {"warmup", {{"accesses", 300}}},
      {"stop", {{"accesses", 6000}}}};
  return summary_json(simulate(bind_run_config(config, "describe", protocols.declarations()), protocols))["events"];
}

/// The costs of one kind of event, whatever the number of other holders.
struct KindCost {
  std::uint32_t least = ~0u;
  std::uint32_t most = 0;
  std::uint32_t hops = 0;
  bool bounded = true;
};

std::vector<std::pair<std::string, KindCost>> by_kind(const WorstCase& worst) {
  std::vector<std::pair<std::string, KindCost>> kinds;
  for (const auto& [event, cost] : worst.events) {
    const std::string text = text_of(event), name = text.substr(0, text.find('('));
    if (kinds.empty() || kinds.back().first != name) kinds.push_back({name, {}});
    KindCost& kind = kinds.back().second;
    kind.least = std::min(kind.least, cost.least_messages);
    kind.most = std::max(kind.most, cost.messages);
    kind.hops = std::max(kind.hops, cost.hops);
    kind.bounded = kind.bounded && cost.bounded && cost.hops_bounded;
  }
  return kinds;
}

OrderedJson rounded(double mean) { return std::round(mean * 100) / 100; }

}  // namespace

void tell_costs(OrderedJson& json, const Factory& factory, const ProtocolSet& protocols) {
  const WorstCase worst = certify(factory);
  if (!worst.certified) {
    json["costs_of"] =
        fmt::format("not certified: {}", worst.found.verdict == Exploration::Verdict::violated
                                             ? worst.found.broken.property.name() + ": " + worst.found.broken.text
                                             : worst.found.reason);
    return;
  }
  const Json events = simulated_events(factory.declaration(), protocols);
  json["costs_of"] = fmt::format(
      "{} nodes load and store {} page, one operation after another: least and most messages and hops over every "
      "history "
      "({} states); mean of a simulated run",
      kNodes, kPages, format_count(worst.found.states));
  json["costs"] = OrderedJson::array();
  for (const auto& [name, cost] : by_kind(worst)) {
    const Json event = events.value(name, Json::object());
    const bool met = event.value("count", 0) > 0;
    const auto most = [bounded = cost.bounded](std::uint32_t number) {
      return bounded ? OrderedJson(number) : OrderedJson("unbounded");
    };
    json["costs"].push_back({{"event", name},
                             {"messages_least", cost.least},
                             {"messages_mean", met ? rounded(event.at("messages_mean")) : OrderedJson()},
                             {"messages_most", most(cost.most)},
                             {"hops_mean", met ? rounded(event.at("hops_mean")) : OrderedJson()},
                             {"hops_most", most(cost.hops)}});
  }
}

}  // namespace pagetoken
