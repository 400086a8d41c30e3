#pragma once
// The seam between the loop and a network whose transfers delay each other. A carrier owns the clock: it asks the loop
// when it wants to go on, and tells it when time has come so far and when a transfer has ended.

#include <cstdint>

#include "protocols/api/ids.hpp"

namespace pagetoken {

/// The loop, as a carrier sees it.
class Timeline {
 public:
  static constexpr std::int64_t kNever = INT64_MAX;

  /// The next time at which the loop has something to do by itself; kNever: not before a transfer ends.
  virtual std::int64_t next_ns() const = 0;
  /// The clock says `now_ns`: the loop does all that is due by then, and begins transfers by calling the carrier.
  virtual void advance(std::int64_t now_ns) = 0;
  /// A transfer has ended; counts at `time_ns`, which is later than the last advance.
  virtual void ended(std::uint32_t transfer, std::int64_t time_ns) = 0;
  /// The run is over: what is still under way does not matter.
  virtual bool over() const = 0;

 protected:
  ~Timeline() = default;
};

class Carrier {
 public:
  virtual ~Carrier() = default;

  /// Lets time pass until the run is over, or nothing can happen any more.
  virtual void run(Timeline& timeline) = 0;
  /// Begins a transfer now, between two different nodes; ends in Timeline::ended. Called in the order of time.
  virtual void send(std::uint32_t transfer, NodeId from, NodeId to, std::uint64_t bytes) = 0;

  /// Whether storage is the carrier's, too; else the loop's servers take one request after another.
  virtual bool has_disks() const = 0;
  /// As `send`, for what a storage node reads or writes. Only where has_disks().
  virtual void access_disk(std::uint32_t transfer, NodeId server, bool is_write, std::uint64_t bytes) = 0;

  /// Of the route between two different nodes.
  virtual std::int64_t latency_ns(NodeId from, NodeId to) = 0;
  /// Nothing that one node does reaches another in less than this.
  virtual std::int64_t least_latency_ns() const = 0;
};

}  // namespace pagetoken
