// A trace that is not what was written is refused, wherever it is damaged, and with the line.

#include <optional>
#include <random>

#include <zstd.h>

#include "sim/trace/block_hash.hpp"
#include "sim/trace/plain_line.hpp"
#include "tests/support/traced.hpp"

namespace pagetoken {
namespace {

const std::string& small_trace() {
  static const std::string text = trace_of({{"protocol", "ivy-fixed"},
                                            {"cluster", {{"clients", 2}}},
                                            {"workload", {{"pattern", "ping-pong"}, {"pages", 1}}},
                                            {"warmup", {{"accesses", 0}}},
                                            {"stop", {{"accesses", 6}}}});
  return text;
}

std::string refusal(std::string_view text) {
  try {
    TraceReader reader = TraceReader::from_memory(text, "t.jsonl");
    for (TraceEvent e; reader.next(e);) {
    }
  } catch (const ConfigError& error) {
    return error.what();
  }
  return {};
}

TEST(TraceReader, ReadsWhatWasWritten) {
  TraceReader reader = TraceReader::from_memory(small_trace(), "t.jsonl");
  EXPECT_EQ(reader.head().roles.clients, 2u);
  EXPECT_EQ(reader.head().page_bytes, 4096u);
  EXPECT_EQ(Json::parse(reader.head().config)["protocol"]["name"], "ivy-fixed");
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
  TraceEvent e;
  while (reader.next(e)) {
    begun += e.kind == TraceKind::begin ? 1 : 0;
    ended += e.kind == TraceKind::end ? 1 : 0;
  }
  EXPECT_EQ(e.kind, TraceKind::finish);
  EXPECT_EQ(begun, 6u);
  EXPECT_EQ(ended, 6u);
}

TEST(TraceReader, RefusesTruncations) {
  const std::string& text = small_trace();
  for (std::size_t size = 0; size < text.size(); size += size < 400 ? 1 : 3)  // the head by every byte
    EXPECT_TRUE(refusal(std::string_view(text).substr(0, size)).starts_with("t.jsonl: ")) << size;
}

TEST(TraceReader, RefusesChangedBytes) {
  const std::string& text = small_trace();
  for (std::size_t i = 0; i < text.size(); i += i < 400 ? 1 : 3) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 + static_cast<int>(i % 7)));
    EXPECT_TRUE(refusal(damaged).starts_with("t.jsonl: line ")) << i << ": " << refusal(damaged);
  }
}

TEST(TraceReader, NamesTheLineAndTheKey) {
  const std::string head =
      R"({"schema":"pagetoken-trace","version":2,"nodes":{"clients":2,"managers":0,"storage":0},"page_bytes":4096})"
      "\n";
  const std::string finish = R"({"t":9,"kind":"finish","partial":false,"violations":0})"
                             "\n";
  const auto of = [&](const std::string& line) { return refusal(head + line + "\n" + finish); };
  EXPECT_EQ(of(R"({ "kind" : "wake", "node": 1, "t": 3, "task": 1, "delay": 0, "new key": [1, {"a": null}] })"), "");
  EXPECT_NE(of(R"({"t":1,"node":1,"kind":"wake","task":1})").find("line 2, delay: is missing"), std::string::npos);
  EXPECT_NE(of(R"({"t":1,"node":2,"kind":"wake","task":1,"delay":0})").find("line 2, node: is 2"), std::string::npos);
  EXPECT_NE(of(R"({"t":1,"node":1,"kind":"wkae","task":1,"delay":0})").find("did you mean \"wake\"?"),
            std::string::npos);
  EXPECT_NE(of(R"({"t":10,"node":1,"kind":"wake","task":1,"delay":0})").find("line 3, t: is 9"), std::string::npos);
  EXPECT_NE(of(R"({"t":1.5,"node":1,"kind":"wake","task":1,"delay":0})").find("line 2, t: is \"1.5\""),
            std::string::npos);
  EXPECT_NE(of(R"({"t":-1,"node":1,"kind":"wake","task":1,"delay":0})").find("line 2, t"), std::string::npos);
  EXPECT_NE(of(R"({"t":1,"t":1,"node":1,"kind":"wake","task":1,"delay":0})").find("line 2, t: occurs twice"),
            std::string::npos);
  EXPECT_NE(of(R"({"t":1,"node":1,"kind":"need","file":0,"mode":"shared","range":[0,nxll]})").find("line 2, range: "),
            std::string::npos);
  EXPECT_NE(of("[]").find("line 2"), std::string::npos);
  EXPECT_NE(of("").find("line 2"), std::string::npos);
  EXPECT_NE(of("{}x").find("line 2"), std::string::npos);
  EXPECT_NE(refusal(head).find("it was cut off"), std::string::npos);
  const std::string open =
      R"({"schema":"pagetoken-trace","version":2,"=rogram":"0.1.0","nodes":{"clients":2,"managers":3)";
  EXPECT_NE(refusal(open + R"(,"kind":"step","text":"take","cost":0})" + "\n" + finish).find("line 1"),
            std::string::npos);
  EXPECT_NE(refusal(head + finish + finish).find("comes after"), std::string::npos);
}

TEST(TraceReader, FastAndGeneralParserAgree) {
  // The same line, and with a blank that only the general one takes.
  std::istringstream lines(small_trace());
  std::string line;
  std::getline(lines, line);
  const std::string head = line + "\n";
  std::size_t compared = 0;
  PlainLineParser parser;
  while (std::getline(lines, line)) {
    TraceEvent fast;
    const std::string padded = line + '\n' + std::string(256, ' ');
    ASSERT_TRUE(parser.parse(std::string_view(padded).substr(0, line.size()), fast)) << line;
    std::string open =
        R"({"schema":"pagetoken-trace","version":2,"nodes":{"clients":2,"managers":1,"storage":1},"page_bytes":4096})"
        "\n";
    open += " " + line + "\n";
    if (fast.kind == TraceKind::finish || fast.kind == TraceKind::check) continue;
    TraceReader reader = TraceReader::from_memory(open, "t");
    TraceEvent slow;
    ASSERT_TRUE(reader.next(slow));
    EXPECT_EQ(slow.kind, fast.kind);
    EXPECT_EQ(slow.present, fast.present);
    for (std::size_t key = 0; key < kTraceKeys; ++key) {
      const TraceKeyInfo& info = info_of(static_cast<TraceKey>(key));
      const char* a = reinterpret_cast<const char*>(&slow) + info.offset;
      const char* b = reinterpret_cast<const char*>(&fast) + info.offset;
      if (info.value == TraceValue::text)
        EXPECT_EQ(*reinterpret_cast<const std::string_view*>(a), *reinterpret_cast<const std::string_view*>(b));
      else
        EXPECT_EQ(std::memcmp(a, b, info.value == TraceValue::flag ? 1 : info.width), 0) << kTraceKeyNames[key];
    }
    ++compared;
  }
  EXPECT_GT(compared, 100u);
}

/// `line` as the fast parser reads it, after those before; nothing if it leaves the line to the other.
std::optional<TraceEvent> fast(PlainLineParser& parser, const std::string& line, std::string& kept) {
  kept = line + "\n" + std::string(256, '7');
  TraceEvent event;
  if (!parser.parse(std::string_view(kept).substr(0, line.size()), event)) return std::nullopt;
  return event;
}

/// Whether two events have the same keys with the same values.
void expect_same(const TraceEvent& a, const TraceEvent& b, const std::string& line) {
  EXPECT_EQ(a.kind, b.kind) << line;
  EXPECT_EQ(a.present, b.present) << line;
  for (std::size_t key = 0; key < kTraceKeys; ++key) {
    const TraceKeyInfo& info = info_of(static_cast<TraceKey>(key));
    const char* x = reinterpret_cast<const char*>(&a) + info.offset;
    const char* y = reinterpret_cast<const char*>(&b) + info.offset;
    const std::size_t width = info.value == TraceValue::flag       ? 1
                              : info.value == TraceValue::interval ? sizeof(TraceInterval)
                                                                   : info.width;
    if (info.value == TraceValue::text)
      EXPECT_EQ(*reinterpret_cast<const std::string_view*>(x), *reinterpret_cast<const std::string_view*>(y)) << line;
    else
      EXPECT_EQ(std::memcmp(x, y, width), 0) << kTraceKeyNames[key] << " of " << line;
  }
}

// Whatever is wrong with a line: what the fast parser takes, the general one takes as the same, or refuses for what is
// checked of an event afterwards; and it throws nothing else.
TEST(PlainLine, DamagedLinesAreReadAsByTheGeneralParser) {
  const std::string text = trace_of(busy_run("gpfs-range", "event", 30));
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const std::string head = lines.front();
  constexpr std::string_view kBytes = "\"\\,:{}[]0123456789-.eE+ ntfaul\x01\x7f";
  constexpr unsigned kSeed = 11;
  std::mt19937 random(kSeed);
  PlainLineParser parser;
  std::string kept;
  int same = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string line = lines[1 + random() % (lines.size() - 1)];
    for (unsigned changes = random() % 4; changes > 0 && !line.empty(); --changes) {
      const std::size_t at = random() % line.size();
      switch (random() % 4) {
        case 0: line[at] = kBytes[random() % kBytes.size()]; break;
        case 1: line.erase(at, 1 + random() % 3); break;
        case 2: line.insert(at, 1, kBytes[random() % kBytes.size()]); break;
        case 3: line = line.substr(0, at) + lines[1 + random() % (lines.size() - 1)].substr(at % 40); break;
      }
    }
    const auto event = fast(parser, line, kept);
    std::string both = head;
    both.replace(both.find(R"("checks":true)"), 13, R"("checks":false)");
    both += "\n " + line + "\n";  // the blank is not for the fast one
    TraceReader reader = TraceReader::from_memory(both, "t");
    TraceEvent slow;
    try {
      if (reader.next(slow) && event) {
        expect_same(*event, slow, line);
        ++same;
      }
    } catch (const ConfigError& error) {
      const std::string what = error.what();
      bool is_of_syntax = false;
      for (const char* of : {"no JSON", "twice", "no interval", "an integer", "hexadecimal", "true or false", "a text"})
        is_of_syntax |= what.find(of) != what.npos;
      EXPECT_FALSE(event && is_of_syntax) << what << "\n" << line;
    }
  }
  EXPECT_GT(same, 500);
}

TEST(PlainLine, ReadsNumbersOfAnyLength) {
  PlainLineParser parser;
  std::string kept;
  const auto t_of = [&](const std::string& digits) {
    const auto event =
        fast(parser, R"({"t":)" + digits + R"(,"node":3,"op":12,"kind":"wake","task":0,"delay":5})", kept);
    return event ? std::optional(event->t) : std::nullopt;
  };
  std::string digits;
  for (int n = 1; n <= 18; ++n) {
    digits += static_cast<char>('0' + n % 10);
    EXPECT_EQ(t_of(digits), std::stoll(digits));
  }
  EXPECT_EQ(t_of("0"), 0);
  EXPECT_EQ(t_of("9223372036854775807"), INT64_MAX);
  for (const char* wrong : {"", "01", "9223372036854775808", "99999999999999999999", "123456789012345678901234567890",
                            "-1", "1.5", "1e3", " 1", "12345678x"})
    EXPECT_EQ(t_of(wrong), std::nullopt) << wrong;
}

TEST(PlainLine, AnEndingSeenBeforeIsReadAsTheFirstTime) {
  PlainLineParser parser;
  std::string kept;
  const std::string ending = R"(,"kind":"step","task":4,"what":"access","step":"F4","text":"lock_page","cost":30})";
  for (int again = 0; again < 3; ++again) {
    for (const bool has_op : {true, false}) {
      const auto e = fast(parser, R"({"t":77,"node":2)" + std::string(has_op ? R"(,"op":9)" : "") + ending, kept);
      ASSERT_TRUE(e);
      EXPECT_EQ(e->kind, TraceKind::step);
      EXPECT_EQ(e->t, 77);
      EXPECT_EQ(e->node, 2u);
      EXPECT_EQ(e->has(TraceKey::op), has_op);
      EXPECT_EQ(e->op, has_op ? 9u : 0u);
      EXPECT_EQ(e->task, 4u);
      EXPECT_EQ(e->step, "F4");
      EXPECT_EQ(e->text, "lock_page");
      EXPECT_EQ(e->cost, 30);
      EXPECT_FALSE(e->retry);
    }
  }
  // An operation among the rest, twice after a beginning that has one too.
  const std::string with_op = R"(,"kind":"step","op":5,"task":4,"what":"access","step":"F4","cost":30})";
  for (int again = 0; again < 2; ++again) {
    ASSERT_TRUE(fast(parser, R"({"t":77,"node":2)" + with_op, kept));
    EXPECT_EQ(fast(parser, R"({"t":77,"node":2)" + with_op, kept)->op, 5u);
    EXPECT_FALSE(fast(parser, R"({"t":77,"node":2,"op":9)" + with_op, kept));
  }
  // Almost the same ending.
  EXPECT_EQ(fast(parser, R"({"t":77,"node":2,"op":9)" + ending.substr(0, ending.size() - 2) + "1}", kept)->cost, 31);
  EXPECT_FALSE(fast(parser, R"({"t":77,"node":2,"op":9)" + ending + "}", kept));
}

TEST(TraceReader, ReadsZstdAndRefusesItsDamage) {
  const ScratchFile file("t.jsonl.zst");
  {
    TraceWriter trace(file.path());
    const Json config = {{"protocol", "ivy-fixed"},
                         {"cluster", {{"clients", 2}}},
                         {"workload", {{"pattern", "ping-pong"}}},
                         {"warmup", {{"accesses", 0}}},
                         {"stop", {{"accesses", 50}}}};
    simulate(bind_run_config(config, "test", protocols().declarations()), protocols(), {.trace = &trace});
  }
  std::ostringstream content;
  content << std::ifstream(file.path(), std::ios::binary).rdbuf();
  const std::string whole = content.str();
  const auto read = [&](const std::string& bytes) -> std::string {
    const ScratchFile copy("copy.zst", bytes);
    try {
      TraceReader reader = TraceReader::from_file(copy.path());
      for (TraceEvent e; reader.next(e);) {
      }
    } catch (const ConfigError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(read(whole), "");
  for (std::size_t size = 1; size < whole.size(); size += 97) EXPECT_NE(read(whole.substr(0, size)), "") << size;
  for (std::size_t i = 0; i < whole.size(); i += 61) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_NE(read(damaged), "") << i;
  }
}

TEST(BlockHash, IsXxh64) {  // the vectors of the reference implementation
  const auto hash = [](std::string_view text) {
    BlockHash h;
    for (const char c : text) h.add({&c, 1});  // in pieces
    BlockHash whole;
    whole.add(text);
    EXPECT_EQ(h.hex(), whole.hex());
    return h.hex();
  };
  EXPECT_EQ(hash(""), "ef46db3751d8e999");
  EXPECT_EQ(hash("a"), "d24ec4f1a98c6e5b");
  EXPECT_EQ(hash("abc"), "44bc2cf5ad770999");
  EXPECT_EQ(hash("Nobody inspects the spammish repetition"), "fbcea83c8a378bf1");
}

}  // namespace
}  // namespace pagetoken
