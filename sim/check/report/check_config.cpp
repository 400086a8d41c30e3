#include "sim/check/report/check_config.hpp"

#include <fmt/format.h>

#include "sim/base/text.hpp"
#include "sim/check/vm/vm_model.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kMappingNames[] = {"shared", "private"};

ScenarioId scenario_in(const Value& value) {
  std::vector<std::string_view> names;
  for (const ScenarioInfo& info : scenario_infos()) names.push_back(info.name);
  names.push_back("protocol");
  return static_cast<ScenarioId>(value.choice(names));
}

void bind_bounds(Section section, ScenarioSpec& spec) {
  spec.rounds = static_cast<std::uint32_t>(section.integer("rounds", spec.rounds, {1, 4}));
  const ScenarioInfo& info = scenario_info(spec.id);
  if (info.has_escape) spec.escape = section.flag("escape", spec.escape);
  if (info.has_mmap) spec.mmap = section.flag("mmap", spec.mmap);
  spec.reduced = section.flag("reduced", spec.reduced);
  section.finish();
}

std::vector<RevokePart> bind_order(const Value& value) {
  std::vector<RevokePart> order;
  for (const Value& part : value.elements()) order.push_back(static_cast<RevokePart>(part.choice(kRevokePartNames)));
  if (order.size() > 8) value.fail(fmt::format("{} parts", order.size()), "at most 8");
  const auto releases = std::count(order.begin(), order.end(), RevokePart::release);
  if (releases != 1) value.fail(fmt::format("\"release\" stands {} times", releases), "exactly one release");
  return order;
}

/// One node (two in cross-node-write) and one page a file is all there is in a VM scenario: other numbers are of
/// protocols.
void bind_size(Section& section) {
  section.integer("nodes", 1, {1, 64});
  section.integer("pages", 1, {1, 64});
}

std::string variant_of(const CheckConfig& config) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (const std::size_t comma = config.guard.name.find(", "); comma != std::string::npos)
    add(config.guard.name.substr(comma + 2));
  const ScenarioSpec usual = default_spec(config.spec.id, config.guard.scheme);
  const ScenarioSpec& spec = config.spec;
  if (spec.invalidator != usual.invalidator)
    add(fmt::format("invalidator={}", kInvalidatorNames[static_cast<std::size_t>(spec.invalidator)]));
  if (spec.interferers != usual.interferers) add(fmt::format("interferers={}", spec.interferers));
  if (spec.is_private != usual.is_private) add(fmt::format("mapping={}", kMappingNames[spec.is_private ? 1 : 0]));
  if (spec.revoke_order != usual.revoke_order) {
    std::vector<std::string_view> names;
    for (const RevokePart part : spec.revoke_order) names.push_back(kRevokePartNames[static_cast<std::size_t>(part)]);
    add(fmt::format("revoke_order={}", fmt::join(names, " ")));
  }
  if (spec.escape != usual.escape) add("escape=true");
  if (spec.rounds != usual.rounds) add(fmt::format("rounds={}", spec.rounds));
  if (spec.mmap != usual.mmap) add("mmap=false");
  return text;
}

}  // namespace

CheckConfig bind_check(const Json& json, const std::string& file) {
  Section section(Value(json, file));
  section.find("$schema");
  section.find("name");
  section.find("summary");
  CheckConfig config;
  const ScenarioId id = scenario_in(section.required("scenario", "\"scenario\": \"fault-truncate\""));
  const std::optional<Value> guard = section.find("guard");
  config.guard = guard ? bind_guard(*guard) : default_guard();
  config.spec = default_spec(id, config.guard.scheme);
  ScenarioSpec& spec = config.spec;
  const ScenarioInfo& info = scenario_info(id);

  section.find("protocol");  // a stub grants the tokens of a VM scenario, whatever the protocol
  bind_size(section);
  spec.invalidator = section.choice("invalidator", spec.invalidator, kInvalidatorNames);
  if (spec.invalidator != info.invalidator && !info.invalidator_is_free)
    section.find("invalidator")
        ->fail(fmt::format("invalidator {}", quote(kInvalidatorNames[static_cast<std::size_t>(spec.invalidator)])),
               fmt::format("in {} it is {}", info.name, kInvalidatorNames[static_cast<std::size_t>(info.invalidator)]));
  spec.interferers = static_cast<std::uint32_t>(section.integer("interferers", spec.interferers, {1, 2}));
  if (spec.interferers > info.most_interferers)
    section.find("interferers")->fail("2 interferers", fmt::format("{} has 1", info.name));
  spec.is_private = section.choice("mapping", std::size_t{spec.is_private}, kMappingNames) == 1;
  if (spec.is_private != info.is_private && !info.may_be_private)
    section.find("mapping")->fail("a private mapping", fmt::format("in {} it is shared", info.name));
  if (const std::optional<Value> order = section.find("revoke_order")) {
    spec.revoke_order = bind_order(*order);
    if (!info.has_order) order->fail("an order of the revoke", "only in the scenario revoke-orders");
  }
  bind_bounds(section.section("bounds"), spec);
  if (section.flag("symmetry", false)) section.find("symmetry")->fail("symmetry", "in the scenario protocol only");
  section.finish();
  config.guard_name = config.guard.name.substr(0, config.guard.name.find(", "));
  config.variant = variant_of(config);
  return config;
}

std::vector<std::string_view> without_effect(const CheckConfig& config) {
  return switches_without_effect(config.spec, config.guard.base);
}

Json check_json(const CheckConfig& config) {
  const ScenarioSpec& spec = config.spec;
  const ScenarioInfo& info = scenario_info(spec.id);
  Json json{{"scenario", info.name},
            {"guard", guard_json(config.guard)},
            {"invalidator", kInvalidatorNames[static_cast<std::size_t>(spec.invalidator)]},
            {"interferers", spec.interferers},
            {"mapping", kMappingNames[spec.is_private ? 1 : 0]},
            {"bounds", {{"rounds", spec.rounds}, {"reduced", spec.reduced}}}};
  if (info.has_escape) json["bounds"]["escape"] = spec.escape;
  if (info.has_mmap) json["bounds"]["mmap"] = spec.mmap;
  if (info.has_order)
    for (const RevokePart part : spec.revoke_order)
      json["revoke_order"].push_back(kRevokePartNames[static_cast<std::size_t>(part)]);
  return json;
}

}  // namespace pagetoken
