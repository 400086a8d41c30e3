// pagetoken list: the names of what there is.

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/cli/commands.hpp"
#include "sim/describe/catalogue.hpp"
#include "sim/run/protocol_set.hpp"

namespace pagetoken {
namespace {

struct ListOptions {
  std::string kind;  ///< empty: all
  bool json = false;
  std::vector<std::string> plugins;
};

void print_text(const Cli& cli, Kind kind, const std::vector<CatalogueEntry>& entries) {
  std::size_t width = 0;
  for (const CatalogueEntry& entry : entries) width = std::max(width, entry.name.size());
  fmt::print("{}\n", bold(cli, kKindPlurals[static_cast<std::size_t>(kind)]));
  for (const CatalogueEntry& entry : entries)
    if (entry.kind == kind) fmt::print("  {:{}}  {}\n", entry.name, width, entry.summary);
}

ExitCode list(const Cli& cli, const ListOptions& options) {
  std::vector<Kind> kinds{Kind::protocol, Kind::guard, Kind::pattern, Kind::scenario, Kind::format};
  if (!options.kind.empty()) kinds = {static_cast<Kind>(choice_of("list", options.kind, kKindPlurals))};
  std::vector<CatalogueEntry> entries = catalogue(ProtocolSet(options.plugins).declarations());
  if (kinds.front() != Kind::property)
    std::erase_if(entries, [](const CatalogueEntry& entry) { return entry.kind == Kind::property; });
  OrderedJson json;
  for (const Kind kind : kinds) {
    if (!options.json) {
      print_text(cli, kind, entries);
      continue;
    }
    OrderedJson& list = json[std::string(kKindPlurals[static_cast<std::size_t>(kind)])] = OrderedJson::array();
    for (const CatalogueEntry& entry : entries)
      if (entry.kind == kind) list.push_back({{"name", entry.name}, {"summary", entry.summary}});
  }
  if (options.json) fmt::print("{}\n", json.dump(2));
  return ExitCode::ok;
}

}  // namespace

void add_list(CLI::App& app, Cli& cli) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App* command =
      app.add_subcommand("list", "List protocols, guards, workload patterns, scenarios and trace formats.");
  command->add_option("KIND", options->kind,
                      "protocols, guards, patterns, scenarios, formats or properties; all but the last without it");
  command->add_flag("--json", options->json, "write JSON: for each kind, an array of name and summary");
  command->add_option("--plugin", options->plugins, "a shared library with a protocol; may be repeated")
      ->type_name("SO")
      ->expected(1)
      ->take_all();
  command->footer("Example:\n  pagetoken list guards");
  command->callback([&cli, options] { cli.command = [&cli, options] { return list(cli, *options); }; });
}

}  // namespace pagetoken
