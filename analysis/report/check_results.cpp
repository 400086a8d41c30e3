#include "analysis/report/check_results.hpp"

#include <cmath>

#include <fmt/format.h>

#include "analysis/statistics/summary.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kWriter = "what pagetoken check --json writes";
constexpr std::string_view kVerdicts[] = {"ok", "violated", "unknown"};
constexpr IntegerRange kCount{0, INT64_MAX};

/// A name, or an object that has one; empty where it is null or missing, as the protocol of a VM scenario is.
std::string name_of(Section& section, std::string_view key) {
  const std::optional<Value> value = section.find(key);
  if (!value || value->json().is_null()) return "";
  if (!value->json().is_object()) return value->text();
  Section named(*value);
  return named.text("name", "");
}

/// A number of messages or hops; "unbounded" is infinite.
double cost_in(Section& costs, std::string_view key) {
  const Value value = costs.written(key, kWriter);
  if (value.json() == "unbounded") return INFINITY;
  if (!value.json().is_number()) value.fail_type("a number, or \"unbounded\"");
  return written_quantity(costs, key, kWriter);
}

/// Whether a search looked at everything; null is one that was not made.
bool is_certified(Section& section, std::string_view key) {
  const Value value = section.written(key, kWriter);
  if (value.json().is_null()) return false;
  Section search(value);
  return search.written("certified", kWriter).flag();
}

/// Of operations alone, and at once where they cost more.
void add_worst_cases(Section& section, std::vector<CertifiedCost>& certified) {
  const std::string protocol = section.written("protocol", kWriter).text();
  const std::int64_t nodes = section.written("nodes", kWriter).integer(kCount);
  const std::int64_t pages = section.written("pages", kWriter).integer(kCount);
  const auto events = section.written("events", kWriter).members();
  for (const auto& [how, words] :
       {std::pair{"alone", "one operation after another"}, {"concurrent", "operations at once"}}) {
    if (!is_certified(section, how)) continue;
    for (const auto& [event, value] : events) {
      Section ways(value);
      const Value cost = ways.written(how, kWriter);
      if (cost.json().is_null()) continue;
      Section costs(cost);
      certified.push_back({protocol, event, cost_in(costs, "messages_least"), cost_in(costs, "messages"),
                           cost_in(costs, "hops"),
                           fmt::format("{} nodes, {} page{}, {}", nodes, pages, pages == 1 ? "" : "s", words)});
    }
  }
}

}  // namespace

void add_check_results(const Value& value, ReportContents& contents) {
  if (value.json().is_array()) {
    for (const Value& element : value.elements()) add_check_results(element, contents);
    return;
  }
  Section section(value);
  const Value verdict = section.written("verdict", kWriter);
  const std::string_view found = kVerdicts[verdict.choice(kVerdicts)];
  if (section.text("kind", "") == "worst-case") return add_worst_cases(section, contents.certified);
  const std::string scenario = section.written("scenario", kWriter).text();
  const std::string guard = name_of(section, "guard");
  contents.explorations.push_back({name_of(section, "protocol"), scenario + (guard.empty() ? "" : ", guard " + guard),
                                   std::string(found),
                                   static_cast<std::uint64_t>(section.written("states", kWriter).integer(kCount))});
}

}  // namespace pagetoken
