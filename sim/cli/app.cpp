// The command line as a whole: what every command has, and what is said of a line that is wrong.

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"
#include "sim/base/version.hpp"
#include "sim/cli/commands.hpp"

namespace pagetoken {
namespace {

constexpr const char* kDescription = "pagetoken simulates and checks page-token protocols of distributed file systems.";
constexpr const char* kFooter =
    "Exit codes: 0 done and nothing wrong found, 1 a violation was found, 2 usage, configuration or input,\n"
    "3 internal error, 4 no verdict: a limit was reached first, 130 interrupted.\n\n"
    "Example:\n"
    "  pagetoken list protocols\n"
    "  pagetoken describe page-lock";

/// The subcommand that the line has reached, or the program itself.
const CLI::App& reached(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : reached(*parsed.front());
}

std::string command_line_of(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent ? command_line_of(*parent) + " " + command.get_name() : "pagetoken";
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent())
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames()) {
        if (std::find(names.begin(), names.end(), "--" + name) == names.end()) names.push_back("--" + name);
      }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); }))
    names.push_back(command->get_name());
  return names;
}

/// What is wrong with a line that the parser did not take. An argument that nobody knows comes first: it is the likely
/// cause of whatever else is missing.
ConfigError usage_error(const CLI::App& app, std::string_view complaint) {
  const CLI::App& command = reached(app);
  const std::string see = fmt::format("see {} --help", command_line_of(command));
  const std::vector<std::string> extras = app.remaining(true);
  if (extras.empty()) return {&command == &app ? "" : command.get_name(), "", complaint, see};
  const std::string& extra = extras.front();
  if (extra.starts_with("-")) {
    const std::string name = extra.substr(0, extra.find('='));
    return {"", "", fmt::format("unknown option {}", quote(name)), describe_allowed(name, option_names(command))};
  }
  if (&command == &app)
    return {"", "", fmt::format("unknown command {}", quote(extra)), describe_allowed(extra, command_names(app))};
  return {command.get_name(), "", fmt::format("unexpected argument {}", quote(extra)), see};
}

}  // namespace

ExitCode run_command_line(int argc, char** argv) {
  Cli cli;
  CLI::App app(kDescription, "pagetoken");
  app.footer(kFooter);
  app.set_version_flag("--version", fmt::format("pagetoken {}", kVersion));
  app.add_flag("--quiet", cli.quiet, "no progress and no remarks, only results and errors");
  std::string color(kColorNames[0]);
  app.add_option("--color", color, "auto, always or never")->type_name("WHEN")->capture_default_str();
  app.fallthrough();  // inherited: these options may stand behind the command, too
  for (const auto add : {add_run, add_check, add_replay, add_list, add_describe, add_import, add_sweep, add_merge,
                         add_report, add_analyze, add_oracle, add_validate, add_new, add_demo, add_completion})
    add(app, cli);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    app.exit(asked);
    return ExitCode::ok;
  } catch (const CLI::ParseError& error) {
    throw usage_error(app, error.what());
  }
  cli.color = static_cast<Color>(choice_of("--color", color, kColorNames));
  if (!cli.command)
    throw ConfigError("", "", "no command",
                      fmt::format("allowed: {}; see pagetoken --help", fmt::join(command_names(app), ", ")));
  return cli.command();
}

std::size_t choice_of(std::string_view option, std::string_view value, std::span<const std::string_view> names) {
  const auto found = std::find(names.begin(), names.end(), value);
  if (found == names.end())
    throw ConfigError(option, "", fmt::format("unknown value {}", quote(value)), describe_allowed(value, names));
  return static_cast<std::size_t>(found - names.begin());
}

std::string wrong_path(const std::string& argument) { return argument.empty() ? "the name of a file is empty" : ""; }

std::string wrong_seed(const std::string& argument) {
  std::int64_t seed = 0;
  const char* end = argument.data() + argument.size();
  const auto [stopped, error] = std::from_chars(argument.data(), end, seed);
  if (error == std::errc{} && stopped == end && seed >= 0) return "";
  return fmt::format("found {}; an integer from 0 to {}", quote(argument), INT64_MAX);
}

bool colored_output(const Cli& cli) {
  if (cli.color != Color::automatic) return cli.color == Color::always;
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

std::string bold(const Cli& cli, std::string_view text) {
  return colored_output(cli) ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

}  // namespace pagetoken
