// pagetoken describe: one thing in full.

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/cli/commands.hpp"
#include "sim/describe/catalogue.hpp"
#include "sim/describe/protocol_costs.hpp"
#include "sim/run/protocol_set.hpp"

namespace pagetoken {
namespace {

struct DescribeOptions {
  std::string name;
  bool json = false;
  std::vector<std::string> plugins;
};

const CatalogueEntry& entry_called(const std::string& name, const std::vector<CatalogueEntry>& entries) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const CatalogueEntry& e) { return e.name == name; });
  if (found != entries.end()) return *found;
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : entries) names.push_back(entry.name);
  const std::optional<std::string> near = nearest_name(name, names);
  throw ConfigError(
      "describe", "", fmt::format("unknown name \"{}\"", name),
      (near ? fmt::format("did you mean \"{}\"? ", *near) : "") + "allowed: the names that pagetoken list prints");
}

std::string cell(const OrderedJson& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "-" : value.dump();
}

/// An array of objects with the same keys, as a table with the keys above.
void print_table(const OrderedJson& rows) {
  std::vector<std::vector<std::string>> lines(1);
  for (const auto& [key, unused] : rows.front().items()) lines.front().push_back(key);
  for (const OrderedJson& row : rows) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const OrderedJson& value : row) line.push_back(cell(value));
  }
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  for (const auto& line : lines) {
    std::string text = " ";
    for (std::size_t i = 0; i < line.size(); ++i)
      text += fmt::format(" {:{}}", line[i], i + 1 < line.size() ? widths[i] + 1 : 0);
    fmt::print("{}\n", text);
  }
}

/// Steps of a path, those of one name on one line.
void print_steps(const OrderedJson& steps) {
  std::string line, name;
  for (const OrderedJson& step : steps) {
    if (step.at("step") != name) {
      if (!line.empty()) fmt::print("{}\n", line);
      name = step.at("step").get<std::string>();
      line = fmt::format("  {:4}", name);
    } else {
      line += "; ";
    }
    line += step.at("does").get<std::string>();
  }
  if (!line.empty()) fmt::print("{}\n", line);
}

/// Name and value of each member, and what it means where the thing says so.
void print_members(const OrderedJson& members, const OrderedJson& meanings) {
  for (const auto& [name, member] : members.items())
    fmt::print("  {:22}{:{}}{}\n", name, cell(member), meanings.empty() ? 0 : 17, meanings.value(name, ""));
}

void print_text(const Cli& cli, const OrderedJson& thing) {
  for (const auto& [key, value] : thing.items()) {
    if (key.ends_with("_meaning")) continue;  // beside what it is the meaning of
    if (value.is_array()) {
      fmt::print("{}{}\n", bold(cli, key), value.empty() ? ": none" : "");
      if (value.empty()) continue;
      if (value.front().contains("step"))
        print_steps(value);
      else
        print_table(value);
    } else if (value.is_object()) {
      fmt::print("{}\n", bold(cli, key));
      print_members(value, thing.value(key + "_meaning", OrderedJson::object()));
    } else if (key == "notes") {
      fmt::print("\n{}", value.get<std::string>());
    } else {
      fmt::print("{}{:{}}{}\n", bold(cli, key), "", key.size() < 16 ? 16 - key.size() : 1, cell(value));
    }
  }
}

/// Before the notes, which are long.
void add_costs(OrderedJson& protocol, const ProtocolSet& protocols) {
  const OrderedJson notes = protocol.value("notes", OrderedJson());
  protocol.erase("notes");
  tell_costs(protocol, *protocols.find(protocol["name"].get<std::string>()), protocols);
  if (!notes.is_null()) protocol["notes"] = notes;
}

OrderedJson thing_called(const std::string& name, const ProtocolSet& protocols) {
  if (names_guard_file(name)) return described(read_guard_file(name));
  const std::vector<CatalogueEntry> entries = catalogue(protocols.declarations());
  const CatalogueEntry& entry = entry_called(name, entries);
  OrderedJson thing = described(entry, protocols.declarations());
  if (entry.kind == Kind::protocol) add_costs(thing, protocols);
  return thing;
}

ExitCode describe(const Cli& cli, const DescribeOptions& options) {
  const ProtocolSet protocols(options.plugins);
  const OrderedJson thing = thing_called(options.name, protocols);
  if (options.json)
    fmt::print("{}\n", thing.dump(2));
  else
    print_text(cli, thing);
  return ExitCode::ok;
}

}  // namespace

void add_describe(CLI::App& app, Cli& cli) {
  const auto options = std::make_shared<DescribeOptions>();
  CLI::App* command =
      app.add_subcommand("describe", "Tell all about one protocol, guard, pattern, scenario, format or property.");
  command->add_option("NAME", options->name, "a name that pagetoken list prints, or the file of a guard of one's own")
      ->required();
  command->add_flag("--json", options->json, "write JSON");
  command->add_option("--plugin", options->plugins, "a shared library with a protocol; may be repeated")
      ->type_name("SO")
      ->expected(1)
      ->take_all();
  command->footer("Example:\n  pagetoken describe page-lock\n  pagetoken describe ./my-guard.json");
  command->callback([&cli, options] { cli.command = [&cli, options] { return describe(cli, *options); }; });
}

}  // namespace pagetoken
