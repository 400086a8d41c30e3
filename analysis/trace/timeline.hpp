#pragma once
// A trace as a timeline for a viewer: nodes are processes; the tasks of a node, its message handler and its disk are
// tracks; messages are arrows; queue lengths are counters. Events go out as they come: memory goes with what is open.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/trace/event.hpp"
#include "sim/trace/head.hpp"

namespace pagetoken {

/// A format of timelines. Times are nanoseconds; a track is one of a node's, see EventTimeline.
class TimelineFormat {
 public:
  virtual ~TimelineFormat() = default;
  virtual void process(std::uint32_t node, std::string_view name) = 0;
  virtual void track(std::uint32_t node, std::uint32_t track, std::string_view name) = 0;
  /// Something that took from `begin_ns` to `end_ns`; `arrow_in`, `arrow_out`: the message that ends, or begins, there;
  /// 0 = none.
  virtual void slice(std::uint32_t node, std::uint32_t track, std::int64_t begin_ns, std::int64_t end_ns,
                     std::string_view name, std::uint64_t arrow_in, std::uint64_t arrow_out) = 0;
  virtual void counter(std::uint32_t node, std::string_view name, std::int64_t t_ns, std::int64_t value) = 0;
  virtual void finish() = 0;
};

/// Writes Chrome's trace format (JSON) or Perfetto's (protobuf) into a file that appears at finish().
std::unique_ptr<TimelineFormat> chrome_timeline(const std::string& path);
std::unique_ptr<TimelineFormat> perfetto_timeline(const std::string& path);

class EventTimeline {
 public:
  EventTimeline(const TraceHead& head, std::unique_ptr<TimelineFormat> format);
  ~EventTimeline();
  void add(const TraceEvent& event);
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pagetoken
