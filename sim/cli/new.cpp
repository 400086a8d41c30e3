// pagetoken new: folders to begin with.

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/cli/commands.hpp"
#include "sim/scaffold/new_protocol.hpp"

namespace pagetoken {

void add_new(CLI::App& app, Cli& cli) {
  struct Arguments {
    std::string name;
    std::string output = ".";
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("new", "Makes a folder to begin with.");
  command->require_subcommand(1);
  CLI::App* protocol = command->add_subcommand(
      "protocol", "A protocol that builds out of tree, with its checks, of which one fails on purpose.");
  protocol->add_option("NAME", arguments->name, "of the protocol and its folder")->required();
  protocol->add_option("-o,--output", arguments->output, "where the folder is made")
      ->type_name("DIR")
      ->capture_default_str();
  protocol->footer("Example:\n  pagetoken new protocol my-protocol");
  protocol->callback([arguments, &cli] {
    cli.command = [arguments, &cli] {
      for (const std::string& file : new_protocol(arguments->name, arguments->output)) fmt::print("{}\n", file);
      if (!cli.quiet) fmt::print("next: {}/{}/README.md\n", arguments->output, arguments->name);
      return ExitCode::ok;
    };
  });
}

}  // namespace pagetoken
