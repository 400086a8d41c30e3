#include "analysis/trace/sequence.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analysis/picture/sequence.hpp"
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
  Sequence drawn{.label = "sequence of messages"};
  std::map<std::uint32_t, std::size_t> lanes;
  for (const Row& row : rows_) lanes[row.from] = lanes[row.to] = 0;
  for (auto& [node, lane] : lanes) {
    lane = drawn.lanes.size();
    drawn.lanes.push_back(head_.roles.node_name(node));
  }
  const std::int64_t zero = rows_.empty() ? 0 : rows_.front().t;
  for (const Row& row : rows_)
    drawn.rows.push_back({.kind = row.is_message ? SequenceRow::Kind::message : SequenceRow::Kind::event,
                          .time = format_duration(row.t - zero),
                          .text = row.text,
                          .from = lanes.at(row.from),
                          .to = lanes.at(row.to)});
  if (left_out_ > 0) drawn.footer = fmt::format("and {} more", left_out_);
  if (path.empty()) return sequence_svg(drawn);
  drawn.spans_title = "critical path";
  const std::int64_t begin = path.front().begin;
  const auto whole = static_cast<double>(std::max<std::int64_t>(1, path.back().end - begin));
  for (const Segment& s : path)
    drawn.spans.push_back({static_cast<double>(s.begin - begin) / whole, static_cast<double>(s.end - begin) / whole,
                           fmt::format("{} {} at {}", format_duration(s.end - s.begin),
                                       kPartNames[static_cast<std::size_t>(s.part)], head_.roles.node_name(s.node))});
  return sequence_svg(drawn);
}

}  // namespace pagetoken
