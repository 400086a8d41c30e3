// pagetoken validate: numbers from outside against ours.

#include "sim/validate/validate.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/interrupt.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/cli/commands.hpp"
#include "sim/sweep/session.hpp"

namespace pagetoken {
namespace {

struct ValidateArguments {
  std::string only;
  std::string rows;
  std::string json;
  std::string html;
  std::uint32_t jobs = static_cast<std::uint32_t>(default_jobs());
  std::vector<std::string> plugins;
};

ExitCode validate(const ValidateArguments& arguments, const Cli& cli) {
  const ProtocolSet protocols(arguments.plugins);
  const std::vector<ValidationCase> rows =
      arguments.rows.empty() ? shipped_validation(arguments.only) : load_validation(arguments.rows, arguments.only);
  std::unique_ptr<OutputFile> html, json;
  if (!arguments.html.empty()) html = std::make_unique<OutputFile>(arguments.html);
  if (!arguments.json.empty() && arguments.json != "-") json = std::make_unique<OutputFile>(arguments.json);

  Progress progress("validating", "numbers", rows.size(), {.quiet = cli.quiet});
  const std::vector<Validated> all =
      validate_all(rows, protocols,
                   {.jobs = arguments.jobs,
                    .on_progress = [&](std::size_t done, std::size_t) { progress.update(done); },
                    .stop = [] { return interrupted(); }});
  progress.clear();
  const std::string text = validation_json(all).dump(2) + "\n";
  if (json) {
    json->write(text);
    json->commit();
  }
  if (html) {
    html->write(validation_html(all));
    html->commit();
  }
  if (arguments.json == "-")
    fmt::print("{}", text);
  else
    fmt::print("{}{}\n", validation_text(all), validation_summary(all));
  if (interrupted()) return ExitCode::interrupted;
  const bool is_off =
      std::any_of(all.begin(), all.end(), [](const Validated& v) { return v.verdict == ValidationVerdict::off; });
  return exit_code_of(is_off, false);
}

}  // namespace

void add_validate(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<ValidateArguments>();
  ValidateArguments& a = *arguments;
  CLI::App* command =
      app.add_subcommand("validate", "Holds published numbers against what this program makes of them.");
  command->add_option("--only", a.only, "rows whose names begin like this: ROW or ROW/CASE")->type_name("PREFIX");
  command->add_option("-j,--jobs", a.jobs, "rows at a time; by default as many as there are cores")
      ->type_name("N")
      ->check(CLI::Range(1u, 256u));
  command->add_option("--json", a.json, "writes the rows as JSON; - is the standard output")->type_name("FILE");
  command->add_option("--html", a.html, "writes a page with a table of them")->type_name("FILE");
  command->add_option("--rows", a.rows, "a folder of rows in place of the shipped one")->type_name("FOLDER");
  command->add_option("--plugin", a.plugins, "a shared library with a protocol; may be repeated")
      ->type_name("SO")
      ->allow_extra_args(false)
      ->take_all();
  command->footer(
      "Exit codes: 0 every number holds, 1 one is off, 2 a mistake in a row, 130 interrupted.\n\n"
      "Example:\n"
      "  pagetoken validate --only path-reversal");
  command->callback([arguments, &cli] { cli.command = [arguments, &cli] { return validate(*arguments, cli); }; });
}

}  // namespace pagetoken
