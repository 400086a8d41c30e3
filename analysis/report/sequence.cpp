#include "analysis/report/sequence.hpp"

#include <fmt/format.h>

#include "analysis/picture/sequence.hpp"
#include "analysis/statistics/metrics.hpp"
#include "sim/base/html.hpp"

namespace pagetoken {
std::string sequence_html(const FaultSequence& sequence, std::size_t number, bool folded) {
  Sequence drawn{.label = sequence.title, .lanes = sequence.nodes};
  std::string list;
  const double begin = sequence.steps.empty() ? 0 : sequence.steps.front().start_ns;
  for (const SequenceStep& step : sequence.steps) {
    const bool is_message = step.from != step.to;
    const std::string at = shown_as(Unit::nanoseconds, step.start_ns - begin);
    drawn.rows.push_back({.kind = is_message ? SequenceRow::Kind::message : SequenceRow::Kind::wait,
                          .time = at,
                          .text = step.text,
                          .from = step.from,
                          .to = step.to});
    list += fmt::format("<li>{}: {}{} {}, {}</li>\n", at, escape_html(sequence.nodes[step.from]),
                        is_message ? " to " + escape_html(sequence.nodes[step.to]) : "", escape_html(step.text),
                        shown_as(Unit::nanoseconds, step.end_ns - step.start_ns));
  }
  return fmt::format(
      "<details{}><summary>{}</summary>\n<figure id=\"sequence-{}\"><div class=\"scroll\" role=\"region\" "
      "tabindex=\"0\" aria-label=\"{}\">{}</div></figure>\n<details><summary>The same in "
      "words</summary><ol>\n{}</ol></details></details>\n",
      folded ? "" : " open", escape_html(sequence.title), number, escape_html(sequence.title), sequence_svg(drawn),
      list);
}

}  // namespace pagetoken
