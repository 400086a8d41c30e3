// pagetoken merge: the shards of a sweep in one directory.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/cli/commands.hpp"
#include "sim/run/protocol_set.hpp"
#include "sim/sweep/sweep_files.hpp"

namespace pagetoken {
namespace {

struct MergeArguments {
  std::vector<std::string> directories;
  std::string output;
  std::vector<std::string> plugins;
};

/// Same name, same run: two lines that differ were made by programs that differ.
void require_agreement(const ResultsIndex& a, const ResultsIndex& b) {
  for (const auto& [name, line] : b.lines()) {
    const ResultLine* other = a.find(name);
    if (!other || other->failed || line.failed) continue;
    if (a.read(*other) != b.read(line))
      throw ConfigError(b.path(), "", fmt::format("run {} has another result in {}", name, quote(a.path())),
                        "results of one program");
  }
}

void copy_timings(const std::vector<std::string>& directories, const std::string& output) {
  OutputFile file(output + "/" + std::string(kTimingsFile));
  for (const std::string& directory : directories) {
    read_timings(directory, [&](std::string_view line, double) {
      file.write(line);
      file.write("\n");
    });
  }
  file.commit();
}

ExitCode merge(const MergeArguments& arguments, const Cli& cli) {
  const ProtocolSet protocols(arguments.plugins);
  const SweepRecord first = read_sweep_record(arguments.directories.front());
  std::vector<std::unique_ptr<ResultsIndex>> indices;
  std::vector<const ResultsIndex*> views;
  for (const std::string& directory : arguments.directories) {
    const SweepRecord record = read_sweep_record(directory);
    if (record.sweep != first.sweep || record.precision != first.precision)
      throw ConfigError(directory, "", fmt::format("holds another sweep than {}", quote(arguments.directories.front())),
                        "parts of one sweep");
    indices.push_back(std::make_unique<ResultsIndex>(directory + "/" + std::string(kResultsFile)));
    tell_damage(*indices.back());
    for (const ResultsIndex* before : views) require_agreement(*before, *indices.back());
    views.push_back(indices.back().get());
  }

  const Sweep sweep = recorded_sweep(first, arguments.directories.front(), protocols.declarations());
  const std::vector<std::string> runs = ordered_runs(sweep, views);
  std::size_t missing = 0;
  for (const std::string& run : runs) {
    bool found = false;
    for (const ResultsIndex* index : views) found = found || index->find(run) != nullptr;
    missing += found ? 0 : 1;
  }
  const SweepDirectory output(arguments.output);
  write_in_order(output.file(kResultsFile), runs, views);
  copy_timings(arguments.directories, output.path());
  write_sweep_record(output.path(), {first.sweep, first.precision, {}, missing > 0});
  if (!cli.quiet)
    fmt::print("{} of {} runs from {} directories are in {}\n", runs.size() - missing, runs.size(),
               arguments.directories.size(), output.file(kResultsFile));
  if (missing > 0)
    fmt::print(stderr, "pagetoken: {} runs are missing; sweep CONFIG -o {} makes them\n", missing, arguments.output);
  return ExitCode::ok;
}

}  // namespace

void add_merge(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* command = app.add_subcommand("merge", "Puts the shards of a sweep together.");
  command->add_option("DIR", arguments->directories, "directories of sweep --shard i/n")->required();
  command->add_option("-o,--output", arguments->output, "where the whole goes")->type_name("DIR")->required();
  command->add_option("--plugin", arguments->plugins, "loads a protocol from a shared library")
      ->type_name("SO")
      ->allow_extra_args(false);
  command->footer("Example:\n  pagetoken merge part-1 part-2 -o whole");
  command->callback([arguments, &cli] { cli.command = [arguments, &cli] { return merge(*arguments, cli); }; });
}

}  // namespace pagetoken
