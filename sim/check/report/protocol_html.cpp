// A protocol's counterexample as a picture: a lane a node, time downwards, an arrow from where a message is sent to
// where it is handled.

#include <algorithm>

#include <fmt/format.h>

#include "analysis/picture/sequence_page.hpp"
#include "sim/base/html.hpp"
#include "sim/check/report/check_protocol.hpp"

namespace pagetoken {
namespace {

constexpr int kRow = 24, kTop = 70, kLeft = 110, kLane = 300;
constexpr std::size_t kMostLetters = 36;  // beside a lane

class LaneDiagram {
 public:
  LaneDiagram(const ProtocolOutcome& outcome, const PathTimes& times)
      : result_(outcome.result), times_(times), clients_(outcome.check.spec.nodes) {
    for (std::uint32_t n = 0; n < clients_; ++n) lanes_.push_back(n);
    for (const ProtocolStep& s : result_.steps)
      for (const NodeId node : {s.what.from, s.what.node})
        if (std::find(lanes_.begin(), lanes_.end(), index_of(node)) == lanes_.end()) lanes_.push_back(index_of(node));
    std::sort(lanes_.begin(), lanes_.end());
  }

  std::string svg() {
    const int width = kLeft + kLane * static_cast<int>(lanes_.size()) + 20;
    const int height = kTop + kRow * static_cast<int>(result_.steps.size()) + 20;
    std::string out = fmt::format(
        R"svg(<svg role="img" aria-label="sequence of {} steps" viewBox="0 0 {} {}" width="{}" height="{}">)svg"
        R"svg(<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" )svg"
        R"svg(orient="auto"><path d="M0 0 8 4 0 8z" fill="var(--ink)"/></marker></defs>)svg",
        result_.steps.size(), width, height, width, height);
    if (result_.critical)
      out += fmt::format(R"svg(<rect x="0" y="{}" width="{}" height="{}" fill="var(--warm)"/>)svg",
                         y(*result_.critical) - kRow / 2, width - 20, kRow);
    heads(out, height);
    for (std::size_t i = 0; i < result_.steps.size(); ++i) arrow(out, i);
    for (std::size_t i = 0; i < result_.steps.size(); ++i) step(out, i);
    return out + "</svg>";
  }

 private:
  int x(NodeId node) const {
    const auto lane = std::find(lanes_.begin(), lanes_.end(), index_of(node));
    return kLeft + kLane * static_cast<int>(lane - lanes_.begin()) + 20;
  }
  static int y(std::size_t i) { return kTop + kRow * static_cast<int>(i); }

  void heads(std::string& out, int height) const {
    out += R"svg(<text class="dim" x="0" y="30">ns</text>)svg";
    for (const std::uint32_t lane : lanes_) {
      const int at = x(NodeId{lane});
      out += fmt::format(R"svg(<text class="head" x="{}" y="30">{} {}</text>)svg", at - 5,
                         lane < clients_ ? "node" : "manager", lane);
      out +=
          fmt::format(R"svg(<line x1="{0}" y1="42" x2="{0}" y2="{1}" stroke="var(--dim)" stroke-dasharray="2 4"/>)svg",
                      at, height - 10);
    }
  }

  void arrow(std::string& out, std::size_t i) const {
    const ClusterChoice& c = result_.steps[i].what;
    const bool is_lost = c.kind == ClusterChoice::Kind::lose;
    if ((c.kind != ClusterChoice::Kind::deliver && !is_lost) || !times_.enabled_by[i]) return;
    const int from = x(c.from), to = is_lost ? (x(c.from) + x(c.node)) / 2 : x(c.node);  // half the way
    if (is_lost) out += fmt::format(R"svg(<text x="{}" y="{}">✕</text>)svg", to - 4, y(i) + 5);
    out += fmt::format(
        R"svg(<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="var(--ink)" stroke-opacity=".55" marker-end="url(#tip)"/>)svg",
        from, y(times_.enabled_by[i]->step), to, y(i));
  }

  void step(std::string& out, std::size_t i) const {
    const ProtocolStep& s = result_.steps[i];
    const ClusterChoice& c = s.what;
    out += fmt::format(R"svg(<text class="dim" x="0" y="{}">{}</text>)svg", y(i) + 4, times_.steps[i].start_ns);
    out += fmt::format(R"svg(<circle cx="{}" cy="{}" r="4" fill="{}"/>)svg", x(c.node), y(i),
                       result_.critical == i ? "var(--hot)" : "var(--ink)");
    std::string text = c.name + " " + c.text;
    if (text.size() > kMostLetters) text = text.substr(0, kMostLetters - 1) + "…";
    out += fmt::format(R"svg(<text x="{}" y="{}"><title>{}: {} {} {}; {}</title>{}</text>)svg", x(c.node) + 10,
                       y(i) + 4, i + 1, escape_html(c.actor), escape_html(c.name), escape_html(c.text),
                       s.locks.empty() ? "no locks" : "holds " + s.locks, escape_html(text));
  }

  const ProtocolResult& result_;
  const PathTimes& times_;
  const std::uint32_t clients_;
  std::vector<std::uint32_t> lanes_;  // nodes, ascending
};

}  // namespace

std::string protocol_steps_html(const ProtocolOutcome& outcome, const PathTimes& times) {
  const ProtocolResult& r = outcome.result;
  std::string text = "Programs: " + escape_html(text_of(r.scripts)) + ".";
  if (r.critical)
    text +=
        fmt::format(" Step {}, shaded, is critical: after it no continuation avoids the violation.", *r.critical + 1);
  if (times.window)
    text += fmt::format(" Race window: {} takes {} ns from step {} to step {} when nobody else runs.",
                        escape_html(times.window->actor), times.window->width_ns, times.window->from + 1,
                        times.window->to + 1);
  if (r.found.cycle) text += fmt::format(" From step {} on it goes on for ever.", *r.found.cycle + 1);
  return sequence_page({title_of(outcome.check) + ": " + verdict_word(r.found), r.found.broken.property.name(),
                        r.found.broken.text, text, LaneDiagram(outcome, times).svg(), protocol_steps_text(r, &times)});
}

}  // namespace pagetoken
