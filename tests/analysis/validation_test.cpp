// analyze --validate: traces of runs are right, and each change planted in one is found at its line.

#include "analysis/trace/id_set.hpp"
#include "sim/replay/handler_replay.hpp"
#include "tests/support/program.hpp"
#include "tests/support/traced.hpp"

namespace pagetoken {
namespace {

std::optional<Contradiction> validated(const std::string& text, std::uint64_t* handlers = nullptr) {
  TraceReader reader = TraceReader::from_memory(text, "trace");
  HandlerReplay model(reader.head(), "trace", protocols());
  const auto contradiction = validate(reader, model);
  if (handlers) *handlers = model.handlers();
  return contradiction;
}
std::string shown(const std::optional<Contradiction>& c) {
  return c ? fmt::format("line {}, node {}: model: {}; trace: {}", c->line, c->node, c->model, c->trace) : "none";
}

class TraceOf : public testing::TestWithParam<ProtocolOnEngine> {};

TEST_P(TraceOf, ABusyRunIsWhatItsHandlersDo) {
  for (const char* placement : {"dedicated", "colocated", "hashed"}) {
    Json config = busy_run(GetParam().protocol, GetParam().engine, 300);
    config["cluster"]["placement"] = placement;
    config["cluster"]["managers"] = 2;
    std::uint64_t handlers = 0;
    const auto contradiction = validated(trace_apart(config), &handlers);
    EXPECT_FALSE(contradiction) << placement << ": " << shown(contradiction);
    EXPECT_GT(handlers, 300u);
  }
}
TEST_P(TraceOf, SequentialReadersAndWritersAreWhatTheirHandlersDo) {  // protocols of ranges ask how files are used
  const Json config = {{"protocol", GetParam().protocol},
                       {"engine", GetParam().engine},
                       {"cluster", {{"clients", 5}}},
                       {"workload", {{"pattern", "sequential-segments"}, {"pages", 64}, {"write_fraction", 0.5}}},
                       {"warmup", {{"accesses", 100}}},
                       {"stop", {{"accesses", 1500}}}};
  const auto contradiction = validated(trace_apart(config));
  EXPECT_FALSE(contradiction) << shown(contradiction);
}
INSTANTIATE_TEST_SUITE_P(Every, TraceOf, testing::ValuesIn(every_protocol_on_every_engine()), name_of_case);

/// A trace as its lines; line 1 is lines[0].
struct Lines {
  explicit Lines(const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
  }
  std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }
  /// The numbers of up to `most` lines of a kind, evenly spread.
  std::vector<std::size_t> of_kind(const std::string& kind, std::size_t most) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (lines[i].find("\"kind\":\"" + kind + "\"") != std::string::npos) found.push_back(i + 1);
    std::vector<std::size_t> some;
    for (std::size_t i = 0; i < std::min(most, found.size()); ++i)
      some.push_back(found[i * found.size() / std::min(most, found.size())]);
    return some;
  }
  /// The line behind those that follow `number` and are like it but for their own number: of them any may be missing.
  std::size_t behind_likes(std::size_t number) const {
    const auto bare = [&](std::size_t n) {
      Json line = Json::parse(lines[n - 1]);
      line.erase("msg");
      line.erase("op");
      return line;
    };
    std::size_t last = number;
    while (last < lines.size() && bare(last + 1) == bare(number)) ++last;
    return last + 1;
  }
  std::string& line(std::size_t number) { return lines[number - 1]; }
  Lines without(std::size_t number) const {
    Lines rest = *this;
    rest.lines.erase(rest.lines.begin() + static_cast<std::ptrdiff_t>(number) - 1);
    return rest;
  }
  /// With the first value of a key of that line replaced: text between `"key":` and the comma or brace after it.
  Lines with(std::size_t number, const std::string& key, const std::string& value) const {
    Lines changed = *this;
    std::string& line = changed.line(number);
    const std::size_t at = line.find("\"" + key + "\":");
    EXPECT_NE(at, std::string::npos) << key << " in " << line;
    const std::size_t begin = at + key.size() + 3;
    line.replace(begin, line.find_first_of(",}", begin) - begin, value);
    return changed;
  }
  std::string value(std::size_t number, const std::string& key) const {
    return Json::parse(lines[number - 1])[key].dump();
  }
  std::vector<std::string> lines;
};

constexpr std::size_t kTried = 6;

class Planted : public testing::TestWithParam<std::string> {
 protected:
  void expect_found(const Lines& changed, std::size_t line, const std::string& what) {
    const auto contradiction = validated(changed.text());
    EXPECT_EQ(contradiction ? contradiction->line : 0, line) << what << ": " << shown(contradiction);
  }
  const Lines trace_{trace_of(busy_run(GetParam(), "event", 200))};
  const Declaration& declaration_ = protocols().find(GetParam())->declaration();
};

TEST_P(Planted, AnotherMessageTypeIsFound) {
  std::size_t next = 0;
  for (const std::size_t line : trace_.of_kind("send", kTried)) {
    const MessageType& other = declaration_.messages[next++ % declaration_.messages.size()];
    if (const std::string type = "\"" + std::string(other.name) + "\""; type != trace_.value(line, "type"))
      expect_found(trace_.with(line, "type", type), line, "type");
  }
}
TEST_P(Planted, AnotherRecipientIsFound) {
  for (const std::size_t line : trace_.of_kind("send", kTried))
    expect_found(trace_.with(line, "to", trace_.value(line, "to") == "3" ? "4" : "3"), line, "to");
}
TEST_P(Planted, OtherBytesAreFound) {
  for (const std::size_t line : trace_.of_kind("send", kTried))
    expect_found(trace_.with(line, "bytes", std::to_string(1 + Json::parse(trace_.value(line, "bytes")).get<int>())),
                 line, "bytes");
}
TEST_P(Planted, ADroppedSendIsFound) {
  for (const std::size_t line : trace_.of_kind("send", kTried))
    expect_found(trace_.without(line), trace_.behind_likes(line) - 1, "dropped");
}
TEST_P(Planted, AnAddedSendIsFound) {
  for (const std::size_t line : trace_.of_kind("send", kTried)) {
    Lines changed = trace_;
    changed.lines.insert(changed.lines.begin() + static_cast<std::ptrdiff_t>(line), changed.line(line));
    const auto contradiction = validated(changed.with(line + 1, "msg", "99999999").text());
    EXPECT_EQ(contradiction ? contradiction->line : 0, trace_.behind_likes(line)) << shown(contradiction);
  }
}
/// Of protocols that cache: the others grant and yield nothing.
class PlantedToken : public Planted {};

TEST_P(PlantedToken, AnAddedGrantIsFound) {
  for (const std::size_t line : trace_.of_kind("grant", kTried)) {
    Lines changed = trace_;
    changed.lines.insert(changed.lines.begin() + static_cast<std::ptrdiff_t>(line), changed.line(line));
    expect_found(changed, line + 1, "added");
  }
}
TEST_P(PlantedToken, AChangedOrDroppedGrantIsFound) {
  for (const std::size_t line : trace_.of_kind("grant", kTried)) {
    const bool is_shared = trace_.value(line, "mode") == "\"shared\"";
    expect_found(trace_.with(line, "mode", is_shared ? "\"exclusive\"" : "\"shared\""), line, "mode");
    const auto dropped = validated(trace_.without(line).text());
    ASSERT_TRUE(dropped) << line;
    EXPECT_LE(dropped->line, line) << shown(dropped);  // after its handler's last line, which I/O may follow
    EXPECT_GE(dropped->line + 4, line) << shown(dropped);
  }
}
TEST_P(PlantedToken, AChangedYieldIsFound) {
  for (const std::size_t line : trace_.of_kind("yield", kTried)) {
    const bool is_none = trace_.value(line, "keep") == "\"none\"";
    expect_found(trace_.with(line, "keep", is_none ? "\"shared\"" : "\"none\""), line, "keep");
  }
}
TEST_P(Planted, WhatAHandlerDidWithoutItsInputIsFound) {
  std::size_t tried = 0;
  for (const std::size_t line : trace_.of_kind("need", 4 * kTried)) {
    if (trace_.lines[line].find("\"kind\":\"send\"") == std::string::npos) continue;
    expect_found(trace_.without(line), line, "need");
    ++tried;
  }
  EXPECT_GT(tried, 0u);
}

std::vector<std::string> protocol_names() {
  std::vector<std::string> names;
  for (const Declaration* declaration : protocols().declarations()) names.emplace_back(declaration->name);
  return names;
}
std::string name_of_protocol(const testing::TestParamInfo<std::string>& chosen) {
  std::string name = chosen.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
std::vector<std::string> caching_protocols() {
  std::vector<std::string> names = protocol_names();
  std::erase_if(names,
                [](const std::string& name) { return protocols().find(name)->declaration().caching == Caching::none; });
  return names;
}
INSTANTIATE_TEST_SUITE_P(EveryProtocol, Planted, testing::ValuesIn(protocol_names()), name_of_protocol);
INSTANTIATE_TEST_SUITE_P(EveryProtocol, PlantedToken, testing::ValuesIn(caching_protocols()), name_of_protocol);

// dlm-file releases a lock when its hold time is over.
TEST(PlantedTimer, OneThatFiresLateOrNeverIsFound) {
  const Lines trace(trace_of({{"protocol", "dlm-file"},
                              {"cluster", {{"clients", 2}}},
                              {"workload", {{"pattern", "ping-pong"}}},
                              {"warmup", {{"accesses", 0}}},
                              {"stop", {{"accesses", 20}}}}));
  const std::vector<std::size_t> timers = trace.of_kind("timer", SIZE_MAX);
  ASSERT_GT(timers.size(), 2u);
  const auto early = validated(
      trace.with(timers[1], "t", std::to_string(Json::parse(trace.value(timers[1], "t")).get<std::int64_t>() - 1))
          .text());
  ASSERT_TRUE(early);
  EXPECT_EQ(early->line, timers[1]) << shown(early);
  EXPECT_NE(early->model.find("that timer fires at "), std::string::npos) << shown(early);
  const auto never = validated(trace.without(timers[1]).text());
  ASSERT_TRUE(never);
  EXPECT_EQ(never->line, timers[1]) << shown(never);
}

/// Without hashes: as a trace from elsewhere is.
Lines bare_trace() {
  Lines trace(trace_of(busy_run("ivy-fixed", "event", 200)));
  std::erase_if(trace.lines,
                [](const std::string& line) { return line.find("\"kind\":\"check\"") != std::string::npos; });
  trace.line(1).replace(trace.line(1).find("\"checks\":true"), 13, "\"checks\":false");
  std::string& finish = trace.lines.back();
  finish.replace(finish.find(",\"lines\":"), finish.find('}') - finish.find(",\"lines\":"), "");
  return trace;
}

TEST(Structure, WhatDoesNotFitTheLinesBeforeIsNamed) {
  const Lines trace = bare_trace();
  ASSERT_FALSE(validated(trace.text()));
  const auto first = [&](const std::string& kind, const std::string& has = "") {
    for (const std::size_t line : trace.of_kind(kind, SIZE_MAX))
      if (trace.lines[line - 1].find(has) != std::string::npos) return line;
    ADD_FAILURE() << "no line of kind " << kind << " with " << has;
    return std::size_t{1};
  };
  const auto expect_refused = [&](const Lines& changed, const std::string& says) {
    try {
      const auto contradiction = validated(changed.text());
      ADD_FAILURE() << says << ": " << shown(contradiction);
    } catch (const ConfigError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("trace: " + says)) << error.what() << "\nwanted: " << says;
    }
  };
  const auto at = [](std::size_t line, const std::string& rest) { return fmt::format("line {}, {}", line, rest); };
  std::size_t line = first("end");
  expect_refused(trace.with(line, "latency", "1"), at(line, "latency: is 1"));
  expect_refused(trace.with(line, "result", "\"well\""), at(line, "result: is \"well\""));
  line = first("step", "\"op\"");
  expect_refused(trace.with(line, "op", "123"), at(line, "op: 123 has not begun"));
  line = first("wake");
  expect_refused(trace.with(line, "by_msg", "777777"), at(line, "by_msg: 777777 is nothing that happened"));
  expect_refused(trace.with(line, "task", "77"), at(line, "task: 77 does not wait"));
  line = first("handle");
  expect_refused(trace.with(line, "msg", "777777"), at(line, "msg: 777777 was never sent"));
  expect_refused(trace.with(line, "from", "5"), at(line, "from: is 5, and it was sent by "));
  line = first("storage", "\"done\"");
  expect_refused(trace.with(line, "request", "777777"), at(line, "request: 777777 is not under way"));
  expect_refused(trace.with(line, "io", "\"write\""), at(line, "request: "));
  line = first("begin");
  expect_refused(trace.with(line, "via", "\"pigeon\""), at(line, "via: is \"pigeon\""));
  line = first("hits");
  expect_refused(trace.with(line, "page", "1.5"), at(line, "page: is "));
}

TEST(ValidateCommand, HasThreeExitCodes) {
  const Lines trace(trace_of(busy_run("ivy-dynamic", "event", 200)));
  const ScratchFile good("good.jsonl", trace.text());
  const Outcome fine = run_program("analyze --validate " + good.path());
  EXPECT_EQ(fine.code, 0) << fine.err;
  EXPECT_TRUE(fine.out.starts_with("ok: ")) << fine.out;
  const std::size_t line = trace.of_kind("send", kTried)[3];
  const ScratchFile bad("bad.jsonl", trace.with(line, "to", trace.value(line, "to") == "1" ? "2" : "1").text());
  const Outcome found = run_program("analyze --validate --json - " + bad.path());
  EXPECT_EQ(found.code, 1) << found.err;
  const Json json = Json::parse(found.out);
  EXPECT_EQ(json["verdict"], "violated");
  EXPECT_EQ(json["line"], line);
  for (const char* key : {"node", "model", "trace"}) EXPECT_TRUE(json.contains(key)) << key;
  // A change that no handler sees is found by the hash.
  const std::size_t step = trace.of_kind("step", kTried)[3];
  const ScratchFile other("other.jsonl", trace.with(step, "text", "\"dance\"").text());
  expect_refused("analyze --validate " + other.path(), other.path() + ": line ");
  const ScratchFile none("none.jsonl",
                         "{\"schema\":\"pagetoken-trace\",\"version\":2,\"program\":\"x\",\"nodes\":{\"clients\":1,"
                         "\"managers\":0,\"storage\":1},\"page_bytes\":4096}\n");
  expect_refused("analyze --validate " + none.path(), none.path() + ": line 1, config: is missing");
}

TEST(IdSet, JoinsNeighbours) {
  IdSet ids;
  for (const std::uint64_t id : {5, 7, 6, 1, 2, 9}) EXPECT_TRUE(ids.add(id)) << id;
  for (const std::uint64_t id : {5, 6, 7, 1, 2, 9}) EXPECT_FALSE(ids.add(id)) << id;
  for (const std::uint64_t id : {0, 3, 4, 8, 10}) EXPECT_FALSE(ids.contains(id)) << id;
  EXPECT_EQ(ids.intervals(), 3u);
  EXPECT_TRUE(ids.add(8));
  EXPECT_EQ(ids.intervals(), 2u);
}

}  // namespace
}  // namespace pagetoken
