#include "analysis/report/fault_watch.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "sim/base/text.hpp"
#include "sim/base/time.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kMostSteps = 60;  // of a picture

}  // namespace

FaultWatch::Fault* FaultWatch::of(const Where& where) {
  const auto found = going_on_.find(where.operation);
  return found == going_on_.end() ? nullptr : &found->second;
}

void FaultWatch::note(const Where& where, std::string text) {
  if (Fault* fault = of(where))
    fault->steps.push_back(
        {where.time_ns, where.time_ns, index_of(where.node), index_of(where.node), 0, std::move(text)});
}

void FaultWatch::begin(const Where& where, std::string_view kind, const Resource& resource, const Access&) {
  if (kind != "read" && kind != "write") return;
  Fault fault;
  fault.text = fmt::format("{} of page {} by client {}", kind, resource.page, index_of(where.node));
  fault.steps.push_back({where.time_ns, where.time_ns, index_of(where.node), index_of(where.node), 0,
                         fmt::format("{} of page {}: no token", kind, resource.page)});
  going_on_[where.operation] = std::move(fault);
}

void FaultWatch::end(const Where& where, std::string_view, std::string_view, std::string_view event,
                     std::int64_t latency_ns, std::uint32_t retries) {
  const auto found = going_on_.find(where.operation);
  if (found == going_on_.end()) return;
  Fault fault = std::move(found->second);
  going_on_.erase(found);
  if (event == "none" || latency_ns > worst_ns_) return;
  fault.latency_ns = latency_ns;
  fault.steps.push_back({where.time_ns, where.time_ns, index_of(where.node), index_of(where.node), 0,
                         retries > 0 ? fmt::format("accessed, after {} retries", retries) : "accessed"});
  const auto distance = [&](const Fault& f) {
    return f.latency_ns < 0 ? INT64_MAX : std::abs(f.latency_ns - typical_ns_);
  };
  if (distance(fault) < distance(typical_)) typical_ = fault;
  if (latency_ns > worst_.latency_ns) worst_ = std::move(fault);
}

void FaultWatch::step(const Where& where, std::uint32_t, std::string_view, std::string_view, std::string_view text,
                      const Waiting& waiting, bool, std::int64_t) {
  if (!waiting.lock.empty()) note(where, fmt::format("waits for {} ({})", waiting.lock, text));
}

void FaultWatch::grant(const Where& where, const Resource&, Range, std::string_view mode) {
  note(where, fmt::format("has the token, {}", mode));
}

void FaultWatch::yield(const Where& where, const Resource&, Range, std::string_view keep) {
  note(where, fmt::format("gives its token up, keeps {}", keep));
}

void FaultWatch::yielded(const Where& where, const Resource&, Range, std::string_view) {
  note(where, "has given it up");
}

void FaultWatch::send(const Where& where, std::uint64_t message, NodeId to, std::string_view type, const Resource&,
                      std::uint64_t bytes) {
  if (Fault* fault = of(where); fault && where.node != to)
    fault->steps.push_back({where.time_ns, where.time_ns, index_of(where.node), index_of(to), message,
                            fmt::format("{}, {}", type, format_bytes(bytes))});
}

void FaultWatch::handle(const Where& where, std::uint64_t message, NodeId, std::string_view, const Resource&,
                        std::int64_t waited_ns, std::int64_t cpu_ns) {
  Fault* fault = of(where);
  if (!fault) return;
  for (Step& step : fault->steps)
    if (step.message == message) step.end_ns = where.time_ns;
  if (waited_ns > 0)
    fault->steps.push_back({where.time_ns - cpu_ns - waited_ns, where.time_ns, index_of(where.node),
                            index_of(where.node), 0,
                            fmt::format("it waits {} in the queue", format_duration(waited_ns))});
}

void FaultWatch::storage(const Where& where, std::uint64_t, NodeId server, bool is_write, const Resource&,
                         std::string_view phase, std::int64_t waited_ns, std::int64_t) {
  Fault* fault = of(where);
  if (!fault) return;
  const char* io = is_write ? "write" : "read";
  if (phase == "send")
    fault->steps.push_back(
        {where.time_ns, where.time_ns, index_of(where.node), index_of(server), 0, fmt::format("{} from storage", io)});
  else if (phase == "done")
    fault->steps.push_back(
        {where.time_ns, where.time_ns, index_of(server), index_of(where.node), 0, fmt::format("{} done", io)});
  else if (waited_ns > 0)
    fault->steps.push_back({where.time_ns, where.time_ns, index_of(server), index_of(server), 0,
                            fmt::format("it waited {} for the disk", format_duration(waited_ns))});
}

FaultSequence FaultWatch::picture(const Fault& fault, const std::string& title, const NodeRoles& roles) const {
  FaultSequence sequence{fmt::format("{}: {}, {}", title, fault.text, format_duration(fault.latency_ns)), {}, {}};
  std::vector<Step> steps = fault.steps;
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.start_ns < b.start_ns; });
  if (steps.size() > kMostSteps) {
    // A storm of revokes: its beginning and its end say what there is to say.
    const std::size_t half = kMostSteps / 2;
    Step gap = steps[half];
    gap.to = gap.from;
    gap.text = fmt::format("... {} more steps ...", steps.size() - kMostSteps);
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(half), steps.end() - static_cast<std::ptrdiff_t>(half));
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(half), std::move(gap));
  }
  std::vector<std::uint32_t> nodes;
  const auto column = [&](std::uint32_t node) {
    const auto found = std::find(nodes.begin(), nodes.end(), node);
    if (found != nodes.end()) return static_cast<std::size_t>(found - nodes.begin());
    nodes.push_back(node);
    sequence.nodes.push_back(roles.node_name(node));
    return nodes.size() - 1;
  };
  for (const Step& step : steps)
    sequence.steps.push_back({static_cast<double>(step.start_ns), static_cast<double>(step.end_ns), column(step.from),
                              column(step.to), step.text});
  return sequence;
}

std::vector<FaultSequence> FaultWatch::sequences(const std::string& who, const NodeRoles& roles) const {
  std::vector<FaultSequence> pictures;
  if (typical_.latency_ns >= 0) pictures.push_back(picture(typical_, who + ", a typical fault", roles));
  if (worst_.latency_ns >= 0) pictures.push_back(picture(worst_, who + ", the worst fault", roles));
  return pictures;
}

}  // namespace pagetoken
