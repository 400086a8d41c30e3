// A counterexample as a picture: an actor a column, time downwards, locks as bars beside the line of who holds them.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analysis/picture/sequence_page.hpp"
#include "sim/base/html.hpp"
#include "sim/check/report/check_report.hpp"

namespace pagetoken {
namespace {

constexpr int kStepRow = 26, kStepTop = 70, kStepLeft = 90, kColumn = 285;

class Diagram {
 public:
  Diagram(const ScenarioResult& result, const PathTimes& times) : result_(result), times_(times) {
    for (const ScenarioStep& s : result.steps)
      if (std::find(actors_.begin(), actors_.end(), name_of(s)) == actors_.end()) actors_.push_back(name_of(s));
  }

  std::string svg() {
    const int width = kStepLeft + kColumn * static_cast<int>(actors_.size()) + 20;
    const int height = kStepTop + kStepRow * static_cast<int>(result_.steps.size()) + 30;
    std::string out = fmt::format(
        R"svg(<svg role="img" aria-label="sequence of {} steps" viewBox="0 0 {} {}" width="{}" height="{}">)svg",
        result_.steps.size(), width, height, width, height);
    shade_critical_step(out);
    heads(out, height);
    lock_bars(out);
    for (std::size_t i = 0; i < result_.steps.size(); ++i) step(out, i);
    return out + "</svg>";
  }

 private:
  static std::string name_of(const ScenarioStep& s) { return s.text.actor; }
  int x(const std::string& actor) const {
    return kStepLeft + kColumn * static_cast<int>(std::find(actors_.begin(), actors_.end(), actor) - actors_.begin()) +
           30;
  }
  static int y(std::size_t i) { return kStepTop + kStepRow * static_cast<int>(i); }

  void heads(std::string& out, int height) const {
    for (const std::string& actor : actors_) {
      out += fmt::format(R"svg(<text class="head" x="{}" y="30">{}</text>)svg", x(actor) - 5, escape_html(actor));
      out +=
          fmt::format(R"svg(<line x1="{0}" y1="42" x2="{0}" y2="{1}" stroke="var(--dim)" stroke-dasharray="2 4"/>)svg",
                      x(actor), height - 10);
    }
    out += R"svg(<text class="dim" x="0" y="30">ns</text>)svg";
  }

  void shade_critical_step(std::string& out) const {
    if (!result_.critical) return;
    out += fmt::format(R"svg(<rect x="0" y="{}" width="{}" height="{}" fill="var(--warm)"/>)svg",
                       y(*result_.critical) - 14, kStepLeft + kColumn * static_cast<int>(actors_.size()), kStepRow);
  }

  /// A bar from the step after which an actor holds any lock to the one after which it holds none.
  void lock_bars(std::string& out) const {
    std::map<std::string, std::size_t> since;
    const auto bar = [&](const std::string& actor, std::size_t from, std::size_t to) {
      out += fmt::format(
          R"svg(<rect x="{}" y="{}" width="8" height="{}" fill="var(--bar)"><title>holds locks</title></rect>)svg",
          x(actor) - 4, y(from), std::max(4, y(to) - y(from)));
    };
    for (std::size_t i = 0; i < result_.steps.size(); ++i) {
      const ScenarioStep& s = result_.steps[i];
      const auto held = since.find(s.text.actor);
      if (held == since.end() && !s.locks.empty()) since[s.text.actor] = i;
      if (held != since.end() && s.locks.empty()) {
        bar(s.text.actor, held->second, i);
        since.erase(held);
      }
    }
    for (const auto& [actor, from] : since) bar(actor, from, result_.steps.size());
  }

  void step(std::string& out, std::size_t i) const {
    const ScenarioStep& s = result_.steps[i];
    const bool critical = result_.critical == i;
    out += fmt::format(R"svg(<text class="dim" x="0" y="{}">{}</text>)svg", y(i) + 4, times_.steps[i].start_ns);
    out += fmt::format(R"svg(<circle cx="{}" cy="{}" r="4" fill="{}"/>)svg", x(s.text.actor), y(i),
                       critical ? "var(--hot)" : "var(--ink)");
    const std::string text = s.text.text.size() > 30 ? s.text.text.substr(0, 29) + "…" : s.text.text;
    out += fmt::format(R"svg(<text x="{}" y="{}"><title>{}: {}; {}</title>{} {}</text>)svg", x(s.text.actor) + 12,
                       y(i) + 4, i + 1, escape_html(s.text.text), s.locks.empty() ? "no locks" : "holds " + s.locks,
                       escape_html(s.text.name), escape_html(text));
  }

  const ScenarioResult& result_;
  const PathTimes& times_;
  std::vector<std::string> actors_;
};

}  // namespace

std::string steps_html(const CheckOutcome& outcome, const PathTimes& times) {
  const ScenarioResult& r = outcome.result;
  const std::string title = fmt::format("{} under {}: {}", scenario_info(outcome.config.spec.id).name,
                                        outcome.config.guard.name, verdict_word(r.found));
  std::string text =
      fmt::format("Beginning: {}. Filled bars: the actor holds a lock (hover for which).", escape_html(r.beginning));
  if (r.critical)
    text +=
        fmt::format(" Step {}, shaded, is critical: after it no continuation avoids the violation.", *r.critical + 1);
  if (times.window)
    text += fmt::format(" Race window: {} takes {} ns from step {} to step {} when nobody else runs.",
                        escape_html(times.window->actor), times.window->width_ns, times.window->from + 1,
                        times.window->to + 1);
  return sequence_page({title, r.found.broken.property.name(), r.found.broken.text, text, Diagram(r, times).svg(),
                        steps_text(r, &times)});
}

}  // namespace pagetoken
