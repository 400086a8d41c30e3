#include "analysis/report/sequence.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/statistics/metrics.hpp"
#include "sim/base/html.hpp"

namespace pagetoken {
namespace {

constexpr int kColumn = 190;
constexpr int kRow = 30;
constexpr int kTop = 40;
constexpr int kLeft = 90;

std::string arrow(int from_x, int to_x, int y, const std::string& text) {
  const int tip = to_x > from_x ? -8 : 8;
  return fmt::format(
      "<line x1=\"{0}\" y1=\"{1}\" x2=\"{2}\" y2=\"{1}\"/><polygon points=\"{2},{1} {3},{4} {3},{5}\"/>"
      "<text x=\"{6}\" y=\"{7}\" text-anchor=\"middle\">{8}</text>\n",
      from_x, y, to_x, to_x + tip, y - 4, y + 4, (from_x + to_x) / 2, y - 5, escape_html(text));
}

std::string wait(int x, int y, const std::string& text) {
  return fmt::format(
      "<line class=\"wait\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"/><text x=\"{3}\" y=\"{4}\">{5}</text>\n", x,
      y - 10, y + 8, x + 8, y + 3, escape_html(text));
}

}  // namespace

std::string sequence_html(const FaultSequence& sequence, std::size_t number, bool folded) {
  const int width = kLeft + kColumn * static_cast<int>(sequence.nodes.size()) + 60;  // texts stand right of their node
  const int height = kTop + kRow * static_cast<int>(sequence.steps.size() + 1);
  const auto x_of = [](std::size_t node) { return kLeft + 40 + kColumn * static_cast<int>(node); };
  std::string svg =
      fmt::format("<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\">\n",
                  escape_html(sequence.title), width, height, width, height);
  std::string list;
  for (std::size_t n = 0; n < sequence.nodes.size(); ++n)
    svg += fmt::format(
        "<line class=\"life\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"/><text x=\"{0}\" y=\"18\" "
        "text-anchor=\"middle\">{3}</text>\n",
        x_of(n), kTop - 14, height - 8, escape_html(sequence.nodes[n]));
  const double begin = sequence.steps.empty() ? 0 : sequence.steps.front().start_ns;
  for (std::size_t i = 0; i < sequence.steps.size(); ++i) {
    const SequenceStep& step = sequence.steps[i];
    const int y = kTop + kRow * static_cast<int>(i) + 14;
    const std::string at = shown_as(Unit::nanoseconds, step.start_ns - begin);
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft - 12, y + 3, at);
    svg += step.from == step.to ? wait(x_of(step.from), y, step.text)
                                : arrow(x_of(step.from), x_of(step.to), y, step.text);
    list += fmt::format("<li>{}: {}{} {}, {}</li>\n", at, escape_html(sequence.nodes[step.from]),
                        step.from == step.to ? "" : " to " + escape_html(sequence.nodes[step.to]),
                        escape_html(step.text), shown_as(Unit::nanoseconds, step.end_ns - step.start_ns));
  }
  svg += "</svg>\n";
  return fmt::format(
      "<details{}><summary>{}</summary>\n<figure class=\"sequence\" id=\"sequence-{}\"><div class=\"scroll\" "
      "role=\"region\" tabindex=\"0\" "
      "aria-label=\"{}\">{}</div></figure>\n<details><summary>The same in "
      "words</summary><ol>\n{}</ol></details></details>\n",
      folded ? "" : " open", escape_html(sequence.title), number, escape_html(sequence.title), svg, list);
}

}  // namespace pagetoken
