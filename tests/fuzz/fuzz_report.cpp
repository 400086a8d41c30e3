// Any bytes, read as a summary, as a line of results and as what check --json wrote, are a report in three forms, or a
// ConfigError of one line. Nothing that they say is taken for HTML.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "analysis/report/check_results.hpp"
#include "one_line.hpp"

namespace {

using namespace pagetoken;

template <class Read>
void attempt(Read read) {
  try {
    read();
  } catch (const ConfigError& error) {
    require_one_line(error);
  }
}

void write(const ReportContents& contents) {
  report_html(contents);
  report_csv(contents);
  if (report_markdown(contents).find("<script") != std::string::npos) std::abort();
}

void write(const ResultSet& results, const ReportContents& other = {}) {
  if (results.points().empty()) return;
  ReportContents contents = other;
  contents.results = &results;
  write(contents);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file = "input";
  attempt([&] {
    const Json json = parse_json({reinterpret_cast<const char*>(data), size}, file);
    const Value value(json, file);
    attempt([&] {
      ResultSet results("summaries");
      results.add_summaries({bind_summary(value), bind_summary(value)});
      write(results);
    });
    attempt([&] {
      ResultSet results("lines");
      results.add_line(value);
      results.add_line(value);
      ReportContents contents;
      attempt([&] { add_check_results(value, contents); });
      write(results, contents);
    });
    attempt([&] {
      ReportContents contents;
      add_check_results(value, contents);
      static const std::string kLine = R"({"point": {"/protocol": "a"}, "repetition": 0, "error": "none"})";
      const Json line = parse_json(kLine, file);
      ResultSet results("none");
      results.add_line(Value(line, file));
      write(results, contents);
    });
  });
  return 0;
}
