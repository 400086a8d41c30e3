#include "sim/sweep/forked_workers.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/interrupt.hpp"

namespace pagetoken {
namespace {

constexpr std::uint32_t kSpent = 1;

std::string death_of(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("the process was killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("the process ended with exit code {}", WEXITSTATUS(status));
}

}  // namespace

ForkedWorkers::ForkedWorkers(std::size_t count, SweepWork work) : work_(std::move(work)), workers_(count) {
  for (Worker& worker : workers_) start(worker);
}

ForkedWorkers::~ForkedWorkers() {
  for (Worker& worker : workers_) {
    if (worker.pid < 0) continue;
    ::close(worker.socket);
    ::kill(worker.pid, SIGKILL);
    while (::waitpid(worker.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

void ForkedWorkers::start(Worker& worker) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error(errno, std::generic_category(), "no socket for a worker");
  std::fflush(nullptr);  // or both processes print what is in the buffers
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "no process for a worker");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);
    // What asks to stop goes to the whole group; who gives the tasks decides what becomes of them.
    leave_interrupts_to_parent();
    // Sockets of other workers, and a lock on the directory, which this process would hold longer than its parent.
    ::close_range(STDERR_FILENO + 1, static_cast<unsigned>(ends[1]) - 1, 0);
    ::close_range(static_cast<unsigned>(ends[1]) + 1, ~0u, 0);
    serve(ends[1]);
  }
  ::close(ends[1]);
  worker.pid = pid;
  worker.socket = ends[0];
  worker.reader = {};
}

void ForkedWorkers::serve(int socket) {
  RecordReader reader;
  while (reader.fill(socket, true)) {
    while (const auto record = reader.next()) {
      SweepTask task;
      std::memcpy(&task, record->bytes.data(), sizeof task);
      bool spent = false;
      const std::string reply = work_(task, spent);
      if (!send_record(socket, {.flag = spent ? kSpent : 0}, reply) || spent) ::_exit(0);
    }
  }
  ::_exit(0);
}

bool ForkedWorkers::wants() const {
  return std::any_of(workers_.begin(), workers_.end(), [&](const Worker& w) { return w.given.size() < depth_; });
}

void ForkedWorkers::give(const SweepTask& task) {
  Worker& worker = *std::min_element(workers_.begin(), workers_.end(),
                                     [](const Worker& a, const Worker& b) { return a.given.size() < b.given.size(); });
  if (worker.given.empty()) worker.since = Clock::now();
  worker.given.push_back(task);
  send(worker, task);
}

/// A worker that is gone is noticed when it is read from.
void ForkedWorkers::send(Worker& worker, const SweepTask& task) {
  send_record(worker.socket, {}, {reinterpret_cast<const char*>(&task), sizeof task});
}

std::size_t ForkedWorkers::unanswered() const {
  std::size_t count = 0;
  for (const Worker& worker : workers_) count += worker.given.size();
  return count;
}

std::vector<SweepReply> ForkedWorkers::wait(std::chrono::milliseconds timeout) {
  std::vector<pollfd> ready;
  for (const Worker& worker : workers_) ready.push_back({worker.socket, POLLIN, 0});  // -1 is nobody
  std::vector<SweepReply> replies;
  if (::poll(ready.data(), ready.size(), static_cast<int>(timeout.count())) <= 0) return replies;
  for (std::size_t i = 0; i < workers_.size(); ++i)
    if (ready[i].revents != 0) read(workers_[i], replies);
  return replies;
}

void ForkedWorkers::read(Worker& worker, std::vector<SweepReply>& replies) {
  const bool open = worker.reader.fill(worker.socket, false);
  bool spent = false;
  while (auto record = worker.reader.next()) {
    const Clock::time_point now = Clock::now();
    depth_ = now - worker.since < kShortRun ? 2 : 1;
    worker.since = now;
    replies.push_back({worker.given.front(), std::move(record->bytes), {}});
    worker.given.pop_front();
    spent = (record->header.flag & kSpent) != 0;
  }
  if (spent)
    restart(worker);
  else if (!open)
    bury(worker, replies);
}

/// The task that it was at is lost; the next one, which it had not begun, is for its successor. Where this process was
/// asked to stop, the worker may have been asked with it, in ways that cannot be ignored: its death says nothing of the
/// task, which stays unanswered.
void ForkedWorkers::bury(Worker& worker, std::vector<SweepReply>& replies) {
  int status = 0;
  while (::waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) {
  }
  ::close(std::exchange(worker.socket, -1));
  worker.pid = -1;
  if (interrupted()) return;
  if (!worker.given.empty()) {
    replies.push_back({worker.given.front(), {}, death_of(status)});
    worker.given.pop_front();
  }
  restart(worker);
}

void ForkedWorkers::restart(Worker& worker) {
  if (worker.pid >= 0) {
    ::close(std::exchange(worker.socket, -1));
    while (::waitpid(worker.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  start(worker);
  worker.since = Clock::now();
  for (const SweepTask& task : worker.given) send(worker, task);
}

}  // namespace pagetoken
