// pagetoken import: a foreign trace becomes one of ours.

#include "sim/workload/import.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"
#include "sim/cli/commands.hpp"

namespace pagetoken {
namespace {

struct ImportArguments {
  std::string format;
  std::string map;  ///< FIELD=COLUMN,...
  std::vector<std::string> inputs;
  ImportOptions options;
};

std::map<std::string, std::string> parse_map(const std::string& text) {
  std::map<std::string, std::string> map;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string pair = text.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos || equals == 0)
      throw ConfigError("--map", "", fmt::format("found {}", quote(pair)),
                        "FIELD=COLUMN,..., for instance client=1,op=2");
    if (!map.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second)
      throw ConfigError("--map", "", fmt::format("field {} occurs twice", quote(pair.substr(0, equals))),
                        "each field once");
    at = end + 1;
  }
  return map;
}

constexpr std::size_t kNamesTold = 10;

ExitCode print_foreign(const ImportSummary& summary) {
  fmt::print("{} accesses of {} lines by {} clients, {} pages of {} bytes, {} transferred\n", summary.accesses,
             summary.rows, summary.clients, summary.pages, summary.page_bytes, format_bytes(summary.bytes));
  for (std::size_t i = 0; i < std::min(kNamesTold, summary.file_names.size()); ++i)
    fmt::print("file {}: {}\n", i, one_line(summary.file_names[i]));
  if (summary.file_names.size() > kNamesTold)
    fmt::print("... and {} files more\n", summary.file_names.size() - kNamesTold);
  for (const auto& [reason, count] : summary.reasons) fmt::print("skipped {}: {}\n", count, reason);
  return ExitCode::ok;
}

ExitCode import(const Cli& cli, const ImportArguments& arguments) {
  ImportOptions options = arguments.options;
  options.map = parse_map(arguments.map);
  options.input = arguments.inputs.front();
  options.more_inputs.assign(arguments.inputs.begin() + 1, arguments.inputs.end());
  const ImportSummary summary = import_trace(arguments.format, options);
  if (cli.quiet || options.output == "-") return ExitCode::ok;  // the output must stay a trace
  if (!summary.file_names.empty()) return print_foreign(summary);
  fmt::print("{} accesses of {} rows ({} rows are no accesses, {} are empty)\n", summary.accesses, summary.rows,
             summary.skipped.not_accesses, summary.skipped.empty);
  fmt::print("{} clients, {} files, {} pages of {} bytes, {} transferred\n", summary.clients, summary.files,
             summary.pages, summary.page_bytes, format_bytes(summary.bytes));
  return ExitCode::ok;
}

}  // namespace

void add_import(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = app.add_subcommand("import", "Turn a foreign trace, plain or gzip, into one of ours.");
  command->add_option("FORMAT", arguments->format, "a name of pagetoken list formats")->required();
  command->add_option("FILE", arguments->inputs, "the trace to read; several files are those of several processes")
      ->required();
  command->add_option("-o,--output", arguments->options.output, "the trace to write; - is the standard output")
      ->required()
      ->type_name("FILE");
  command->add_option("--map", arguments->map, "where the fields are: zero-based columns or names of the header")
      ->type_name("FIELD=COLUMN,...");
  command
      ->add_option("--page-bytes", arguments->options.page_bytes,
                   "unit of the field page; 0 = what the header says, else 4096")
      ->type_name("BYTES")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 30));
  command->footer(
      "Example:\n  pagetoken import csv trace.csv.gz --map time_us=0,client=1,op=2,file=3,page=4 -o trace.pt");
  command->callback([&cli, arguments] { cli.command = [&cli, arguments] { return import(cli, *arguments); }; });
}

}  // namespace pagetoken
