// pagetoken oracle: judges a history that any system may have produced.

#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/base/output_file.hpp"
#include "sim/cli/commands.hpp"
#include "sim/oracle/history/history.hpp"

namespace pagetoken {
namespace {

struct OracleArguments {
  std::string history;
  std::string model{kModelNames[0]};
  std::string initial;
  std::optional<std::string> json;
  JudgeOptions options;
};

nlohmann::ordered_json judgement_json(const History& history, ConsistencyModel model, const Judgement& j) {
  nlohmann::ordered_json part = nlohmann::ordered_json::array();
  for (const std::uint32_t i : j.contradiction) {
    nlohmann::ordered_json entry = nlohmann::ordered_json::parse(line_of(history, history.entries[i]));
    entry["line"] = history.entries[i].line;
    part.push_back(std::move(entry));
  }
  return {{"verdict", kHistoryVerdictNames[static_cast<std::size_t>(j.verdict)]},
          {"model", kModelNames[static_cast<std::size_t>(model)]},
          {"operations", history.entries.size()},
          {"keys", history.keys.size()},
          {"processes", history.processes.size()},
          {"reason", j.reason},
          {"contradiction", part},
          {"configurations", j.configurations}};
}

ExitCode oracle(const OracleArguments& arguments) {
  const auto model = static_cast<ConsistencyModel>(choice_of("--model", arguments.model, kModelNames));
  const History history = read_history(arguments.history, arguments.initial);
  const Judgement j = judge(history, model, arguments.options);
  const bool to_stdout = arguments.json && (arguments.json->empty() || *arguments.json == "-");
  const std::string json = judgement_json(history, model, j).dump(2) + "\n";
  if (arguments.json && !to_stdout) {
    OutputFile file(*arguments.json);
    file.write(json);
    file.commit();
  }
  if (to_stdout) {
    fmt::print("{}", json);
  } else {
    fmt::print("{}  {}, {} operations on {} keys by {} processes\n",
               kHistoryVerdictNames[static_cast<std::size_t>(j.verdict)], arguments.model, history.entries.size(),
               history.keys.size(), history.processes.size());
    if (j.verdict == HistoryVerdict::violated) {
      fmt::print("{}:\n", j.reason);
      for (const std::uint32_t i : j.contradiction)
        fmt::print("  line {}: {}\n", history.entries[i].line, line_of(history, history.entries[i]));
    }
    if (j.verdict == HistoryVerdict::unknown)
      fmt::print("the limit of {} configurations was reached; --max-configurations raises it\n",
                 arguments.options.max_configurations);
  }
  return exit_code_of(j.verdict == HistoryVerdict::violated, j.verdict == HistoryVerdict::unknown);
}

}  // namespace

void add_oracle(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<OracleArguments>();
  OracleArguments& a = *arguments;
  CLI::App* command = app.add_subcommand("oracle", "Judges a history of reads and writes with intervals.");
  command->add_option("HISTORY", a.history, "an operation a line, as JSON; docs/files.md has the format")->required();
  command->add_option("--model", a.model, "linearizable, sequential, close-to-open or release")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--initial", a.initial, "what every key holds at first, as JSON; 0 and null if not given")
      ->type_name("VALUE");
  CLI::Option* json =
      command
          ->add_option_function<std::vector<std::string>>(
              "--json",
              [arguments](const std::vector<std::string>& file) { arguments->json = file.empty() ? "" : file[0]; },
              "writes the judgement as JSON; without FILE to the standard output")
          ->type_name("[FILE]")
          ->expected(0, 1);
  command
      ->add_option("--max-configurations", a.options.max_configurations, "of a search; beyond, the verdict is unknown")
      ->type_name("N")
      ->capture_default_str();
  command->footer(
      "Exit codes: 0 ok, 1 violated, 2 the history is none, 4 unknown: the limit was reached first.\n\n"
      "Example:\n  pagetoken oracle history.jsonl --model sequential");
  command->callback([arguments, json, &cli] {
    if (json->count() > 0 && !arguments->json) arguments->json = "";
    cli.command = [arguments] { return oracle(*arguments); };
  });
}

}  // namespace pagetoken
