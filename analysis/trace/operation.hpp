#pragma once
// An operation while it is open: the events that its critical path may lead through, and the path.

#include <cstdint>
#include <vector>

#include "analysis/trace/parts.hpp"
#include "sim/words/words.hpp"

namespace pagetoken {

enum class ByKind : std::uint8_t { nothing, task, message, request, timer };

/// An event of an operation. `t` is its beginning, or the end of what has a duration and is told at its end.
struct PathItem {
  enum class Type : std::uint8_t {
    run,        ///< steps of its own task: duration_ns
    block,      ///< its own task sleeps: wait; of a lock, name and id, the holder
    wake,       ///< and is woken
    send,       ///< a message: id, bytes; other = receiver
    handle,     ///< a message is handled: id, waited_ns, duration_ns; other = sender; t is its end
    yield,      ///< node begins to give a token up
    io_send,    ///< a request to storage: id; other = server
    io_served,  ///< id, waited_ns, duration_ns; t is its end
    io_done
  };
  std::int64_t t = 0;
  std::int64_t duration_ns = 0;
  std::int64_t waited_ns = 0;
  std::uint64_t bytes = 0;
  std::uint64_t id = 0;
  std::uint64_t by = 0;  ///< what made it happen: a task, message, request or timer, by by_kind
  std::uint32_t node = 0;
  std::uint32_t other = kNobody;
  std::uint16_t name = 0;  ///< of a message or lock, in the table of names
  Type type{};
  ByKind by_kind = ByKind::nothing;
  Wait wait = Wait::none;
};

struct TracedOperation {
  std::uint64_t id = 0;
  std::uint32_t node = 0;
  std::uint32_t file = 0;
  std::uint64_t page = 0;
  bool is_page = false;
  std::uint8_t what = 0;  ///< index of its kind's name
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::uint32_t own_task = UINT32_MAX;
  std::int64_t retry_until = INT64_MIN;  ///< end of the step that sent it back last
  std::uint64_t retries = 0;
  std::uint32_t page_grants = 0;  ///< of its page's grants, when it began to wait
  bool waited_for_token = false;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::vector<PathItem> items;  ///< in the order of the trace
};

/// The path that decided when the operation ended: segments that tile [begin, end] without a gap, in order of time. It
/// is found by going back from the end: a task's steps follow each other; what it waited for ended because of the cause
/// of its wake-up, and so on from each message to what made somebody send it.
void critical_path(const TracedOperation& operation, std::vector<Segment>& path);

PartSums sum_parts(const std::vector<Segment>& path);

}  // namespace pagetoken
