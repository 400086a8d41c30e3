#include "analysis/trace/operation.hpp"

#include <algorithm>

namespace pagetoken {

namespace {
using Type = PathItem::Type;

/// Goes back through an operation's events; segments are appended latest first.
class PathWalk {
 public:
  PathWalk(const TracedOperation& operation, std::vector<Segment>& path)
      : op_(operation), items_(operation.items), path_(path), now_(operation.end) {}

  void run() {
    for (std::size_t i = items_.size(); i-- > 0 && now_ > op_.begin;) {
      const PathItem& item = items_[i];
      if (item.type == Type::run) {
        to(std::min(item.t + item.duration_ns, now_), {.part = Part::local});
        to(item.t, {.part = Part::local});
      } else if (item.type == Type::block && item.t <= now_) {
        wait(i);
      }
    }
    to(op_.begin, {.part = Part::local});
  }

 private:
  /// From here back to `begin`, this.
  void to(std::int64_t begin, Segment segment) {
    begin = std::max(begin, floor_);
    if (begin >= now_) return;
    if (segment.node == kNobody) segment.node = op_.node;
    segment.begin = begin;
    segment.end = now_;
    now_ = begin;
    path_.push_back(segment);
  }

  /// The item of that type and id before `index`, or `index` itself if there is none.
  std::size_t find(std::size_t index, Type type, std::uint64_t id) const {
    for (std::size_t i = index; i-- > 0;)
      if (items_[i].type == type && items_[i].id == id) return i;
    return index;
  }

  /// The task slept from items_[block] until the wake-up before now_.
  void wait(std::size_t block) {
    const PathItem& sleep = items_[block];
    std::size_t wake = block + 1;
    while (wake < items_.size() && items_[wake].type != Type::wake) ++wake;
    floor_ = std::max(sleep.t, op_.begin);
    if (wake < items_.size()) to(items_[wake].t, {.part = Part::local});
    switch (sleep.wait) {
      case Wait::lock:
      case Wait::guard: to(sleep.t, {.part = Part::lock, .name = sleep.name, .behind = sleep.id}); break;
      case Wait::page:
      case Wait::writeback:
        if (wake < items_.size() && items_[wake].by_kind == ByKind::request) storage(items_.size(), items_[wake].by);
        to(sleep.t, {.part = Part::storage});
        break;
      case Wait::none:
      case Wait::pins:
      case Wait::token:
      case Wait::reply:
      case Wait::sync:
        if (wake < items_.size()) chain(wake);
        to(sleep.t, {.part = Part::remote});
        break;
    }
    floor_ = op_.begin;
  }

  /// A storage request that ended now: back to where it was sent. Returns that item's index, or `before`.
  std::size_t storage(std::size_t before, std::uint64_t request) {
    const std::size_t sent = find(before, Type::io_send, request);
    if (sent == before) return before;
    const std::size_t served = find(before, Type::io_served, request);
    const std::uint32_t node = items_[sent].node;
    const std::uint32_t server = items_[sent].other;
    if (served != before) {
      const PathItem& s = items_[served];
      to(s.t, {.part = Part::wire, .node = node, .other = server});
      to(s.t - s.waited_ns - s.duration_ns, {.part = Part::storage, .node = node, .other = server});
      to(items_[sent].t, {.part = Part::wire, .node = server, .other = node});
    } else {
      to(items_[sent].t, {.part = Part::storage, .node = node, .other = server});
    }
    return sent;
  }

  /// From the wake-up through the messages that led to it, back to the operation's own task or to floor_.
  void chain(std::size_t index) {
    std::size_t at = index;  // everything before may have led here
    ByKind kind = items_[index].by_kind;
    std::uint64_t by = items_[index].by;
    std::uint32_t node = items_[index].node;
    while (now_ > floor_) {
      std::size_t next = at;
      switch (kind) {
        case ByKind::message: next = message(at, node, by); break;
        case ByKind::request: next = storage(at, by); break;
        case ByKind::task:
          if (node == op_.node && by == op_.own_task) return to(floor_, {.part = Part::remote});
          next = revoke(at, node);
          break;
        case ByKind::timer: next = last_handled(at, node, Part::remote); break;
        case ByKind::nothing: break;
      }
      if (next == at) return;
      at = next;
      kind = items_[at].by_kind;
      by = items_[at].by;
      node = items_[at].node;
      if (items_[at].type == Type::handle) {  // a handler is reached through its message
        kind = ByKind::message;
        by = items_[at].id;
        at += 1;
      }
    }
  }

  /// The handler of the message, which ends now: its time, its queue, its way. Returns the send.
  std::size_t message(std::size_t before, std::uint32_t node, std::uint64_t id) {
    const std::size_t handled = find(before, Type::handle, id);
    if (handled == before) return last_handled(before, node, Part::queue);  // another operation's: it was in front
    const PathItem& h = items_[handled];
    to(h.t, {.part = Part::queue, .node = node});
    to(h.t - h.duration_ns, {.part = Part::handler, .node = node, .name = h.name});
    to(h.t - h.duration_ns - h.waited_ns, {.part = Part::queue, .node = node, .name = h.name});
    const std::size_t sent = find(handled, Type::send, id);
    if (sent == handled) return before;
    const PathItem& s = items_[sent];
    to(s.t, {.part = Part::wire, .node = node, .other = s.node, .name = s.name, .bytes = s.bytes});
    return sent;
  }

  /// The node gave a token up for this operation, which ends now. Returns the beginning.
  std::size_t revoke(std::size_t before, std::uint32_t node) {
    std::size_t begun = before;
    for (std::size_t i = before; i-- > 0 && begun == before;)
      if (items_[i].type == Type::yield && items_[i].node == node) begun = i;
    if (begun == before) return last_handled(before, node, Part::remote);
    for (std::size_t i = before; i-- > begun;) {
      if (items_[i].type != Type::io_done || items_[i].node != node || items_[i].t > now_) continue;
      to(items_[i].t, {.part = Part::remote, .node = node});
      storage(i, items_[i].id);
    }
    to(items_[begun].t, {.part = Part::remote, .node = node});
    return begun;
  }

  /// What this operation's own message waited for at the node was somebody else's turn. Returns its handling.
  std::size_t last_handled(std::size_t before, std::uint32_t node, Part part) {
    for (std::size_t i = before; i-- > 0;) {
      if (items_[i].type != Type::handle || items_[i].node != node || items_[i].t > now_) continue;
      to(items_[i].t, {.part = part, .node = node});
      return i;
    }
    if (part == Part::queue && node == op_.node) to(floor_, {.part = part, .node = node});
    return before;
  }

  const TracedOperation& op_;
  const std::vector<PathItem>& items_;
  std::vector<Segment>& path_;
  std::int64_t now_;
  std::int64_t floor_ = INT64_MIN;  ///< of what is being explained: the sleep's beginning
};

/// What came before the last restart is lost, whatever it was.
void mark_retries(std::int64_t until, std::vector<Segment>& path) {
  for (std::size_t i = 0; i < path.size() && path[i].begin < until; ++i) {
    if (path[i].end > until) {
      Segment rest = path[i];
      rest.begin = until;
      path[i].end = until;
      path.insert(path.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest);
    }
    path[i].part = Part::retry;
  }
}
}  // namespace

void critical_path(const TracedOperation& operation, std::vector<Segment>& path) {
  path.clear();
  PathWalk(operation, path).run();
  std::reverse(path.begin(), path.end());
  if (operation.retry_until > operation.begin) mark_retries(operation.retry_until, path);
}

PartSums sum_parts(const std::vector<Segment>& path) {
  PartSums sums{};
  for (const Segment& segment : path) at(sums, segment.part) += segment.end - segment.begin;
  return sums;
}

}  // namespace pagetoken
