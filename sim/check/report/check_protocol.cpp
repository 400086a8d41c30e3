#include "sim/check/report/check_protocol.hpp"

#include <fmt/format.h>

namespace pagetoken {
namespace {

constexpr std::size_t kMostNodes = 4, kMostOperations = 8;

/// A run configuration of nothing but the protocol: what names it, and its parameters, are bound as there.
ProtocolConfig protocol_in(const Json& json, const std::string& file, const ProtocolSet& protocols) {
  const Json* protocol = json.is_object() ? find_at(json, "/protocol") : nullptr;
  if (!protocol) Value(json, file).fail("no \"protocol\"", "\"protocol\": NAME, as pagetoken list protocols has them");
  const Json run{{"protocol", *protocol}, {"workload", {{"pattern", "uniform"}}}};
  return bind_run_config(run, file, protocols.declarations()).protocol;
}

Operation bind_operation(const Value& text) {
  const std::optional<Operation> operation = operation_called(text.text());
  if (!operation) text.fail(fmt::format("\"{}\"", text.text()), kOperationHelp);
  return *operation;
}

Scripts bind_scripts(const Value& value, std::uint32_t threads) {
  Scripts scripts;
  for (const Value& script : value.elements()) {
    scripts.emplace_back();
    for (const Value& text : script.elements()) scripts.back().push_back(bind_operation(text));
    if (scripts.back().size() > kMostOperations)
      script.fail(fmt::format("{} operations", scripts.back().size()), fmt::format("at most {}", kMostOperations));
  }
  const std::size_t nodes = (scripts.size() + threads - 1) / threads;
  if (nodes == 0 || nodes > kMostNodes)
    value.fail(fmt::format("scripts of {} nodes", nodes), fmt::format("1 to {}", kMostNodes));
  return scripts;
}

void bind_programs(Section& section, ProtocolSpec& spec) {
  const auto integer = [&](std::string_view key, std::uint32_t usual) {
    return static_cast<std::uint32_t>(section.integer(key, usual, {1, 4}));
  };
  spec.pages = integer("pages", spec.pages);
  if (const std::optional<Value> scripts = section.find("scripts")) {
    spec.threads = integer("threads", spec.threads);
    spec.scripts = bind_scripts(*scripts, spec.threads);
    const auto nodes = static_cast<std::uint32_t>((spec.scripts.size() + spec.threads - 1) / spec.threads);
    spec.nodes = integer("nodes", nodes);
    if (spec.nodes != nodes)
      scripts->fail(fmt::format("scripts of {} nodes", nodes), fmt::format("{} nodes", spec.nodes));
    if (const auto operations = section.find("operations"))
      operations->fail("both \"operations\" and \"scripts\"", "one of them: every program, or this one");
    if (const auto evictions = section.find("evictions"))
      evictions->fail("both \"evictions\" and \"scripts\"", "\"evict P\" in the scripts");
    return;
  }
  spec.nodes = integer("nodes", spec.nodes);
  spec.operations = integer("operations", spec.operations);
  spec.evictions = static_cast<std::uint32_t>(section.integer("evictions", spec.evictions, {0, 4}));
  if (spec.factory->declaration().caching == Caching::none) spec.evictions = 0;  // there is nothing to evict
}

/// Of --worst-case.
void bind_bounds(Section bounds, ProtocolCheck& check) {
  check.alone = static_cast<std::uint32_t>(bounds.integer("alone", check.spec.nodes + 1, {0, 16}));
  check.concurrent = static_cast<std::uint32_t>(bounds.integer("concurrent", 2, {0, 8}));
  if (const std::optional<Value> menu = bounds.find("menu"))
    for (const Value& text : menu->elements()) check.menu.push_back(bind_operation(text));
  bounds.finish();
}

}  // namespace

ProtocolCheck bind_protocol_check(const Json& json, const std::string& file, const ProtocolSet& protocols) {
  Section section(Value(json, file));
  for (const char* key : {"$schema", "name", "summary", "scenario", "protocol"}) section.find(key);
  ProtocolCheck check;
  check.protocol = protocol_in(json, file, protocols);
  const std::optional<Value> guard = section.find("guard");
  check.guard = guard ? bind_guard(*guard) : default_guard();
  ProtocolSpec& spec = check.spec;
  spec.factory = protocols.find(check.protocol.name);
  spec.parameters = check.protocol.in_order(spec.factory->declaration());
  spec.guard = check.guard.scheme;
  bind_programs(section, spec);
  spec.fifo = section.choice("links", std::size_t{0}, kLinkNames) == 0;
  spec.symmetry = section.flag("symmetry", false);
  spec.losses = static_cast<std::uint32_t>(section.integer("losses", 0, {0, 4}));
  spec.crashes = static_cast<std::uint32_t>(section.integer("crashes", 0, {0, 4}));
  spec.crash_managers = section.flag("crash_managers", true);
  if (spec.symmetry && spec.losses + spec.crashes > 0)
    section.find("symmetry")->fail("symmetry", "without losses and crashes");
  bind_bounds(section.section("bounds"), check);
  section.finish();
  return check;
}

Json protocol_check_json(const ProtocolCheck& check) {
  const ProtocolSpec& spec = check.spec;
  Json json{{"scenario", "protocol"},
            {"protocol", {{"name", check.protocol.name}, {"params", check.protocol.params}}},
            {"guard", guard_json(check.guard)},
            {"nodes", spec.nodes},
            {"pages", spec.pages},
            {"links", kLinkNames[spec.fifo ? 0 : 1]},
            {"symmetry", spec.symmetry},
            {"losses", spec.losses},
            {"crashes", spec.crashes},
            {"crash_managers", spec.crash_managers}};
  if (spec.scripts.empty()) {
    json["operations"] = spec.operations;
    json["evictions"] = spec.evictions;
  }
  if (spec.threads > 1) json["threads"] = spec.threads;
  for (const auto& script : spec.scripts) {
    Json texts = Json::array();
    for (const Operation& operation : script) texts.push_back(text_of(operation));
    json["scripts"].push_back(texts);
  }
  return json;
}

std::string title_of(const ProtocolCheck& check) {
  const ProtocolSpec& spec = check.spec;
  const auto plural = [](std::uint32_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
  };
  std::string text = fmt::format("{} under {}, {}, {}", check.protocol.name, check.guard.name,
                                 plural(spec.nodes, "node"), plural(spec.pages, "page"));
  if (spec.scripts.empty()) text += fmt::format(", {} each", plural(spec.operations, "operation"));
  if (spec.scripts.empty() && spec.evictions > 0)
    text += fmt::format(", {} in all", plural(spec.evictions, "eviction"));
  text += fmt::format(", {} links", kLinkNames[spec.fifo ? 0 : 1]);
  if (spec.losses > 0) text += fmt::format(", {} lost", plural(spec.losses, "message"));
  if (spec.crashes > 0)
    text += fmt::format(", {} of {}", plural(spec.crashes, "failure"), spec.crash_managers ? "nodes" : "clients");
  return text;
}

}  // namespace pagetoken
