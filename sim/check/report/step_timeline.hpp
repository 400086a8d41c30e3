#pragma once
// When steps happen: one rule for the steps of every model.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/check/report/step_times.hpp"
#include "sim/config/run_config.hpp"
#include "sim/vm/program.hpp"

namespace pagetoken {

/// A step, and what it did, as far as others wait for it.
struct TimedStep {
  enum class Kind : std::uint8_t {
    start,    ///< a node's program goes on
    task,     ///< a task takes its next step
    deliver,  ///< a message is handled
    lose,     ///< a message is gone
    storage,  ///< storage has answered
    timer,
    failure  ///< at any time
  } kind = Kind::task;
  struct Task {
    std::uint32_t node = 0;
    std::uint32_t task = 0;
    auto operator<=>(const Task&) const = default;
  };
  struct Sent {
    std::uint32_t from = 0, to = 0;
    std::string what{};  ///< tells messages between two nodes apart: type and resource
    std::uint64_t bytes = 0;
  };
  struct Armed {
    std::uint32_t node = 0;
    std::string timer{};
    std::int64_t delay_ns = 0;
  };

  std::uint32_t node = 0;
  Task task{};                               ///< of a task's step: who takes it
  const Instruction* instruction = nullptr;  ///< of a task's step; null: it did nothing that takes time
  std::uint32_t amount = 1;                  ///< Step::amount
  Sent message{};                            ///< delivered or lost
  bool is_write = false;                     ///< storage
  std::string timer{};
  bool fails = false;  ///< a failure: the node is gone, and what it had

  std::vector<Task> begun{};
  std::vector<Task> woken{};
  std::vector<Sent> sent{};
  std::vector<std::pair<std::uint32_t, bool>> asked{};  ///< storage: by which node, whether to write
  std::vector<Armed> armed{};
};

class StepTimeline {
 public:
  StepTimeline(const StepCosts& costs, PathTimes& times) : costs_(costs, kPageBytes, 1), times_(times) {}

  /// The next step of the path.
  void took(const TimedStep& step);

  static constexpr std::uint64_t kPageBytes = 4096;

 private:
  using Link = std::tuple<std::uint32_t, std::uint32_t, std::string>;
  /// Something that a step waits for: when, and through which step.
  struct Event {
    std::int64_t ready_ns = 0;
    std::optional<std::size_t> step{};
  };

  Event cause_of(const TimedStep& step);
  std::int64_t busy_until(const TimedStep& step);
  void remember(const TimedStep& step, std::size_t i, std::int64_t end_ns);
  void failed(std::uint32_t node);
  void sent(const TimedStep::Sent& message, std::size_t i, std::int64_t end_ns);
  Event take(std::vector<Event>& events);
  std::int64_t route_ns(std::uint64_t bytes) const;
  std::int64_t storage_ns(bool is_write) const;

  const StepCost costs_;
  const NetworkSpec network_{};
  const StorageConfig storage_{};
  PathTimes& times_;
  std::map<TimedStep::Task, Event> ready_;
  std::map<std::uint32_t, Event> thread_;         // when a node's program can go on
  std::map<std::uint32_t, TimedStep::Task> own_;  // its task
  std::map<std::uint32_t, std::int64_t> cpu_;     // that handles messages: free from then on
  std::map<std::uint32_t, Event> served_;         // when storage last answered a node, and who slept is awake
  std::map<std::pair<std::uint32_t, std::uint8_t>, std::int64_t> unlocked_;  // when a lock was last given up
  std::map<Link, std::vector<Event>> flying_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> last_arrival_;
  std::map<std::pair<std::uint32_t, bool>, std::vector<Event>> asked_;
  std::map<std::pair<std::uint32_t, std::string>, std::vector<Event>> armed_;
  std::int64_t before_ns_ = 0;  // start of the last step
};

}  // namespace pagetoken
