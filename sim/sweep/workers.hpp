#pragma once
// Who does the runs of a sweep: processes of this machine, or ranks of mpirun. One that dies takes its run with it and
// no other.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pagetoken {

/// One run: a point's number in the grid, and which repetition of it.
struct SweepTask {
  std::uint64_t point = 0;
  std::uint64_t repetition = 0;

  friend bool operator==(const SweepTask&, const SweepTask&) = default;
};

/// What came of a task. `death` is empty unless the worker died on it, and then says of what.
struct SweepReply {
  SweepTask task{};
  std::string bytes{};
  std::string death{};
};

class Workers {
 public:
  virtual ~Workers() = default;
  /// Whether another task would keep somebody busy.
  virtual bool wants() const = 0;
  /// Only when wants().
  virtual void give(const SweepTask& task) = 0;
  virtual std::size_t unanswered() const = 0;
  /// Replies that are there, at the latest after `timeout`; perhaps none.
  virtual std::vector<SweepReply> wait(std::chrono::milliseconds timeout) = 0;
};

/// Does a task and returns the reply's bytes; throws nothing. `spent` is set where the process can do no second one.
using SweepWork = std::function<std::string(const SweepTask& task, bool& spent)>;

/// Runs shorter than this are given two at a time, so that a worker does not wait for the next one.
inline constexpr std::chrono::milliseconds kShortRun{20};

}  // namespace pagetoken
