#include "sim/cli/check_protocol.hpp"

#include <fmt/format.h>

#include "sim/base/text.hpp"
#include "sim/check/cluster_model.hpp"
#include "sim/check/critical_step.hpp"
#include "sim/check/explorer.hpp"
#include "sim/cli/check_report.hpp"
#include "sim/cli/simulate.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kLinkNames[] = {"fifo", "unordered"};

/// A run configuration of nothing but the protocol: what names it, and its parameters, are bound as there.
ProtocolConfig protocol_in(const Json& json, const std::string& file, const ProtocolSet& protocols) {
  if (!json.contains("protocol"))
    Value(json, file).fail("no \"protocol\"", "\"protocol\": NAME, as pagetoken list protocols has them");
  const Json run{{"protocol", json["protocol"]}, {"workload", {{"pattern", "uniform"}}}};
  return bind_run_config(run, file, protocols.declarations()).protocol;
}

struct Named {
  Operation operation;
  std::string text;
};

std::vector<Named> operations(std::uint32_t pages) {
  std::vector<Named> all;
  for (std::uint32_t page = 0; page < pages; ++page) {
    all.push_back({{TaskKind::access, false, FileId{0}, one_page(page)}, fmt::format("load {}", page)});
    all.push_back({{TaskKind::access, true, FileId{0}, one_page(page)}, fmt::format("store {}", page)});
  }
  all.push_back({{TaskKind::truncate, true, FileId{0}, {0, kToInfinity}}, "truncate"});
  return all;
}

/// The next program in the order of an odometer; false after the last.
bool advance(std::vector<std::size_t>& digits, std::size_t base) {
  for (std::size_t& digit : digits) {
    if (++digit < base) return true;
    digit = 0;
  }
  return false;
}

}  // namespace

ProtocolCheck bind_protocol_check(const Json& json, const std::string& file, const ProtocolSet& protocols) {
  Section section(Value(json, file));
  for (const char* key : {"$schema", "name", "summary", "scenario", "protocol"}) section.find(key);
  ProtocolCheck check;
  check.protocol = protocol_in(json, file, protocols);
  const std::optional<Value> guard = section.find("guard");
  check.guard = guard ? bind_guard(*guard) : default_guard();
  check.nodes = static_cast<std::uint32_t>(section.integer("nodes", check.nodes, {1, 4}));
  check.pages = static_cast<std::uint32_t>(section.integer("pages", check.pages, {1, 4}));
  check.operations = static_cast<std::uint32_t>(section.integer("operations", check.operations, {1, 4}));
  check.fifo = section.choice("links", std::size_t{0}, kLinkNames) == 0;
  for (const char* key : {"losses", "crashes"})
    if (section.integer(key, 0, {0, 16}) != 0)
      section.find(key)->fail(fmt::format("{} of them", key),
                              fmt::format("0: {} is not made to survive any", check.protocol.name));
  section.section("bounds").finish();
  section.finish();
  return check;
}

ProtocolCheckResult explore_protocol(const ProtocolCheck& check, const ProtocolSet& protocols, std::uint64_t max_states,
                                     const std::function<void(std::uint64_t)>& on_progress,
                                     const std::function<bool()>& stop) {
  const Factory& factory = *protocols.find(check.protocol.name);
  const auto machine = factory.make({check.nodes, check.protocol.in_order(factory.declaration())});
  const Paths paths(check.guard.scheme, path_options(factory.declaration()));
  const std::vector<Named> choices = operations(check.pages);

  ProtocolCheckResult result;
  Exploration& sum = result.found;
  std::vector<std::size_t> digits(std::size_t{check.nodes} * check.operations);
  do {
    ClusterModel::Options options;
    options.shape.clients = check.nodes;
    options.sizes = {check.pages};
    options.fifo = check.fifo;
    options.scripts.resize(check.nodes);
    std::string program;
    for (std::uint32_t n = 0; n < check.nodes; ++n) {
      program += fmt::format("{}node {}:", n == 0 ? "" : "; ", n);
      for (std::uint32_t o = 0; o < check.operations; ++o) {
        const Named& named = choices[digits[n * check.operations + o]];
        options.scripts[n].push_back(named.operation);
        program += " " + named.text + (o + 1 < check.operations ? "," : "");
      }
    }
    ClusterModel model(options, *machine, paths);
    Exploration found = explore(model, {.max_states = max_states, .progress = true, .stop = stop});
    ++result.programs;
    if (on_progress) on_progress(result.programs);
    const std::uint64_t states = sum.states + found.states, transitions = sum.transitions + found.transitions;
    const double wall_s = sum.wall_s + found.wall_s;
    const std::uint32_t depth = std::max(sum.depth, found.depth);
    const std::uint64_t bytes = std::max(sum.bytes, found.bytes);
    const bool worse = found.verdict != Exploration::Verdict::ok &&
                       (sum.verdict == Exploration::Verdict::ok ||
                        (found.verdict == Exploration::Verdict::violated &&
                         (sum.verdict == Exploration::Verdict::unknown || found.path.size() < sum.path.size())));
    result.lock_order.merge(model.lock_order());
    if (worse) {
      result.critical = found.verdict == Exploration::Verdict::violated
                            ? find_critical_step(model, found, max_states).step
                            : std::nullopt;
      sum = std::move(found);
      result.program = program;
    }
    sum.states = states;
    sum.transitions = transitions;
    sum.wall_s = wall_s;
    sum.depth = depth;
    sum.bytes = bytes;
    if (stop && stop()) break;
  } while (advance(digits, choices.size()));
  return result;
}

Json protocol_result_json(const ProtocolCheck& check, const ProtocolCheckResult& result) {
  const Exploration& found = result.found;
  const bool violated = found.verdict == Exploration::Verdict::violated;
  Json steps = Json::array();
  for (std::size_t i = 0; i < found.path.size(); ++i)
    steps.push_back({{"step", i + 1},
                     {"actor", fmt::format("{}", found.path[i].actor)},
                     {"node", nullptr},
                     {"name", ""},
                     {"text", found.path[i].text}});
  Json json{{"scenario", "protocol"},
            {"guard", check.guard.name},
            {"switches", switches_of(check.guard.scheme)},
            {"variant", nullptr},
            {"protocol", check.protocol.name},
            {"nodes", check.nodes},
            {"pages", check.pages},
            {"operations", check.operations},
            {"links", kLinkNames[check.fifo ? 0 : 1]},
            {"programs", result.programs},
            {"verdict", name_of(found.verdict)},
            {"property", violated ? Json(found.broken.property) : Json(nullptr)},
            {"states", found.states},
            {"transitions", found.transitions},
            {"depth", found.depth},
            {"steps", violated ? Json(found.path.size()) : Json(nullptr)},
            {"critical_step", result.critical ? Json(*result.critical + 1) : Json(nullptr)},
            {"counterexample", violated ? steps : Json::array()},
            {"states_per_s", static_cast<std::int64_t>(found.states_per_s())},
            {"peak_rss_bytes", peak_rss_bytes()}};
  tell_lock_order(json, result.lock_order);
  if (violated) {
    json["text"] = found.broken.text;
    json["program"] = result.program;
  }
  if (found.verdict == Exploration::Verdict::unknown) json["reason"] = found.reason;
  return json;
}

std::string protocol_result_text(const ProtocolCheck& check, const ProtocolCheckResult& result) {
  const Exploration& found = result.found;
  std::string text = fmt::format("{} under {}, {} nodes, {} pages, {} operations each, {} links: {}\n",
                                 check.protocol.name, check.guard.name, check.nodes, check.pages, check.operations,
                                 kLinkNames[check.fifo ? 0 : 1], name_of(found.verdict));
  if (found.verdict == Exploration::Verdict::violated)
    text += fmt::format("{}\n\n  {}\n", result.program, transcript(found));
  if (result.critical)
    text += fmt::format("step {} is the critical one: after it no continuation avoids the violation\n",
                        *result.critical + 1);
  text += lock_cycles_text(result.lock_order);
  return text + fmt::format("\n{} programs, {} states, {} transitions; {}\n", result.programs,
                            format_count(found.states), format_count(found.transitions),
                            format_rate(found.states_per_s()));
}

}  // namespace pagetoken
