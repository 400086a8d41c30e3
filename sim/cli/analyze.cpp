// pagetoken analyze: where a trace's time went.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "analysis/trace/document.hpp"
#include "analysis/trace/results.hpp"
#include "analysis/trace/sequence.hpp"
#include "analysis/trace/timeline.hpp"
#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/validate_trace.hpp"
#include "sim/trace/reader.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kSequencesInPage = 20;

struct AnalyzeArguments {
  std::string trace;
  std::vector<std::string> json;  ///< none: not asked for; "" or "-": standard output
  bool wants_json = false;
  std::string html;
  std::string perfetto;
  std::string chrome;
  std::string dot;
  std::string sequence;
  std::optional<std::uint64_t> operation;
  std::string page;
  bool keep_going = false;
  bool validate = false;
  std::vector<std::string> plugins;
  AnalysisOptions options;
};

void write(const std::string& path, const std::string& text) {
  OutputFile file(path);
  file.write(text);
  file.commit();
}

/// "3:17" -> file 3, page 17.
SequenceSubject page_subject(const std::string& text) {
  const std::size_t colon = text.find(':');
  SequenceSubject subject;
  try {
    std::size_t end = 0;
    const unsigned long file = std::stoul(text.substr(0, colon), &end);
    if (colon == text.npos || end != colon || file > UINT32_MAX) throw std::invalid_argument(text);
    subject.file = static_cast<std::uint32_t>(file);
    subject.page = std::stoull(text.substr(colon + 1), &end);
    if (end != text.size() - colon - 1) throw std::invalid_argument(text);
  } catch (const std::logic_error&) {
    throw ConfigError("--page", "", fmt::format("found {}", quote(text)), "FILE:PAGE, for instance 0:17");
  }
  return subject;
}

class Analyze {
 public:
  explicit Analyze(const AnalyzeArguments& arguments)
      : arguments_(arguments),
        reader_(TraceReader::from_file(arguments.trace)),
        analysis_(reader_.head(), arguments.options) {
    if (!arguments.page.empty()) subject_ = page_subject(arguments.page);
    if (!arguments.chrome.empty())
      timelines_.push_back(std::make_unique<EventTimeline>(reader_.head(), chrome_timeline(arguments.chrome)));
    if (!arguments.perfetto.empty())
      timelines_.push_back(std::make_unique<EventTimeline>(reader_.head(), perfetto_timeline(arguments.perfetto)));
  }

  ExitCode run() {
    std::optional<ConfigError> broken;
    try {
      read();
    } catch (const ConfigError& error) {
      if (!arguments_.keep_going) throw;
      broken = error;
    } catch (const Interrupted&) {
      analysis_.cut();
    }
    analysis_.finish();
    output();
    if (broken) throw ConfigError(*broken);  // of what came before, this is the analysis
    return interrupted() ? ExitCode::interrupted : ExitCode::ok;
  }

 private:
  void read() {
    TraceEvent event;
    while (reader_.next(event)) {
      analysis_.add(event);
      for (const auto& timeline : timelines_) timeline->add(event);
    }
  }

  void output() {
    // What can still be refused comes first: then nothing has been said or written.
    if (!arguments_.html.empty() || !arguments_.sequence.empty()) pictures();
    for (const auto& timeline : timelines_) timeline->finish();
    const bool json_out =
        arguments_.wants_json && (arguments_.json.empty() || arguments_.json[0].empty() || arguments_.json[0] == "-");
    if (json_out)
      fmt::print("{}\n", results_json(analysis_).dump(2));
    else
      fmt::print("{}", results_text(analysis_));
    if (arguments_.wants_json && !json_out) write(arguments_.json[0], results_json(analysis_).dump(2) + "\n");
    if (!arguments_.dot.empty()) write(arguments_.dot, migration_dot(analysis_));
  }

  /// A second look at the trace: only now it is known which operations are the slow ones.
  void pictures() {
    std::map<std::uint64_t, SequenceDiagram> diagrams;
    std::optional<SequenceDiagram> asked;
    if (!arguments_.html.empty())
      for (std::size_t i = 0; i < std::min(kSequencesInPage, analysis_.slowest().size()); ++i) {
        const std::uint64_t id = analysis_.slowest()[i].operation.id;
        diagrams.emplace(id, SequenceDiagram(reader_.head(), {.operation = id}));
      }
    SequenceSubject subject = subject_;
    if (arguments_.page.empty() && arguments_.operation)
      subject.operation = arguments_.operation;
    else if (arguments_.page.empty() && !analysis_.slowest().empty())
      subject.operation = analysis_.slowest().front().operation.id;
    if (!arguments_.sequence.empty()) asked.emplace(reader_.head(), subject);
    try {
      TraceReader again = TraceReader::from_file(arguments_.trace);
      TraceEvent event;
      while (again.next(event)) {
        if (asked) asked->add(event);
        if (!event.has(TraceKey::op) || diagrams.empty()) continue;
        const auto found = diagrams.find(event.op);
        if (found != diagrams.end()) found->second.add(event);
      }
    } catch (const ConfigError&) {
      if (!arguments_.keep_going) throw;
    } catch (const Interrupted&) {  // what would be drawn of half an operation misleads
      asked.reset();
      diagrams.clear();
    }
    if (asked && asked->empty())
      throw ConfigError("--sequence", "", "nothing in the trace concerns what it is to show",
                        "an operation or page that occurs");
    if (asked)
      write(arguments_.sequence, asked->svg(subject.operation ? path_of(*subject.operation) : std::vector<Segment>{}));
    if (arguments_.html.empty()) return;
    std::map<std::uint64_t, std::string> drawn;
    for (const auto& [id, diagram] : diagrams) drawn.emplace(id, diagram.svg());
    write(arguments_.html, results_document(analysis_, "pagetoken: " + arguments_.trace, drawn));
  }
  std::vector<Segment> path_of(std::uint64_t id) const {
    for (const FinishedOperation& f : analysis_.slowest())
      if (f.operation.id == id) return f.path;
    return {};
  }

  const AnalyzeArguments& arguments_;
  TraceReader reader_;
  TraceAnalysis analysis_;
  SequenceSubject subject_;  // the page asked for, if any
  std::vector<std::unique_ptr<EventTimeline>> timelines_;
};

}  // namespace

void add_analyze(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<AnalyzeArguments>();
  AnalyzeArguments& a = *arguments;
  CLI::App* command = app.add_subcommand("analyze", "Says where the time of a traced run went, and why.");
  command->add_option("TRACE", a.trace, "a trace of pagetoken run --trace, plain or zstd")->required();
  CLI::Option* json =
      command->add_option("--json", a.json, "writes the results as JSON; without FILE to the standard output")
          ->type_name("[FILE]")
          ->expected(0, 1);
  CLI::Option* html = command->add_option("--html", a.html, "one self-contained page")->type_name("FILE");
  CLI::Option* perfetto =
      command->add_option("--perfetto", a.perfetto, "a timeline for ui.perfetto.dev")->type_name("FILE");
  CLI::Option* chrome =
      command->add_option("--chrome", a.chrome, "the same in Chrome's trace format")->type_name("FILE");
  CLI::Option* dot = command->add_option("--dot", a.dot, "who takes tokens from whom, for Graphviz")->type_name("FILE");
  CLI::Option* sequence = command
                              ->add_option("--sequence", a.sequence,
                                           "the messages of the slowest operation, or of --operation or --page, as SVG")
                              ->type_name("FILE");
  CLI::Option* operation =
      command->add_option("--operation", a.operation, "what --sequence shows: an operation")->type_name("ID");
  command->add_option("--page", a.page, "what --sequence shows: a page")->type_name("FILE:PAGE")->excludes(operation);
  command->add_option("--slowest", a.options.slowest, "how many slow operations are listed in full")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}));
  command->add_option("--retry-bound", a.options.retry_bound, "retries of one operation beyond which it is an anomaly")
      ->capture_default_str();
  CLI::Option* keep_going =
      command->add_flag("--keep-going", a.keep_going, "of a trace that is damaged, analyse what came before");
  CLI::Option* validate = command->add_flag(
      "--validate", a.validate,
      "no analysis: checks every line, and runs the recorded inputs through the protocol's handlers again");
  for (CLI::Option* other : {html, perfetto, chrome, dot, sequence, keep_going}) validate->excludes(other);
  command->add_option("--plugin", a.plugins, "a shared library with the trace's protocol, where it is none of ours")
      ->type_name("SO")
      ->allow_extra_args(false)
      ->needs(validate);
  command->footer(
      "Exit codes: 0 done, 1 --validate found a step that the protocol would not have taken, 2 the trace is none or is "
      "damaged.\n\n"
      "Example:\n  pagetoken run configs/runs/false-sharing.json --trace t.jsonl\n  pagetoken analyze t.jsonl --html "
      "t.html");
  command->callback([arguments, json, &cli] {
    arguments->wants_json = json->count() > 0;
    cli.command = [arguments] {
      const AnalyzeArguments& given = *arguments;
      if (!given.validate) return Analyze(given).run();
      std::optional<std::string> json_file;
      if (given.wants_json) json_file = given.json.empty() ? std::string() : given.json[0];
      return validate_trace(given.trace, given.plugins, json_file);
    };
  });
}

}  // namespace pagetoken
