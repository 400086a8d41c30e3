#pragma once

#include <chrono>
#include <deque>
#include <vector>

#include <sys/types.h>

#include "sim/sweep/channel.hpp"
#include "sim/sweep/workers.hpp"

namespace pagetoken {

/// Processes forked from this one, which have all that it has read. They end with it, however it ends.
class ForkedWorkers final : public Workers {
 public:
  ForkedWorkers(std::size_t count, SweepWork work);
  ~ForkedWorkers() override;
  ForkedWorkers(const ForkedWorkers&) = delete;
  ForkedWorkers& operator=(const ForkedWorkers&) = delete;

  bool wants() const override;
  void give(const SweepTask& task) override;
  std::size_t unanswered() const override;
  std::vector<SweepReply> wait(std::chrono::milliseconds timeout) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Worker {
    pid_t pid = -1;
    int socket = -1;
    std::deque<SweepTask> given{};
    Clock::time_point since{};  ///< when the first of them began
    RecordReader reader{};
  };

  void start(Worker& worker);
  [[noreturn]] void serve(int socket);
  void send(Worker& worker, const SweepTask& task);
  void read(Worker& worker, std::vector<SweepReply>& replies);
  void bury(Worker& worker, std::vector<SweepReply>& replies);
  void restart(Worker& worker);

  SweepWork work_;
  std::vector<Worker> workers_;
  std::size_t depth_ = 1;  ///< tasks that a worker is given at a time
};

}  // namespace pagetoken
