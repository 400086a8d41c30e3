#include "sim/engine/operation_costs.hpp"

#include <algorithm>

namespace pagetoken {

namespace {
void count(const EndedOperation& ended, Statistics& statistics) {
  if (ended.event == ElementaryEvent::none) return;
  EventCount& event = statistics.events[static_cast<std::size_t>(ended.event)];
  ++event.count;
  event.messages += ended.messages;
  event.hops += ended.hops;
  event.messages_min = std::min(event.messages_min, ended.messages);
  event.messages_max = std::max(event.messages_max, ended.messages);
  event.hops_min = std::min(event.hops_min, ended.hops);
  event.hops_max = std::max(event.hops_max, ended.hops);
}
}  // namespace

void OperationCosts::caused(std::uint64_t operation, std::int64_t time_ns, bool counts, Statistics& statistics) {
  if (operation == open_) {
    has_caused_ = true;
    if (counts) sent_ns_.push_back(time_ns);
    return;
  }
  if (!counts) return;
  const auto ended =
      std::find_if(ended_.rbegin(), ended_.rend(), [&](const EndedOperation& e) { return e.id == operation; });
  if (ended != ended_.rend() && time_ns <= ended->end_ns)
    ++ended->messages;
  else
    ++statistics.messages_after;
}

void OperationCosts::end(ElementaryEvent event, std::uint32_t hops, std::int64_t end_ns, Statistics& statistics) {
  const auto until_end =
      std::count_if(sent_ns_.begin(), sent_ns_.end(), [&](std::int64_t sent_ns) { return sent_ns <= end_ns; });
  statistics.messages_after += sent_ns_.size() - static_cast<std::size_t>(until_end);
  const EndedOperation ended{open_, event, hops, end_ns, static_cast<std::uint32_t>(until_end)};
  open_ = 0;
  // Nobody charges a message to what has never asked anybody for anything.
  if (has_caused_)
    ended_.push_back(ended);
  else
    count(ended, statistics);
}

void OperationCosts::settle(std::int64_t time_ns, Statistics& statistics) {
  const auto first_kept =
      std::find_if(ended_.begin(), ended_.end(), [&](const EndedOperation& e) { return e.end_ns >= time_ns; });
  for (auto settled = ended_.begin(); settled != first_kept; ++settled) count(*settled, statistics);
  ended_.erase(ended_.begin(), first_kept);
}

}  // namespace pagetoken
