#include "analysis/trace/sequence.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "sim/base/html.hpp"
#include "sim/base/time.hpp"

namespace pagetoken {

using enum TraceKey;

bool SequenceDiagram::concerns(const TraceEvent& e) const {
  if (subject_.operation) return e.has(op) && e.op == *subject_.operation;
  return e.has(file) && e.file == subject_.file && e.has(page) && e.page == subject_.page;
}

void SequenceDiagram::put(Row row) {
  if (rows_.size() < kMaxRows)
    rows_.push_back(std::move(row));
  else
    ++left_out_;
}

void SequenceDiagram::add(const TraceEvent& e) {
  if (!concerns(e)) return;
  const auto note = [&](std::string text) { put({e.t, e.t, e.node, e.node, std::move(text), false}); };
  switch (e.kind) {
    case TraceKind::begin: note(fmt::format("{} begins", e.what)); break;
    case TraceKind::end: note(fmt::format("{} ends after {}", e.what, format_duration(e.latency))); break;
    case TraceKind::need: note(fmt::format("needs {}", e.mode)); break;
    case TraceKind::grant: note(fmt::format("granted {}", e.mode)); break;
    case TraceKind::yield: note(fmt::format("begins to yield, keeps {}", e.keep)); break;
    case TraceKind::yielded: note(fmt::format("yielded, keeps {}", e.keep)); break;
    case TraceKind::step:
      if (e.retry) note("sent back by the guard");
      if (e.has(waits)) note(e.has(lock) ? fmt::format("waits for {}", e.lock) : fmt::format("waits for {}", e.waits));
      break;
    case TraceKind::send: sent_.emplace_back(e.msg, e.t); break;
    case TraceKind::handle: {
      const auto sent = std::find_if(sent_.begin(), sent_.end(), [&](const auto& s) { return s.first == e.msg; });
      const std::int64_t since = sent == sent_.end() ? e.t : sent->second;
      if (sent != sent_.end()) sent_.erase(sent);
      put({e.t, since, e.from, e.node,
           e.waited > 0 ? fmt::format("{} (queued {})", e.type, format_duration(e.waited)) : std::string(e.type),
           true});
      break;
    }
    case TraceKind::storage:
      if (e.phase == "send") put({e.t, e.t, e.node, e.server, fmt::format("storage {}", e.io), true});
      if (e.phase == "done") put({e.t, e.t, e.server, e.node, fmt::format("storage {} done", e.io), true});
      break;
    case TraceKind::hits: note(fmt::format("{} reads, {} writes hit", e.reads, e.writes)); break;
    case TraceKind::evict: note("is to be evicted"); break;
    case TraceKind::timer: note(fmt::format("timer {}", e.timer)); break;
    case TraceKind::wake:
    case TraceKind::use:
    case TraceKind::check:
    case TraceKind::finish: break;
  }
}

std::string SequenceDiagram::svg(const std::vector<Segment>& path) const {
  std::map<std::uint32_t, int> columns;
  for (const Row& row : rows_) columns[row.from] = columns[row.to] = 0;
  int next = 0;
  for (auto& [node, column] : columns) column = next++;
  constexpr int kWide = 190;
  constexpr int kHigh = 22;
  const int left = 120;
  const int width = left + std::max(1, next) * kWide + 60;  // a note stands to the right of its node
  const int path_rows = static_cast<int>(path.size());
  const int height = 70 + static_cast<int>(rows_.size()) * kHigh + (path_rows > 0 ? 40 + path_rows * 16 : 0) + 20;
  const auto x = [&](std::uint32_t node) { return left + columns.at(node) * kWide + kWide / 2; };
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
      "aria-label=\"sequence of messages\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<defs><marker id=\"tip\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8\" refY=\"4\" orient=\"auto\">"
      "<path d=\"M0,0 L9,4 L0,8 z\" fill=\"#1b4f8a\"/></marker></defs>\n<rect class=\"paper\" width=\"100%\" "
      "height=\"100%\" "
      "fill=\"#fff\"/>\n",
      width, height);
  const int bottom = 60 + static_cast<int>(rows_.size()) * kHigh;
  for (const auto& [node, column] : columns)
    svg += fmt::format(
        "<text x=\"{0}\" y=\"24\" text-anchor=\"middle\" font-weight=\"bold\">{1}</text>"
        "<line class=\"life\" x1=\"{0}\" y1=\"34\" x2=\"{0}\" y2=\"{2}\" stroke=\"#999\"/>\n",
        x(node), escape_html(head_.roles.node_name(node)), bottom);
  const std::int64_t zero = rows_.empty() ? 0 : rows_.front().t;
  int y = 54;
  for (const Row& row : rows_) {
    svg += fmt::format("<text x=\"8\" y=\"{}\" fill=\"#555\">{}</text>", y + 4, format_duration(row.t - zero));
    if (!row.is_message || row.from == row.to) {
      svg += fmt::format("<circle cx=\"{0}\" cy=\"{1}\" r=\"3\" fill=\"#333\"/><text x=\"{2}\" y=\"{3}\">{4}</text>\n",
                         x(row.from), y, x(row.from) + 8, y + 4, escape_html(row.text));
    } else {
      svg += fmt::format(
          "<line x1=\"{0}\" y1=\"{1}\" x2=\"{2}\" y2=\"{1}\" stroke=\"#1b4f8a\" stroke-width=\"1.5\" "
          "marker-end=\"url(#tip)\"/>"
          "<text x=\"{3}\" y=\"{4}\" text-anchor=\"middle\" fill=\"#1b4f8a\">{5}</text>\n",
          x(row.from), y, x(row.to), (x(row.from) + x(row.to)) / 2, y - 4, escape_html(row.text));
    }
    y += kHigh;
  }
  if (left_out_ > 0) svg += fmt::format("<text x=\"8\" y=\"{}\">and {} more</text>\n", y, left_out_);
  if (!path.empty()) {
    y = bottom + 30;
    svg += fmt::format("<text x=\"8\" y=\"{}\" font-weight=\"bold\">critical path</text>\n", y);
    const double scale = 300.0 / static_cast<double>(std::max<std::int64_t>(1, path.back().end - path.front().begin));
    for (const Segment& s : path) {
      y += 16;
      svg += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"11\" fill=\"#1b4f8a\"/><text x=\"440\" y=\"{}\">{} {} "
          "at {}</text>\n",
          120 + static_cast<double>(s.begin - path.front().begin) * scale, y - 10,
          std::max(1.0, static_cast<double>(s.end - s.begin) * scale), y, format_duration(s.end - s.begin),
          kPartNames[static_cast<std::size_t>(s.part)], escape_html(head_.roles.node_name(s.node)));
    }
  }
  return svg + "</svg>\n";
}

}  // namespace pagetoken
