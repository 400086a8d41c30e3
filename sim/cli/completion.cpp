// pagetoken completion: what a shell needs to complete our command lines, made of the parser's own tree so that it
// cannot be behind it.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/cli/commands.hpp"
#include "sim/config/run_config.hpp"
#include "sim/describe/catalogue.hpp"
#include "sim/run/protocol_set.hpp"

namespace pagetoken {
namespace {

using Words = std::vector<std::string>;

/// What may stand for an argument: one of some words, a path, or something that cannot be guessed.
struct ArgumentValue {
  enum class Kind : std::uint8_t { none, words, file, directory, other } kind = Kind::none;
  Words words{};
};
struct OptionEntry {
  Words names;  ///< "-o", "--output"
  std::string description;
  ArgumentValue value;
};
struct CommandEntry {
  std::string name;  ///< empty: the program itself
  std::string description;
  std::vector<OptionEntry> options;
  std::vector<ArgumentValue> positionals;
};

Words to_words(std::span<const std::string_view> names) { return {names.begin(), names.end()}; }

/// Read off the placeholder that --help shows.
ArgumentValue value_of(std::string_view command, std::string_view placeholder) {
  const auto words = [](Words list) { return ArgumentValue{ArgumentValue::Kind::words, std::move(list)}; };
  if (placeholder == "WHEN") return words(to_words(kColorNames));
  if (placeholder == "SHELL") return words({"bash", "zsh", "fish"});
  if (command == "list" && placeholder == "KIND") return words(to_words(kKindPlurals));
  if (placeholder == "NAME" || placeholder == "FORMAT") {
    Words names;
    const ProtocolSet built_in;
    for (const CatalogueEntry& entry : catalogue(built_in.declarations()))
      if (placeholder == "NAME" || entry.kind == Kind::format) names.push_back(entry.name);
    return words(std::move(names));
  }
  if (placeholder == "ENGINE") return words(to_words(kEngineNames));
  if (placeholder.starts_with("DIR")) return {ArgumentValue::Kind::directory};
  constexpr std::string_view paths[] = {"CONFIG", "FILE", "SUMMARY", "SO", "TRACE", "HISTORY"};
  for (const std::string_view path : paths)
    if (placeholder.starts_with(path)) return {ArgumentValue::Kind::file};
  return {ArgumentValue::Kind::other};
}

CommandEntry entry_of(const CLI::App& app, std::string_view name) {
  CommandEntry entry{std::string(name), app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    if (option->get_positional()) {
      entry.positionals.push_back(value_of(name, option->get_name(true)));
      continue;
    }
    OptionEntry made{{}, option->get_description(), {}};
    for (const std::string& s : option->get_snames()) made.names.push_back("-" + s);
    for (const std::string& l : option->get_lnames()) made.names.push_back("--" + l);
    if (option->get_expected_max() > 0) made.value = value_of(name, option->get_type_name());
    entry.options.push_back(std::move(made));
  }
  return entry;
}

/// The program first, then its commands; those that are hidden from --help are hidden here.
std::vector<CommandEntry> entries_of(const CLI::App& app) {
  std::vector<CommandEntry> entries{entry_of(app, "")};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); }))
    entries.push_back(entry_of(*command, command->get_name()));
  return entries;
}

Words command_names(const std::vector<CommandEntry>& entries) {
  Words names;
  for (const CommandEntry& entry : entries)
    if (!entry.name.empty()) names.push_back(entry.name);
  return names;
}

Words option_names(const CommandEntry& entry) {
  Words names;
  for (const OptionEntry& option : entry.options) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

// ---- bash

std::string bash_reply(const ArgumentValue& value) {
  switch (value.kind) {
    case ArgumentValue::Kind::words:
      return fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")", fmt::join(value.words, " "));
    case ArgumentValue::Kind::file:
      return "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
    case ArgumentValue::Kind::directory:
      return "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")";
    case ArgumentValue::Kind::none:
    case ArgumentValue::Kind::other: return ":";
  }
  return ":";
}

std::string bash_script(const std::vector<CommandEntry>& entries) {
  std::string out =
      "# bash completion for pagetoken; made by `pagetoken completion bash`.\n"
      "_pagetoken() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= word\n"
      "  local -i i position=0\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    case $command,$word in\n"
      "      *,-*) ;;\n";
  out += fmt::format("      ,{}) command=$word ;;\n", fmt::join(command_names(entries), "|,"));
  // An option's argument is no positional one.
  out += "      *) [[ -n $command && ${COMP_WORDS[i-1]} != -* ]] && position+=1 ;;\n    esac\n  done\n";
  out += "  case $command,$prev in\n";
  for (const CommandEntry& entry : entries)
    for (const OptionEntry& option : entry.options) {
      if (option.value.kind == ArgumentValue::Kind::none) continue;
      for (const std::string& name : option.names)
        out += fmt::format("    {},{}) {}; return ;;\n", entry.name.empty() ? "*" : entry.name, name,
                           bash_reply(option.value));
    }
  out += "  esac\n  if [[ $cur == -* ]]; then\n    case $command in\n";
  const std::string common = fmt::format("{}", fmt::join(option_names(entries.front()), " "));
  for (const CommandEntry& entry : entries) {
    if (entry.name.empty()) continue;
    const std::string own = fmt::format("{} {}", fmt::join(option_names(entry), " "), common);
    out += fmt::format("      {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\") ;;\n", entry.name, own);
  }
  out += fmt::format("      *) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\") ;;\n    esac\n    return\n  fi\n",
                     common);
  out += "  case $command,$position in\n";
  for (const CommandEntry& entry : entries)
    for (std::size_t i = 0; i < entry.positionals.size(); ++i) {
      const bool last = i + 1 == entry.positionals.size();  // a list of files goes on
      out += fmt::format("    {},{}) {} ;;\n", entry.name, last ? "*" : std::to_string(i),
                         bash_reply(entry.positionals[i]));
    }
  out += fmt::format("    ,*) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\") ;;\n  esac\n}}\n",
                     fmt::join(command_names(entries), " "));
  return out + "complete -F _pagetoken pagetoken\n";
}

// ---- zsh

/// A description inside '...[...]' of _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const ArgumentValue& value) {
  switch (value.kind) {
    case ArgumentValue::Kind::words: return fmt::format("({})", fmt::join(value.words, " "));
    case ArgumentValue::Kind::file: return "_files";
    case ArgumentValue::Kind::directory: return "_files -/";
    case ArgumentValue::Kind::none:
    case ArgumentValue::Kind::other: return " ";
  }
  return " ";
}

/// `except`: names that stand there already.
void add_zsh_options(std::string& out, const CommandEntry& entry, std::string_view indent, const Words& except = {}) {
  for (const OptionEntry& option : entry.options)
    for (const std::string& name : option.names)
      if (std::find(except.begin(), except.end(), name) == except.end())
        out += fmt::format("{}'*{}[{}]{}' \\\n", indent, name, zsh_text(option.description),
                           option.value.kind == ArgumentValue::Kind::none ? "" : ":value:" + zsh_action(option.value));
}

std::string zsh_script(const std::vector<CommandEntry>& entries) {
  std::string out =
      "#compdef pagetoken\n# zsh completion for pagetoken; made by `pagetoken completion zsh`.\n"
      "_pagetoken() {\n  local curcontext=$curcontext state line\n  local -a commands\n  commands=(\n";
  for (const CommandEntry& entry : entries)
    if (!entry.name.empty()) out += fmt::format("    '{}:{}'\n", entry.name, zsh_text(entry.description));
  out += "  )\n  _arguments -C \\\n";
  add_zsh_options(out, entries.front(), "    ");
  out +=
      "    '1:command:->command' '*::argument:->argument'\n  case $state in\n"
      "    command) _describe command commands ;;\n    argument)\n      case $line[1] in\n";
  for (const CommandEntry& entry : entries) {
    if (entry.name.empty()) continue;
    out += fmt::format("        {})\n          _arguments \\\n", entry.name);
    add_zsh_options(out, entry, "            ");
    add_zsh_options(out, entries.front(), "            ", option_names(entry));
    for (std::size_t i = 0; i < entry.positionals.size(); ++i) {
      const std::string at = i + 1 == entry.positionals.size() ? "*" : std::to_string(i + 1);
      out += fmt::format("            '{}:argument:{}' \\\n", at, zsh_action(entry.positionals[i]));
    }
    out += "            && return ;;\n";
  }
  return out + "      esac ;;\n  esac\n}\n_pagetoken \"$@\"\n";
}

// ---- fish

std::string fish_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fish_value(const ArgumentValue& value) {
  switch (value.kind) {
    case ArgumentValue::Kind::none: return "";
    case ArgumentValue::Kind::words: return fmt::format(" -x -a '{}'", fmt::join(value.words, " "));
    case ArgumentValue::Kind::file: return " -r -F";
    case ArgumentValue::Kind::directory: return " -x -a '(__fish_complete_directories)'";
    case ArgumentValue::Kind::other: return " -x";
  }
  return "";
}

std::string fish_script(const std::vector<CommandEntry>& entries) {
  std::string out = "# fish completion for pagetoken; made by `pagetoken completion fish`.\ncomplete -c pagetoken -f\n";
  for (const CommandEntry& entry : entries) {
    const std::string when = entry.name.empty() ? "" : fmt::format(" -n '__fish_seen_subcommand_from {}'", entry.name);
    if (!entry.name.empty())
      out += fmt::format("complete -c pagetoken -n __fish_use_subcommand -a {} -d '{}'\n", entry.name,
                         fish_text(entry.description));
    for (const OptionEntry& option : entry.options) {
      std::string names;
      for (const std::string& name : option.names)
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      out += fmt::format("complete -c pagetoken{}{}{} -d '{}'\n", when, names, fish_value(option.value),
                         fish_text(option.description));
    }
    for (const ArgumentValue& value : entry.positionals)
      if (value.kind != ArgumentValue::Kind::other) {
        const std::string offered =
            value.kind == ArgumentValue::Kind::file ? " -F" : fish_value(value);  // -F lifts the -f of the first line
        out += fmt::format("complete -c pagetoken{}{}\n", when, offered);
      }
  }
  return out;
}

ExitCode completion(const CLI::App& app, const std::string& shell) {
  constexpr std::string_view shells[] = {"bash", "zsh", "fish"};
  const std::vector<CommandEntry> entries = entries_of(app);
  switch (choice_of("completion", shell, shells)) {
    case 0: fmt::print("{}", bash_script(entries)); break;
    case 1: fmt::print("{}", zsh_script(entries)); break;
    default: fmt::print("{}", fish_script(entries)); break;
  }
  return ExitCode::ok;
}

}  // namespace

void add_completion(CLI::App& app, Cli& cli) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Prints the completions of a shell: bash, zsh or fish.");
  command->group("");  // for whoever installs us: not in --help
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  command->footer("Example:\n  pagetoken completion bash");
  command->callback([&app, &cli, shell] { cli.command = [&app, shell] { return completion(app, *shell); }; });
}

}  // namespace pagetoken
