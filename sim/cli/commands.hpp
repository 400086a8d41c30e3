#pragma once
// The subcommands: each is one file, whose add_<name> puts it into the command line. A new one is declared here and
// named in app.cpp.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace pagetoken {

/// `violation`: the run did its job and found something wrong. `usage`: the user's mistake, `internal`: ours.
/// `unknown`: nothing wrong was found, but not everything was looked at.
enum class ExitCode : int { ok = 0, violation = 1, usage = 2, internal = 3, unknown = 4, interrupted = 130 };
/// Of verdicts: what is violated counts most, then what is not known.
constexpr ExitCode exit_code_of(bool violated, bool unknown) {
  return violated ? ExitCode::violation : unknown ? ExitCode::unknown : ExitCode::ok;
}

enum class Color : std::uint8_t { automatic, always, never };
inline constexpr std::string_view kColorNames[] = {"auto", "always", "never"};

/// What the options that every command has say, and the command to be run once the whole line has been read.
struct Cli {
  bool quiet = false;  ///< no progress, no remarks; results and errors stay
  Color color = Color::automatic;
  std::function<ExitCode()> command;  ///< set by a subcommand's callback
};

void add_list(CLI::App& app, Cli& cli);
void add_describe(CLI::App& app, Cli& cli);
void add_import(CLI::App& app, Cli& cli);
void add_run(CLI::App& app, Cli& cli);
void add_sweep(CLI::App& app, Cli& cli);
void add_merge(CLI::App& app, Cli& cli);
void add_check(CLI::App& app, Cli& cli);
void add_replay(CLI::App& app, Cli& cli);
void add_report(CLI::App& app, Cli& cli);
void add_demo(CLI::App& app, Cli& cli);
void add_completion(CLI::App& app, Cli& cli);
void add_analyze(CLI::App& app, Cli& cli);
void add_oracle(CLI::App& app, Cli& cli);
void add_validate(CLI::App& app, Cli& cli);
void add_new(CLI::App& app, Cli& cli);

/// Reads the command line and runs its command. Throws ConfigError for a line that is wrong.
ExitCode run_command_line(int argc, char** argv);

/// The index of `value` among `names`; throws ConfigError, naming `option`, if it is not there.
std::size_t choice_of(std::string_view option, std::string_view value, std::span<const std::string_view> names);

/// For CLI11's check(): what is wrong with an argument, empty if nothing is. A file's name must not be empty, and a
/// seed is a number that 63 bits hold.
std::string wrong_path(const std::string& argument);
std::string wrong_seed(const std::string& argument);

/// Whether standard output should be coloured: a terminal, and NO_COLOR is not set, unless --color says otherwise.
bool colored_output(const Cli& cli);
/// `text` in bold, where output is coloured.
std::string bold(const Cli& cli, std::string_view text);

}  // namespace pagetoken
