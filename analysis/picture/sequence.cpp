#include "analysis/picture/sequence.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "sim/base/html.hpp"

namespace pagetoken {
namespace {

constexpr double kRow = 26, kTop = 64, kLeft = 96, kSpanRow = 16;
constexpr double kLetter = 7;  // about as wide as one of 12 px
constexpr std::size_t kFewestLetters = 20, kMostLetters = 40;

class Drawing {
 public:
  explicit Drawing(const Sequence& sequence) : sequence_(sequence) {
    for (const SequenceRow& row : sequence.rows) letters_ = std::max(letters_, row.text.size());
    letters_ = std::min(letters_, kMostLetters);
    lane_ = kLetter * static_cast<double>(letters_) + 24;
  }

  std::string svg() {
    const double spans = sequence_.spans.empty() ? 0 : 40 + kSpanRow * static_cast<double>(sequence_.spans.size());
    const double width = kLeft + lane_ * static_cast<double>(std::max<std::size_t>(1, sequence_.lanes.size()));
    const double bottom = y(sequence_.rows.size());
    const double height = bottom + 20 + spans;
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sequence\" role=\"img\" aria-label=\"{0}\" width=\"{1}\" "
        "height=\"{2}\" viewBox=\"0 0 {1} {2}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n"
        "<rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escape_html(sequence_.label), width, height);
    if (sequence_.critical)
      out_ += fmt::format("<rect class=\"critical\" x=\"0\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#fdecea\"/>\n",
                          y(*sequence_.critical) - kRow / 2, width, kRow);
    lanes(bottom);
    for (const SequenceBar& bar : sequence_.bars)
      out_ += fmt::format(
          "<rect class=\"held\" x=\"{}\" y=\"{}\" width=\"8\" height=\"{}\" "
          "fill=\"#c9d6e8\"><title>{}</title></rect>\n",
          x(bar.lane) - 4, y(bar.first), std::max(4.0, y(bar.end) - y(bar.first)), escape_html(bar.tip));
    for (std::size_t i = 0; i < sequence_.rows.size(); ++i) arrow(i);
    for (std::size_t i = 0; i < sequence_.rows.size(); ++i) row(i);
    if (!sequence_.footer.empty()) text(8, bottom, "dim", "", sequence_.footer);
    if (spans > 0) draw_spans(bottom + 30);
    return out_ + "</svg>\n";
  }

 private:
  double x(std::size_t lane) const { return kLeft + lane_ * static_cast<double>(lane) + 20; }
  static double y(std::size_t row) { return kTop + kRow * static_cast<double>(row); }

  void text(double at_x, double at_y, std::string_view kind, std::string_view more, std::string_view shown,
            std::string_view tip = {}) {
    out_ += fmt::format("<text{} x=\"{:g}\" y=\"{:g}\"{}>{}{}</text>\n",
                        kind.empty() ? "" : fmt::format(" class=\"{}\"", kind), at_x, at_y, more,
                        tip.empty() ? "" : fmt::format("<title>{}</title>", escape_html(tip)), escape_html(shown));
  }

  void lanes(double bottom) {
    if (!sequence_.time_unit.empty()) text(8, 24, "dim", " fill=\"#555\"", sequence_.time_unit);
    for (std::size_t lane = 0; lane < sequence_.lanes.size(); ++lane) {
      text(x(lane) - 5, 24, "head", " font-weight=\"bold\"", sequence_.lanes[lane]);
      out_ += fmt::format(
          "<line class=\"life\" x1=\"{0:g}\" y1=\"34\" x2=\"{0:g}\" y2=\"{1:g}\" stroke=\"#999\" "
          "stroke-dasharray=\"2 4\"/>\n",
          x(lane), bottom);
    }
  }

  void arrow(std::size_t i) {
    const SequenceRow& r = sequence_.rows[i];
    if (r.kind != SequenceRow::Kind::message || r.from == r.to) return;
    const double from_x = x(r.from), from_y = y(r.sent_at.value_or(i)), to_y = y(i);
    const double to_x = r.is_lost ? (from_x + x(r.to)) / 2 : x(r.to);
    const double degrees = std::atan2(to_y - from_y, to_x - from_x) * 180 / 3.14159265358979;
    out_ += fmt::format(
        "<line class=\"arrow\" x1=\"{0:g}\" y1=\"{1:g}\" x2=\"{2:g}\" y2=\"{3:g}\" stroke=\"#1b4f8a\"/><polygon "
        "points=\"0,0 -8,-4 -8,4\" transform=\"translate({2:g} {3:g}) rotate({4:.1f})\" fill=\"#1b4f8a\"/>\n",
        from_x, from_y, to_x, to_y, degrees);
    if (r.is_lost) text(to_x + 4, to_y + 5, "", "", "✕");
  }

  void row(std::size_t i) {
    const SequenceRow& r = sequence_.rows[i];
    text(8, y(i) + 4, "dim", " fill=\"#555\"", r.time);
    // Letters are bytes here: the cut is made where a character ends.
    std::string shown = r.text;
    if (shown.size() > letters_) {
      std::size_t cut = letters_ - 1;
      while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xc0) == 0x80) --cut;
      shown = shown.substr(0, cut) + "…";
    }
    const std::string& tip = r.tip.empty() && shown != r.text ? r.text : r.tip;
    if (r.kind == SequenceRow::Kind::message && r.from != r.to && !r.sent_at)
      return text((x(r.from) + x(r.to)) / 2, y(i) - 5, "", " text-anchor=\"middle\" fill=\"#1b4f8a\"", shown, tip);
    if (r.kind == SequenceRow::Kind::wait)
      out_ += fmt::format(
          "<line class=\"wait\" x1=\"{0:g}\" y1=\"{1:g}\" x2=\"{0:g}\" y2=\"{2:g}\" stroke=\"#1b4f8a\" "
          "stroke-width=\"5\"/>",
          x(r.to), y(i) - 10, y(i) + 8);
    else
      out_ += fmt::format("<circle{} cx=\"{:g}\" cy=\"{:g}\" r=\"4\" fill=\"{}\"/>",
                          sequence_.critical == i ? " class=\"hot\"" : "", x(r.to), y(i),
                          sequence_.critical == i ? "#b00020" : "#333");
    text(x(r.to) + 10, y(i) + 4, "", "", shown, tip);
  }

  void draw_spans(double top) {
    text(8, top, "head", " font-weight=\"bold\"", sequence_.spans_title);
    constexpr double kScale = 300;
    for (const SequenceSpan& span : sequence_.spans) {
      top += kSpanRow;
      out_ +=
          fmt::format("<rect class=\"span\" x=\"{:.1f}\" y=\"{:g}\" width=\"{:.1f}\" height=\"11\" fill=\"#1b4f8a\"/>",
                      kLeft + span.begin * kScale, top - 10, std::max(1.0, (span.end - span.begin) * kScale));
      text(kLeft + kScale + 20, top, "", "", span.text);
    }
  }

  const Sequence& sequence_;
  std::size_t letters_ = kFewestLetters;
  double lane_ = 0;
  std::string out_;
};

}  // namespace

std::string sequence_svg(const Sequence& sequence) { return Drawing(sequence).svg(); }

}  // namespace pagetoken
